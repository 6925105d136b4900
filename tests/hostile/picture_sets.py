"""Labelled pictures that are damaged, lie or trap, made when asked for; and whole ones for the fuzzer to break."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable

import numpy as np

from tests.hostile.pictures import png, saved
from tests.hostile.tables import NAMES

SMALL = np.random.default_rng(1).integers(0, 256, (24, 6, 5, 3), dtype=np.uint8)
PICTURES = [saved("PNG", pixels) for pixels in SMALL]
LABELS = np.arange(24) % 2


def zip_of(files: Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def folders(*names: str, each: int = 12) -> bytes:
    """A whole zip with these classes."""
    return zip_of(
        (f"{name}/{k}.png", PICTURES[(each * at + k) % 24]) for at, name in enumerate(names) for k in range(each)
    )


def copies(picture: bytes, count: int) -> bytes:
    """A zip of one picture under as many names, in two classes."""
    return zip_of(((f"{'ab'[k % 2]}/{k}", picture) for k in range(count)), zipfile.ZIP_STORED)


def npz(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def npy(shape: str, descr: str = "'|u1'", body: bytes = b"", version: bytes = b"\1\0") -> bytes:
    """An array whose header says this, whatever follows."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + body


def headed(X: bytes, y: bytes | None = None) -> bytes:
    labels = npy("(24,)", "'<i8'", LABELS.astype("<i8").tobytes()) if y is None else y
    return zip_of([("X.npy", X), ("y.npy", labels)])


def edited(data: bytes, offset: int, new: bytes, *, every: bool = True) -> bytes:
    """The table of contents with bytes changed, `offset` after each entry's mark."""
    content, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        content[at + offset : at + offset + len(new)] = new
        at = data.find(b"PK\x01\x02", at + 4) if every else -1
    return bytes(content)


def overlapping(count: int = 2000) -> bytes:
    """Many names in the table for one packed file."""
    data = zip_of([("a/00000.png", bytes(4_000_000))])
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = b"".join(data[at:end].replace(b"a/00000", b"a/%05d" % k) for k in range(count))
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(entries), at, 0)
    return data[:at] + entries + tail


def nested(depth: int) -> bytes:
    data = folders("a", "b")
    for _ in range(depth):
        data = zip_of([("a/1.zip", data), ("b/1.zip", data)], zipfile.ZIP_STORED)
    return data


def rows(label: str, pixels: str = "10,20,30,40", n: int = 24) -> bytes:
    lines = "".join(f"{'ab'[k % 2]},{k},20,30,40\n" for k in range(n))
    return f"label,p,p,p,p\n{lines}{label},{pixels}\n".encode("utf-8", "surrogatepass")


def wide(cells: int, count: int) -> bytes:
    return b"\n".join(b"%d," % (k % 2) + b"7," * (cells - 1) + b"%d" % (k % 100) for k in range(count))


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("a/link.png")
    info.external_attr = 0o120777 << 16
    return info


VALID: dict[str, bytes] = {
    "zip": folders("a", "b"),
    "npz": npz(X=SMALL, y=LABELS),
    "stored npz": zip_of(
        [("X.npy", npy("(24, 4)", body=bytes(range(96)))), ("y.npy", npy("(24,)", body=bytes(LABELS.astype("u1"))))], 0
    ),
    "csv": rows("a"),
}

