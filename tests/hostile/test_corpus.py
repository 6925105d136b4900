"""Hostile files, more than two hundred: each ends in one sentence or a result, within bounds of time and memory.

The bounds stop what runs away; what each file really takes is printed by `pytest -n 0 -s tests/hostile/test_corpus.py`,
those first that take most. To hold: 2 s of work on an idle machine, and 300 MB.
"""

import contextlib
import ctypes
import importlib
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
HEAVY = {
    *("100 rows of 35,000 cells of 2", "15,000 layers and norms", "150,000 comments", "150,000 thousands"),
    *("17,000 layers", "18,000 tensors of layers and norms", "19,999 activations", "19,999 modules of 10**12"),
    *("19,999 names of one word", "19,999 tensors", "2,000 folders 500 deep", "2,000,000 cells"),
    *("2,000,000 cells in 10 columns", "2,000,000 cells of text", "20,000 broken pictures", "20,000 folders"),
    *("20,000 layers by repeat", "4,000 long names", "5,000 pictures of 64 x 64"),
    *("50 classes of 10", "a million arguments", "a million ellipses", "a million line ends"),
    *("a million line ends before", "a million pairs of brackets", "a quote in each line"),
    *("a quote that never closes, 10 MB", "convolution of a kernel of 90,000", "csv of 200,000 rows"),
    *("csv of 50 MB in 12,000 rows", "csv of 50 MB in cells of 2,304 pixels", "csv of 50 MB in wide rows"),
    *("csv of one row of 50 MB", "GIF of comments"),
    *("JPEG of 100 passes, 40 megapixels", "JPEG of empty segments", "JPEG of marks", "JPEG of restarts"),
    *("large AVIF with transparency", "large coloured PNG", "large TIFF"),
    *("large TIFF of floats", "large transparent grey PNG", "large transparent PNG", "large transparent WebP"),
    *("large WebP", "large WebPs", "noise at the limit", "npz of 48 MB"),
    *("only blanks and a number", "only line ends", "only points", "only returns", "pictures of 1 x 4,000,000"),
    *("PNG of 16 bits with a transparent grey", "PNG of 16 bits, 40 megapixels", "PNG of 300,000 chunks"),
    *("PNG rows that go on for 200 MB", "PNG text bomb"),
}
"""Most of what takes half a second and more: run before a release."""
FILES = [pytest.param(*case, marks=pytest.mark.release if case[1] in HEAVY else ()) for case in CASES]
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
    assert {name for _, name in CASES} >= HEAVY


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
