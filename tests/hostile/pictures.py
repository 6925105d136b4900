"""Pictures that are damaged, lie or trap, made when they are asked for; and whole ones for the fuzzer to break."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache, partial

import numpy as np
from PIL import Image, features

NOISE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MOST = 10 * 2**20


def saved(kind: str, pixels: np.ndarray = NOISE, mode: str | None = None, **how: object) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(buffer, kind, **how)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@cache
def zeros(count: int) -> bytes:
    """As many, packed."""
    return zlib.compress(bytes(count), 9)


def png(width: int, height: int, *, depth: int = 8, colour: int = 0, before: bytes = b"", rows: bytes = b"") -> bytes:
    """A PNG that claims these sides, whatever its rows are."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + before + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def tiff(entries: list[tuple[int, int, int, int]], after: int = 0, rest: bytes = b"") -> bytes:
    """A TIFF of one directory of (tag, type, count, value), which says that the next one is at `after`."""
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *one) for one in entries)
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", after) + rest


def grey_tiff(width: int, height: int, **changed: int) -> bytes:
    tags = {"width": 256, "height": 257, "bits": 258, "packed": 259, "photometric": 262, "offset": 273}
    tags |= {"samples": 277, "rows": 278, "bytes": 279, "format": 339}
    values = {"width": width, "height": height, "bits": 8, "packed": 1, "photometric": 1, "offset": 200, "samples": 1}
    values |= {"rows": height, "bytes": 16, "format": 1} | changed
    return tiff([(tags[name], 4, 1, values[name]) for name in sorted(tags, key=tags.__getitem__)], 0, bytes(400))


def gif_frames(count: int) -> bytes:
    """One dot, many times over."""
    frame = b"\x2c\0\0\0\0\1\0\1\0\0\x02\x02\x44\x01\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frame * count + b";"


def tiff_frames(count: int) -> bytes:
    """A chain of directories of nothing."""
    return b"II*\0" + b"".join(struct.pack("<I", 8 + 10 * at) + struct.pack("<HI", 0, 0)[:6] for at in range(count))


def scans(side: int, count: int) -> bytes:
    """A progressive JPEG of many pixels whose first pass is drawn again and again."""
    data = saved("JPEG", np.full((side, side), 77, np.uint8), progressive=True, quality=30)
    first = data.index(b"\xff\xda")
    second = data.index(b"\xff\xc4", first) if b"\xff\xc4" in data[first:] else data.index(b"\xff\xda", first + 2)
    return data[:first] + data[first:second] * count + data[second:]


def with_exif(orientation: bytes) -> bytes:
    """A JPEG whose EXIF holds this entry for the orientation (type, count, value)."""
    body = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<H", 0x112) + orientation + b"\0\0\0\0"
    data = saved("JPEG")
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]


def large(kind: str, mode: str, **how: object) -> bytes:
    """A whole picture of one colour, of almost as many pixels as are read."""
    side = 4240 if kind in ("WEBP", "AVIF") else 5990 if mode in ("RGBA", "LA") else 6320
    return saved(kind, np.full((side, side), 90, np.uint8), mode, **how)


AVIF = ("AVIF",) if features.check("avif") else ()
VALID: dict[str, bytes] = {kind: saved(kind) for kind in (*FORMATS, *AVIF)} | {
    "palette": saved("PNG", mode="P"),
    "transparent": saved("PNG", mode="RGBA"),
    "progressive": saved("JPEG", progressive=True),
    "bilevel TIFF": saved("TIFF", mode="1", compression="group4"),
    "packed TIFF": saved("TIFF", compression="tiff_lzw"),
    "animated": gif_frames(3),
}

