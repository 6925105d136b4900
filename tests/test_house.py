"""The layout and the arrows of the house: one test a rule, which names the files that break it."""

import ast
import importlib.util
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

from core.charts import palette
from pages.shared.frame import PAGES as MENU

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in (ROOT / "pages").glob("*.py"))
PROGRAMS = sorted((ROOT / "core/programs").rglob("*.py"))
CORE = [path for path in sorted((ROOT / "core").rglob("*.py")) if path not in PROGRAMS]
OURS = [ROOT / "dashboard.py", *sorted((ROOT / "pages").rglob("*.py")), *CORE]
MOST_FILES, MOST_LINES, MOST_LINES_OF_A_PAGE = 16, 300, 120
JUMPING = [f"time.{name}(" for name in ("time", "localtime", "gmtime", "ctime")]


def breaking(paths: Iterable[Path], broken: Callable[[Path], object]) -> list[str]:
    """The files that break a rule."""
    return [path.relative_to(ROOT).as_posix() for path in paths if broken(path)]


def imported(path: Path) -> set[str]:
    """The full names of what a file imports, at its top or inside a function."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            name = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            names |= {name} | {f"{name}.{alias.name}" for alias in node.names}
    return names


def stands_on(path: Path, *packages: str) -> set[str]:
    """What a file imports from these packages."""
    return {name for name in imported(path) for package in packages if f"{name}.".startswith(f"{package}.")}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("core", "pages", cache_dir=None)


def test_import_linter_keeps_every_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


def test_import_linter_sees_every_file(graph: grimp.ImportGraph) -> None:
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in OURS}
    assert modules - {"dashboard"} <= graph.modules


def test_no_circle_is_left(graph: grimp.ImportGraph) -> None:
    trail, done, circles = [], set(), []

    def visit(module: str) -> None:
        trail.append(module)
        for other in sorted(graph.find_modules_directly_imported_by(module)):
            if other in trail:
                circles.append([*trail[trail.index(other) :], other])
            elif other not in done:
                visit(other)
        done.add(trail.pop())

    for module in sorted(graph.modules):
        if module not in done:
            visit(module)
    assert circles == []


def test_programs_import_nothing_of_ours() -> None:
    assert PROGRAMS
    assert breaking(PROGRAMS, lambda path: stands_on(path, "core", "bias_lab", "pages")) == []


def test_dashboard_stands_on_the_frame_and_what_wraps_every_answer_alone() -> None:
    ours = {name for name in imported(ROOT / "dashboard.py") if name.startswith(("core.", "pages.shared."))}
    assert ours == {"pages.shared.frame", "pages.shared.delivery", "pages.shared.visits"}


def test_page_computes_and_draws_nothing_itself() -> None:
    assert breaking(PAGES, lambda path: stands_on(path, "numpy", "sklearn", "altair", "pandas", "scipy")) == []


def test_core_knows_no_streamlit() -> None:
    assert breaking(CORE, lambda path: stands_on(path, "streamlit", "pages", "dashboard")) == []


def test_core_names_itself_only_by_relative_imports() -> None:
    absolute = [path for path in CORE if any(line.startswith(("from core", "import core")) for line in lines(path))]
    assert breaking(absolute, bool) == []


def lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text().splitlines()]


def test_no_clock_is_read_that_can_jump() -> None:
    assert breaking(OURS, lambda path: stands_on(path, "datetime")) == []
    assert breaking(OURS, lambda path: any(call in path.read_text() for call in JUMPING)) == []


def test_file_says_what_it_is_for() -> None:
    assert breaking(OURS, lambda path: not ast.get_docstring(ast.parse(path.read_text()))) == []


def test_file_stays_small() -> None:
    most = {path: MOST_LINES_OF_A_PAGE if path in PAGES else MOST_LINES for path in OURS}
    assert breaking(OURS, lambda path: path.read_text().count("\n") > most[path]) == []


def test_folder_stays_small() -> None:
    folders = {path.parent for path in [*OURS, *PROGRAMS]}
    assert breaking(folders, lambda folder: len(list(folder.glob("*.py"))) > MOST_FILES + 1) == []


def test_menu_lists_exactly_the_pages() -> None:
    assert sorted(MENU) == [path.stem for path in PAGES]


def test_parts_have_the_name_of_their_page() -> None:
    stems = {path.stem for path in PAGES}
    assert breaking((ROOT / "pages/parts").glob("*.py"), lambda path: not path.stem.startswith(tuple(stems))) == []


def test_no_package_file_below_pages() -> None:
    assert list((ROOT / "pages").rglob("__init__.py")) == []


def test_theme_has_the_palettes_colours_in_the_palettes_order() -> None:
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
    assert tuple(theme["light"]["chartCategoricalColors"]) == palette.LIGHT
    assert tuple(theme["dark"]["chartCategoricalColors"]) == palette.DARK
    assert theme["light"]["primaryColor"] == palette.LIGHT[0]
    assert theme["dark"]["primaryColor"] == palette.DARK[0]
