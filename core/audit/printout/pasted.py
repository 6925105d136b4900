r"""What people paste: a printout with something on every line, above it or around it, or none at all.

A terminal, a log, a container or a quote puts a mark before every line,

    2024-05-01 12:00:01,123 - INFO -   (conv): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))

which is what stands before the first printed child, any number standing for any other; it is taken off where the line
of a module above has it too. What is no printout (source code, a table of another tool) is called by its name.
"""

import re
from collections.abc import Sequence

from ...errors import InputError
from ..module import Value
from .torch_modules import CONTAINERS, KINDS, is_told_as_code

MAX_MARK = 200  # characters before a line
_COLOURS = re.compile(r"\x1b\[[\d;]{0,20}m")
_CHILD = re.compile(
    r"^([^\n]*?)\(([^()\s]{1,100})\):[^\S\n]*(?:\d{1,9} x )?(?:[A-Za-z_][\w.]{0,200} ?\(|Parameter containing:)",
    re.MULTILINE,
)
_KIND = r"[A-Za-z_][\w.]* ?\("
START = re.compile(
    r"^[^\S\n]*(?:Out\[\d{1,9}\]:\s*)?(?="
    r"[A-Z_][\w.]*\(|"
    r"[A-Z_][\w.]* \([^\S\n]*$|"
    r"[a-z][\w.]* ?\([^\S\n]*$\s*\([^()\n]{1,100}\):)",
    re.MULTILINE,
)
_INSIDE = re.compile(
    r"^[^\n]{0,300}?(?<![\w.])(?=[A-Za-z_][\w.]{0,200}\([^\S\n]*$\s*\([^()\n]{1,100}\):)", re.MULTILINE
)
_CALL = re.compile(r"([A-Za-z_][\w.]*\.)?([A-Z]\w*)\(.*\)", re.DOTALL)

_WARNING = re.compile(r"[^\n()]{1,1000}?:\d{1,9}: \w{0,99}Warning: ")
_ECHOED = re.compile(r"\s+(?![\s()])")  # code, and no layer
PRINT_IT = "Run print(model), and paste all that it shows."
ONLY_PYTORCH = "Only PyTorch prints what is needed here. Save the weights as .safetensors, and give that file."
OTHERS = (
    ("a torchinfo summary", re.compile(r"Layer \(type:depth-idx\)|Layer \(type \(var_name\)"), PRINT_IT),
    ("a Lightning summary", re.compile(r"[|┃│]\s*Name\s*[|┃│]\s*Type\s*[|┃│]"), PRINT_IT),
    (
        "a Keras summary",
        re.compile(r'^Model: "|[┃│] Layer \(type\)|Connected to|<(?:Sequential|Functional|Model) name=', re.MULTILINE),
        ONLY_PYTORCH,
    ),
    ("a Flax summary", re.compile(r"[|┃│]\s*path\s*[|┃│]\s*module\s*[|┃│]|# attributes|# Param: "), ONLY_PYTORCH),
    ("a Flux model", re.compile(r"^[^\S\n]*Chain\(|\bDense\(\d{1,9} => \d", re.MULTILINE), ONLY_PYTORCH),
    ("an fx table", re.compile(r"\bopcode\b[\s|┃│]+name\b[\s|┃│]+target\b"), PRINT_IT),
    ("a torchsummary table", re.compile(r"Layer \(type\)"), PRINT_IT),
    (
        "a state_dict",
        re.compile(r"\bodict_keys\(|\btensor\(|^OrderedDict\(\)", re.MULTILINE),
        "Save it as .safetensors, and give that file; or paste what print(model) shows.",
    ),
    ("a graph", re.compile(r"^graph\(|^[^\S\n]*%\w+ :", re.MULTILINE), PRINT_IT),
    (
        "source code",
        re.compile(
            r"^[^\S\n]*(?:(?:class|def) \w+[(:]|import \w|from [\w.]+ import|@\w)|"
            r"\b(?:nn|layers|keras|models)\.[A-Z]\w*\(|\bself\.\w+ ?=|^[^\S\n]*\w+ ?= ?[\w.]+\(|\bOrderedDict\(",
            re.MULTILINE,
        ),
        f"Build the model. {PRINT_IT}",
    ),
)  # fmt: skip
"""What it is, how it is known, and what to do."""


