"""Importing the package, whatever its name, does nothing that anyone could notice."""

import os
import subprocess
import sys
from pathlib import Path

import core

IMPORT_ALL = """
import importlib, pkgutil, sys
import bias_lab

names = [module.name for module in pkgutil.walk_packages(bias_lab.__path__, "bias_lab.")]
for name in names:
    if not name.endswith(".__main__"):
        importlib.import_module(name)

from bias_lab.export import PROGRAMS, program

assert len(names) > 80, names
assert all(map(program, PROGRAMS))
assert not [name for name in sys.modules if name.partition(".")[0] in ("core", "pages")]
"""


def test_every_module_imports_under_another_name_and_prints_and_writes_nothing(tmp_path):
    packages, empty = tmp_path / "packages", tmp_path / "empty"
    packages.mkdir()
    empty.mkdir()
    (packages / "bias_lab").symlink_to(Path(core.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        cwd=empty,
        env=os.environ | {"PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(empty.iterdir())
