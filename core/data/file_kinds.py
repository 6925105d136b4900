"""What a file is that a visitor gave by mistake, told by its first bytes, and what to do with it."""

import csv
import re
from pathlib import Path

JSON = re.compile(rb'\[\s*[\[{]|\{\s*"')

KINDS = [
    (row["where"], row["mark"].encode().decode("unicode_escape").encode("latin-1"), (row["kind"], row["hint"]))
    for row in csv.DictReader(Path(__file__).with_suffix(".csv").read_text("utf-8").splitlines())
]
"""Where a mark stands (the start, a film's or photograph's brand, somewhere in a zip), the mark, and what it tells; the
last brand and the last of a zip have no mark, which is found in every one."""


def kind_of(data: bytes) -> tuple[str, str] | None:
    """What a file is and what to do about it; None where its first bytes do not tell.

    Examples
    --------
    >>> kind_of(b"\\x1f\\x8b\\x08rest"), kind_of(b"1,2")
    (('a gzip file', 'Unpack it first.'), None)
    """
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if data[4:8] == b"ftyp":
        return next(known for where, mark, known in KINDS if where == "brand" and data[8:12].startswith(mark))
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        ends = data[:4096] + data[-65_536:]
        return next(known for where, mark, known in KINDS if where == "zip" and mark in ends)
    if data[257:262] == b"ustar":
        return "a tar archive", "Unpack it first."
    if JSON.match(start):
        return "JSON", "Write it as CSV first, with pandas.read_json(file).to_csv(other, index=False)."
    return next((known for where, mark, known in KINDS if where == "start" and start.startswith(mark.lower())), None)
