"""Every reader of a visitor's bytes, with what a page does next; each ends in one sentence or a result.

`ends_well` is the one rule that the corpus and the fuzzer hold all of them to.
"""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.audit import audit_checkpoint, audit_printout
from core.audit.weights.bias_values import bias_bins, bias_table, never_active
from core.data.picture_sets import read_picture_set
from core.data.picture_sets.resize import as_digit
from core.data.picture_sets.task import own_task
from core.data.pictures import read_picture
from core.data.points import own_points
from core.data.tables import read_table
from core.errors import InputError

NAME = "<img src=x onerror=alert(1)>/../\x00\u202e.png"
SENTENCE = re.compile(r"`\w+` must [^\n]*")


def picture(data: bytes) -> None:
    found = read_picture(data, NAME)
    channels, height, width = found.pixels.shape
    assert channels in (1, 3)
    assert 1 <= min(height, width) <= max(height, width) <= 256
    assert bool(((found.pixels >= 0) & (found.pixels <= 1)).all())
    as_digit(found, (1, 8, 8), dark_ink=True)


def table(data: bytes) -> None:
    found = read_table(data, NAME)
    assert min(found.frame.shape) >= 2
    assert bool(np.isfinite(found.frame.to_numpy()).all())
    names = list(found.frame.columns)
    assert len(set(names)) == len(names)
    assert all(name.isprintable() and 0 < len(name) <= 60 for name in names)
    own_points(found.frame[names[0]], found.frame[names[-1]], 0)


def picture_set(data: bytes) -> None:
    found = read_picture_set(data, NAME)
    assert found.pixels.shape[0] == len(found.labels) == sum(found.counts)
    assert 0 <= found.pixels.min() <= found.pixels.max() <= 1
    task = own_task(found)
    if len(found.labels) < 100:  # a split is a copy, and no reader's cost
        task.draw(0)


def weights(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "weights.safetensors")
        path.write_bytes(data)
        audit = audit_checkpoint(path)
        assert audit.sentence
        assert len(audit.to_frame()) <= len(audit.weights.checkpoint.tensors)
        for step in (
            lambda: bias_table(audit.weights),
            lambda: bias_bins(audit.weights),
            lambda: never_active(audit.weights),
            lambda: audit.without_redundant(Path(folder, "without.safetensors")),
            lambda: audit.folded(Path(folder, "folded.safetensors")),
        ):
            _or_a_sentence(step)


def printout(data: bytes) -> None:
    audit = audit_printout(data.decode("utf-8", "surrogateescape"))
    assert audit.sentence
    assert len(audit.to_frame()) <= len(audit.modules)


READERS: dict[str, Callable[[bytes], None]] = {
    "picture": picture,
    "table": table,
    "picture_set": picture_set,
    "weights": weights,
    "printout": printout,
}


def ends_well(reader: str, data: bytes) -> str:
    """What the reader said, or "" where it gave a result; anything but an InputError of one sentence is raised."""
    return _or_a_sentence(lambda: READERS[reader](data))


def _or_a_sentence(step: Callable[[], object]) -> str:
    caught = None
    try:
        step()
    except InputError as error:
        caught = error
    said = str(caught or "")
    if caught:
        assert SENTENCE.fullmatch(said), said[:300]
        assert len(said) + len(caught.hint) < 700, said[:700]
    return said
