"""What a text leaves out between layers: an ellipsis with or without words, a mark of a cut, numbers that jump.

PyTorch prints a module's own arguments before its children, so that a line between two children is none of them: it
stands for layers that are left out, whatever it says.
"""

import re

GAP = "..."
"""The kind of what stands for layers that the text leaves out."""
MOST_BLANKS = 200  # before a line
_WORDS = r"(?:truncated|snip(?:ped)?|omitted|skipped|elided|left out|cut off|and so on|etc)\b"
_COUNTED = r"\d{1,9} (?:more|other|layers|blocks|modules|lines)\b"
LEFT_OUT = re.compile(
    rf"""[^\w\n,'"=]{{0,9}}?(?:\.\s?\.|…|⋯|⋮|︙|(?:and )?(?:{_WORDS}|{_COUNTED})(?!\s?[=:]))""", re.IGNORECASE
)


def is_left_out(text: str, at: int, *, after_a_layer: bool) -> bool:
    r"""Whether what stands there, and is no layer, stands for some that are left out.

    Examples
    --------
    >>> [is_left_out(text, 0, after_a_layer=False) for text in ("... (12 more)", "# [truncated]", "dim=4")]
    [True, True, False]
    """
    return bool(LEFT_OUT.match(text, at)) or (after_a_layer and _begins_a_line(text, at))


def numbers_jump(last: str, following: str) -> bool:
    """Whether layers are missing between two names, as between 0 and 7, or the order is another one, as from 7 to 0."""
    return last.isdecimal() and following.isdecimal() and int(following) != int(last) + 1


def _begins_a_line(text: str, at: int) -> bool:
    before = text[max(at - MOST_BLANKS, 0) : at]
    words = before.rstrip()
    return "\n" in before[len(words) :] or not words
