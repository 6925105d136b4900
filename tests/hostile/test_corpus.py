"""Hostile files, more than two hundred: each ends in one sentence or a result, within bounds of time and memory.

The bounds stop what runs away; what each file really takes is printed by `pytest -n 0 -s tests/hostile/test_corpus.py`,
those first that take most. To hold: 2 s of work on an idle machine, and 300 MB.
"""

import contextlib
import ctypes
import importlib
import re
import signal
import sys
from collections.abc import Iterator

import pytest

from tests.hostile.measured import Measured
from tests.hostile.readers import ends_well

MODULES = {
    "picture": "pictures",
    "table": "tables",
    "picture_set": "picture_sets",
    "weights": "weights",
    "printout": "printouts",
}
CASES = {
    (reader, name): make
    for reader, module in MODULES.items()
    for name, make in importlib.import_module(f"tests.hostile.{module}").CASES.items()
}
LARGE = re.compile(r"million|large|\d MB|,\d{3}|megapixel|bomb|(at|to) the limit")
"""What a name says of a file whose size is its point: they wait for a release, all but a few for every reader."""
ALWAYS = {
    *("PNG profile bomb", "large progressive JPEG", "csv of a million columns", "npz of 250 MB of zeros"),
    *("200,000 rows to the limit", "100 rows of 35,000 cells of 2", "a million quotes", "19,999 activations"),
    *("4,000 long names", "19,999 tensors"),
}
FILES = [
    pytest.param(*case, marks=pytest.mark.release if LARGE.search(case[1]) and case[1] not in ALWAYS else ())
    for case in CASES
]
STOP = 20  # seconds of work, however busy the machine is
MOST = 300 * 2**20
TELL = 10


@contextlib.contextmanager
def stopped_after(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} s of work")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@pytest.fixture(scope="module")
def costs() -> Iterator[list[tuple[float, int, str]]]:
    found: list[tuple[float, int, str]] = []
    yield found
    for place, unit in ((0, "s"), (1, "MB")):
        print(f"\nmost {unit} of {len(found)} hostile files:")
        for cost in sorted(found, key=lambda cost: -cost[place])[:TELL]:
            print(f"{cost[0]:>7.2f} s{cost[1] / 2**20:>7.0f} MB  {cost[2]}")


def freed() -> None:
    """Give back what earlier cases held, or memory that is used again would not count."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # not glibc
            ctypes.CDLL(None).malloc_trim(0)


@pytest.mark.parametrize(("reader", "name"), FILES, ids=lambda part: part.encode("ascii", "replace").decode())
def test_file_ends_in_one_sentence_or_a_result(reader: str, name: str, costs: list[tuple[float, int, str]]) -> None:
    data = CASES[reader, name]()
    freed()
    with stopped_after(STOP), Measured() as cost:
        ends_well(reader, data)
    costs.append((cost.seconds, cost.extra, f"{reader}: {name}"))
    assert cost.extra < MOST


def test_corpus_has_more_than_two_hundred_files_and_some_for_every_reader() -> None:
    assert len(CASES) > 200
    assert {reader for reader, _ in CASES} == set(MODULES)
    assert {name for _, name in CASES} >= ALWAYS


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        (reader, name)
        for reader, module in MODULES.items()
        for name in importlib.import_module(f"tests.hostile.{module}").VALID
    ],
)
def test_whole_files_that_the_fuzzer_breaks_are_read(reader: str, name: str) -> None:
    assert ends_well(reader, importlib.import_module(f"tests.hostile.{MODULES[reader]}").VALID[name]) == ""
