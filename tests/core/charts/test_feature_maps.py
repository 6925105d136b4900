"""A mosaic holds every map where `place_of` says, and `map_at` finds it again."""

import base64
import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.charts.feature_maps import map_at, mosaic, place_of
from core.charts.palette import picture_url

sizes = st.integers(1, 6)


@given(sizes, sizes, sizes, sizes, st.data())
def test_every_pixel_of_every_map_stands_where_it_is_said_and_is_found_there(n, height, width, across, data):
    maps = np.arange(float(n * height * width)).reshape(n, height, width)
    whole = mosaic(maps, across)
    at = tuple(data.draw(st.integers(0, size - 1)) for size in maps.shape)
    place = place_of(*at, (height, width), across)
    assert whole[place] == maps[at]
    assert map_at(place, (height, width), across, n) == at
    assert np.isfinite(whole).sum() == maps.size


@given(sizes, sizes, sizes, sizes, st.data())
def test_every_place_also_in_a_gap_belongs_to_a_map_that_is_there(n, height, width, across, data):
    whole = mosaic(np.zeros((n, height, width)), across)
    place = tuple(data.draw(st.integers(0, size - 1)) for size in whole.shape)
    number, row, column = map_at(place, (height, width), across, n)
    assert number in range(n)
    assert row in range(height)
    assert column in range(width)


def test_what_is_nan_is_drawn_as_nothing_and_the_rest_opaque():
    url = picture_url(np.array([[0.0, np.nan], [1.0, 0.5]]), 0, 1)
    alpha = np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGBA"))[..., 3]
    half = len(alpha) // 2
    assert [alpha[0, 0], alpha[0, half], alpha[half, 0], alpha[half, half]] == [255, 0, 255, 255]
