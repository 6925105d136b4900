"""Settings at the top of a program: always literals, always formatted, nothing else touched; notebooks in shape."""

import ast
import builtins
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.export import FOLDER, PROGRAMS, notebook, program

HOSTILE = [
    '"; import os; os.system("rm -rf /")  #',
    "'; raise SystemExit  #",
    '"""\nraise SystemExit\n"""',
    "\\",
    'x\\"',
    "photo.png\n# end of settings\nraise SystemExit",
    "a\r\n# %% [markdown]\n<script>alert(1)</script>",
    "\u2028\u2029\x85\x0c\x0b",
    "\u202egnp.exe",  # written from right to left
    "\ud800 alone",
    "\x00\x1a\x7f",
    "{x} %s %(a)s",
    "naïve ünïcode 画像 😀.png",
    "",
    "temple.png\\\n",
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=()), max_size=30),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
    max_leaves=20,
)


def value_of(source: str, name: str) -> object:
    """What a program sets a name to, at its top level."""
    (found,) = [
        statement.value
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name
    ]
    return ast.literal_eval(found)


def without(source: str, name: str) -> str:
    """A program's text without that assignment; its comment stays."""
    (found,) = [
        statement
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name
    ]
    return source.replace(f"\n{ast.get_source_segment(source, found)}", "\n", 1)


def whole(name: str) -> list[str]:
    """The lines of a file of programs, with those of the fragments that it names."""
    lines = (FOLDER / f"{name}.py").read_text(encoding="utf-8").splitlines()
    parts = [whole(f"fragments/{line[12:]}") if line.startswith("# fragment: ") else [line] for line in lines]
    return [line for part in parts for line in part]


def ruff(folder: Path, *sources: str) -> None:
    """Both of ruff's judgements, with the project's settings."""
    for number, source in enumerate(sources):
        (folder / f"program_{number}.py").write_text(source, encoding="utf-8", errors="strict")
    config = ["--config", str(FOLDER.parents[1] / "pyproject.toml"), "--no-cache", str(folder)]
    for command in (["format", "--diff"], ["check"]):
        done = subprocess.run([sys.executable, "-m", "ruff", *command, *config], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_settings_of_threshold_are_those_at_its_top():
    assert PROGRAMS["threshold"] == {"weight": 1.0, "bias": 1.0, "activation": "relu"}


@pytest.mark.parametrize("page", PROGRAMS)
def test_program_without_settings_is_the_file_with_its_fragments(page):
    assert program(page).splitlines() == whole(page)
    assert program(page, **PROGRAMS[page]) == program(page)
    assert "# fragment" not in program(page)


def test_every_fragment_is_in_two_programs_or_more():
    named = [name for path in FOLDER.glob("*.py") for name in re.findall(r"# fragment: (\w+)", path.read_text())]
    assert {path.stem: named.count(path.stem) > 1 for path in FOLDER.glob("*/*.py")} == dict.fromkeys(named, True)


@pytest.mark.parametrize("page", PROGRAMS)
def test_each_setting_alone_changes_nothing_else(page):
    plain = program(page)
    for name in PROGRAMS[page]:
        changed = program(page, **{name: "new value"})
        assert value_of(changed, name.upper()) == "new value"
        assert without(changed, name.upper()) == without(plain, name.upper())


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_file_name_stays_a_string(text):
    changed = program("feature_maps", picture=text)
    assert value_of(changed, "PICTURE") == text
    assert without(changed, "PICTURE") == without(program("feature_maps"), "PICTURE")
    assert len(changed.splitlines()) == len(program("feature_maps").splitlines())
    assert all(character.isprintable() for line in changed.split("\n") for character in line)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_file_name_stays_in_its_cell(text):
    plain, changed = (json.loads(notebook("regression", **more))["cells"] for more in ({}, {"table": text}))
    differing = [new for old, new in zip(plain, changed, strict=True) if old != new]
    assert [cell["cell_type"] for cell in differing] == ["code"]


@given(VALUES)
def test_any_plain_value_comes_back_as_it_was(value):
    found = value_of(program("regression", table=value), "TABLE")
    assert found == value
    assert repr(found) == repr(value)  # True is not 1, and -0.0 not 0.0


def test_comment_stays_beside_a_value():
    lines = program("regression", slope=-0.5, n=7).splitlines()
    assert "SLOPE = -0.5  # of the article's data, y = SLOPE x + INTERCEPT + noise" in lines
    assert "N = 7" in lines


def test_several_settings_at_once_find_their_places():
    kernel = tuple(tuple(float(i * j) + 1 / 3 for j in range(5)) for i in range(5))
    source = program("feature_maps", kernel=kernel, bias=0.25, picture="mine.png", column=0)
    assert [value_of(source, name) for name in ("PICTURE", "KERNEL", "BIAS", "ROW", "COLUMN")] == [
        "mine.png",
        kernel,
        0.25,
        85,
        0,
    ]


class Sly(str):
    """A string that writes itself as code."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "__import__('os')"


class Large(float):
    """A float that does so."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "exit()"


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, 2**65, np.float64(1), np.array([1.0]), Sly("x"), Large(1), [1], {"a": 1}, b"x", 1j, (1, [2])],
    ids=lambda value: type(value).__name__,
)
def test_anything_that_is_no_plain_value_is_refused(value):
    message = "`bias` must be text, a finite number, True, False, None or a tuple of these"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        program("threshold", bias=value)


