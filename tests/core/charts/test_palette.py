"""The colours: told from their ground and from one another; a map's value and its colour are the same fact."""

import base64
import io
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from core.charts.encodings import arm_dash, colour, line_legend
from core.charts.palette import DARK, DASH, GREY, LIGHT, ORDER, RAMPS, SIGNED, VIRIDIS, picture_url, ramp_places

GROUNDS = {"light": "#FFFFFF", "dark": "#0F1412"}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# Machado, Oliveira and Fernandes (2009), severity 1: linear RGB as each deficiency leaves it
VISION = {
    "full": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}

# fmt: off
VIRIDIS_16 = [
    "440154", "481a6c", "472f7d", "414487", "39568c", "31688e", "2a788e", "23888e",
    "1f988b", "22a884", "35b779", "54c568", "7ad151", "a5db36", "d2e21b", "fde725",
]
# fmt: on
"""The reference's colours at places 0, 17, 34, ... 255 of 256, as matplotlib and d3-scale-chromatic give them."""


def rgb(text):
    """A colour, with # or without, as three numbers from 0 to 255."""
    return np.array([int(text.lstrip("#")[i : i + 2], 16) for i in (0, 2, 4)])


def linear(colours):
    """sRGB from 0 to 255 as light, from 0 to 1 (IEC 61966-2-1)."""
    share = np.asarray(colours) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def luminance(colours):
    """WCAG 2's relative luminance, (..., 3) -> (...)."""
    return linear(colours) @ np.array([0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """WCAG 2's contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(rgb(one)), luminance(rgb(other))))
    return (high + 0.05) / (low + 0.05)


def lab(text, vision):
    """CIELAB of a colour as a kind of vision sees it."""
    seen = TO_XYZ @ np.clip(VISION[vision] @ linear(rgb(text)), 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(seen > (6 / 29) ** 3, np.cbrt(seen), seen * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def pixels(url):
    """A data URL's picture, (height, width, 3), and its size must be that of the PNG."""
    start = "data:image/png;base64,"
    assert url.startswith(start)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url[len(start) :]))).convert("RGB")).astype(int)


def ramp(name):
    """The 256 colours of a ramp, as a picture of 256 values shows them, (256, 3)."""
    return pixels(picture_url(np.linspace(0, 1, 256)[None], 0, 1, name))[0]


# The colours of the arms


def test_contrast_worked_by_hand():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=1e-3)  # the well-known grey just below 4.5


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (text, ground)
        for theme, ground in GROUNDS.items()
        for text in (*(LIGHT if theme == "light" else DARK)[:3], GREY)
    ],
)
def test_contrast_with_the_ground_is_at_least_3(text, ground):
    assert contrast(text, ground) >= 3.0


@pytest.mark.parametrize("ground", GROUNDS.values())
def test_grey_keeps_the_contrast_that_it_states(ground):
    assert contrast(GREY, ground) >= 3.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=GROUNDS)
@pytest.mark.parametrize("vision", VISION)
def test_arms_are_told_apart_with_every_colour_vision(theme, vision):
    assert np.linalg.norm(lab(theme[0], vision) - lab(theme[1], vision)) >= 20


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=GROUNDS)
def test_colours_of_a_theme_are_distinct(theme):
    assert len(theme) == len(ORDER) == 4
    for one, other in itertools.combinations([*theme, GREY], 2):
        assert np.linalg.norm(lab(one, "full") - lab(other, "full")) >= 10


def test_each_name_takes_its_own_place_in_the_palette():
    assert ORDER == ("with bias", "without bias", "data", "rest")
    assert colour("arm").to_dict() == {
        "field": "arm",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(ORDER)},
        "legend": None,
    }


def test_dash_is_the_second_mark_of_both_arms():
    assert arm_dash().to_dict()["scale"] == {"domain": list(ORDER[:2]), "range": [[1, 0], [6, 4]]}
    assert line_legend().to_dict()["values"] == list(DASH) == list(ORDER[:2])
    assert line_legend("a", "b").to_dict()["values"] == ["a", "b"]


