"""What every test needs: which outside oracles are here, and whether their absence is a failure."""

import os

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # before numpy loads, as the dashboard does: two processes, two cores

import importlib.util
import shutil
from collections import Counter

import hypothesis
import pytest

hypothesis.settings.register_profile("no clock", deadline=None)  # time is measured in benchmarks, never asserted here
hypothesis.settings.load_profile("no clock")

MUST_RUN = "BIAS_LAB_MUST_RUN"
"""Marks, with commas between: their tests fail where they cannot run, instead of being skipped."""


def chromium() -> str | None:
    """The path of a Chromium or Chrome on this machine, or None; one without a screen takes half as long."""
    names = (
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    )
    return next((path for name in names if (path := shutil.which(name))), None)


def absent() -> dict[str, str]:
    """Marker name -> why tests with that marker cannot run here."""
    reasons = {}
    if chromium() is None:
        reasons["browser"] = "no Chromium or Chrome on this machine"
    if importlib.util.find_spec("torch") is None:
        reasons["torch"] = "PyTorch is not installed (tests/requirements-torch.txt)"
    return reasons


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the later cases of `few` to a release; skip what cannot run here, with the reason.

    What must run stays in, so that it fails.
    """
    cases: Counter[str] = Counter()
    for item in items:
        if few := item.get_closest_marker("few"):
            cases[test := item.nodeid.partition("[")[0]] += 1
            if cases[test] > few.args[0]:
                item.add_marker(pytest.mark.release)
    must_run = os.environ.get(MUST_RUN, "").split(",")
    for marker, reason in absent().items():
        for item in items:
            if item.get_closest_marker(marker) and marker not in must_run:
                item.add_marker(pytest.mark.skip(reason=reason))
