"""From the bytes of a picture file to numbers, by Pillow: every mode that the formats have, upright and shrunk.

Values are the file's own (gamma-encoded) numbers over their largest, transparency laid over white. Colour profiles are
not applied, and CMYK becomes RGB by Pillow's plain formula. The limits on bytes and the one error for everything that
Pillow cannot read are `core.data.pictures.read_picture`'s.
"""

import io
import re
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, features

from ..errors import InputError

MAX_PIXELS = 40_000_000
MAX_WEBP_PIXELS = 18_000_000  # and AVIF's: they take 16 bytes each while they are read: all stays below 300 MB
MAX_CLEAR_PIXELS = 36_000_000  # with transparency, eight
MANY_FRAMES = 10_000
MAX_SIDE = 256
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", *(["AVIF"] if features.check("avif") else []))
FORMAT_NAMES = "PNG, JPEG, WebP, GIF, BMP" + (", TIFF or AVIF" if "AVIF" in FORMATS else " or TIFF")
WHITES = (255, 4_095, 65_535)  # of whole numbers of more than 8 bits: the smallest that none exceeds
MAX_SCANS = 100

Floats = NDArray[np.float64]

_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262  # TIFF's tags
_MARK = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)  # where a JPEG's next segment begins


class Decoded(NamedTuple):
    """The pixels of a picture file, (1 or 3, height, width) from 0 to 1; a note on what was done to show them; and the
    largest of its whole numbers of 16 bits, which 1 is 65,535 of: 0 where it has others."""

    pixels: NDArray[np.floating]
    note: str
    top: int

    @property
    def white(self) -> int:
        """The number that is white, of pictures whose largest number is `top`."""
        return next(white for white in WHITES if self.top <= white) if self.top else WHITES[-1]


def decode_picture(data: bytes) -> Decoded:
    """What a picture file shows.

    At most 256 and at least 1 pixel on each side. Too many pixels, or numbers whose black and white are not known, are
    an InputError; on a file that it cannot read, Pillow raises what it will.
    """
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        size = image.size
        if size[0] * size[1] > (most := _most_pixels(image)):
            raise too_many(f"{size[0]:,} × {size[1]:,}", most)
        if image.format in ("JPEG", "MPO") and _scans(data) > MAX_SCANS:
            raise InputError(
                f"`picture` must be drawn in at most {MAX_SCANS} passes, got a JPEG of {_scans(data):,}",
                hint="Save it again as PNG or JPEG.",
            )
        image.draft(image.mode, (2 * MAX_SIDE, 2 * MAX_SIDE))  # JPEG alone: decodes at a half to an eighth of its size
        image.load()
        _scale_transparent_colour(image, data)
        ready = _to_shrinkable_mode(image)
        top = _largest(ready, image, data)
        small = _upright(image, _shrink(ready, size))
        size = size if _upright(image, Image.new("1", (2, 1))).size == (2, 1) else size[::-1]
        return Decoded(_to_unit_range(small, image), _note(size, small.size, _frames(image, data)), top)


def _scans(data: bytes) -> int:
    """How many passes a progressive JPEG is drawn in: about ten, or, to keep a server busy for hours, a million.

    Source: ITU-T T.81, annex B: a segment is FF, its kind, its length in two bytes; inside a pass FF is followed by 00
    or by a restart mark, D0 to D7.
    """
    count, position = 0, 2
    while (mark := _MARK.search(data, position)) and mark[1] != b"\xd9":
        count += mark[1] == b"\xda"
        position = mark.end() + int.from_bytes(data[mark.end() : mark.end() + 2], "big")
    return count


def _most_pixels(image: Image.Image) -> int:
    if image.format in ("WEBP", "AVIF"):
        return MAX_WEBP_PIXELS
    return MAX_CLEAR_PIXELS if image.has_transparency_data else MAX_PIXELS


def too_many(pixels: str, most: int = MAX_PIXELS) -> InputError:
    """The error for a picture of so many pixels."""
    return InputError(
        f"`picture` must have at most {most // 1_000_000} megapixels, got {pixels} pixels",
        hint="Save it smaller: it is shown at 256 pixels.",
    )


def _to_shrinkable_mode(image: Image.Image) -> Image.Image:
    """The image in a mode that can be shrunk: L, LA, RGB, RGBA, I (0 to the largest of its bits) or F."""
    if image.mode.startswith("I;16"):
        return _whiten_transparent_grey(image).convert("I")
    if image.mode in ("I", "LA", "RGBA", "F") or (image.mode in ("L", "RGB") and not image.has_transparency_data):
        return image  # not a copy: it may be large
    if image.has_transparency_data:
        return image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode in ("1", "P", "CMYK", "YCbCr", "RGBX"):
        return image.convert("L" if image.mode == "1" else "RGB")
    raise InputError(
        f"`picture` must hold grey, RGB or CMYK numbers of 8 or 16 bits, got {image.mode} colours",
        hint="Save it as PNG or JPEG.",
    )


