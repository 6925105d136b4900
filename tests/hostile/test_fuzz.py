"""A fuzzer over every reader: any bytes, and whole files with bits flipped, parts cut, moved, doubled and mixed.

It runs for `BIAS_LAB_FUZZ_SECONDS` in all, 5 by default. There it begins at round 0 each time: a round is a seed of
Hypothesis, so that what fails on one machine fails on the next, and how many rounds there is time for is the machine's.
Ten minutes by hand, from another round each time: `python -m benchmarks.fuzz`. `BIAS_LAB_FUZZ_ROUND` begins at a round
that failed. What is found becomes a case of the corpus.
"""

import importlib
import itertools
import os
import time
import warnings

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.hostile.readers import READERS, ends_well
from tests.hostile.test_corpus import MODULES

SECONDS = float(os.environ.get("BIAS_LAB_FUZZ_SECONDS", "5"))
FIRST = int(os.environ.get("BIAS_LAB_FUZZ_ROUND", "0"))
IN_A_ROUND = 50
STARTS = {
    "picture": [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF", b"GIF89a", b"BM", b"II*\0", b"MM\0*"],
    "table": [b"x,y\n1,2\n", b"\xff\xfe", b"\xef\xbb\xbf", b'"'],
    "picture_set": [b"PK\3\4", b"PK\5\6", b"\x93NUMPY", b"label,p,p,p,p\n"],
    "weights": [b"\2\0\0\0\0\0\0\0{}", b"\x40\0\0\0\0\0\0\0{"],
    "printout": [b"Net(\n", b"Net((a): Conv2d(", b"(0-3): 4 x "],
}
TELLING = [
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\0\0\0",
    b"(",
    b")",
    b'"',
    b",",
    b"\n",
    b"-1",
    b"1e999",
]


@st.composite
def broken(draw: st.DrawFn, whole: list[bytes]) -> bytes:
    """A whole file, after one to six operations on it."""
    data = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(1, 6))):
        start, stop = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
        match draw(st.sampled_from(["flip", "cut", "end", "double", "move", "write", "splice"])):
            case "flip" if start < len(data):
                data = data[:start] + bytes([data[start] ^ 1 << draw(st.integers(0, 7))]) + data[start + 1 :]
            case "cut":
                data = data[:start] + data[stop:]
            case "end":
                data = data[:stop]
            case "double":
                data = data[:stop] + data[start:stop] * draw(st.integers(1, 8)) + data[stop:]
            case "move":
                data = data[:start] + data[stop:] + data[start:stop]
            case "write":
                new = draw(st.sampled_from(TELLING) | st.binary(min_size=1, max_size=8))
                data = data[:start] + new + data[start + draw(st.sampled_from([0, len(new)])) :]
            case "splice":
                other = draw(st.sampled_from(whole))
                data = data[:start] + other[draw(st.integers(0, len(other))) :]
        data = data[:200_000]
    return data


def files(reader: str) -> st.SearchStrategy[bytes]:
    whole = list(importlib.import_module(f"tests.hostile.{MODULES[reader]}").VALID.values())
    started = st.builds(bytes.__add__, st.sampled_from([b"", *STARTS[reader]]), st.binary(max_size=400))
    return st.one_of(started, broken(whole), broken(whole))


@pytest.mark.parametrize("reader", READERS)
def test_any_bytes_end_in_one_sentence_or_a_result(reader: str) -> None:
    end, tried = time.monotonic() + SECONDS / len(READERS), 0

    def body(data: bytes) -> None:
        nonlocal tried
        tried += 1
        with warnings.catch_warnings(action="error"):
            ends_well(reader, data)

    for number in itertools.count(FIRST):
        if time.monotonic() > end:
            break
        chosen = settings(
            max_examples=IN_A_ROUND,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        try:
            seed(number)(chosen(given(files(reader))(body)))()
        except BaseException as problem:
            problem.add_note(f"BIAS_LAB_FUZZ_ROUND={number} {hypothesis.__name__} {hypothesis.__version__}")
            raise
    print(f"\n{reader}: {tried:,} files in rounds {FIRST} to {number - 1}")
    assert tried >= IN_A_ROUND or SECONDS < 1
