"""What the README says holds: its commands, its Python, its table of pages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import core
from docs.tables import written
from pages.shared.frame import MENU

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def test_both_commands_are_one_line_each_and_name_files_that_are_there() -> None:
    start, test = blocks("sh")
    for command in (start, test):
        assert command.count("\n") == 1
        for name in re.findall(r"-r (\S+)|run (\S+\.py)", command):
            assert (ROOT / "".join(name)).is_file()


def test_readmes_python_prints_the_articles_numbers() -> None:
    run = subprocess.run(
        [sys.executable, "-c", blocks("python")[0]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for number in ("2.884", "2.128", "3.300", "3.200", "4.467"):
        assert number in run.stdout


def test_documents_hold_what_python_m_docs_tables_writes() -> None:
    for path, text in written().items():
        assert path.read_text() == text, path.name
    assert all(entry.title in README for entry in MENU)


def test_moving_picture_is_wide_moves_and_is_small() -> None:
    with Image.open(ROOT / "docs" / "hero.webp") as picture:
        assert picture.width == 1000
        assert picture.n_frames > 15
    assert (ROOT / "docs" / "hero.webp").stat().st_size < 600_000


def test_pictures_of_the_readme_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


@pytest.mark.slow
def test_readmes_study_on_a_cluster_gives_its_verdict(tmp_path: Path) -> None:
    program = tmp_path / "cluster.py"
    program.write_text(blocks("python")[1].replace("Client(", 'Client(dashboard_address=None, host="127.0.0.1", '))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, str(program)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert "5 seeds" in run.stdout


@pytest.mark.torch
def test_readmes_audit_of_a_network_passes(tmp_path: Path) -> None:
    (program,) = (block for block in blocks("python") if "audit_printout" in block)
    run = [sys.executable, "-c", program + "\ntest_no_bias_is_redundant()"]
    subprocess.run(run, cwd=ROOT, check=True)
    broken = program.replace("bias=False", "bias=True")
    assert (
        subprocess.run([*run[:2], broken + "\ntest_no_bias_is_redundant()"], cwd=ROOT, capture_output=True).returncode
        == 1
    )


def test_dockerfile_is_short_runs_as_no_root_copies_what_is_there_and_starts_what_the_readme_starts() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert len(lines) < 15
    assert any(line.startswith("USER ") and "root" not in line for line in lines)
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    start = next(line for line in lines if line.startswith("CMD "))
    assert [part for part in ("streamlit", "run", "dashboard.py") if f'"{part}"' in start] == [
        "streamlit",
        "run",
        "dashboard.py",
    ]
    assert (ROOT / "requirements.txt").is_file()


def test_version_is_the_same_wherever_it_stands() -> None:
    assert f"version: {core.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_contributing_names_files_that_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"`((?:core|pages|tests)/[\w/]+\.py)`", text))
    assert named
    assert all((ROOT / name).is_file() for name in named if name != "pages/NAME.py")