def test_unknown_setting_is_refused_by_name():
    message = "`setting of threshold` must be one of weight, bias, activation, got 'colour'"
    for made in (program, notebook):
        with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
            made("threshold", colour="red")


@pytest.mark.parametrize("page", ["overview", "../export", "__init__", "fragments/tasks", "tasks", ""])
def test_unknown_page_is_refused(page):
    message = f"`page` must be one of {', '.join(PROGRAMS)}, got {page!r}"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        program(page)


def test_exported_programs_are_formatted_and_clean(tmp_path):
    long = tuple(tuple(-999.123456789012 + i * j for j in range(5)) for i in range(5))
    three = ((-1 / 3, 0.0, 1 / 3), (-2.0, 1e-05, 2.0), (1e16, -0.0, 1.0))
    names = tuple(f"a column with a rather long name, number {number}" for number in range(9))
    ruff(
        tmp_path,
        *(program("feature_maps", kernel=kernel) for kernel in (long, three, ((1.0,),), long[:3])),
        *(program("feature_maps", picture=text) for text in HOSTILE if "\ud800" not in text),
        *(program("regression", x_columns=x) for x in (names, ("x",), ("a", "b"), ("it's", '"quoted"'))),
        *(program("regression", y_column=y) for y in ("it's", 'say "y"', "both ' and \"")),
        *(program(page, **PROGRAMS[page]) for page in PROGRAMS),
    )


@pytest.mark.slow
def test_exported_programs_have_sound_types(tmp_path):
    for page in PROGRAMS:
        (tmp_path / f"{page}.py").write_text(program(page), encoding="utf-8")
    root = FOLDER.parents[1]
    config = ["--config-file", str(root / "pyproject.toml"), "--cache-dir", str(root / ".mypy_cache")]
    run = [sys.executable, "-m", "mypy", *config, *(f"{page}.py" for page in PROGRAMS)]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PROGRAMS)
def test_notebook_has_the_shape_that_nbformat_4_5_asks_for(page):
    content = json.loads(notebook(page))
    assert set(content) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert content["metadata"]["kernelspec"] == {"display_name": "Python 3", "language": "python", "name": "python3"}
    ids = [cell["id"] for cell in content["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in ids)
    for cell in content["cells"]:
        more = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"cell_type", "id", "metadata", "source"} | more
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert all(isinstance(line, str) for line in cell["source"])
        assert all(line.endswith("\n") for line in cell["source"][:-1])


@pytest.mark.parametrize("page", PROGRAMS)
def test_notebook_holds_the_whole_program_and_shows_its_chart_last(page):
    cells = json.loads(notebook(page))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    text = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    tree = ast.parse(program(page))
    assert code[-1] == "chart"
    assert [ast.dump(node) for node in ast.parse("\n".join(code[:-1])).body] == [ast.dump(n) for n in tree.body[1:]]
    assert text[0] == f"# {ast.get_docstring(tree)}"
    assert text[1] == "## Settings"
    assert not any("# %%" in source for source in code)


def test_reading_a_program_runs_none_of_it(monkeypatch):
    for name in ("exec", "eval"):
        monkeypatch.setattr(builtins, name, lambda *_: pytest.fail("a program was run"))
    program("threshold", bias=2.0)
    assert "core.programs.threshold" not in sys.modules