def clean(text: str) -> str:
    r"""The text with plain line ends, without colours, the mark before every line, warnings and the code they echo.

    Examples
    --------
    >>> clean("[rank0]: Net(\n[rank0]:   (a): ReLU()\n[rank0]: )")
    ' Net(\n   (a): ReLU()\n )'
    """
    text = _COLOURS.sub("", text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff"))
    text = _without_marks(text)
    return _without_warnings(text) if "Warning: " in text else text


def _without_warnings(text: str) -> str:
    """Their lines are left empty, so that places stay."""
    lines = text.split("\n")
    for at in reversed(range(len(lines))):
        if _WARNING.match(lines[at]) or (at and "Warning: " in lines[at - 1] and _ECHOED.match(lines[at])):
            lines[at] = ""
    return "\n".join(lines)


def _without_marks(text: str) -> str:
    child = _CHILD.search(text)
    mark = child[1].rstrip() if child else ""
    if not child or not mark.strip() or len(mark) > MAX_MARK or mark.count("(") != mark.count(")"):
        return text  # an open bracket: the child stands on the line of its module
    start = r"^[^\S\n]*" + "".join(_any_number(part) for part in re.split(r"(\d+|\s+)", mark.lstrip()))
    above = re.compile(rf"{start}[^\S\n]*{_KIND}", re.MULTILINE)
    return re.sub(start, "", text, flags=re.MULTILINE) if above.search(text, 0, child.start()) else text


def find_start(text: str) -> int | None:
    """Where the first printed module begins; None where there is none."""
    found = START.search(text) or _INSIDE.search(text)
    return found.end() if found else None


def other_text(text: str) -> InputError | None:
    r"""The error for what is something else than a printout, called by its name; None where that is not known.

    Examples
    --------
    >>> str(other_text("model = Sequential(Conv2d(3, 8, 3), ReLU())"))
    '`text` must hold a printed module that begins like `Net(`, got source code'
    """
    if _CHILD.search(text):
        return None
    return next((no_printout(name, hint) for name, sign, hint in OTHERS if sign.search(text)), None)


def is_call(argument: object) -> bool:
    """Whether an argument is code that makes a module, `Conv2d(3, 8, 3)`."""
    call = _CALL.fullmatch(argument) if isinstance(argument, str) else None
    return bool(call and (call[1] or call[2] in KINDS))


def is_code(kind: str, arguments: Sequence[tuple[str, Value]]) -> bool:
    """Whether a module without children is code that makes one, or a dict of weights: containers print no arguments."""
    name = kind.rpartition(".")[2]
    if name in ("OrderedDict", "Chain") or (arguments and name in CONTAINERS):
        return True
    made = any(is_call(value) or _is_of_flax(value) for _word, value in arguments)
    return made or is_told_as_code(name, arguments)


def _is_of_flax(value: Value) -> bool:
    return isinstance(value, str) and value.startswith(("# attributes", "# Param"))


def source_code() -> InputError:
    """The error for code that makes a module."""
    return no_printout("source code", f"Build the model. {PRINT_IT}")


def no_printout(what: str, hint: str = "Paste all that print(model) shows, from its first line on.") -> InputError:
    """The error for text without a printed module."""
    return InputError(f"`text` must hold a printed module that begins like `Net(`, got {what}", hint=hint)


def _any_number(part: str) -> str:
    """A part of a mark as a pattern."""
    if part.isdecimal():
        return r"\d+"
    return r"[^\S\n]+" if part.isspace() else re.escape(part)  # one at least: else runs of digits take long