def _scale_transparent_colour(image: Image.Image, data: bytes) -> None:
    """Write the colour that a PNG of 2, 4 or 16 bits names transparent with 8 bits, as its pixels are."""
    key = image.info.get("transparency")
    if image.format == "PNG" and image.mode == "L" and isinstance(key, int):
        image.info["transparency"] = key * 255 // (2 ** data[24] - 1)  # the depth stands in IHDR
    elif image.format == "PNG" and image.mode == "RGB" and isinstance(key, tuple) and data[24] == 16:
        image.info["transparency"] = tuple(part >> 8 for part in key)


def _largest(ready: Image.Image, image: Image.Image, data: bytes) -> int:
    """The largest of whole numbers of 16 bits or more, 0 where others are stored; ones beyond 16 bits are refused.

    So are colours of 12 bits in 16, of which Pillow keeps the upper 8: four bits would be left.
    """
    tags: dict[int, object] = dict(getattr(image, "tag_v2", {}))
    deep = image.format == "PNG" and data[24] == 16 and ready.mode.startswith("RGB")
    if deep and 0 < max(top for _, top in ready.convert("RGB").getextrema()) < 16:  # type: ignore[misc]
        raise InputError(
            "`picture` must use all of its 16 bits a colour, got at most 12",
            hint="Multiply its numbers by 16, or save it with 8 bits a colour.",
        )
    if ready.mode != "I" or tags.get(_BITS_PER_SAMPLE) == (12,) or tags.get(_PHOTOMETRIC) == 0:
        return 0
    low, top = map(int, ready.getextrema())  # type: ignore[arg-type]  # two numbers, since it has one channel
    if low < 0 or top > WHITES[-1]:
        raise InputError(
            f"`picture` must hold numbers from 0 (black) to 255, 4,095 or 65,535 (white), got {low:,} to {top:,}",
            hint="Scale them so that black is 0 and white is 65,535, or save it as PNG.",
        )
    return top


def _whiten_transparent_grey(image: Image.Image) -> Image.Image:
    """A 16-bit image with its transparent grey, if it names one, turned to white."""
    if (key := image.info.get("transparency")) is None:
        return image
    values = np.array(image)
    values[values == key] = 65535
    return Image.fromarray(values)


def _shrink(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The image at most 256 pixels on the longer side; `size` is what it had before JPEG's draft."""
    scale = min(1.0, MAX_SIDE / max(size))
    target = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    return image.resize(target, Image.Resampling.HAMMING, reducing_gap=3.0)


def _upright(image: Image.Image, other: Image.Image) -> Image.Image:
    """Another picture turned as the image's EXIF says; TIFF has been turned by Pillow."""
    if image.format != "TIFF":
        other.info = image.info
        with suppress(Exception):  # a broken note about a picture is no reason to refuse the picture
            return ImageOps.exif_transpose(other)
    return other


def _to_unit_range(small: Image.Image, image: Image.Image) -> Floats:
    """Pixels (channels, height, width) of the shrunk image from 0 to 1, over white; `image` knows its largest value."""
    tags: dict[int, object] = dict(getattr(image, "tag_v2", {}))
    whites = {"I": 4_095 if tags.get(_BITS_PER_SAMPLE) == (12,) else WHITES[-1], "F": 1}
    values = np.asarray(small, dtype=np.float64) / whites.get(small.mode, 255)
    values = values.reshape(small.height, small.width, -1).transpose(2, 0, 1)
    if small.mode == "F" and not bool(np.all((values >= -1e-6) & (values <= 1 + 1e-6))):
        raise InputError(
            f"`picture` must hold floats between 0 and 1, got {values.min():.4g} to {values.max():.4g}",
            hint="Divide by the largest value, or save it as PNG.",
        )
    if small.mode in ("I", "F") and tags.get(_PHOTOMETRIC) == 0:
        values = 1 - values  # white is zero, which Pillow turns for 8 bits only
    if small.mode in ("LA", "RGBA"):
        values = values[:-1] * values[-1:] + (1 - values[-1:])
    return values.clip(0, 1)


def _frames(image: Image.Image, data: bytes) -> str:
    """How many frames the file has, in words; previews inside a photograph are none.

    TIFF's are not counted, nor GIF's where there may be many: a file can chain a hundred thousand of TIFF's, at half a
    millisecond each, and half a million of GIF's. (A frame of a GIF follows a zero, and begins with a comma.)
    """
    try:
        if image.format == "TIFF" or (image.format == "GIF" and data.count(b"\0,") > MANY_FRAMES):
            return "several" if getattr(image, "is_animated", False) else ""
        frames = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
    except Exception:  # the first frame is whole
        return "several"
    return f"{frames:,}" if frames > 1 else ""


def _note(full: tuple[int, ...], shown: tuple[int, int], frames: str) -> str:
    smaller = f"shown at {shown[0]:,} × {shown[1]:,} of {full[0]:,} × {full[1]:,} pixels" if full != shown else ""
    return "; ".join(filter(None, [smaller, f"first of {frames} frames" if frames else ""]))