# The ramps


def test_viridis_has_its_well_known_colours():
    places = {"440154": 0, "3b528b": 8, "21918c": 16, "5ec962": 24, "fde725": 32}
    assert len(VIRIDIS) == 33
    assert VIRIDIS[0] == "440154"
    assert VIRIDIS[-1] == "fde725"
    for text, place in places.items():
        np.testing.assert_allclose(rgb(VIRIDIS[place]), rgb(text), atol=2)
    np.testing.assert_allclose(ramp("viridis")[127:129], [rgb("21918c")] * 2, atol=2)


def test_viridis_is_the_reference_within_2_of_255():
    np.testing.assert_allclose(ramp("viridis")[::17], [rgb(text) for text in VIRIDIS_16], atol=2)


def test_viridis_gets_brighter_at_every_step():
    anchors = luminance([rgb(text) for text in VIRIDIS])
    assert (np.diff(anchors) > 0).all()
    table = luminance(ramp("viridis"))
    assert (table[4:] > table[:-4]).all()  # single places may stand still: colours are whole numbers
    assert np.diff(table).min() > -5e-4


def test_signed_ramp_is_nearly_white_in_the_middle_blue_below_and_red_above():
    table = ramp("signed")
    assert table[127:129].min() >= 240
    assert np.ptp(table[127:129], axis=1).max() <= 3
    low, high = table[:112], table[144:]
    assert (low[:, 2] > low[:, 0]).all()
    assert (high[:, 0] > high[:, 2]).all()


def test_signed_ramp_darkens_towards_both_ends_alike():
    light = luminance(ramp("signed"))
    assert (np.diff(light[:128:8]) > 0).all()
    assert (np.diff(light[128::8]) < 0).all()
    assert len(SIGNED) % 2 == 1
    anchors = luminance([rgb(text) for text in SIGNED])
    np.testing.assert_allclose(anchors, anchors[::-1], atol=0.07)


