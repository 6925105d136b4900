import base64
import contextlib
import io
import re
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from core.data.picture_decoding import FORMATS
from core.data.pictures import SAMPLES, picture_of, read_picture
from core.errors import InputError

GREY = np.array([[0, 51, 102], [153, 204, 255]], dtype=np.uint8)  # 0, 0.2, ... 1
COLOUR = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [51, 102, 153]]], dtype=np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (12, 12, 3)).astype(np.uint8)
LOSSLESS = {"png": {}, "bmp": {}, "tiff": {}, "gif": {}, "webp": {"lossless": True}}
NO_PICTURE = "`picture` must be a whole PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF picture, got {} bytes of {}"


def saved(image, file_format, **options):
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def values(data):
    return read_picture(data).pixels


def tiff(width, bits, photometric, strip, *, order="<", samples=1, extra=()):
    """A TIFF of one row, written by hand."""
    entries = [(256, 3, width), (257, 3, 1), (258, 3, bits), (259, 3, 1), (262, 3, photometric), (273, 4, 0)]
    entries += [(277, 3, samples), (278, 3, 1), (279, 4, len(strip)), *extra]
    start = 8 + 2 + 12 * len(entries) + 4
    body = b""
    for tag, kind, value in entries:
        number = struct.pack(order + ("H" if kind == 3 else "I"), start if tag == 273 else value).ljust(4, b"\0")
        body += struct.pack(order + "HHI", tag, kind, 1) + number
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HIH", 42, 8, len(entries))
    return head + body + b"\0\0\0\0" + strip


def refusal(data):
    with pytest.raises(InputError) as caught:
        read_picture(data)
    assert caught.value.hint
    return str(caught.value)


# Samples


def test_samples_are_pictures_within_the_limits():
    for slug, sample in SAMPLES.items():
        picture = sample.read()
        channels, height, width = picture.pixels.shape
        assert channels == (3 if slug == "flower" else 1)
        assert max(height, width) <= 256
        assert 0 <= picture.pixels.min() <= picture.pixels.max() <= 1
        assert picture.pixels.dtype == np.float64
        assert picture.name
        assert picture == sample.read()


def test_samples_differ_from_each_other():
    assert len({sample.read() for sample in SAMPLES.values()}) == len(SAMPLES)


def test_flower_is_scikit_learns_photograph():
    from sklearn.datasets import load_sample_image

    expected = read_picture(saved(load_sample_image("flower.jpg"), "png"))
    assert SAMPLES["flower"].read() == expected
    assert expected.note == "shown at 256 × 171 of 640 × 427 pixels"


def test_temple_is_the_luma_of_scikit_learns_photograph():
    from sklearn.datasets import load_sample_image

    red, green, blue = values(saved(load_sample_image("china.jpg"), "png"))
    np.testing.assert_allclose(
        SAMPLES["temple"].read().pixels[0], 0.299 * red + 0.587 * green + 0.114 * blue, atol=1e-15
    )


@pytest.mark.parametrize("digit", [0, 3, 8])
def test_digits_are_scikit_learns_first_of_their_kind(digit):
    from sklearn.datasets import load_digits

    digits = load_digits()
    expected = digits.images[list(digits.target).index(digit)] / 16
    np.testing.assert_array_equal(SAMPLES[f"digit_{digit}"].read().pixels[0], expected)


def test_reading_samples_does_not_import_scikit_learn():
    program = "import sys; from core.data.pictures import SAMPLES; [s.read() for s in SAMPLES.values()]; "
    program += "sys.exit('sklearn' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


def test_teaching_samples_are_what_their_titles_say():
    ramp, board, dot, blank = (SAMPLES[slug].read().pixels[0] for slug in ("ramp", "checkerboard", "dot", "blank"))
    assert (ramp[:, 0] == 0).all()
    assert (ramp[:, -1] == 1).all()
    assert (np.diff(ramp, axis=1) > 0).all()
    assert board.mean() == 0.5
    assert board[0, 0] != board[0, 8] == board[8, 0]
    assert dot.sum() == 1 == dot[16, 16]
    assert not blank.any()


# What a picture is


