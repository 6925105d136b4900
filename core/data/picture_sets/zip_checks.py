"""A visitor's zip, opened in memory: what its table of contents says is checked before anything is unpacked.

An entry is never unpacked beyond the size that it declares, and only by the two methods that can be stopped there
(stored and deflated). The table itself may be a trap of a million names, so that its size and count come first.
"""

import io
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import IO

from ...errors import InputError
from .classes import refusal

MAX_ENTRIES = 20_000
MAX_TABLE = 4 * 2**20
MAX_RATIO = 200
UNSUSPICIOUS = 16 * 2**20
BLOCK = 2**20

HINT = "Make the zip again from folders of pictures, or save the arrays again, and try that file."

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _UTF8 = 0x1, 0x800
_DRIVE = re.compile(r"[A-Za-z]:")
_JUNK = {"__macosx", "thumbs.db", "desktop.ini"}


class _Guarded(io.BytesIO):
    """A file that refuses to be read in large pieces, as the table of contents would be."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_TABLE:
            raise refusal(f"have a table of at most {MAX_TABLE // 2**20} MB in its zip", HINT)
        return super().read(size)


def open_zip(data: bytes) -> zipfile.ZipFile:
    """The zip file, its table of contents read; more than 20,000 entries, or 4 MB of table, are an InputError."""
    entries = data.count(b"PK\x01\x02")  # each entry of the table begins with these
    if entries > MAX_ENTRIES:
        raise refusal(
            f"be a zip of at most {MAX_ENTRIES:,} files, got {entries:,}",
            "Take the first few thousand pictures of each class.",
        )
    try:
        return zipfile.ZipFile(_Guarded(data))
    except InputError:
        raise
    except Exception as problem:  # struct.error, UnicodeDecodeError, NotImplementedError, ... of a damaged table
        raise damage_error(data) from problem


def damage_error(data: bytes) -> InputError:
    """The error for a zip that breaks off or contradicts itself."""
    return refusal(f"be a whole zip, got {len(data):,} bytes of a damaged one", HINT)


def files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The entries that a person put there: no folders, no hidden files, none that macOS or Windows adds."""
    return [info for info in archive.infolist() if not info.is_dir() and not _is_junk(parts(info))]


def parts(info: zipfile.ZipInfo) -> list[str]:
    """The folders of an entry and its name, as their writer meant them.

    Names without the mark of UTF-8 are in the code page of DOS; but macOS writes UTF-8 and leaves the mark out.
    """
    name = info.filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]


def faults(infos: Sequence[zipfile.ZipInfo], most: int) -> list[str]:
    """Why each entry must be left alone, as where it unpacks to more than `most` bytes; empty for those that may stay.

    Examples
    --------
    >>> faults([zipfile.ZipInfo("cats/1.png"), zipfile.ZipInfo("cats/../../1.png")], most=100)
    ['', 'the path leads out of the zip']
    """
    names = Counter(tuple(parts(info)) for info in infos)
    twice = "the name is there twice"
    return [_fault(info, most) or (twice if names[tuple(parts(info))] > 1 else "") for info in infos]


def _fault(info: zipfile.ZipInfo, most: int) -> str:
    name = info.filename.replace("\\", "/")
    found = {
        "encrypted": info.flag_bits & _ENCRYPTED,
        "a link": stat.S_ISLNK(info.external_attr >> 16),
        "the path leads out of the zip": name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"),
        "packed by a method other than deflate": info.compress_type not in _METHODS,
        f"larger than {most // 2**20} MB": info.file_size > most,
    }
    return next((why for why, wrong in found.items() if wrong), "")


def check_ratio(data: bytes, infos: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse a bomb: the entries declare more than 16 MB, and more than 200 times the size of the zip."""
    declared = sum(info.file_size for info in infos)
    if declared > max(UNSUSPICIOUS, MAX_RATIO * len(data)):
        raise refusal(f"not unpack to more than {MAX_RATIO} times its size, got {declared // len(data):,} times", HINT)


def unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """An entry's bytes, as many as it declares; zipfile raises where they differ from what was packed."""
    with archive.open(info) as file:
        return bytes(read_exactly(file, info.file_size))


def read_exactly(file: IO[bytes], n: int) -> bytearray:
    """The next n bytes of an entry; an EOFError where there are fewer."""
    content = bytearray()
    while len(content) < n:
        block = file.read(min(BLOCK, n - len(content)))
        if not block:
            raise EOFError
        content += block
    return content


def _is_junk(path: list[str]) -> bool:
    return not path or any(part.lower() in _JUNK or (part.startswith(".") and part != "..") for part in path)