@pytest.mark.parametrize("reach", [1e-9, 0.3, 1.0, 1e6])
def test_zero_of_a_signed_map_is_nearly_white_whatever_its_reach(reach):
    (row,) = pixels(picture_url(np.array([[-reach, 0.0, reach]]), -reach, reach, "signed"))[:1]
    left, middle, right = row[0], row[len(row) // 2], row[-1]
    assert middle.min() >= 240
    assert left.tolist() == rgb(SIGNED[0]).tolist()
    assert right.tolist() == rgb(SIGNED[-1]).tolist()


def test_grey_ramp_is_the_places_themselves():
    np.testing.assert_array_equal(ramp("grey"), np.repeat(np.arange(256)[:, None], 3, axis=1))


# Values become places


def test_places_worked_by_hand():
    values = np.array([-1.0, 0.0, 0.25, 0.5, 1.0, 7.0])
    assert ramp_places(values, 0, 1).tolist() == [0, 0, 64, 128, 255, 255]
    assert ramp_places(values, -1, 1).tolist() == [0, 128, 159, 191, 255, 255]
    assert ramp_places(values, 0, 1).dtype == np.uint8


@given(arrays(np.float64, (2, 3), elements=st.floats(-1e6, 1e6)), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_place_is_the_nearest_of_256_even_steps(values, low, width):
    high = low + width
    steps = np.linspace(low, high, 256)
    places = ramp_places(values, low, high)
    clipped = np.clip(values, low, high)
    nearest = np.abs(clipped[..., None] - steps).min(axis=-1)
    np.testing.assert_allclose(np.abs(clipped - steps[places]), nearest, atol=1e-9 * (1 + abs(low) + width))


@given(st.floats(-10, 10), st.floats(0, 5), st.floats(-2, 2), st.floats(0.01, 4))
def test_a_larger_value_never_takes_a_lower_place(value, more, low, width):
    places = ramp_places(np.array([value, value + more]), low, low + width)
    assert places[0] <= places[1]


@pytest.mark.parametrize(("low", "high"), [(2.0, 2.0), (3.0, 2.0)])
def test_scale_without_room_gives_the_middle(low, high):
    assert set(ramp_places(np.array([-5.0, 2.0, 9.0]), low, high).tolist()) == {128}


# Places become pictures


@given(arrays(np.float64, (3, 4), elements=st.floats(-2, 3)), st.sampled_from(["viridis", "signed", "grey"]))
@settings(max_examples=30)
def test_picture_has_the_colours_of_its_places(values, name):
    shown = pixels(picture_url(values, -1, 2, name))
    times = shown.shape[0] // 3
    np.testing.assert_array_equal(shown[::times, ::times], ramp(name)[ramp_places(values, -1, 2)])


def test_same_value_has_the_same_colour_with_bias_and_without():
    # the maps' own ranges differ: 0 to 0.5, and 0 to 1
    with_bias, without = np.array([[0.0, 0.5, 0.0]]), np.array([[0.5, 1.0, 0.0]])
    scale = (0.0, 1.25)
    shown, twin = (pixels(picture_url(values, *scale))[0, 64::128] for values in (with_bias, without))
    assert shown.shape == twin.shape == (3, 3)
    assert shown[1].tolist() == twin[0].tolist() == ramp("viridis")[102].tolist()
    assert shown[0].tolist() == shown[2].tolist() == twin[2].tolist() == rgb(VIRIDIS[0]).tolist()
    assert twin[1].tolist() == ramp("viridis")[204].tolist()


@pytest.mark.parametrize(
    ("shape", "times"), [((3, 3), 128), ((5, 7), 54), ((1, 1), 384), ((64, 100), 3), ((171, 256), 1), ((500, 2), 1)]
)
def test_picture_is_a_whole_multiple_of_its_map_and_every_pixel_a_square(shape, times):
    values = np.random.default_rng(0).random(shape)
    shown = pixels(picture_url(values, 0, 1))
    assert shown.shape == (shape[0] * times, shape[1] * times, 3)
    blocks = shown.reshape(shape[0], times, shape[1], times, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()


def test_three_channels_are_shown_as_they_are():
    values = np.random.default_rng(1).integers(0, 256, (3, 4, 6))
    shown = pixels(picture_url(values / 255, 0, 1))
    assert shown.shape == (256, 384, 3)
    np.testing.assert_array_equal(np.moveaxis(shown[::64, ::64], -1, 0), values)


def test_one_channel_is_shown_like_a_map():
    values = np.random.default_rng(2).random((1, 4, 6))
    assert picture_url(values, 0, 1, "grey") == picture_url(values[0], 0, 1, "grey")


def test_every_ramp_has_colours_of_six_digits():
    for colours in RAMPS.values():
        assert len(colours) >= 2
        assert all(len(text) == 6 and int(text, 16) >= 0 for text in colours)


def ciede2000(one, other):
    """The distance of two CIELAB colours (Sharma, Wu and Dalal, 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    (c1, h1), (c2, h2) = (
        (np.hypot(stretch * a, b), np.degrees(np.arctan2(b, stretch * a)) % 360) for a, b in ((a1, b1), (a2, b2))
    )
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    middle = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    t = (
        1
        - 0.17 * np.cos(np.radians(middle - 30))
        + 0.24 * np.cos(np.radians(2 * middle))
        + 0.32 * np.cos(np.radians(3 * middle + 6))
        - 0.2 * np.cos(np.radians(4 * middle - 63))
    )
    s_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rotation = (
        -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(np.radians(60 * np.exp(-(((middle - 275) / 25) ** 2))))
    )
    dl, dc, dh = (l2 - l1) / s_l, (c2 - c1) / s_c, hue / s_h
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh))


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
    ],
)
def test_ciede2000_gives_the_published_distances(one, other, distance):
    assert ciede2000(one, other) == pytest.approx(distance, abs=5e-5)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_arms_are_more_than_20_apart_in_ciede2000_for_every_vision(theme, vision):
    assert ciede2000(lab(theme[0], vision), lab(theme[1], vision)) > 20