def test_pictures_are_equal_by_their_pixels_alone():
    one, same, other = picture_of([[0.5]], "a"), picture_of([[0.5]], "b", "note"), picture_of([[0.25]], "a")
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert picture_of([[0.5, 0.5]]) != picture_of([[0.5], [0.5]])


def test_pixels_cannot_be_written():
    with pytest.raises(ValueError, match="assignment destination is read-only"):
        read_picture(saved(GREY, "png")).pixels[0, 0, 0] = 1


def test_three_equal_channels_become_one():
    assert values(saved(np.stack([GREY] * 3, axis=-1), "png")).shape == (1, 2, 3)
    assert values(saved(COLOUR, "png")).shape == (3, 2, 2)


# Formats and modes


@pytest.mark.parametrize("file_format", LOSSLESS)
def test_lossless_formats_give_the_numbers_that_were_saved(file_format):
    picture = read_picture(saved(GREY, file_format, **LOSSLESS[file_format]), "name.txt")
    np.testing.assert_array_equal(picture.pixels, GREY[np.newaxis] / 255)
    assert (picture.name, picture.note) == ("name.txt", "")


@pytest.mark.parametrize("file_format", LOSSLESS)
def test_colours_come_in_the_order_red_green_blue(file_format):
    np.testing.assert_array_equal(
        values(saved(COLOUR, file_format, **LOSSLESS[file_format])), COLOUR.transpose(2, 0, 1) / 255
    )


def test_jpeg_is_read_to_its_own_precision():
    picture = np.kron(GREY, np.ones((8, 8), dtype=np.uint8))
    np.testing.assert_allclose(values(saved(picture, "jpeg", quality=95))[0], picture / 255, atol=0.02)


@pytest.mark.parametrize(("order", "letter"), [("<", "<u2"), (">", ">u2")])
def test_16_bit_grey_goes_from_0_to_1_in_either_byte_order(order, letter):
    strip = np.array([0, 13107, 65535]).astype(letter).tobytes()
    np.testing.assert_allclose(values(tiff(3, 16, 1, strip, order=order))[0, 0], [0, 0.2, 1], atol=1e-12)


def test_16_bit_png_goes_from_0_to_1():
    numbers = np.array([[0, 13107, 65535]], dtype=np.uint16)
    np.testing.assert_allclose(values(saved(numbers, "png"))[0, 0], [0, 0.2, 1], atol=1e-12)


def test_12_bit_tiff_goes_from_0_to_1():
    np.testing.assert_array_equal(values(tiff(2, 12, 1, b"\xff\xf0\x00"))[0, 0], [1, 0])


@pytest.mark.parametrize("bits", [8, 16])
def test_white_is_zero_tiff_is_turned(bits):
    strip = np.array([0, 2**bits - 1]).astype(f"<u{bits // 8}").tobytes()
    np.testing.assert_array_equal(values(tiff(2, bits, 0, strip))[0, 0], [1, 0])


def test_shrunk_16_bit_grey_keeps_its_mean():
    numbers = np.random.default_rng(0).integers(0, 65536, (512, 512)).astype(np.uint16)
    assert abs(values(saved(numbers, "png")).mean() - numbers.mean() / 65535) < 1e-4


def test_1_bit_pictures_are_black_and_white():
    np.testing.assert_array_equal(values(saved(np.array([[True, False]]), "png")), [[[1, 0]]])


def palette():
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    return image


RED_BLUE = [[[1, 0]], [[0, 0]], [[0, 1]]]
WHITE_BLUE = [[[1, 0]], [[1, 0]], [[1, 1]]]


@pytest.mark.parametrize("file_format", ["png", "gif", "bmp", "tiff"])
def test_palette_pictures_show_their_colours(file_format):
    np.testing.assert_array_equal(values(saved(palette(), file_format)), RED_BLUE)


@pytest.mark.parametrize("file_format", ["png", "gif"])
def test_transparent_palette_entry_is_white(file_format):
    np.testing.assert_array_equal(values(saved(palette(), file_format, transparency=0)), WHITE_BLUE)


def test_palette_alpha_lies_over_white():
    half = values(saved(palette(), "png", transparency=bytes([0, 51])))
    np.testing.assert_allclose(half, [[[1, 0.8]], [[1, 0.8]], [[1, 1]]], atol=1e-12)


