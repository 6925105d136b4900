"""What the README says holds: its commands, its Python, its table of pages."""

import os
import re
import subprocess
import sys
from pathlib import Path

from pages.shared.frame import MENU

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


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


def test_readme_lists_every_page_of_the_menu() -> None:
    names = [name.replace("_", " ").capitalize() for entries in MENU.values() for name in entries]
    section = README.split("## What each page answers")[1].split("##")[0]
    assert re.findall(r"^\| ([A-Z][\w ]+) \|", section, flags=re.MULTILINE) == names


def test_pictures_of_the_readme_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_readmes_table_of_results_is_what_is_recorded() -> None:
    from core.studies.matters import markdown, overview
    from core.studies.recorded import STUDIES, recorded

    table = README.split("<!-- table: begin -->\n")[1].split("<!-- table: end -->")[0]
    assert table.strip() == markdown(overview({task.title: recorded(name) for name, task in STUDIES.items()}))


def test_readme_says_what_the_recorded_denoisers_say() -> None:
    from core.studies.recorded import recorded_denoisers

    assert recorded_denoisers().verdict in " ".join(README.split())


def test_readmes_study_on_a_cluster_gives_its_verdict(tmp_path: Path) -> None:
    program = tmp_path / "cluster.py"
    program.write_text(blocks("python")[1].replace("Client(", 'Client(dashboard_address=None, host="127.0.0.1", '))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, str(program)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert "5 seeds" in run.stdout
