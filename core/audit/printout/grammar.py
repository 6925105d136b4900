r"""The grammar of what `print(model)` shows in PyTorch, read with positions and without running anything.

    module    = Kind "(" { argument | child } ")"
    child     = "(" name "):" [ count "x" ] module
    argument  = [ name "=" ] value, which ends at a comma, a line's end or the bracket that closes the module

A child is known by its name in brackets and the colon, so indentation and most line ends may be lost. Where the
text leaves layers out, see `gaps`, a child of kind "..." stands for them. An argument is any text whose own brackets
are balanced: the numbers, words and flat tuples among them are understood, the rest is kept as text. Every character
is passed once, or a fixed number of times; a layer on one line, which often stands there many times, is kept by its
text.

Source: `torch.nn.Module.__repr__` and `torch.nn.ModuleList.__repr__` of PyTorch 2.13.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from ...errors import InputError
from ..module import Value
from .gaps import GAP, LEFT_OUT, is_left_out, numbers_jump
from .pasted import START, clean, find_start, is_code, no_printout, other_text, source_code
from .torch_modules import CONTAINERS
from .values import count_bare, read_value

MAX_CHARACTERS = 1_000_000
MAX_MODULES = 20_000
MAX_DEPTH = 100
MANY = 1000  # layers whose text is kept

_HALF = re.compile("[\ud800-\udfff]")
_KIND = re.compile(r"([A-Za-z_][\w.]*) ?\(")
_LINE = re.compile(r"""(?:[^()\[\]{}'"\n.…]{1,100}+|\.(?!\.)|\([^()\[\]{}'"\n.…]{0,99}+\)(?!:)){0,30}+\)""")
"""What follows the bracket of a layer on one line, without children, strings or gaps."""
_NAME = re.compile(r"\(([^()\n]{1,100})\):\s*")
_REPEAT = re.compile(r"(\d{1,9}) x ")
_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")
_KEYWORD = re.compile(r"([A-Za-z_]\w*)\s*=\s*")
_BETWEEN = re.compile(r"[\s,]*")
_PLAIN = re.compile(r"""[^()\[\]{},'"\n]+|(?<!\w)(?:'[^'\n]*'|"[^"\n]*\")""")  # it's: no string begins
_ONE_WORD = re.compile(r"""[^()\[\]{},'"\n]*+(?=[,\n)])""")
_NO_MODULE = re.compile(r"None\b|Parameter containing:|Tensor containing:|Object of type:")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Printed:
    """One printed module.

    Its arguments are (name, value) in the order printed, "" where no name is; a child has several names where equal
    ones are printed once, as in "(0-5): 6 x Block(". `bare` counts the numbers in parameters that are printed as
    children (of a ParameterList), `size` the modules, itself and every repeat included. `place` is where it begins.
    """

    kind: str
    arguments: tuple[tuple[str, Value], ...]
    children: tuple["Child", ...]
    bare: int
    place: str
    size: int


Child: TypeAlias = tuple[Sequence[str], Printed]  # its names, and what it is


def parse(text: str) -> Printed:
    """Read one printed module; lines before and after it are passed over.

    InputError, with line and column, for more than 1,000,000 characters, 20,000 modules (repeats counted) or a depth of
    100, no module, more than one, a bracket that does not close, a count that does not fit.

    Examples
    --------
    >>> printed = parse(">>> print(net)\\nNet(\\n  (0-1): 2 x Linear(in_features=3, out_features=3, bias=True)\\n)")
    >>> printed.kind, printed.size
    ('Net', 3)
    >>> list(printed.children[0][0]), printed.children[0][1].arguments[0]
    (['0', '1'], ('in_features', 3))
    """
    if not isinstance(text, str):
        raise InputError(f"`text` must be a string, got {type(text).__name__}", hint="Pass str(model).")
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"`text` must have at most {MAX_CHARACTERS:,} characters, got {len(text):,}",
            hint="Print one part of the model, such as print(model.backbone).",
        )
    if _HALF.search(text):
        raise InputError("`text` must be Unicode, got half a character", hint="Copy the printout again.")
    source = _Source(clean(text))
    try:
        module = _whole_text(source)
    except InputError as error:
        raise other_text(source.text) or error from None
    if not module.children and is_code(module.kind, module.arguments):
        raise other_text(source.text) or source_code()
    return module