@pytest.mark.parametrize("file_format", ["png", "webp", "tiff"])
def test_alpha_lies_over_white(file_format):
    pixels = np.array([[[255, 0, 0, 0], [255, 0, 0, 255], [0, 0, 0, 51]]], dtype=np.uint8)
    options = {"lossless": True, "exact": True} if file_format == "webp" else {}
    expected = [[[1, 1, 0.8]], [[1, 0, 0.8]], [[1, 0, 0.8]]]
    np.testing.assert_allclose(values(saved(pixels, file_format, **options)), expected, atol=1e-12)


def test_grey_with_alpha_lies_over_white():
    pixels = np.array([[[0, 0], [0, 51], [0, 255]]], dtype=np.uint8)
    np.testing.assert_allclose(values(saved(pixels, "png")), [[[1, 0.8, 0]]], atol=1e-12)


def test_premultiplied_alpha_is_not_multiplied_twice():
    grey_and_alpha = bytes([40, 51])  # grey 40 of at most 51, at alpha 0.2: 40 / 255 + 0.8
    data = tiff(1, 8, 1, grey_and_alpha, samples=2, extra=[(338, 3, 1)])
    np.testing.assert_allclose(values(data), [[[40 / 255 + 0.8]]], atol=1e-3)


@pytest.mark.parametrize(
    ("image", "key"),
    [
        (np.array([[7, 0]], dtype=np.uint8), 7),
        (np.array([[7, 0]], dtype=np.uint16), 7),
        (np.array([[True, False]]), 1),
        (np.array([[[1, 2, 3], [0, 0, 0]]], dtype=np.uint8), (1, 2, 3)),
    ],
    ids=["8 bits", "16 bits", "1 bit", "colour"],
)
def test_colour_that_png_names_transparent_is_white(image, key):
    np.testing.assert_array_equal(values(saved(image, "png", transparency=key)), [[[1, 0]]])


@pytest.mark.parametrize("file_format", ["jpeg", "tiff"])
def test_cmyk_inks_take_their_colour_from_white(file_format):
    inks = np.array([[[0, 0, 0, 0], [0, 255, 255, 0], [0, 0, 0, 255], [255, 255, 0, 0]]], dtype=np.uint8)
    image = Image.fromarray(np.kron(inks, np.ones((8, 8, 1), dtype=np.uint8)), "CMYK")
    options = {"quality": 100, "subsampling": 0} if file_format == "jpeg" else {}
    middle = values(saved(image, file_format, **options))[:, 4, 4::8]
    np.testing.assert_allclose(middle.T, [[1, 1, 1], [1, 0, 0], [0, 0, 0], [0, 0, 1]], atol=0.02)


def test_floats_between_0_and_1_are_read_as_they_are():
    np.testing.assert_array_equal(values(saved(np.array([[0, 0.25, 1]], dtype=np.float32), "tiff")), [[[0, 0.25, 1]]])


@pytest.mark.parametrize(("largest", "text"), [(7, "0 to 7"), (np.nan, "nan to nan")])
def test_other_floats_are_refused(largest, text):
    data = saved(np.array([[0, largest]], dtype=np.float32), "tiff")
    assert refusal(data) == f"`picture` must hold floats between 0 and 1, got {text}"


def test_numbers_without_a_known_white_are_refused_in_plain_words():
    rule = "`picture` must hold numbers from 0 (black) to 255, 4,095 or 65,535 (white), got 0 to 70,000"
    assert refusal(saved(np.array([[0, 70000]], dtype=np.int32), "tiff")) == rule
    message = "`picture` must hold grey, RGB or CMYK numbers of 8 or 16 bits, got LAB colours"
    assert refusal(saved(Image.new("LAB", (2, 1)), "tiff")) == message


@pytest.mark.parametrize(("bits", "signed"), [(16, True), (32, True), (32, False)])
def test_whole_numbers_of_other_kinds_are_read_as_those_of_16_bits(bits, signed):
    strip = np.array([0, 13107, 32767]).astype(f"<{'i' if signed else 'u'}{bits // 8}").tobytes()
    data = tiff(3, bits, 1, strip, extra=[(339, 3, 2 if signed else 1)])
    np.testing.assert_allclose(values(data)[0, 0], [0, 0.2, 32767 / 65535], atol=1e-9)


