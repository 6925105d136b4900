"""A visitor's settings put at the top of a program of `core.programs`, as a Python file and as a notebook.

A program is read as text, never imported. Its settings stand between two comments, one `NAME = value` a line; their
names and defaults are read from there, and nowhere else. A visitor's value takes the place of the default as a literal
that nothing can escape from: a number, a string with all its quotes and unprintable characters escaped, True, False,
None, or a tuple of these. Comments, and all else, stay as they are.

What several programs have in common, whole statements, stands once in `programs/fragments`: the line `# fragment: NAME`
gives way to the text of NAME.py. What a visitor takes away is whole.

A notebook is JSON in version 4.5 of nbformat (https://nbformat.readthedocs.io/en/latest/format_description.html); its
cells begin where the program has `# %% Title`.
"""

import ast
import json
import math
import re
from pathlib import Path
from typing import Any, TypeAlias

from .checks import choice
from .errors import InputError

Value: TypeAlias = str | float | int | bool | tuple["Value", ...] | None

FOLDER = Path(__file__).with_name("programs")
FRAGMENT = re.compile(r"^# fragment: (\w+)\n", re.MULTILINE)
FIRST, LAST = "# settings", "# end of settings"  # what the two comments begin with
CELL = "# %% "
WIDTH = 120
LARGEST = 2**64


def program(page: str, /, **settings: Value) -> str:
    """The program of a page with a visitor's settings at its top, as Python source that ruff would not format anew.

    Page and settings are called as in `PROGRAMS`; settings that are not named keep their defaults. Values are `str`,
    `int` of at most 2**64 in size, finite `float`, `bool`, None, or tuples of these; InputError for anything else.

    Examples
    --------
    >>> source = program("threshold", bias=-0.5)
    >>> source[source.index("BIAS =") :].splitlines()[0]
    'BIAS = -0.5'
    """
    choice("page", page, PROGRAMS)
    source = _source(page)
    lines = source.splitlines()
    places = {name: statement for name, statement, _ in _settings(source)}
    for name in settings:
        choice(f"setting of {page}", name, places)
    for name in reversed(places):  # from the bottom up, so that line numbers hold
        if name in settings:
            place = places[name]
            old = ast.get_source_segment(source, place) or ""
            comment = "\n".join(lines[place.lineno - 1 : place.end_lineno])[len(old) :]
            lines[place.lineno - 1 : place.end_lineno] = [_assignment(name, settings[name], comment)]
    return "\n".join(lines) + "\n"


def notebook(page: str, /, **settings: Value) -> str:
    """The same program as a notebook, the content of an .ipynb file, which shows its chart at the end.

    Examples
    --------
    >>> [cell["cell_type"] for cell in json.loads(notebook("threshold"))["cells"]][:4]
    ['markdown', 'code', 'markdown', 'code']
    """
    start, *parts = program(page, **settings).split(f"\n{CELL}")
    text = ast.get_docstring(ast.parse(start)) or ""
    imports = start.split('"""', 2)[2]
    pieces = [("markdown", f"# {text}"), ("code", imports)]
    for part in parts:
        title, _, code = part.partition("\n")
        pieces += [("markdown", f"## {title}"), ("code", code)]
    pieces.append(("code", "chart"))
    cells = [_cell(number, kind, content.strip("\n")) for number, (kind, content) in enumerate(pieces)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1) + "\n"


def _cell(number: int, kind: str, content: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": content.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _source(page: str) -> str:
    """The whole text of a program, its fragments put in."""
    return FRAGMENT.sub(lambda mark: _read(f"fragments/{mark[1]}"), _read(page))


def _read(name: str) -> str:
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def _settings(source: str) -> list[tuple[str, ast.Assign, Value]]:
    """Name, statement and default of each setting, in their order."""
    lines = source.splitlines()
    first = next(number for number, line in enumerate(lines, 1) if line.startswith(FIRST))
    last = next(number for number, line in enumerate(lines, 1) if line.startswith(LAST))
    return [
        (ast.unparse(statement.targets[0]).lower(), statement, ast.literal_eval(statement.value))
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign) and first < statement.lineno < last
    ]


def _assignment(name: str, value: Value, comment: str) -> str:
    """The line, or the lines, that set a value; the comment stands behind the last one."""
    start = f"{name.upper()} = "
    literal = _literal(name, value)
    if isinstance(value, tuple) and len(start + literal + comment) > WIDTH:
        literal = _spread(name, value)
    return start + literal + comment


def _spread(name: str, values: tuple[Value, ...], indent: str = "    ") -> str:
    """A tuple with an item a line, and such tuples inside where one is too long for its line."""
    items = []
    for value in values:
        literal = _literal(name, value)
        if isinstance(value, tuple) and len(indent + literal) >= WIDTH:
            literal = _spread(name, value, indent + "    ")
        items.append(f"{indent}{literal},\n")
    return f"(\n{''.join(items)}{indent[4:]})"


def _literal(name: str, value: object) -> str:
    """A value as a literal on one line. Subclasses are refused: nobody knows how they write themselves."""
    if type(value) is tuple:
        items = [_literal(name, item) for item in value]
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if type(value) is str:
        return f'"{"".join(map(_escaped, value))}"'
    known = value is None or type(value) is bool
    if known or (type(value) is int and abs(value) <= LARGEST) or (type(value) is float and math.isfinite(value)):
        return repr(value).replace("e+", "e")  # as ruff writes powers of ten
    raise InputError(f"`{name}` must be text, a finite number, True, False, None or a tuple of these")


def _escaped(character: str) -> str:
    """One character of a string in double quotes, so that it can end neither the string nor its line."""
    if character in '"\\':
        return f"\\x{ord(character):02x}" if character == '"' else "\\\\"
    return character if character.isprintable() else repr(character)[1:-1]


PROGRAMS: dict[str, dict[str, Value]] = {
    path.stem: {name: default for name, _, default in _settings(_source(path.stem))}
    for path in sorted(FOLDER.glob("*.py"))
}
"""Page -> its program's settings: name -> default. "twins_torch" is the one on `twins` in PyTorch."""