@dataclass(frozen=True)
class _Source:
    """The text, and where its lines begin."""

    text: str

    @cached_property
    def starts(self) -> list[int]:
        """Where each line's first character stands."""
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def place(self, at: int) -> str:
        """Line and column, from 1."""
        line = bisect_right(self.starts, at)
        return f"line {line}, column {at - self.starts[line - 1] + 1}"

    def shown(self, at: int) -> str:
        """What stands there, to its line's end, and where."""
        words = self.text[at : at + 30].split("\n")[0].rstrip()
        return f"{repr(words) if words else 'nothing'} on {self.place(at)}"

    def unclosed(self, at: int) -> InputError:
        """The bracket that opens at `at` has no end."""
        return InputError(
            f"`text` must close every bracket, got one without an end on {self.place(at)}",
            hint="Copy the printout to its last line.",
        )


def _whole_text(source: _Source) -> Printed:
    """The one module of the text."""
    start = find_start(source.text)
    kind = _KIND.match(source.text, start) if start is not None else None
    if not kind:
        raise no_printout("none")
    module, end = _module(source, kind, 1)
    _check_rest(source, end)
    return module


def _module(source: _Source, kind: re.Match[str], depth: int) -> tuple[Printed, int]:
    """The module that begins with this kind and its bracket, and where it ends."""
    if depth > MAX_DEPTH:
        raise InputError(f"`text` must nest modules at most {MAX_DEPTH} deep, got more at {source.shown(kind.start())}")
    if line := _LINE.match(source.text, kind.end()):
        return Printed(kind[1], _arguments(line[0]), (), 0, source.place(kind.start()), 1), line.end()
    arguments, children, names, bare, size = list[tuple[str, Value]](), list[Child](), set[str](), 0, 1
    at = _skip(source, kind.end(), kind.end() - 1)
    while source.text[at] != ")":
        name = _NAME.match(source.text, at)
        if name and LEFT_OUT.match(source.text, name.end()):
            _add_gap(children, source, at)
            at = _argument(source, name.end())[1]
        elif name and _NO_MODULE.match(source.text, name.end()):
            bare, at = bare + count_bare(source.text, name.end()), _argument(source, name.end())[1]
        elif name:
            keys, module, end = _child(source, at, name, depth)
            if not names.isdisjoint(keys):
                raise InputError(f"`text` must name each child once, got again {source.shown(at)}")
            names.update(keys)
            if children and numbers_jump(children[-1][0][-1], keys[0]):
                _add_gap(children, source, at)
            children.append((keys, module))
            size += len(keys) * module.size
            _check_size(source, size, at)
            at = end
        else:
            argument, end = _argument(source, at)
            if is_left_out(source.text, at, end, after_a_layer=bool(names)):
                _add_gap(children, source, at)
            elif not names:
                arguments.append(argument)
            at = end
        at = _skip(source, at, kind.end() - 1)
    if kind[1] not in CONTAINERS and all(child.kind == GAP for _keys, child in children):  # of arguments, not of layers
        arguments += [("", GAP)] * len(children)
        children = []
    return Printed(kind[1], tuple(arguments), tuple(children), bare, source.place(kind.start()), size), at + 1


@lru_cache(maxsize=MANY)
def _arguments(line: str) -> tuple[tuple[str, Value], ...]:
    """Those of a layer on one line, from behind its bracket to the one that closes it."""
    source, found, at = _Source(line), list[tuple[str, Value]](), _past_blanks(line, 0)
    while at < len(line) - 1:
        argument, at = _argument(source, at)
        found.append(argument)
        at = _past_blanks(line, at)
    return tuple(found)


