"""The layout and the arrows of the house: who may import whom, and where things lie."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in (ROOT / "pages").glob("*.py"))
PROGRAMS = sorted((ROOT / "core/programs").rglob("*.py"))
CORE = [path for path in sorted((ROOT / "core").rglob("*.py")) if path not in PROGRAMS]
OURS = [ROOT / "dashboard.py", *sorted((ROOT / "pages").rglob("*.py")), *CORE]


def imported(path: Path) -> set[str]:
    """The full names of the modules that a file imports, at its top or inside a function."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def stands_on(path: Path, *packages: str) -> set[str]:
    """What a file imports from these packages."""
    return {name for name in imported(path) for package in packages if f"{name}.".startswith(f"{package}.")}


def test_import_linter_keeps_every_contract(capsys: pytest.CaptureFixture[str]) -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


def test_import_linter_sees_every_file_of_core_and_shared() -> None:
    import grimp

    graph = grimp.build_graph("core", "pages", cache_dir=None)
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in OURS}
    assert modules - {"dashboard"} <= graph.modules


def test_dashboard_stands_on_the_frame_alone() -> None:
    assert imported(ROOT / "dashboard.py") == {"pages.shared.frame", "pages.shared.frame.navigate"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_computes_and_draws_nothing_itself(path: Path) -> None:
    assert not stands_on(path, "numpy", "sklearn", "altair", "pandas", "scipy")


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_knows_no_streamlit(path: Path) -> None:
    assert not stands_on(path, "streamlit", "pages", "dashboard")


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_clock_is_read_that_can_jump(path: Path) -> None:
    assert not stands_on(path, "datetime")
    assert not any(f"time.{name}(" in path.read_text() for name in ("time", "localtime", "gmtime", "ctime"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_says_what_it_is_for_and_stays_small(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))
    assert path.read_text().count("\n") <= (120 if path in PAGES else 300)


def test_menu_lists_exactly_the_pages() -> None:
    from pages.shared.frame import MENU

    assert sorted(name for entries in MENU.values() for name in entries) == [path.stem for path in PAGES]


def test_no_package_file_below_pages() -> None:
    assert not list((ROOT / "pages").rglob("__init__.py"))


def test_runtime_packages_are_the_ones_we_name() -> None:
    lines = (ROOT / "requirements.txt").read_text().split()
    assert [line.split(">=")[0] for line in lines] == [
        "streamlit",
        "numpy",
        "scikit-learn",
        "altair",
        "pandas",
        "pillow",
        "safetensors",
    ]


def test_theme_has_the_palettes_colours_in_the_palettes_order() -> None:
    from core.charts import palette

    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
    assert tuple(theme["light"]["chartCategoricalColors"]) == palette.LIGHT
    assert tuple(theme["dark"]["chartCategoricalColors"]) == palette.DARK
    assert theme["light"]["primaryColor"] == palette.LIGHT[0]
    assert theme["dark"]["primaryColor"] == palette.DARK[0]
