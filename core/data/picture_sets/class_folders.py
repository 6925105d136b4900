"""Pictures in a zip, in a folder for each class, read to one size.

The first folder below the one that holds all is the class; folders in it do not matter. Where the first folders are
called train, test and the like, they are a split of somebody else's, and the next ones are the classes.

Two passes: the first reads the pictures' heads alone, so that their number of pixels is known before any is decoded,
and their common size before any is scaled.
"""

import io
import time
import warnings
import zipfile
from collections import Counter
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image

from ...errors import InputError
from ..picture_decoding import FORMATS, decoded
from . import zip_checks
from .classes import MAX_PICTURES, Floats, Labelled, Labels, classes_of, note, numbered, spread, thinned
from .resize import fitted, middle, within_limits

MAX_FILE = 4 * 2**20
MAX_UNPACKED = 128 * 2**20
MAX_PIXELS = 16_000_000
MAX_PIXELS_IN_ALL = 40_000_000
PATIENCE = 4.0
"""Seconds of work after which a zip is given up: about twice what the slowest honest one within the other limits takes
on a desktop; some formats let a small file ask for far more."""

SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation"}
NO_FOLDER = "in no class folder"
TOO_LARGE = "more than 16 megapixels"
NO_PICTURE = "no whole PNG, JPEG, WebP, GIF, BMP or TIFF picture"

_GREY = ("1", "L", "LA", "La", "I", "F")


class _Head(NamedTuple):
    height: int
    width: int
    grey: bool


class _Clock:
    """Work since it was made, whatever else the machine does meanwhile."""

    def __init__(self) -> None:
        self.start = time.thread_time()

    def check(self) -> None:
        if time.thread_time() - self.start > PATIENCE:
            raise InputError(
                f"`pictures` must be read within {PATIENCE:.0f} seconds of work, got more",
                hint="Save the pictures as small PNG files, at most 64 pixels a side, and zip those.",
            )


def read_folders(data: bytes, archive: zipfile.ZipFile) -> Labelled:
    """The pictures of a zip of class folders.

    Parameters
    ----------
    data : bytes
        The zip.
    archive : ZipFile
        The same, from `core.data.picture_sets.zip_checks.opened`.

    Raises
    ------
    InputError
        There is no picture in a folder, more than 50 folders, or the pictures take too long to read.
    """
    infos, labels, classes, notes = _chosen(data, archive)
    clock = _Clock()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")  # of bombs and broken tags: checked or decided below
        heads = [_head(archive, info, clock) for info in infos]
        whole = np.flatnonzero([isinstance(head, _Head) for head in heads])
        pixels = np.array([head.height * head.width for head in heads if isinstance(head, _Head)], dtype=float)
        rows = whole[spread(labels[whole], MAX_PIXELS_IN_ALL, pixels)]
        heavy = note("all pictures may have 40 megapixels together", len(whole) - len(rows), len(whole))
        chosen = [head for row in rows if isinstance(head := heads[row], _Head)]
        found = _decoded(archive, [infos[row] for row in rows], chosen, clock)
    broken = Counter(head for head in heads if isinstance(head, str))
    broken[NO_PICTURE] += len(rows) - len(found.good)
    labels, classes = numbered(labels[rows][found.good], classes)
    notes += sum((note(why, count, what="file") for why, count in broken.items()), ()) + heavy + found.notes
    return Labelled(found.pixels, labels, classes, notes)


class _Chosen(NamedTuple):
    infos: list[zipfile.ZipInfo]
    labels: Labels
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def _chosen(data: bytes, archive: zipfile.ZipFile) -> _Chosen:
    """The entries that are read: by their names and declared sizes, before anything is unpacked."""
    listed = zip_checks.files(archive)
    wrong = zip_checks.faults(listed, MAX_FILE)
    infos = [info for info, why in zip(listed, wrong, strict=True) if not why]
    names, merged = _class_names([zip_checks.parts(info) for info in infos])
    counts = Counter(why or NO_FOLDER for why in [*filter(None, wrong), *("" for name in names if not name)])
    notes = merged + sum((note(why, count, what="file") for why, count in counts.items()), ())
    infos = [info for info, name in zip(infos, names, strict=True) if name]
    if not infos:
        raise InputError(
            "`pictures` must be a zip with a folder of pictures for each class, got no picture in a folder",
            hint=" ".join(notes) or "Put the pictures of each class into a folder with its name, and zip the folders.",
        )
    zip_checks.check_ratio(data, infos)
    labels, classes = classes_of([name for name in names if name])
    rows = spread(labels, MAX_PICTURES)
    notes += thinned(len(infos) - len(rows), len(infos))
    sizes = np.array([infos[row].file_size for row in rows], dtype=float)
    light = rows[spread(labels[rows], MAX_UNPACKED, sizes)]
    notes += note("all files may have 128 MB together, once unpacked", len(rows) - len(light), len(rows), "file")
    return _Chosen([infos[row] for row in light], labels[light], classes, notes)