def _add_gap(children: list[Child], source: _Source, at: int) -> None:
    """A child that stands for what is left out, one between two others."""
    last = children[-1] if children else None
    if not last or last[1].kind != GAP:
        name = f"left out after {last[0][-1]}" if last else "left out"
        children.append(((name,), Printed(GAP, (), (), 0, source.place(at), 1)))


def _child(source: _Source, at: int, name: re.Match[str], depth: int) -> tuple[Sequence[str], Printed, int]:
    """The names of a child, the child, and where it ends."""
    repeat = _REPEAT.match(source.text, name.end())
    start = repeat.end() if repeat else name.end()
    kind = _KIND.match(source.text, start)
    if not kind:
        raise InputError(f"`text` must have a module after `{name[0].strip()}`, got {source.shown(start)}")
    if "." in name[1]:
        raise InputError(f"`text` must name children without a point, got {source.shown(at)}")
    keys = _repeated_names(source, name, int(repeat[1])) if repeat else (name[1],)
    module, end = _module(source, kind, depth + 1)
    return keys, module, end


def _repeated_names(source: _Source, name: re.Match[str], count: int) -> Sequence[str]:
    """The names of equal children that are printed once."""
    bounds = _RANGE.fullmatch(name[1])
    first, last = (int(bounds[1]), int(bounds[2])) if bounds else (0, -1)
    if count < 1 or last - first + 1 != count:
        raise InputError(
            f"`text` must repeat a child as often as its numbers say, got {source.shown(name.start())}",
            hint="PyTorch writes (0-5): 6 x Block( for six equal blocks.",
        )
    _check_size(source, count, name.start())
    return [str(number) for number in range(first, last + 1)]


def _check_size(source: _Source, size: int, at: int) -> None:
    if size > MAX_MODULES:
        raise InputError(
            f"`text` must hold at most {MAX_MODULES:,} modules with repeats counted, got more by {source.place(at)}",
            hint="Print one part of the model, such as print(model.backbone).",
        )


def _argument(source: _Source, at: int) -> tuple[tuple[str, Value], int]:
    """The argument that begins at `at`, and where it ends."""
    plain = _ONE_WORD.match(source.text, at)
    end = plain.end() if plain else _end_of_argument(source, at)
    keyword = _KEYWORD.match(source.text, at, end)
    return (keyword[1] if keyword else "", read_value(source.text[keyword.end() if keyword else at : end].strip())), end


def _end_of_argument(source: _Source, at: int) -> int:
    """Where text ends whose brackets balance."""
    opened = list[int]()
    while at < len(source.text):
        character = source.text[at]
        if not opened and character in ",\n)":
            break
        plain = _PLAIN.match(source.text, at)
        if character in _CLOSERS:
            opened.append(at)
        elif character in ")]}" and (not opened or _CLOSERS[source.text[opened.pop()]] != character):
            raise InputError(f"`text` must close every bracket with its own kind, got {source.shown(at)}")
        if len(opened) > MAX_DEPTH:
            raise InputError(f"`text` must nest brackets at most {MAX_DEPTH} deep, got more at {source.shown(at)}")
        at = plain.end() if plain else at + 1
    if opened:
        raise source.unclosed(opened[0])
    return at


def _skip(source: _Source, at: int, opened: int) -> int:
    """Past blanks and commas, to a character that is there."""
    at = _past_blanks(source.text, at)
    if at == len(source.text):
        raise source.unclosed(opened)
    return at


def _past_blanks(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def _check_rest(source: _Source, at: int) -> None:
    """After the module there is no second one, no bracket too many, and no comma, as code has it."""
    if source.text[at : at + 1] == ",":
        raise source_code()
    at = _past_blanks(source.text, at)
    if source.text[at : at + 1] == ")":
        raise InputError(f"`text` must close every bracket once, got {source.shown(at)}")
    following = START.search(source.text, at)
    if following:
        raise InputError(
            f"`text` must hold one printed module, got a second: {source.shown(following.end())}",
            hint="Paste one at a time.",
        )
