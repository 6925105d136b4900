"""Pictures in a zip, in a folder for each class, read to one size.

The first folder below the one that holds all is the class; folders in it do not matter. Where the first folders are
called train, test and the like, or all hold the same folders, they are a split of somebody else's, and the next ones
are the classes.

Two passes: the first reads the pictures' heads alone, so that their number of pixels is known before any is decoded,
and their common size before any is scaled.
"""

import io
import re
import time
import warnings
import zipfile
from collections import Counter
from contextlib import suppress
from itertools import groupby, takewhile
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from PIL import ExifTags, Image

from ..picture_decoding import FORMAT_NAMES, FORMATS, WHITES, Decoded, decode_picture
from . import zip_checks
from .classes import ZIP_FOLDERS, Floats, Labelled, classes_of, note, refusal, rows_to_read
from .resize import centre_crop, fit_to_size, within_limits

MAX_FILE = 4 * 2**20
MAX_UNPACKED = 128 * 2**20
MAX_PIXELS = 16_000_000
MAX_PIXELS_IN_ALL = 40_000_000
PATIENCE = 4.0
"""Seconds of work after which a zip is given up: about twice what the slowest honest one within the other limits takes
on a desktop; some formats let a small file ask for far more."""

SPLIT = re.compile(
    "(?:^|[^a-z])(train|test|val|valid|eval|dev)(ing|idation|uation)?(set|data|images)?(?:[^a-z]|$)", re.IGNORECASE
)
TEXTS = (".txt", ".csv", ".json", ".xml", ".md", ".html", ".py", ".ipynb", ".pdf", ".yaml")
NO_FOLDER = "in no class folder"
TOO_LARGE = "more than 16 megapixels"
NO_PICTURE = f"no whole {FORMAT_NAMES} picture"

_GREY = ("1", "L", "LA", "La", "I", "F")


