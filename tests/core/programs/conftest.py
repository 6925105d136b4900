"""Runs programs as a visitor would have them: the exported text, in a folder of its own."""

import contextlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import altair as alt
import pytest

from core.export import notebook, program

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|\bnan\b")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def printed(folder: Path) -> Callable[..., list[str]]:
    """page and settings -> the lines that the program prints; its chart must lie beside it."""

    def run(page: str, **settings: object) -> list[str]:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(program(page, **settings), f"{page}.py", "exec"), {"__name__": "__main__"})
        assert "vega" in (folder / f"{page}.html").read_text()
        return out.getvalue().splitlines()

    return run


@pytest.fixture
def last_line(printed: Callable[..., list[str]]) -> Callable[..., str]:
    """page and settings -> the last line that the program prints."""
    return lambda page, **settings: printed(page, **settings)[-1]


@pytest.fixture
def numbers_in() -> Callable[[str], list[float]]:
    """The numbers in a line, in order; the 95 of "95% interval" is none of them."""
    return lambda line: [float(number) for number in NUMBER.findall(line.replace("95% interval", "interval"))]


@pytest.fixture
def numbers(last_line: Callable[..., str], numbers_in: Callable[[str], list[float]]) -> Callable[..., list[float]]:
    """page and settings -> the numbers in the last line."""
    return lambda page, **settings: numbers_in(last_line(page, **settings))


@pytest.fixture
def notebook_line(folder: Path) -> Callable[..., str]:
    """The same from the notebook, whose cells are run in order, the last one for the chart that it shows."""

    def run(page: str, **settings: object) -> str:
        cells = json.loads(notebook(page, **settings))["cells"]
        *code, shown = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        kept: dict[str, object] = {"__name__": "__main__"}
        with contextlib.redirect_stdout(io.StringIO()) as out:
            for source in code:
                exec(compile(source, f"{page}.ipynb", "exec"), kept)
        assert isinstance(eval(shown, kept), alt.TopLevelMixin)
        return out.getvalue().splitlines()[-1]

    return run


@pytest.fixture
def part() -> Callable[..., dict[str, object]]:
    """page, titles of its cells and settings -> what its imports, its settings and these cells define."""

    def run(page: str, *titles: str, given: dict[str, object] | None = None, **settings: object) -> dict[str, object]:
        first, *cells = program(page, **settings).split("\n# %% ")
        wanted = [cell for cell in cells if cell.partition("\n")[0] in ("Settings", *titles)]
        assert len(wanted) == 1 + len(titles)
        kept = {"__name__": "__main__"} | (given or {})
        for source in (first, *("# " + cell for cell in wanted)):
            exec(compile(source, f"{page}.py", "exec"), kept)
        return kept

    return run
