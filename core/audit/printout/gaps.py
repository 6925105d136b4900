"""What a text leaves out between layers: an ellipsis with or without words, a mark of a cut, numbers that jump.

PyTorch prints a module's own arguments before its children, so that a line between two children is none of them: it
stands for layers that are left out, whatever it says, unless it is a comment. So do words between two layers of one
line.
"""

import re

GAP = "..."
"""The kind of what stands for layers that the text leaves out."""
MOST_BLANKS = 200  # before a line
_WORDS = r"(?:truncated|snip(?:ped)?|omitted|skipped|elided|left out|cut off|and so on|etc)\b"
_COUNTED = r"\d{1,9} (?:more|other|layers|blocks|modules|lines)\b"
_CUT = rf"(?:\.\s?\.|…|⋯|⋮|︙|(?:and )?(?:{_WORDS}|{_COUNTED})(?!\s?[=:]))"
LEFT_OUT = re.compile(rf"""[^\w\n,'"=]{{0,9}}?{_CUT}""", re.IGNORECASE)
_COMMENT = re.compile(rf"#(?![^\n]{{0,200}}?{_CUT})", re.IGNORECASE)
_LAYER_INSIDE = re.compile(r"\([^()\n]{1,100}\):")
_LAYER_NEXT = re.compile(rf"[^\S\n]*,[^\S\n]*{_LAYER_INSIDE.pattern}")


def is_left_out(text: str, at: int, end: int, *, after_a_layer: bool) -> bool:
    r"""Whether what stands there, and is no layer, stands for some that are left out.

    Examples
    --------
    >>> texts = "... (12 more)", "# [truncated]", "dim=4", "# the end"
    >>> [is_left_out(text, 0, len(text), after_a_layer=text != "dim=4") for text in texts]
    [True, True, False, False]
    """
    if LEFT_OUT.match(text, at):
        return True
    if not after_a_layer:
        return False
    begins = _begins_a_line(text, at)
    if not begins and _LAYER_INSIDE.search(text, at, end):
        return True
    return (begins or bool(_LAYER_NEXT.match(text, end))) and not _COMMENT.match(text, at)


def numbers_jump(last: str, following: str) -> bool:
    """Whether layers are missing between two names, as between 0 and 7, or the order is another one, as from 7 to 0."""
    return last.isdecimal() and following.isdecimal() and int(following) != int(last) + 1


def _begins_a_line(text: str, at: int) -> bool:
    before = text[max(at - MOST_BLANKS, 0) : at]
    words = before.rstrip()
    return "\n" in before[len(words) :] or not words
