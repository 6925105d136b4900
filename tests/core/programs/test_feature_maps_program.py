"""The program of one filter over a picture against what the page says."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from core.data.kernels import KERNELS
from core.data.pictures import SAMPLES, read_picture
from core.exact.feature_maps import filter_pair
from core.exact.one_pixel import pixel_sum

FIVE = tuple(tuple(float(7 * i - 3 * j * j) / 100 for j in range(5)) for i in range(5))


def expected(picture, kernel=KERNELS["edges_x"].weights, bias=-0.06, activation="relu", row=85, column=129):
    pair = filter_pair(picture, kernel, bias, activation)
    row, column = min(row, pair.pre.shape[0] - 1), min(column, pair.pre.shape[1] - 1)
    entry = pixel_sum(picture, kernel, bias, activation, row, column)
    shares = [*pair.share_active.values(), pair.shares["only with b"], pair.shares["stopped by b"]]
    return [*shares, row, column, entry.pre_activation, entry.output, entry.without_bias]


def close(values):
    return pytest.approx(values, rel=6e-6, abs=1e-9)


@pytest.mark.few(3)
@pytest.mark.parametrize("name", SAMPLES)
def test_program_gives_the_pages_numbers_of_every_sample(numbers, name):
    assert numbers("feature_maps", picture=name) == close(expected(SAMPLES[name].read()))


@pytest.mark.few(7)
@pytest.mark.parametrize(
    "changed",
    [{"bias": 0.21}, {"bias": 0.0}, {"row": 3}, {"column": 200}, {"row": 170, "column": 255}, {"kernel": FIVE}]
    + [{"kernel": kernel.weights} for kernel in KERNELS.values()]
    + [{"activation": name} for name in ("gelu", "step")],
    ids=lambda changed: " ".join(f"{name} {str(value)[:20]}" for name, value in changed.items()),
)
def test_program_gives_the_pages_numbers_of_changed_settings(numbers, changed):
    assert numbers("feature_maps", **changed) == close(expected(SAMPLES["temple"].read(), **changed))


def noise(mode, size, seed=0):
    bands = {"L": (), "1": (), "RGB": (3,), "RGBA": (4,), "LA": (2,)}[mode]
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], *bands)).astype(np.uint8)
    return Image.fromarray(values > 127) if mode == "1" else Image.fromarray(values, mode)


def deep():
    return Image.fromarray(np.random.default_rng(1).integers(0, 2**16, (40, 300)).astype(np.uint16))


def turned():
    image = noise("RGB", (310, 120)).resize((620, 240))
    image.getexif()[0x0112] = 6
    return image


PICTURES = {
    "grey.png": noise("L", (40, 30)),
    "black and white.png": noise("1", (300, 20)),
    "colour.bmp": noise("RGB", (700, 333)),
    "clear.png": noise("RGBA", (400, 100)),
    "grey and clear.png": noise("LA", (90, 91)),
    "palette.gif": noise("RGB", (200, 50)).quantize(20),
    "sixteen bits.png": deep(),
    "cmyk.tiff": noise("RGB", (60, 50)).convert("CMYK"),
    "photo.jpg": noise("RGB", (200, 150)).resize((2001, 1503)),
    "upright.jpg": turned(),
    "one.png": noise("L", (1, 1)),
}


@pytest.mark.few(3)
@pytest.mark.parametrize("name", PICTURES)
def test_program_reads_a_picture_of_ones_own_by_its_name(numbers, folder, name):
    more = {"exif": PICTURES[name].getexif()} if name.endswith("jpg") else {}
    PICTURES[name].save(folder / name, **more)
    picture = read_picture((folder / name).read_bytes(), name)
    assert numbers("feature_maps", picture=name, bias=0.0123) == close(expected(picture, bias=0.0123))


def test_maps_on_the_chart_share_one_scale(folder, last_line):
    last_line("feature_maps")
    urls = re.findall(r"data:image/png;base64,([^\"]+)", (folder / "feature_maps.html").read_text())
    with_bias, without = (np.asarray(Image.open(io.BytesIO(base64.b64decode(url)))) for url in urls)
    assert with_bias.min() == without.min() == 0
    assert with_bias.max() < without.max() == 255
