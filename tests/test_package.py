"""The installed package is what git tracks under core, under another name, and works from a folder of its own."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
USE = """
import doctest
from bias_lab.audit import audit_printout
from bias_lab.data.tasks import TASKS
from bias_lab.errors import InputError
from bias_lab.export import PROGRAMS, program
from bias_lab.models import activations, convolution
from bias_lab.studies.paired import NetSettings, run_study
from bias_lab.studies import recorded as kept
from bias_lab.studies.recorded import recorded

if __name__ == "__main__":
    net = (
        "Sequential(\\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\\n"
        "  (1): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)\\n)"
    )
    print(audit_printout(net).redundant)
    print(recorded("digits").arms[0])
    study = run_study(TASKS["small_50"], seeds=range(2), n_jobs=2, settings=NetSettings(n_epochs=1))
    print(len(study.runs.groupby("seed")))
    print(*(doctest.testmod(module).failed for module in (activations, convolution)))
    print(len(PROGRAMS), len(program("norms")) > 1000, InputError.__module__)
    kept.HERE = kept.HERE / "gone"
    try:
        recorded("small_50")
    except InputError as error:
        print(error.hint)
"""


def tracked() -> set[str]:
    run = subprocess.run(["git", "ls-files", "core"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.removeprefix("core/") for name in run.stdout.split()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, since setuptools leaves its folders in the source."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ["pyproject.toml", "README.md", "LICENSE", *(f"core/{name}" for name in tracked())]:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(out), str(copy)]
    subprocess.run(build, check=True)
    return next(out.glob("bias_lab-*.whl"))


@pytest.mark.slow
def test_wheel_holds_exactly_what_git_tracks_under_core(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if not name.split("/")[0].endswith(".dist-info")}
    assert names == {f"bias_lab/{name}" for name in tracked()}
    assert wheel.stat().st_size < 1_200_000


@pytest.mark.slow
def test_installed_package_audits_studies_exports_and_passes_its_doctests_elsewhere(
    wheel: Path, tmp_path: Path
) -> None:
    place, program = tmp_path / "site", tmp_path / "use.py"
    zipfile.ZipFile(wheel).extractall(place)
    program.write_text(USE)
    run = subprocess.run(
        [sys.executable, "-P", str(program)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(place), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.splitlines() == [
        *("('0',)", "both biases", "2", "0 0", "11 True bias_lab.errors"),
        "python -m bias_lab.studies.recorded makes the files again.",
    ], run.stderr


@pytest.mark.slow
def test_convolution_of_the_installed_package_needs_numpy_alone(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import sys, bias_lab.models.convolution\n"
        "found = {name.split('.')[0] for name in sys.modules} & "
        "{'pandas', 'sklearn', 'scipy', 'altair', 'PIL', 'safetensors'}\nprint(found)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_command_tells_its_version_and_what_it_can_do() -> None:
    from core import __version__

    command = [sys.executable, "-m", "core"]
    told = subprocess.run([*command, "--version"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == f"{__version__}\n"
    usage = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert usage.stdout.startswith("usage: bias-lab")


def test_requirements_are_the_packages_and_the_dashboards() -> None:
    lines = (ROOT / "requirements.txt").read_text().split()
    assert sorted(lines) == sorted([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dashboard"]])
