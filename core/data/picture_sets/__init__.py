"""A visitor's own labelled pictures: bytes in, pixels from 0 (black) to 1 (white) and labels out, within stated limits.

Three kinds of files are told by their content: a zip with a folder of pictures for each class, an .npz with X and y,
and a CSV with a label and pixels in each row. Everything happens in memory; nothing is ever written to disk, and a set
that is sent to another process goes as plain bytes, since joblib would put a large array into a file on the way.
"""

import hashlib
import io
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..file_kinds import kind_of
from ..picture_decoding import FORMATS
from . import zip_checks
from .class_folders import read_folders
from .classes import ZIP_FOLDERS, Floats, Labelled, Labels, keep_split, refusal
from .csv_rows import no_table_error, read_rows
from .npz_arrays import read_npz

MAX_BYTES = 50 * 2**20
COMPARED = 500

_ONE_AT_A_TIME = threading.Lock()  # reading takes up to 300 MB


@dataclass(frozen=True)
class PictureSet:
    """Labelled pictures of one size; two are equal, and hash the same, when their digests are.

    The pixels (n, channels, height, width), float32 from 0 to 1, grey or red, green and blue, 2 to 64 a side, and the
    labels (n,) are read-only. Classes and name are the visitor's own words, which a page must not take for markup.
    """

    pixels: Floats = field(compare=False, repr=False)
    labels: Labels = field(compare=False, repr=False)
    classes: tuple[str, ...] = field(compare=False)  # what label 0, 1, ... means
    name: str = field(compare=False)
    digest: str  # of the file: a cache key
    notes: tuple[str, ...] = field(default=(), compare=False)  # what was left out, changed or assumed
    test: NDArray[np.bool_] | None = field(default=None, compare=False, repr=False)  # (n,): on the test side, if given

    @property
    def counts(self) -> tuple[int, ...]:
        """How many pictures each class has."""
        return tuple(np.bincount(self.labels, minlength=len(self.classes)).tolist())

    def firsts(self) -> list[tuple[Floats, str]]:
        """The first picture of each class (channels, height, width), with the class and how many it has."""
        firsts = [self.pixels[np.argmax(self.labels == label)] for label in range(len(self.classes))]
        words = [f"{name}: {count:,}" for name, count in zip(self.classes, self.counts, strict=True)]
        return list(zip(firsts, words, strict=True))

    def __reduce__(self) -> tuple[Any, ...]:
        plain = (self.pixels.tobytes(), self.pixels.shape, self.labels.tolist())
        return _from_plain, (*plain, self.classes, self.name, self.digest, self.notes, self.test)


def read_picture_set(data: bytes, name: str = "") -> PictureSet:
    """Read a zip of class folders, an .npz with X and y, or a CSV of labels and pixels, told by its content.

    Parameters
    ----------
    data : bytes
        At most 50 MB. Of more than 5,000 pictures the first of each class are read, in equal shares of all classes.
    name : str
        Kept for people; it is not used to guess what the file is.

    Returns
    -------
    PictureSet
        Pictures of more than 64 pixels a side are shrunk to that; zipped pictures of different sizes are scaled to
        one, the median of theirs at most, and cut on two sides where their proportions differ. Grey and coloured ones
        together are coloured; three equal channels become one. A split of folders is kept where it tells the test side,
        and both sides have enough of each class.

    Raises
    ------
    InputError
        The file is too large, none of these kinds, damaged or a trap; it holds no picture, or more than 50 classes.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> np.savez(buffer, X=np.full((3, 8, 8), 255, np.uint8), y=["cat", "dog", "cat"])
    >>> pictures = read_picture_set(buffer.getvalue(), "mine.npz")
    >>> pictures.pixels.shape, pictures.classes, pictures.counts, pictures.notes
    ((3, 1, 8, 8), ('cat', 'dog'), (2, 1), ('Pixels from 255 to 255 were divided by 255, taken for white.',))
    """
    if len(data) > MAX_BYTES:
        raise refusal(
            f"be at most 50 MB, got {len(data) / 2**20:.1f} MB",
            "Save them smaller, at most 64 pixels a side, or take fewer of each class.",
        )
    with _ONE_AT_A_TIME:
        found = _read(data)
        if not len(found.labels):
            raise refusal("hold pictures, got none that can be read", " ".join(filter(None, found.notes)))
        used, labels = np.unique(found.labels, return_inverse=True)  # classes of no picture are none
        found = found._replace(labels=labels, classes=tuple(found.classes[label] for label in used))
        pixels, labels, classes, notes, test = keep_split(_one_channel(found))
    pixels.setflags(write=False)
    labels.setflags(write=False)
    digest = hashlib.sha256(data).hexdigest()
    return PictureSet(pixels, labels, classes, name, digest, tuple(filter(None, notes)), test)


def _read(data: bytes) -> Labelled:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if (known := kind_of(data)) and known[0] not in ("a zip archive", "arrays (.npz)"):
            raise no_table_error(*known)
        archive = zip_checks.open_zip(data)
        arrays_alone = {info.filename[-4:] for info in zip_checks.files(archive)} == {".npy"}
        return read_npz(data, archive) if arrays_alone else read_folders(data, archive)
    if data.startswith(b"\x93NUMPY"):
        raise refusal("have labels, got a single array", "Save numpy.savez(file, X=pictures, y=labels).")
    if _is_picture(data):
        raise refusal("be a set of labelled pictures, got a single picture", ZIP_FOLDERS)
    if not data.strip():
        raise no_table_error()
    return read_rows(data)


def _is_picture(data: bytes) -> bool:
    with suppress(Exception), Image.open(io.BytesIO(data), formats=FORMATS):
        return True
    return False


def _one_channel(found: Labelled) -> Labelled:
    """Pictures with one channel for three where these are equal in all of them."""
    pixels = found.pixels
    blocks = (pixels[k : k + COMPARED] for k in range(0, len(pixels), COMPARED))
    if pixels.shape[1] == 1 or not all((block == block[:, :1]).all() for block in blocks):
        return found._replace(pixels=np.ascontiguousarray(pixels))
    said = "Grey, with three equal channels: one of them was kept."
    return found._replace(pixels=pixels[:, :1].copy(), notes=(*found.notes, said))


def _from_plain(pixels: bytes, shape: tuple[int, ...], labels: list[int], *rest: Any) -> PictureSet:
    return PictureSet(np.frombuffer(pixels, np.float32).reshape(shape), np.array(labels, dtype=np.intp), *rest)