CASES: dict[str, Callable[[], bytes]] = {
    "nothing": bytes,
    "null bytes": lambda: bytes(1000),
    "one byte too large": lambda: bytes(50 * 2**20 + 1),
    "noise at the limit": lambda: np.random.default_rng(0).bytes(50 * 2**20),
    "a single picture": lambda: PICTURES[0],
    "a single array": lambda: npy("(3,)", body=b"abc"),
    "RAR": lambda: b"Rar!\x1a\7" + bytes(50),
    "7z": lambda: b"7z\xbc\xaf\x27\x1c" + bytes(50),
    "zip of nothing": lambda: zip_of([]),
    "zip of folders alone": lambda: zip_of([("a/", b""), ("b/", b"")]),
    "zip of markup": lambda: zip_of([("a/1.svg", b"<svg onload='alert(1)'/>"), ("b/1.html", b"<script>")]),
    "zip mark alone": lambda: b"PK\3\4",
    "50 MB of zip marks": lambda: b"PK\3\4" + b"PK\1\2" * (12 * 2**20),
    "50 MB of end marks": lambda: b"PK\3\4" + b"PK\5\6" * (12 * 2**20),
    "bomb": lambda: zip_of((f"a/{k}.png", bytes(4_000_000)) for k in range(16)),
    "bomb of one packed file with 2,000 names": overlapping,
    "bomb in BZIP2": lambda: zip_of([("a/1.png", bytes(4_000_000))], zipfile.ZIP_BZIP2),
    "bomb in LZMA": lambda: zip_of([("a/1.png", bytes(4_000_000))], zipfile.ZIP_LZMA),
    "zips in zips": lambda: nested(6),
    "20,001 files": lambda: zip_of(((f"a/{k}", b"") for k in range(20_001)), 0),
    "20,000 broken pictures": lambda: zip_of(
        ((f"{'ab'[k % 2]}/{k}.png", b"\x89PNG\r\n\x1a\n") for k in range(20_000)), 0
    ),
    "20,000 folders": lambda: zip_of(((f"{k}/1.png", PICTURES[0]) for k in range(20_000)), 0),
    "a folder 5,000 deep": lambda: zip_of([("a/" * 5000 + "1.png", PICTURES[0]), ("b/1.png", PICTURES[1])]),
    "2,000 folders 500 deep": lambda: zip_of((("d/" * 500 + f"{k}/1.png", PICTURES[0]) for k in range(2000)), 0),
    "51 classes": lambda: folders(*map(str, range(51)), each=1),
    "50 classes of 10": lambda: folders(*map(str, range(50)), each=10),
    "one class": lambda: folders("a"),
    "the same pictures in both": lambda: zip_of((f"{name}/{k}.png", PICTURES[0]) for name in "ab" for k in range(12)),
    "class name of 101": lambda: folders("a" * 101, "b"),
    "links": lambda: zip_of([(link(), b"/etc/passwd"), ("b/1.png", PICTURES[0])]),
    "ways out": lambda: zip_of(
        [("../../a/1.png", PICTURES[0]), ("/etc/1.png", PICTURES[1]), ("C:\\a\\1.png", PICTURES[2])]
    ),
    "null byte in a name": lambda: VALID["zip"].replace(b"a/1.png", b"a/\0.png"),
    "half a character in a name": lambda: VALID["zip"].replace(b"a/1.png", b"\xff/1.png"),
    "names for devices": lambda: folders("CON", "NUL", "aux", "..."),
    "encrypted": lambda: edited(VALID["zip"], 8, b"\1\0"),
    "sizes of 4 GB": lambda: edited(VALID["zip"], 24, b"\xff\xff\xff\xff"),
    "sizes of nothing": lambda: edited(VALID["zip"], 24, bytes(4)),
    "packed sizes of 4 GB": lambda: edited(VALID["zip"], 20, b"\xfe\xff\xff\xff"),
    "packed by method 99": lambda: edited(VALID["zip"], 10, b"\x63\0"),
    "wrong sums": lambda: edited(VALID["zip"], 16, b"abcd"),
    "offsets beyond the file": lambda: edited(VALID["zip"], 42, b"\xff\xff\xff\x7f"),
    "all entries are one": lambda: edited(VALID["zip"], 42, bytes(4)),
    "names of 65,535": lambda: edited(VALID["zip"], 28, b"\xff\xff"),
    "extras of 65,535": lambda: edited(VALID["zip"], 30, b"\xff\xff"),
    "another disk": lambda: edited(VALID["zip"], 34, b"\xff\xff"),
    "version 255": lambda: edited(VALID["zip"], 6, b"\xff\0"),
    "dates of nothing": lambda: edited(VALID["zip"], 12, b"\xff\xff\xff\xff"),
    "table before the file": lambda: VALID["zip"][:-6] + b"\xff\xff\xff\xff\0\0",
    "table of 4 GB": lambda: VALID["zip"][:-10] + b"\xff\xff\xff\xff" + VALID["zip"][-6:],
    "a comment of 65,535": lambda: VALID["zip"][:-2] + b"\xff\xff" + bytes(65_535),
    "rest before": lambda: b"PK\3\4" + bytes(1000) + VALID["zip"],
    "pictures of 16 megapixels": lambda: copies(png(4000, 4000, rows=bytes(4001 * 4000)), 40),
    "pictures of 17 megapixels": lambda: zip_of((f"a/{k}.png", png(4200, 4200)) for k in range(9)),
    "pictures of 1 x 4,000,000": lambda: zip_of(
        (f"{'ab'[k % 2]}/{k}.png", png(1, 400_000, rows=bytes(800_000))) for k in range(20)
    ),
    "large progressive pictures": lambda: copies(
        saved("JPEG", np.full((3900, 3900), 99, np.uint8), progressive=True), 24
    ),
    "large WebPs": lambda: copies(saved("WEBP", np.full((3900, 3900), 99, np.uint8), method=0), 24),
    "text bombs in pictures": lambda: zip_of(
        (f"{'ab'[k % 2]}/{k}.png", saved("PNG", SMALL[k]) + bytes(3_000_000)) for k in range(24)
    ),
    "5,000 pictures of 64 x 64": lambda: zip_of(
        (
            (
                f"{'ab'[k % 2]}/{k}.png",
                saved("PNG", np.full((64, 64, 3), (k // 20, k % 20, 0), np.uint8), compress_level=1),
            )
            for k in range(5000)
        ),
        0,
    ),
    "npz of objects": lambda: npz(X=np.array([{"a": 1}, print], dtype=object), y=np.arange(2)),
    "npz of records": lambda: npz(X=np.zeros(3, [("a", "<f4"), ("b", "<i8")]), y=np.arange(3)),
    "npz of dates": lambda: npz(X=np.zeros((3, 4), "M8[s]"), y=np.arange(3)),
    "npz of complex numbers": lambda: npz(X=SMALL * 1j, y=LABELS),
    "npz of long doubles": lambda: npz(X=SMALL.astype(np.longdouble), y=LABELS),
    "npz of half floats that are no numbers": lambda: npz(X=np.full((24, 4), np.nan, np.float16), y=LABELS),
    "npz of infinities": lambda: npz(X=np.full((24, 4), np.inf), y=LABELS),
    "npz of 1e308": lambda: npz(X=np.full((24, 4), 1e308), y=LABELS),
    "npz of switches": lambda: npz(X=SMALL > 9, y=LABELS),
    "npz big-endian": lambda: npz(X=SMALL.astype(">u2"), y=LABELS.astype(">i8")),
    "npz of texts": lambda: npz(X=np.full((24, 4), "7"), y=LABELS),
    "npz without y": lambda: npz(X=SMALL),
    "npz with X twice": lambda: zip_of([("X.npy", npy("(1,)")), ("x.npy", npy("(1,)")), ("y.npy", npy("(1,)"))]),
    "npz of zero pictures": lambda: npz(X=np.zeros((0, 4)), y=np.zeros(0)),
    "npz of pictures without pixels": lambda: npz(X=np.zeros((24, 0, 4)), y=LABELS),
    "npz of one number": lambda: npz(X=np.float64(7), y=np.int64(7)),
    "npz of five axes": lambda: npz(X=np.zeros((24, 1, 1, 2, 2)), y=LABELS),
    "npz labels that are no numbers": lambda: npz(X=SMALL, y=np.full(24, np.nan)),
    "npz labels of 1e300": lambda: npz(X=SMALL, y=np.where(LABELS, 1e300, 0)),
    "npz labels of -2**63": lambda: npz(X=SMALL, y=np.where(LABELS, -(2**63), 2**63 - 1)),
    "npz labels of bytes": lambda: npz(X=SMALL, y=np.where(LABELS, b"\xff\xfe", b"a")),
    "npz labels of half characters": lambda: npz(X=np.zeros((1, 4)), y=np.array([0xDFFF], "<u4").view("<U1")),
    "npz labels beyond Unicode": lambda: npz(X=np.zeros((1, 4)), y=np.array([0xFFFFFFF], "<u4").view("<U1")),
    "npz labels of a million characters": lambda: npz(X=np.zeros((3, 4)), y=np.array(["x" * 1_000_000, "b", "c"])),
    "npz labels of 1 GB": lambda: headed(npy("(24, 4)", body=bytes(96)), npy("(24,)", "'<U40000000'")),
    "npz shape of 10**18": lambda: headed(npy("(1000000000, 1000000000)")),
    "npz shape beyond 64 bits": lambda: headed(npy("(9223372036854775808, 4)")),
    "npz shape that wraps to 96": lambda: headed(npy("(4294967296, 4294967296, 96)", body=bytes(96))),
    "npz shape negative": lambda: headed(npy("(-24, -4)", body=bytes(96))),
    "npz shape of floats": lambda: headed(npy("(24.0, 4)", body=bytes(96))),
    "npz shape of True": lambda: headed(npy("(True, 4)", body=bytes(4))),
    "npz shape of 33 axes": lambda: headed(npy("(1,) * 33", body=b"a")),
    "npz header that is a program": lambda: headed(npy("__import__('os').system('true')", body=bytes(96))),
    "npz header that is deep": lambda: headed(b"\x93NUMPY\1\0\xff\xff" + b"(" * 65_535),
    "npz header of version 3": lambda: headed(npy("(24, 4)", body=bytes(96), version=b"\3\0")),
    "npz header of 4 GB": lambda: headed(b"\x93NUMPY\2\0\xff\xff\xff\xff{" + bytes(99)),
    "npz type of 2 GB": lambda: headed(npy("(24, 4)", "'|S2000000000'")),
    "npz type nested": lambda: headed(npy("(24,)", "[('a', [('b', '|u1', (4,))])]", bytes(96))),
    "npz type that nobody knows": lambda: headed(npy("(24, 4)", "'|z9'", bytes(96))),
    "npz type of nothing": lambda: headed(npy("(24, 4)", "'|S0'")),
    "npz of 250 MB of zeros": lambda: npz(X=np.zeros((5000, 128, 128, 3), np.uint8), y=np.arange(5000) % 2),
    "npz of 48 MB": lambda: zip_of(
        [
            ("X.npy", npy("(4000, 64, 64, 3)", body=np.random.default_rng(0).bytes(4000 * 64 * 64 * 3))),
            ("y.npy", npy("(4000,)", body=bytes(k % 2 for k in range(4000)))),
        ],
        0,
    ),
    "npz of 200,000 pictures": lambda: npz(
        X=np.arange(800_000, dtype=np.uint8).reshape(-1, 4), y=np.arange(200_000) % 2
    ),
    "npz of 2,048 a side": lambda: npz(
        X=np.arange(24, dtype=np.uint8).reshape(24, 1, 1).repeat(2048, 1).repeat(2048, 2), y=LABELS
    ),
    "csv of 200,001 rows": lambda: b"1,2,3,4,5\n" * 200_002,
    "csv of 200,000 rows": lambda: b"".join(b"%d,2,3,4,%d\n" % (k % 2, k % 99) for k in range(200_000)),
    "csv of 50 MB in 12,000 rows": lambda: wide(2049, 12_000)[: 50 * 2**20],
    "csv of 50 MB in wide rows": lambda: wide(260_001, 95),
    "csv of one row of 50 MB": lambda: b"1," * (25 * 2**20),
    "csv of a million columns": lambda: b"1," * 500_000 + b"1\n" + b"2," * 500_000 + b"2",
    "csv of quotes": lambda: b'"' * (50 * 2**20),
    "csv of line ends": lambda: b"\n" * 150_000,
    "csv of commas": lambda: b",,,,\n" * 100,
    "csv whose last pixel is missing": lambda: rows("a", "1,2,3,"),
    "csv without any pixel": lambda: b"label,p,p,p,p\n" + b"a,,,,\n" * 24,
    "csv of text": lambda: rows("a", "x,y,z,w"),
    "csv of not a number": lambda: rows("a", "nan,nan,nan,nan"),
    "csv of infinity": lambda: rows("a", "inf,-inf,inf,1"),
    "csv of 1e999": lambda: rows("a", "1e999,1,1,1"),
    "csv of 1e39": lambda: rows("a", "1e39,1,1,1"),
    "csv of negative numbers": lambda: rows("a", "-1,-2,-3,-4"),
    "csv of digits without end": lambda: rows("a", "1" * 9999 + ",1,1,1"),
    "csv of Arabic digits": lambda: rows("a", "\u0661,\u0662,\u0663,\u0664"),
    "csv with a null byte": lambda: rows("a\0"),
    "csv with a label of half a character": lambda: rows("\ud800"),
    "csv of 51 labels": lambda: b"".join(b"%d,2,3,4,5\n" % k for k in range(51)),
    "csv with a label of 1 MB": lambda: rows("a" * 2**20),
    "csv with empty labels": lambda: b"label,p,p,p,p\n" + b",1,2,3,4\n" * 24,
    "csv of 50 MB in cells of 2,304 pixels": lambda: (
        b"emotion,pixels,Usage\n"
        + b"".join(b"%d,%s,Training\n" % (k % 7, b" ".join([b"7"] * 2_304)) for k in range(11_300))
    )[: 50 * 2**20],
    "csv with a name of 1 MB": lambda: b"x" * 2**20 + rows("a")[5:],
    "csv with an id of 1 MB": lambda: b"id,label,p,p,p,p\n" + b"x" * 1_000_000 + b",a,1,2,3,4\n" * 24,
    "csv of a mark and nothing": lambda: b"\xef\xbb\xbf",
    "csv in UTF-16 of an odd length": lambda: rows("a").decode().encode("utf-16") + b"\0",
}
CASES |= {
    f"class {at}": lambda name=name: npz(X=SMALL, y=np.where(LABELS, name[:100], "b")) for at, name in enumerate(NAMES)
}
CASES |= {
    f"{kind} cut at {at}/9": lambda d=d, at=at: d[: len(d) * at // 9] for kind, d in VALID.items() for at in range(1, 9)
}