def _class_names(paths: list[list[str]]) -> tuple[list[str], tuple[str, ...]]:
    """The class of each path, empty where it lies in no class folder, and what was done about splits."""
    folders = [path[:-1] for path in paths]
    top = _shared([folder for folder in folders if folder])
    folders = [folder[top:] for folder in folders]
    inside = {folder[0].lower() for folder in folders if folder}
    if len(inside) < 2 or not inside <= SPLITS:
        return [folder[0] if folder else "" for folder in folders], ()
    merged = ("The folders of training and test pictures were put together: every seed splits them anew.",)
    return [folder[1] if len(folder) > 1 else "" for folder in folders], merged


def _shared(folders: list[list[str]]) -> int:
    """How many folders on top hold all others and are no class: below the last of them there is a choice."""
    top = 0
    while folders and all(folder[top : top + 1] == folders[0][top : top + 1] != [] for folder in folders):
        top += 1
    choice = {folder[top] for folder in folders if folder[top:]}
    return top if len(choice) > 1 else max(top - 1, 0)


def _head(archive: zipfile.ZipFile, info: zipfile.ZipInfo, clock: _Clock) -> _Head | str:
    """The upright size of a picture and whether it is grey; or why it must be left out."""
    clock.check()
    try:
        content = zip_checks.unpacked(archive, info)
        if content.startswith(b"PK\x03\x04"):
            return "a zip inside the zip"
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                return TOO_LARGE
            if image.format != "MPO" and getattr(image, "is_animated", False):
                return "several frames in one file"
            turned = image.format in ("JPEG", "MPO") and image.getexif().get(ExifTags.Base.Orientation, 1) in (
                5,
                6,
                7,
                8,
            )
            grey = (image.mode in _GREY or image.mode.startswith("I;16")) and image.mode != "P"
    except Image.DecompressionBombError:
        return TOO_LARGE
    except Exception:  # damaged files make Pillow and zipfile raise a dozen kinds
        return NO_PICTURE
    return _Head(width, height, grey) if turned else _Head(height, width, grey)


class _Decoded(NamedTuple):
    pixels: Floats
    good: list[int]
    notes: tuple[str, ...]


def _decoded(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], heads: list[_Head], clock: _Clock) -> _Decoded:
    """The pictures at their common size, which of them could be read, and what was done to them."""
    if not heads:
        raise InputError(
            f"`pictures` must hold pictures, got {NO_PICTURE} in its folders",
            hint="Open one in a picture program, save it as PNG or JPEG, and try again.",
        )
    size = within_limits(*(float(np.median(sides)) for sides in list(zip(*heads, strict=True))[:2]))
    channels = 1 if all(head.grey for head in heads) else 3
    pixels = np.empty((len(heads), channels, *size), dtype=np.float32)
    good, cut = [], 0
    # The largest first: while they are decoded, which takes memory, most of the result has not been written to.
    for place in sorted(range(len(heads)), key=lambda place: -heads[place].height * heads[place].width):
        clock.check()
        picture = _picture(archive, infos[place])
        if picture is None:
            continue
        rows, columns = middle((picture.shape[1], picture.shape[2]), size)
        cut += (rows.stop - rows.start, columns.stop - columns.start) != picture.shape[1:]
        pixels[place] = fitted(picture, size)
        good.append(place)
    good.sort()
    for place, row in enumerate(good):  # in place: a second copy might not fit in memory
        pixels[place] = pixels[row]
    kept = pixels[: len(good)]
    return _Decoded(kept.clip(0, 1, out=kept), good, _said(heads, size, channels, cut))


def _picture(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Floats | None:
    """A picture's pixels (channels, height, width), at most 256 a side; None where they cannot be read."""
    try:
        return decoded(zip_checks.unpacked(archive, info))[0].astype(np.float32)
    except Exception:  # as above, InputError too
        return None


def _said(heads: list[_Head], size: tuple[int, int], channels: int, cut: int) -> tuple[str, ...]:
    """What was done to make the pictures one size and one kind."""
    sizes = {head[:2] for head in heads}
    wanted = f"{size[1]} × {size[0]} pixels"
    notes = []
    if len(sizes) > 1:
        notes.append(f"Pictures of {len(sizes):,} sizes were scaled to one, {wanted}, the median of theirs at most.")
    elif sizes != {size}:
        height, width = sizes.pop()
        notes.append(f"Scaled to {wanted} from {width:,} × {height:,}.")
    if cut:
        notes.append(f"Cut on two sides, since the proportions differ: {cut:,} of {len(heads):,} pictures.")
    if channels == 3 and (grey := sum(head.grey for head in heads)):
        notes.append(f"Grey among coloured ones, given three equal channels: {grey:,} of {len(heads):,} pictures.")
    return tuple(notes)