class _Head(NamedTuple):
    info: zipfile.ZipInfo
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
    infos, sides, classes, notes, split = _choose_entries(data, archive)
    start = time.thread_time()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")  # of bombs and broken tags: checked or decided below
        read = [_read_head(archive, info, start) for info in infos]
        whole = np.array([place for place, head in enumerate(read) if isinstance(head, _Head)], dtype=int)
        heads = [head for head in read if isinstance(head, _Head)]
        areas = np.array([head.height * head.width for head in heads], dtype=float)
        why = "all pictures may have 40 megapixels together"
        rows, heavy = rows_to_read(sides[whole], MAX_PIXELS_IN_ALL, areas, why)
        pixels, good, changed = _decode(archive, [heads[row] for row in rows], start)
    broken = Counter(head for head in read if isinstance(head, str))
    broken[NO_PICTURE] += len(rows) - len(good)
    sides = sides[whole[rows]][good]
    notes += [*(note(why, count, what="file") for why, count in broken.items()), heavy, *changed]
    return Labelled(pixels, sides // 2, classes, tuple(notes), sides % 2 == 1 if split else None)


def _choose_entries(data: bytes, archive: zipfile.ZipFile) -> tuple[list[zipfile.ZipInfo], *tuple[Any, ...]]:
    """The entries that are read, by names and sizes, before anything is unpacked; of each 2 * label, and 1 more on the
    test side, so that as much is kept of both; classes and notes; and whether there is a split."""
    listed = zip_checks.files(archive)
    wrong = zip_checks.faults(listed, MAX_FILE)
    wrong = [why or needless for why, needless in zip(wrong, _needless(listed), strict=True)]
    infos = [info for info, why in zip(listed, wrong, strict=True) if not why]
    names, tests, split = _class_names([zip_checks.parts(info) for info in infos])
    counts = Counter([*filter(None, wrong), *[NO_FOLDER] * names.count("")])
    notes = [split, *(note(why, count, what="file") for why, count in counts.items())]
    infos = [info for info, name in zip(infos, names, strict=True) if name]
    if not infos:
        raise refusal(
            "be a zip with a folder of pictures for each class, got no picture in a folder",
            " ".join(filter(None, [*notes, ZIP_FOLDERS if NO_FOLDER in counts or not any(notes) else ""])),
        )
    zip_checks.check_ratio(data, infos)
    labels, classes = classes_of([name for name in names if name])
    sides = 2 * labels + [test for test, name in zip(tests, names, strict=True) if name]
    rows, rest = rows_to_read(sides)
    sizes = np.array([infos[row].file_size for row in rows], dtype=float)
    why = "all files may have 128 MB together, once unpacked"
    light, heavy = rows_to_read(sides[rows], MAX_UNPACKED, sizes, why, "file")
    light, notes = rows[light], [*notes, rest, heavy]
    return [infos[row] for row in light], sides[light], classes, notes, bool(split)


def _needless(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Why an entry is left out that is a text, or is there a second time, as where a folder holds itself; or empty."""
    keys = [(info.CRC, info.file_size, *zip_checks.parts(info)[-3:]) for info in infos]
    twice = pd.Series(keys, dtype=object).duplicated().map({True: "the same file is there twice", False: ""})
    return ["a text" if info.filename.lower().endswith(TEXTS) else why for info, why in zip(infos, twice, strict=True)]


def _class_names(paths: list[list[str]]) -> tuple[list[str], list[bool], str]:
    """The class of each path, empty where it lies in no class folder; whether it is of a test side; and what was done
    about splits."""
    folders = [[name for name, _ in groupby(path[:-1])] for path in paths]  # a folder in itself counts once
    folders = _below_outer_folders(folders)
    inside: dict[str, set[str]] = {}
    for folder in filter(None, folders):
        inside.setdefault(folder[0], set()).update(folder[1:2] or [""])
    tests, said = [False] * len(folders), ""
    if (place := _place_of_split(inside)) is not None:
        parts = [folder[place] if len(folder) > place else "" for folder in folders]
        tests = [found is not None and found[1].lower() == "test" for found in map(SPLIT.search, parts)]
        shown = ", ".join(sorted(set(filter(None, parts)))[:5])
        said = f"Taken for parts of one set, not for classes: the folders {shown}."
    if place == 0:
        folders = _below_outer_folders([folder[1:] for folder in folders])
    return [folder[0] if folder else "" for folder in folders], tests, said


def _place_of_split(inside: dict[str, set[str]]) -> int | None:
    """Whether the first folders (0) or those in each of them (1) are a split; None where none are."""
    within = set.union(*inside.values()) if inside else set()
    named = [name for name in inside if SPLIT.search(name)]
    most = max((len(inside[name] - {""}) for name in named), default=0)
    if named and len(inside) > 1 and (len(named) == len(inside) or most > 1):
        # Others hold no folders: pictures without labels, as in a folder to predict.
        return 0 if all(name in named or inside[name] == {""} for name in inside) else None
    if within and all(map(SPLIT.search, within)):
        return 1
    alike = len(within) > 1 and "" not in within and all(names == within for names in inside.values())
    return 0 if len(inside) > 1 and alike else None


def _below_outer_folders(folders: list[list[str]]) -> list[list[str]]:
    """Folders without those on top that hold all others and are no class: below the last of them there is a choice."""
    some = [folder for folder in folders if folder]
    top = len([*takewhile(lambda level: len(set(level)) == 1, zip(*some, strict=False))])
    choice = {folder[top] for folder in some if folder[top:]}
    return [folder[top if len(choice) > 1 else max(top - 1, 0) :] for folder in folders]


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
    return _Head(info, width, height, grey) if turned else _Head(info, height, width, grey)


def _decode(archive: zipfile.ZipFile, heads: list[_Head], start: float) -> tuple[Floats, list[int], list[str]]:
    """The pictures at their common size, which of them could be read, and what was done to them."""
    if not heads:
        raise refusal(
            f"hold pictures, got {NO_PICTURE} in its folders",
            "Open one in a picture program, save it as PNG or JPEG, and try again.",
        )
    size = within_limits(*np.median([head[1:3] for head in heads], axis=0).tolist())
    channels = 1 if all(head.grey for head in heads) else 3
    pixels = np.empty((len(heads), channels, *size), dtype=np.float32)
    good, cut, tops = [], 0, np.zeros(len(heads), int)
    # The largest first: while they are decoded, which takes memory, most of the result has not been written to.
    for place in sorted(range(len(heads)), key=lambda place: -heads[place].height * heads[place].width):
        _check_work_since(start)
        decoded = None
        with suppress(Exception):  # as above, InputError too
            decoded = decode_picture(zip_checks.unpack(archive, heads[place].info))
        if decoded is None:
            continue
        picture, tops[place] = decoded.pixels.astype(np.float32), decoded.top
        rows, columns = centre_crop((picture.shape[1], picture.shape[2]), size)
        cut += picture[:, rows, columns].shape != picture.shape
        pixels[place] = fit_to_size(picture, size)
        good.append(place)
    white = Decoded(pixels, "", int(tops.max())).white  # one for all that have 16 bits
    pixels[tops > 0] *= WHITES[-1] / white
    good.sort()
    for place, row in enumerate(good):  # in place: a second copy might not fit in memory
        pixels[place] = pixels[row]
    kept = pixels[: len(good)]
    return kept.clip(0, 1, out=kept), good, _notes(heads, size, channels, cut, white)


def _notes(heads: list[_Head], size: tuple[int, int], channels: int, cut: int, white: int) -> list[str]:
    """What was done to make the pictures one size and one kind."""
    sizes = {head[1:3] for head in heads}
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
    if white < WHITES[-1]:
        notes.append(f"No number of 16 bits is above {white:,}, so that this was taken for white.")
    return notes