def test_numbers_below_0_are_refused():
    strip = np.array([-5, 0, 5], dtype="<i2").tobytes()
    assert refusal(tiff(3, 16, 1, strip, extra=[(339, 3, 2)])).endswith("(white), got -5 to 5")


@pytest.mark.parametrize("kind", ["png", "tiff"])
@pytest.mark.parametrize(("top", "white"), [(200, 255), (3900, 4095), (4095, 4095)])
def test_fewer_bits_in_16_are_bright_and_that_is_said(kind, top, white):
    picture = read_picture(saved(np.array([[0, top // 2, top]], dtype=np.uint16), kind))
    np.testing.assert_allclose(picture.pixels[0, 0] * white, [0, top // 2, top], atol=1e-6)
    assert picture.note == f"its largest number is {top:,}, so that {white:,} was taken for white"


def test_more_bits_than_12_are_of_16():
    picture = read_picture(saved(np.array([[0, 4096]], dtype=np.uint16), "png"))
    np.testing.assert_allclose(picture.pixels[0, 0], [0, 4096 / 65535])
    assert picture.note == ""


def png_of(depth, colour, key, rows):
    """A PNG written by hand, with a transparent colour."""
    parts = {b"IHDR": struct.pack(">IIBBBBB", 4, 1, depth, colour, 0, 0, 0), b"tRNS": key, b"IDAT": zlib.compress(rows)}
    chunks = [(kind, body) for kind, body in [*parts.items(), (b"IEND", b"")]]
    made = [struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (png_of(2, 0, b"\0\1", b"\0\x1b"), [0, 1, 2 / 3, 1]),
        (png_of(4, 0, b"\0\5", b"\0\x05\xaf"), [0, 1, 2 / 3, 1]),
        (png_of(16, 2, b"\x12\x34\x56\x78\x9a\xbc", b"\0" + b"\x12\x34\x56\x78\x9a\xbc" + bytes(18)), [1, 0, 0, 0]),
    ],
    ids=["2 bits", "4 bits", "16 bits a colour"],
)
def test_transparent_colour_of_few_and_many_bits_is_white(data, row):
    np.testing.assert_allclose(values(data)[0, 0], row, atol=1e-6)


def test_colours_of_12_bits_in_16_are_refused_and_not_dark():
    rows = b"\0" + struct.pack(">12H", *[4000] * 12)
    assert refusal(png_of(16, 2, bytes(6), rows)) == "`picture` must use all of its 16 bits a colour, got at most 12"


def test_grey_of_2_bits_with_a_transparent_grey_is_read_as_it_is_shown():
    text = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAEAgAAAADGKtkDAAAAAnRSTlMAAQGU/a4AAAAMSURBVHicY5BmAEMAAbgAbZQIiw0AAAAASUVORK5"
    text += "CYII="
    np.testing.assert_allclose(values(base64.b64decode(text))[0], [[0, 1, 2 / 3, 1]] * 4, atol=1e-3)


@pytest.mark.skipif("AVIF" not in FORMATS, reason="this Pillow reads no AVIF")
def test_avif_is_read_where_pillow_can():
    picture = read_picture(saved(np.full((12, 12, 3), [200, 100, 50], np.uint8), "avif", quality=100))
    np.testing.assert_allclose(picture.pixels[:, 6, 6] * 255, [200, 100, 50], atol=3)


@pytest.mark.parametrize("file_format", ["gif", "tiff", "png", "webp"])
def test_first_frame_is_shown_and_the_note_says_so(file_format):
    frames = [Image.new("L", (3, 3), 255 - 20 * i) for i in range(12)]
    options = {"lossless": True} if file_format == "webp" else {}
    picture = read_picture(saved(frames[0], file_format, save_all=True, append_images=frames[1:], **options))
    assert (picture.pixels == 1).all()
    assert picture.note == f"first of {'several' if file_format == 'tiff' else '12'} frames"


def test_preview_inside_a_photograph_is_no_frame():
    large, preview = Image.new("L", (64, 64), 255), Image.new("L", (16, 16), 255)
    picture = read_picture(saved(large, "mpo", save_all=True, append_images=[preview]))
    assert (picture.pixels.shape, picture.note) == ((1, 64, 64), "")


def test_icc_profile_does_not_stand_in_the_way():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(values(saved(GREY, "png", icc_profile=profile))[0], GREY / 255)


# Upright

TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.T,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].T,
    8: lambda a: np.rot90(a),
}


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("file_format", ["png", "webp", "tiff"])
def test_picture_is_turned_as_exif_says(file_format, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(GREY, file_format, exif=exif, **LOSSLESS[file_format])
    np.testing.assert_array_equal(values(data)[0], TURNED[orientation](GREY / 255))


@pytest.mark.parametrize("orientation", TURNED)
def test_large_photograph_is_turned_and_its_note_counts_the_turned_sides(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    corner = np.zeros((1200, 2400), dtype=np.uint8)
    corner[:600, :1200] = 255
    picture = read_picture(saved(corner, "jpeg", exif=exif))
    quarters = picture.pixels[0][32::64, 32::64].round()
    small = np.zeros((2, 4))
    small[:1, :2] = 1
    np.testing.assert_array_equal(quarters, TURNED[orientation](small))
    sides = "128 × 256 of 1,200 × 2,400" if orientation > 4 else "256 × 128 of 2,400 × 1,200"
    assert picture.note == f"shown at {sides} pixels"


@pytest.mark.parametrize("exif", [b"Exif\0\0junkjunk", b"Exif\0\0II*\0", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_unreadable_exif_does_not_stand_in_the_way(exif):
    np.testing.assert_array_equal(values(saved(GREY, "png", exif=exif))[0], GREY / 255)


# Shrinking


def test_shrinking_keeps_the_mean():
    picture = np.random.default_rng(0).integers(0, 256, (700, 900)).astype(np.uint8)
    assert abs(values(saved(picture, "png")).mean() - picture.mean() / 255) < 1e-3


def test_shrinking_draws_no_halos_beside_an_edge():
    picture = np.full((1000, 1000), 100, dtype=np.uint8)
    picture[:, 503:] = 200
    shrunk = values(saved(picture, "png"))[0] * 255
    assert (shrunk.min(), shrunk.max()) == (100, 200)
    assert (np.diff(shrunk, axis=1) >= 0).all()


def test_transparent_colours_do_not_bleed_while_shrinking():
    picture = np.zeros((600, 600, 4), dtype=np.uint8)
    picture[:, ::2] = [255, 255, 255, 255]  # between white stripes, transparent black
    assert values(saved(picture, "png")).min() == 1


@pytest.mark.parametrize(
    ("size", "shape"), [((30_000, 1), (1, 256)), ((1, 30_000), (256, 1)), ((1, 1), (1, 1)), ((2, 2), (2, 2))]
)
def test_every_side_keeps_a_pixel(size, shape):
    assert values(saved(Image.new("L", size, 255), "png")).shape == (1, *shape)


def test_picture_of_256_pixels_is_left_alone():
    picture = np.random.default_rng(0).integers(0, 256, (256, 200)).astype(np.uint8)
    assert read_picture(saved(picture, "png")).note == ""
    np.testing.assert_array_equal(values(saved(picture, "png"))[0], picture / 255)


# Limits


def test_more_than_10_megabytes_are_refused():
    assert refusal(b"0" * (10 * 2**20 + 1)) == "`picture` must be at most 10 MB, got 10.1 MB"


@pytest.mark.parametrize(
    ("side", "text"),
    [(6325, "6,325 × 6,325"), (10_000, "10,000 × 10,000"), (20_000, "more than 178 million")],
    ids=["above the limit", "where Pillow warns", "where Pillow refuses"],
)
def test_more_than_40_megapixels_are_refused_before_decoding(side, text):
    whole = saved(Image.new("1", (side, side)), "png")
    message = f"`picture` must have at most 40 megapixels, got {text} pixels"
    assert refusal(whole) == message
    assert refusal(whole[:60]) == message  # the pixels are not even there


def test_progressive_jpeg_of_endless_passes_is_refused():
    data = saved(Image.new("L", (64, 64), 128), "jpeg", progressive=True)
    one_more = data[data.rindex(b"\xff\xda") : -2]
    assert values(data[:-2] + 50 * one_more + data[-2:]).shape == (1, 64, 64)
    refused = data[:-2] + 200 * one_more + data[-2:]
    assert refusal(refused) == "`picture` must be drawn in at most 100 passes, got a JPEG of 206"


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG"])
def test_something_else_is_refused(data):
    assert refusal(data) == NO_PICTURE.format(len(data), "something else or a damaged file" if data else "nothing")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0\0\0\x1cftypheic", "a HEIC photograph"),
        (b"8BPS\0\1", "a Photoshop file"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\0\0\1\0rest", "an icon"),
    ],
)
def test_something_that_is_known_is_named(data, kind):
    assert refusal(data).endswith(f"picture, got {kind}")


@pytest.mark.parametrize(("place", "kind"), [(11, "ValueError"), (36, "SyntaxError")])
def test_damage_that_is_no_os_error_to_pillow_is_refused(place, kind):
    data = bytearray(saved(NOISE, "png"))
    data[place] = 0  # the length of a chunk
    with pytest.raises(InputError) as caught:
        read_picture(bytes(data))
    assert type(caught.value.__cause__).__name__ == kind
    assert str(caught.value) == NO_PICTURE.format(len(data), "something else or a damaged file")


@pytest.mark.parametrize("file_format", ["ppm", "tga"])
def test_other_formats_that_pillow_knows_are_refused(file_format):
    data = saved(np.stack([GREY] * 3, axis=-1), file_format)
    assert refusal(data) == NO_PICTURE.format(f"{len(data):,}", "something else or a damaged file")


# Whatever comes in

WHOLE = {name: saved(NOISE, name, **options) for name, options in (LOSSLESS | {"jpeg": {}}).items()}
WHOLE["progressive"] = saved(NOISE, "jpeg", progressive=True)
WHOLE["deflated"] = saved(NOISE, "tiff", compression="tiff_adobe_deflate")
WHOLE["animated"] = saved(Image.fromarray(NOISE), "gif", save_all=True, append_images=[Image.new("RGB", (12, 12))])


def picture_or_input_error(data):
    filters = list(warnings.filters)
    with contextlib.suppress(InputError):
        pixels = read_picture(data).pixels
        assert pixels.ndim == 3
        assert ((pixels >= 0) & (pixels <= 1)).all()
    assert warnings.filters == filters


@given(st.binary(max_size=300), st.sampled_from([b"", *{data[:n] for data in WHOLE.values() for n in (4, 12, 30)}]))
@settings(max_examples=300)
@example(b"", b"GIF89a")
def test_any_bytes_give_a_picture_or_an_input_error(tail, head):
    picture_or_input_error(head + tail)


@pytest.mark.parametrize("name", WHOLE)
def test_every_truncation_gives_a_picture_or_an_input_error(name):
    for length in range(len(WHOLE[name])):
        picture_or_input_error(WHOLE[name][:length])


@given(st.sampled_from(sorted(WHOLE)), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4))
@settings(max_examples=400)
def test_damaged_files_give_a_picture_or_an_input_error(name, changes):
    data = bytearray(WHOLE[name])
    for place, value in changes:
        data[place % len(data)] = value
    picture_or_input_error(bytes(data))


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "bmp", "tiff"])
def test_half_a_file_is_refused(name):
    data = WHOLE[name][: len(WHOLE[name]) // 2]
    said = f"{len(data):,} bytes of something else or a damaged file"
    if name == "tiff":
        said = "a TIFF picture, damaged or of a kind that is not read"
    assert refusal(data).endswith(f"picture, got {said}")


def test_floats_of_64_bits_are_named_in_plain_words():
    strip = np.array([0.0, 0.5]).astype("<f8").tobytes()
    assert refusal(tiff(2, 64, 1, strip, extra=[(339, 3, 3)])).endswith("damaged or of a kind that is not read")


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((2, 3, 3)), "`pixels` must have shape (1 or 3, height, width), got (2, 3, 3)"),
        (np.zeros((0, 3)), "`pixels` must have shape (1 or 3, height, width), got (0, 3)"),
        ([[0.0, 1.5]], "`pixels` must lie between 0 and 1, got 0.0 to 1.5"),
        ([[0.0, np.nan]], "`pixels` must lie between 0 and 1, got nan to nan"),
    ],
)
def test_numbers_that_are_no_picture_are_refused(pixels, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        picture_of(pixels)
