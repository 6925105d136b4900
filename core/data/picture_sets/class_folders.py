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

from ..picture_decoding import FORMATS, decode_picture
from . import zip_checks
from .classes import (
    ZIP_FOLDERS,
    Floats,
    Labelled,
    Labels,
    classes_of,
    first_of_each_class,
    note,
    number_classes,
    refusal,
    rows_to_read,
)
from .resize import centre_crop, fit_to_size, within_limits

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


def _check_work_since(start: float) -> None:
    """Refuse a zip that has taken too much work since `start`, whatever else the machine does meanwhile."""
    if time.thread_time() - start > PATIENCE:
        raise refusal(
            f"be read within {PATIENCE:.0f} seconds of work, got more",
            "Save the pictures as small PNG files, at most 64 pixels a side, and zip those.",
        )


def read_folders(data: bytes, archive: zipfile.ZipFile) -> Labelled:
    """The pictures of a zip of class folders, given as bytes and as `zip_checks.open_zip` opened it.

    No picture in a folder, more than 50 folders, or pictures that take too long to read are an InputError.
    """
    infos, labels, classes, notes = _choose_entries(data, archive)
    start = time.thread_time()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")  # of bombs and broken tags: checked or decided below
        heads = [_read_head(archive, info, start) for info in infos]
        whole = np.flatnonzero([isinstance(head, _Head) for head in heads])
        areas = np.array([head.height * head.width for head in heads if isinstance(head, _Head)], dtype=float)
        rows = whole[first_of_each_class(labels[whole], MAX_PIXELS_IN_ALL, areas)]
        heavy = note("all pictures may have 40 megapixels together", len(whole) - len(rows), len(whole))
        chosen = [head for row in rows if isinstance(head := heads[row], _Head)]
        pixels, good, changed = _decode(archive, [infos[row] for row in rows], chosen, start)
    broken = Counter(head for head in heads if isinstance(head, str))
    broken[NO_PICTURE] += len(rows) - len(good)
    labels, classes = number_classes(labels[rows][good], classes)
    notes += sum((note(why, count, what="file") for why, count in broken.items()), ()) + heavy + changed
    return Labelled(pixels, labels, classes, notes)


def _choose_entries(
    data: bytes, archive: zipfile.ZipFile
) -> tuple[list[zipfile.ZipInfo], Labels, tuple[str, ...], tuple[str, ...]]:
    """The entries that are read, their labels, classes and notes: by names and sizes, before anything is unpacked."""
    listed = zip_checks.files(archive)
    wrong = zip_checks.faults(listed, MAX_FILE)
    infos = [info for info, why in zip(listed, wrong, strict=True) if not why]
    names, merged = _class_names([zip_checks.parts(info) for info in infos])
    counts = Counter(why or NO_FOLDER for why in [*filter(None, wrong), *("" for name in names if not name)])
    notes = merged + sum((note(why, count, what="file") for why, count in counts.items()), ())
    infos = [info for info, name in zip(infos, names, strict=True) if name]
    if not infos:
        raise refusal(
            "be a zip with a folder of pictures for each class, got no picture in a folder",
            " ".join(notes) or ZIP_FOLDERS,
        )
    zip_checks.check_ratio(data, infos)
    labels, classes = classes_of([name for name in names if name])
    rows, rest = rows_to_read(labels)
    sizes = np.array([infos[row].file_size for row in rows], dtype=float)
    light = rows[first_of_each_class(labels[rows], MAX_UNPACKED, sizes)]
    notes += rest + note("all files may have 128 MB together, once unpacked", len(rows) - len(light), len(rows), "file")
    return [infos[row] for row in light], labels[light], classes, notes


def _class_names(paths: list[list[str]]) -> tuple[list[str], tuple[str, ...]]:
    """The class of each path, empty where it lies in no class folder, and what was done about splits."""
    folders = [path[:-1] for path in paths]
    top = _count_outer_folders([folder for folder in folders if folder])
    folders = [folder[top:] for folder in folders]
    inside = {folder[0].lower() for folder in folders if folder}
    if len(inside) < 2 or not inside <= SPLITS:
        return [folder[0] if folder else "" for folder in folders], ()
    merged = ("The folders of training and test pictures were put together: every seed splits them anew.",)
    return [folder[1] if len(folder) > 1 else "" for folder in folders], merged


def _count_outer_folders(folders: list[list[str]]) -> int:
    """How many folders on top hold all others and are no class: below the last of them there is a choice."""
    top = 0
    while folders and all(folder[top : top + 1] == folders[0][top : top + 1] != [] for folder in folders):
        top += 1
    choice = {folder[top] for folder in folders if folder[top:]}
    return top if len(choice) > 1 else max(top - 1, 0)


def _read_head(archive: zipfile.ZipFile, info: zipfile.ZipInfo, start: float) -> _Head | str:
    """The upright size of a picture and whether it is grey; or why it must be left out."""
    _check_work_since(start)
    try:
        content = zip_checks.unpack(archive, info)
        if content.startswith(b"PK\x03\x04"):
            return "a zip inside the zip"
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                return TOO_LARGE
            if image.format != "MPO" and getattr(image, "is_animated", False):
                return "several frames in one file"
            exif = image.getexif() if image.format in ("JPEG", "MPO") else {}
            turned = exif.get(ExifTags.Base.Orientation, 1) in range(5, 9)
            grey = image.mode in _GREY or image.mode.startswith("I;16")
    except Image.DecompressionBombError:
        return TOO_LARGE
    except Exception:  # damaged files make Pillow and zipfile raise a dozen kinds
        return NO_PICTURE
    return _Head(width, height, grey) if turned else _Head(height, width, grey)


def _decode(
    archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], heads: list[_Head], start: float
) -> tuple[Floats, list[int], tuple[str, ...]]:
    """The pictures at their common size, which of them could be read, and what was done to them."""
    if not heads:
        raise refusal(
            f"hold pictures, got {NO_PICTURE} in its folders",
            "Open one in a picture program, save it as PNG or JPEG, and try again.",
        )
    size = within_limits(*(float(np.median(sides)) for sides in list(zip(*heads, strict=True))[:2]))
    channels = 1 if all(head.grey for head in heads) else 3
    pixels = np.empty((len(heads), channels, *size), dtype=np.float32)
    good, cut = [], 0
    # The largest first: while they are decoded, which takes memory, most of the result has not been written to.
    for place in sorted(range(len(heads)), key=lambda place: -heads[place].height * heads[place].width):
        _check_work_since(start)
        picture = _read_pixels(archive, infos[place])
        if picture is None:
            continue
        rows, columns = centre_crop((picture.shape[1], picture.shape[2]), size)
        cut += (rows.stop - rows.start, columns.stop - columns.start) != picture.shape[1:]
        pixels[place] = fit_to_size(picture, size)
        good.append(place)
    good.sort()
    for place, row in enumerate(good):  # in place: a second copy might not fit in memory
        pixels[place] = pixels[row]
    kept = pixels[: len(good)]
    return kept.clip(0, 1, out=kept), good, _notes(heads, size, channels, cut)


def _read_pixels(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Floats | None:
    """A picture's pixels (channels, height, width), at most 256 a side; None where they cannot be read."""
    try:
        return decode_picture(zip_checks.unpack(archive, info))[0].astype(np.float32)
    except Exception:  # as above, InputError too
        return None


def _notes(heads: list[_Head], size: tuple[int, int], channels: int, cut: int) -> tuple[str, ...]:
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
