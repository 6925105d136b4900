"""What holds of every program: alone, on top of a few packages, as a notebook too; its last line is the page's."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.export import FOLDER, PROGRAMS, program
from core.studies.recorded import recorded

PAGES = [pytest.param(page, marks=pytest.mark.torch if page == "twins_torch" else ()) for page in PROGRAMS]
SHORT = {
    "only_biases": {"n_epochs": 2},
    "when_bias_matters": {"n_seeds": 2, "n_epochs": 1},
    "twins": {"n_epochs": 1},
    "twins_torch": {"n_epochs": 1},
}
CHANGED = {
    "audit": {"layers": (("conv", 224, 8, "redundant", "instance_norm"), ("out", None, None, "cannot see", ""))},
    "curves": {"units": 3},
    "feature_maps": {"bias": 0.3},
    "inside": {"off": (("conv1", 0),), "picture": "blank"},
    "norms": {"b": 2.0},
    "only_biases": {"units": 30},
    "regression": {"slope": -1.0},
    "threshold": {"weight": -2.0},
    "twins": {"n_epochs": 1, "seed": 3},
    "twins_torch": {"n_epochs": 1, "seed": 3},
    "when_bias_matters": {"n_seeds": 2, "n_epochs": 1, "task": "grey_cards"},
}
ALLOWED = {"numpy", "pandas", "sklearn", "altair"}
MORE = {"feature_maps": {"PIL"}, "twins_torch": {"torch"}}


RUN_ALL = """
import contextlib, io, json, os, runpy, sys
printed = {}
for folder in sys.argv[1:]:
    os.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        runpy.run_path("program.py", run_name="__main__")
    printed[folder] = out.getvalue().splitlines()
json.dump(printed, sys.stdout)
"""


def alone(**folders: Path) -> dict[str, list[str]]:
    """Page -> what its program prints, each in a folder of its own, in one process that knows nothing of our packages.

    Warnings are errors there.
    """
    run = [sys.executable, "-I", "-W", "error", "-c", RUN_ALL, *map(str, folders.values())]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    printed = json.loads(done.stdout)
    return {page: printed[str(folder)] for page, folder in folders.items()}


def written(folder: Path, page: str, **settings: object) -> Path:
    """A new folder that holds the page's program alone."""
    (folder / page).mkdir()
    (folder / page / "program.py").write_text(program(page, **settings), encoding="utf-8")
    return folder / page


def test_every_page_with_numbers_has_a_program():
    pages = {path.stem for path in (FOLDER.parents[1] / "pages").glob("*.py")} - {"overview"}
    assert set(PROGRAMS) == pages | {"twins_torch"}


@pytest.mark.parametrize("page", PROGRAMS)
def test_program_stands_on_the_named_packages_alone(page):
    names = set()
    for node in ast.walk(ast.parse(program(page))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or ".").partition(".")[0])
    assert names - sys.stdlib_module_names <= ALLOWED | MORE.get(page, set())
    assert not names & {"importlib", "runpy", "urllib", "socket", "subprocess"}


def runs_alone(folder: Path, *pages: str) -> None:
    folders = {page: written(folder, page, **SHORT.get(page, {})) for page in pages}
    for page, lines in alone(**folders).items():
        assert lines[-1], page
        assert {path.name for path in folders[page].iterdir()} == {f"{page}.html", "program.py"}


def test_programs_run_alone_each_in_an_empty_folder(tmp_path):
    runs_alone(tmp_path, *(page for page in PROGRAMS if page not in ("twins_torch", "when_bias_matters")))


@pytest.mark.torch
def test_program_in_pytorch_runs_alone_in_an_empty_folder(tmp_path):
    runs_alone(tmp_path, "twins_torch")


@pytest.mark.release
def test_many_seeds_alone_give_the_recorded_study(tmp_path):
    lines = alone(many=written(tmp_path, "when_bias_matters"))["many"]
    ours = np.array([line.split()[1:] for line in lines[1:-1]], dtype=float)
    study = recorded("digits")
    theirs = study.pairs("both biases", "no bias")[["accuracy", "other_accuracy"]].to_numpy()
    assert np.abs(ours - theirs).max() <= 2 / 360 + 1e-6
    assert study.difference("both biases", "no bias").verdict in lines[-1]


@pytest.mark.release
@pytest.mark.parametrize("page", PAGES)
def test_notebook_prints_the_programs_line_and_follows_a_setting(last_line, notebook_line, page):
    lines = [last_line(page, **settings) for settings in (SHORT.get(page, {}), CHANGED[page])]
    assert [notebook_line(page, **settings) for settings in (SHORT.get(page, {}), CHANGED[page])] == lines
    assert lines[0] != lines[1]