CASES: dict[str, Callable[[], bytes]] = {
    **{f"large {kind} with transparency": partial(large, kind, "RGBA", speed=10) for kind in AVIF},
    **{f"{kind} of brands alone": lambda: b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" for kind in AVIF},
    "nothing": bytes,
    "one byte": lambda: b"\x89",
    "null bytes": lambda: bytes(1000),
    "text": lambda: b"not a picture",
    "markup": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "script of PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n(/etc/passwd) (r) file\n",
    "PDF": lambda: b"%PDF-1.7\n1 0 obj\n",
    "PSD": lambda: b"8BPS\0\1" + bytes(60),
    "zip": lambda: b"PK\x03\x04" + bytes(60),
    "one byte too large": lambda: bytes(MOST + 1),
    "noise at the limit": lambda: np.random.default_rng(0).bytes(MOST),
    "PNG then 9 MB of rest": lambda: VALID["PNG"] + bytes(9 * 2**20),
    "PNG after rest": lambda: bytes(8) + VALID["PNG"],
    "PNG signature alone": lambda: VALID["PNG"][:8],
    "PNG signature times 100,000": lambda: VALID["PNG"][:8] * 100_000,
    "PNG of 0 x 0": lambda: png(0, 0),
    "PNG of 2 thousand million a side": lambda: png(2**31 - 1, 2**31 - 1),
    "PNG of 4 thousand million a side": lambda: png(2**32 - 1, 2**32 - 1),
    "PNG of 50,000 a side": lambda: png(50_000, 50_000),
    "PNG of 40 megapixels, no rows": lambda: png(6320, 6320, colour=6),
    "PNG of 40 megapixels, rows of zeros": lambda: png(6320, 6320, rows=bytes(6321 * 6320)),
    "PNG of 16 bits, 40 megapixels": lambda: png(6320, 6320, depth=16, rows=bytes((2 * 6320 + 1) * 6320)),
    "PNG of 16 bits with a transparent grey": lambda: png(
        5990, 5990, depth=16, before=chunk(b"tRNS", b"\0\0"), rows=bytes((2 * 5990 + 1) * 5990)
    ),
    "PNG of one row of 40 megapixels": lambda: png(40_000_000, 1, rows=bytes(40_000_001)),
    "PNG of one column of a megapixel": lambda: png(1, 1_000_000, rows=bytes(2_000_000)),
    "PNG rows that go on for 200 MB": lambda: png(8, 8, rows=bytes(200_000_000)),
    "PNG of 3 bits": lambda: png(8, 8, depth=3),
    "PNG of colour type 5": lambda: png(8, 8, colour=5),
    "PNG palette without palette": lambda: png(8, 8, colour=3, rows=bytes(72)),
    "PNG text bomb": lambda: png(8, 8, before=chunk(b"zTXt", b"k\0\0" + zeros(2**28))),
    "PNG text bombs": lambda: png(8, 8, before=chunk(b"zTXt", b"k\0\0" + zeros(2**20)) * 200),
    "PNG profile bomb": lambda: png(8, 8, before=chunk(b"iCCP", b"k\0\0" + zeros(2**28))),
    "PNG international text bomb": lambda: png(8, 8, before=chunk(b"iTXt", b"k\0\1\0\0\0" + zeros(2**28))),
    "PNG of 300,000 chunks": lambda: png(8, 8, before=chunk(b"tEXt", b"k\0v") * 300_000),
    "PNG chunk of 4 GB": lambda: VALID["PNG"][:8] + b"\xff\xff\xff\xffIHDR" + bytes(99),
    "PNG with two heads": lambda: png(8, 8, before=chunk(b"IHDR", struct.pack(">IIBBBBB", 9**9, 9, 8, 0, 0, 0, 0))),
    "PNG animation of 100,000 frames": lambda: png(8, 8, before=chunk(b"acTL", struct.pack(">II", 100_000, 0))),
    "PNG with EXIF of noise": lambda: png(8, 8, before=chunk(b"eXIf", NOISE.tobytes()), rows=bytes(72)),
    "JPEG start alone": lambda: b"\xff\xd8",
    "JPEG of marks": lambda: b"\xff\xd8" + b"\xff" * 1_000_000,
    "JPEG of restarts": lambda: b"\xff\xd8" + b"\xff\xd0" * 500_000,
    "JPEG of empty segments": lambda: b"\xff\xd8" + b"\xff\xe0\0\2" * 500_000,
    "JPEG of 65,500 a side": lambda: VALID["JPEG"].replace(b"\0\x18\0\x20", b"\xff\xdc\xff\xdc", 1),
    "JPEG of 0 rows": lambda: VALID["JPEG"].replace(b"\0\x18\0\x20", b"\0\0\0\x20", 1),
    "JPEG of 100,001 passes": lambda: scans(64, 100_000),
    "JPEG of 100 passes, 40 megapixels": lambda: scans(6320, 90),
    "JPEG turned by 9": lambda: with_exif(struct.pack("<HII", 3, 1, 9)),
    "JPEG turned by text": lambda: with_exif(struct.pack("<HI4s", 2, 4, b"<b>\0")),
    "JPEG turned by 4 thousand million numbers": lambda: with_exif(struct.pack("<HII", 3, 2**32 - 1, 8)),
    "JPEG turned by one over nothing": lambda: with_exif(struct.pack("<HII", 5, 1, 26)),
    "GIF of 65,535 a side": lambda: VALID["GIF"][:6] + b"\xff\xff\xff\xff" + VALID["GIF"][10:],
    "GIF of 500,000 frames": lambda: gif_frames(500_000),
    "GIF of 0 frames": lambda: gif_frames(0),
    "GIF of comments": lambda: VALID["GIF"][:13] + b"!\xfe\x01a\0" * 1_000_000,
    "GIF frame outside its screen": lambda: VALID["animated"].replace(b"\x2c\0\0\0\0", b"\x2c\xff\xff\xff\xff"),
    "WebP of 16,383 a side": lambda: b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\xfe\xbf\xff\x0f" + bytes(20),
    "WebP that claims 4 GB": lambda: b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff" + bytes(20),
    "BMP upside down": lambda: VALID["BMP"][:22] + struct.pack("<i", -24) + VALID["BMP"][26:],
    "BMP of minus 2 thousand million rows": lambda: VALID["BMP"][:22] + struct.pack("<i", -(2**31)) + VALID["BMP"][26:],
    "BMP of 2 thousand million a side": lambda: VALID["BMP"][:18] + b"\xff\xff\xff\x7f" * 2 + VALID["BMP"][26:],
    "BMP of 0 bits": lambda: VALID["BMP"][:28] + b"\0\0" + VALID["BMP"][30:],
    "BMP with rows before its head": lambda: VALID["BMP"][:10] + bytes(4) + VALID["BMP"][14:],
    "BMP run-length of nothing, 40 megapixels": lambda: (
        VALID["BMP"][:18] + struct.pack("<iiHHI", 6320, 6320, 1, 8, 1) + VALID["BMP"][34:54] + bytes(1024)
    ),
    "TIFF whose directory is itself": lambda: tiff([(256, 4, 1, 8), (257, 4, 1, 8)], 8),
    "TIFF whose directory is far away": lambda: b"II*\0\xff\xff\xff\xff",
    "TIFF of 65,535 entries": lambda: b"II*\0\x08\0\0\0\xff\xff" + bytes(12 * 65_535),
    "TIFF entry of 4 thousand million": lambda: tiff([(256, 4, 2**32 - 1, 8), (257, 4, 1, 8)]),
    "TIFF of 200,000 frames": lambda: tiff_frames(200_000),
    "TIFF of 4 thousand million a side": lambda: grey_tiff(2**32 - 1, 2**32 - 1),
    "TIFF strip of 4 GB": lambda: grey_tiff(4, 4, bytes=2**32 - 1),
    "TIFF of 65,535 samples": lambda: grey_tiff(4, 4, samples=65_535),
    "TIFF of 7 bits": lambda: grey_tiff(4, 4, bits=7),
    "TIFF of floats that are not numbers": lambda: saved("TIFF", np.full((4, 4), np.nan, np.float32)),
    "TIFF of floats without end": lambda: saved("TIFF", np.full((4, 4), np.inf, np.float32)),
    "TIFF of floats to 1e38": lambda: saved("TIFF", np.full((4, 4), 1e38, np.float32)),
    "TIFF of 32 bits": lambda: saved("TIFF", np.full((4, 4), -(2**31), np.int32)),
    "TIFF of a packing that nobody knows": lambda: grey_tiff(4, 4, packed=34_000),
    "large grey PNG": partial(large, "PNG", "L", compress_level=1),
    "large coloured PNG": partial(large, "PNG", "RGB", compress_level=1),
    "large transparent PNG": partial(large, "PNG", "RGBA", compress_level=1),
    "large palette PNG": partial(large, "PNG", "P", compress_level=1),
    "large transparent grey PNG": partial(large, "PNG", "LA", compress_level=1),
    "large JPEG": partial(large, "JPEG", "RGB"),
    "large CMYK JPEG": partial(large, "JPEG", "CMYK"),
    "large progressive JPEG": partial(large, "JPEG", "RGB", progressive=True),
    "large WebP": partial(large, "WEBP", "RGB", method=0),
    "large transparent WebP": partial(large, "WEBP", "RGBA", method=0, lossless=True),
    "large GIF": partial(large, "GIF", "P"),
    "large TIFF": partial(large, "TIFF", "RGB", compression="tiff_lzw"),
    "large TIFF of floats": partial(large, "TIFF", "F", compression="tiff_lzw"),
}
for kind in FORMATS:
    for place in range(1, 8):
        CASES[f"{kind} cut at {place}/8"] = lambda kind=kind, place=place: VALID[kind][: len(VALID[kind]) * place // 8]
    for place in range(4):
        CASES[f"{kind} zeroed from {place}/4"] = lambda kind=kind, place=place: (
            VALID[kind][: 12 + (len(VALID[kind]) - 12) * place // 4]
            + bytes(12)
            + VALID[kind][24 + (len(VALID[kind]) - 12) * place // 4 :]
        )
