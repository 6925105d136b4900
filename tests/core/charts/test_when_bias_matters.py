"""What the charts of studies promise: readable ticks, sides told by shape, ties that show, grey for all other arms."""

import math
import re
from functools import partial
from itertools import combinations, pairwise

import altair as alt
import pytest

from core.arms import WITH, WITHOUT
from core.charts import when_bias_matters
from core.charts.palette import DASH, DIMMED_DASH, GREY, ORDER, REST, SHAPE
from core.studies.overview import SIDES
from core.studies.stress import STRESSES
from core.studies.switches import ALL_ARMS, BOTH, NO_BIAS, arm_name

TITLES = ("B", "A", "C")


def marks(chart):
    """The marks of a chart with the encoding and transforms that they inherit, in the order in which they are drawn."""
    return list(_marks(chart.to_dict(), {}, []))


def _marks(spec, encoding, transforms):
    encoding, transforms = encoding | spec.get("encoding", {}), transforms + spec.get("transform", [])
    if "mark" in spec:
        yield spec["mark"] | {"encoding": encoding, "transform": transforms, "data": spec.get("data", {}).get("name")}
    for part in spec.get("layer", []):
        yield from _marks(part, encoding, transforms)


def kind(chart, name):
    return [mark for mark in marks(chart) if mark["type"] == name]


def verdicts(chart):
    return [mark for mark in kind(chart, "text") if "text" in mark["encoding"]]


def filters(mark):
    return [transform["filter"] for transform in mark["transform"] if "filter" in transform]


def named(name):
    return alt.NamedData(name)


def forest():
    return when_bias_matters.forest(named("rows"), titles=TITLES)


def arm_differences():
    return when_bias_matters.arm_differences(named("rows"), titles=TITLES)


in_rows = pytest.mark.parametrize("chart", [forest(), arm_differences()], ids=["forest", "arm_differences"])


# Rows


def test_forest_has_one_axis_that_is_linear_within_a_point_and_has_zero_in_the_middle():
    scales = [mark["encoding"]["x"]["scale"] for mark in marks(forest()) if "field" in mark["encoding"].get("x", {})]
    assert len(scales) == 3  # margin, interval, mean
    for scale in scales:
        del scale["range"]
    assert scales == [{"type": "symlog", "constant": 1, "domain": [-60.0, 60.0], "nice": False}] * 3


def test_forest_says_that_its_axis_is_stretched_and_marks_both_sides_alike():
    (mean,) = kind(forest(), "point")
    axis = mean["encoding"]["x"]["axis"]
    assert "stretched near 0" in mean["encoding"]["x"]["title"]
    assert axis["values"] == [-tick for tick in reversed(axis["values"])]
    assert {0, 1, 100} <= set(axis["values"])


@in_rows
def test_labels_of_differences_have_their_sign_and_zero_has_none(chart):
    (mean,) = kind(chart, "point")
    assert mean["encoding"]["x"]["axis"]["labelExpr"] == "datum.value == 0 ? '0' : format(datum.value, '+~r')"


@in_rows
def test_rows_stand_in_the_order_that_is_given_and_take_the_same_height_each(chart):
    for mark in marks(chart):
        if "field" in mark["encoding"].get("y", {}):
            assert mark["encoding"]["y"]["sort"] == list(TITLES)
    assert chart.to_dict()["height"] == len(TITLES) * when_bias_matters.ROW + when_bias_matters.AXIS


@in_rows
def test_mean_is_a_circle_where_a_bias_helps_a_diamond_where_it_hurts_and_a_grey_square_elsewhere(chart):
    (mean,) = kind(chart, "point")
    shape = mean["encoding"]["shape"]
    looks = dict(zip(shape["scale"]["domain"], shape["scale"]["range"], strict=True))
    assert {side: looks[side] for side in (*SHAPE, REST)} == SHAPE | {REST: "square"}
    colour = mean["encoding"]["color"]
    assert colour["condition"] == {"test": "datum.side == 'rest'", "value": GREY}
    assert (colour["field"], colour["scale"]["domain"]) == ("side", list(ORDER))
    assert {*SIDES.values(), REST} <= set(looks)


@in_rows
def test_interval_of_a_single_seed_is_left_out_and_its_mean_is_not(chart):
    interval = next(mark for mark in kind(chart, "rule") if "x2" in mark["encoding"])
    (mean,) = kind(chart, "point")
    assert filters(interval) == ["isValid(datum.low95)"]
    assert filters(mean) == []


def at(expression, width):
    """What an expression about the plot's width gives there."""
    test, wide, narrow = re.fullmatch(r"width >= (\d+) \? (.+) : (.+)", expression["expr"]).groups()
    return eval((wide if width >= int(test) else narrow).replace("width", str(width)))


@in_rows
def test_title_mark_and_verdict_stand_on_one_line_of_a_wide_plot(chart):
    interval = next(mark for mark in kind(chart, "rule") if "x2" in mark["encoding"])
    (mean,), (zero,), (verdict,) = kind(chart, "point"), kind(chart, "tick"), verdicts(chart)
    places = [mean["yOffset"], interval["yOffset"], zero["yOffset"], verdict["dy"]]
    places.append(mean["encoding"]["y"]["axis"]["labelOffset"])
    assert {at(place, 704) for place in places} == {0}


@in_rows
def test_words_stand_above_the_mark_on_a_phone_and_nearer_to_it_than_to_that_of_the_row_above(chart):
    (mean,), (verdict,) = kind(chart, "point"), verdicts(chart)
    title, mark = at(mean["encoding"]["y"]["axis"]["labelOffset"], 358), at(mean["yOffset"], 358)
    assert title == at(verdict["dy"], 358) < 0 < mark
    assert 12 <= mark - title <= when_bias_matters.ROW / 2


@in_rows
def test_axis_leaves_a_wide_plots_titles_and_verdicts_free_and_takes_a_narrow_plot_whole(chart):
    (mean,) = kind(chart, "point")
    left, right = mean["encoding"]["x"]["scale"]["range"]
    assert at(left, 704) >= when_bias_matters.TITLES
    assert 704 - at(right, 704) >= 150  # "no difference that matters" is 148 pixels wide
    assert (at(left, 358), at(right, 358)) == (6, 352)


def test_pictures_stand_between_title_and_axis_and_go_where_there_is_no_room():
    (picture,) = kind(when_bias_matters.forest(named("rows"), titles=TITLES, pictures=True), "image")
    (mean,) = kind(when_bias_matters.forest(named("rows"), titles=TITLES, pictures=True), "point")
    end = picture["encoding"]["x"]["value"] + at(picture["width"], 704)
    assert end < at(mean["encoding"]["x"]["scale"]["range"][0], 704)
    assert at(picture["width"], 358) == 0
    assert not kind(forest(), "image")


def test_tick_labels_of_the_forest_do_not_touch_on_a_phone():
    (mean,) = kind(forest(), "point")
    ticks = [tick for tick in mean["encoding"]["x"]["axis"]["values"] if abs(tick) <= 60]
    places = [math.copysign(math.log1p(abs(tick)) / math.log1p(60) * 330 / 2, tick) for tick in ticks]  # symlog
    assert min(right - left for left, right in pairwise(places)) > 24  # "+50" is 22 pixels wide


@in_rows
def test_shading_and_verdicts_are_named_above_the_first_row(chart):
    heads = [mark for mark in kind(chart, "text") if "text" in mark]
    places = {head["text"]: head["encoding"]["x"] for head in heads}
    assert places == {"margin": {"datum": 0}, "a bias": {"value": "width"}}
    assert all(head["encoding"]["y"] == {"value": when_bias_matters.HEADS} for head in heads)
    assert when_bias_matters.HEADS < 0


@in_rows
def test_each_rows_own_margin_is_shaded_behind_everything(chart):
    first = marks(chart)[0]
    assert first["type"] == "rect"
    assert (first["encoding"]["x"]["field"], first["encoding"]["x2"]["field"]) == ("margin_low", "margin_high")
    assert "title" in first["encoding"]["y"]["field"]


@in_rows
def test_verdict_ends_at_the_right_edge_in_the_colour_of_its_mark(chart):
    (verdict,), (mean,) = verdicts(chart), kind(chart, "point")
    assert (verdict["align"], verdict["encoding"]["x"]) == ("right", {"value": "width"})
    assert verdict["encoding"]["text"]["field"] == "verdict"
    assert verdict["encoding"]["color"] == mean["encoding"]["color"]


# Seeds


def test_seeds_stand_in_the_order_of_the_rows():
    for mark in marks(when_bias_matters.paired_seeds(named("rows"))):
        assert (mark["encoding"]["x"]["field"], mark["encoding"]["x"]["sort"]) == ("seed", None)


def test_small_circle_lies_on_a_larger_diamond_so_that_ties_show_both():
    below, above = [mark for mark in kind(when_bias_matters.paired_seeds(named("rows")), "point") if mark["filled"]]
    assert (filters(below), filters(above)) == ([f"datum.arm == '{WITHOUT}'"], [f"datum.arm == '{WITH}'"])
    assert above["size"] < below["size"] / 2
    assert below["encoding"]["shape"]["scale"] == {"domain": [WITH, WITHOUT], "range": ["circle", "diamond"]}


def test_rings_stand_around_outliers_only_and_are_larger_than_any_dot():
    points = kind(when_bias_matters.paired_seeds(named("rows")), "point")
    (ring,) = [mark for mark in points if not mark["filled"]]
    assert ring["encoding"]["opacity"]["condition"] == {"test": "datum.outlier", "value": 1}
    assert ring["encoding"]["opacity"]["value"] == 0
    assert ring["size"] > max(mark["size"] for mark in points if mark["filled"])


def test_the_two_of_a_seed_are_joined_by_a_grey_line():
    (joined,) = kind(when_bias_matters.paired_seeds(named("rows")), "line")
    assert joined["color"] == GREY
    assert joined["encoding"]["detail"]["field"] == "seed"


# Curves


def test_every_stress_that_has_levels_has_an_axis():
    assert set(when_bias_matters.LEVELS) == {stress for stress, _ in STRESSES} - {"none", "blank"}
    for stress in when_bias_matters.LEVELS:
        when_bias_matters.stress_curves(named("rows"), stress=stress).to_dict(validate=True)


@pytest.mark.parametrize(("stress", "scale"), [("contrast", "log"), ("brightness", None), ("noise", None)])
def test_factors_stand_on_a_logarithmic_axis_and_what_is_added_on_a_linear_one(stress, scale):
    chart = when_bias_matters.stress_curves(named("rows"), stress=stress)
    assert {mark["encoding"]["x"]["scale"].get("type") for mark in marks(chart)} == {scale}


@pytest.mark.parametrize(
    ("stress", "title"),
    [
        ("contrast", "contrast k (logarithmic)"),
        ("brightness", "light added (1 is white)"),
        ("noise", "noise, standard deviation (1 is white)"),
    ],
)
def test_axis_of_a_stress_says_its_unit_or_that_it_is_logarithmic(stress, title):
    chart = when_bias_matters.stress_curves(named("rows"), stress=stress)
    assert {mark["encoding"]["x"]["title"] for mark in marks(chart)} == {title}


def test_accuracy_under_stress_stands_on_a_fixed_axis():
    chart = when_bias_matters.stress_curves(named("rows"), stress="contrast")
    assert all(mark["encoding"]["y"]["scale"] == {"domain": [0, 100]} for mark in marks(chart))


def test_arms_that_are_drawn_as_twins_are_those_of_the_studies():
    assert when_bias_matters.ARMS == {BOTH: WITH, NO_BIAS: WITHOUT}
    assert {BOTH, NO_BIAS} <= set(map(arm_name, ALL_ARMS))


def test_every_arm_is_drawn_once_as_a_twin_or_in_grey():
    lines = kind(when_bias_matters.stress_curves(named("rows"), stress="contrast"), "line")
    assert [filters(line) for line in lines] == [
        [f"datum.arm == '{BOTH}'"],
        [f"datum.arm == '{NO_BIAS}'"],
        [f"indexof(['{BOTH}', '{NO_BIAS}'], datum.arm) < 0"],
    ]
    assert [line.get("color") for line in lines] == [None, None, GREY]
    assert "color" not in lines[2]["encoding"]


def test_there_is_a_dash_of_its_own_for_every_other_arm_of_a_study():
    dashes = {tuple(dash) for dash in when_bias_matters.GREY_DASHES}
    assert len(dashes) == len(when_bias_matters.GREY_DASHES) >= len(ALL_ARMS) - len(when_bias_matters.ARMS)


def test_dashes_differ_from_each_other_within_the_17_pixels_of_a_legend():
    drawn = [
        "".join("# "[i % 2] * length for i, length in enumerate(dash * 17))[:17]
        for dash in [*when_bias_matters.GREY_DASHES, *DASH.values()]
    ]
    for one, other in combinations(drawn, 2):
        assert sum(a != b for a, b in zip(one, other, strict=True)) >= 3, (one, other)


def test_grey_arms_do_not_change_the_dashes_or_the_legend_of_the_twins():
    chart = when_bias_matters.stress_curves(named("rows"), stress="noise").to_dict()
    assert chart["resolve"]["scale"] == {"color": "independent", "strokeDash": "independent"}
    legends = {
        str(mark["encoding"]["strokeDash"]["legend"]["orient"])
        for mark in _marks(chart, {}, [])
        if "strokeDash" in mark["encoding"]
    }
    assert legends == {"top"}


@pytest.mark.parametrize(
    "drawn",
    [
        partial(when_bias_matters.stress_curves, named("rows"), stress="contrast"),
        partial(when_bias_matters.psnr_curves, named("rows"), named("noisy")),
    ],
)
def test_biases_dimmed_along_are_dotted_banded_and_named_in_the_colour_of_the_first_twin(drawn):
    assert "along_it" not in {mark["data"] for mark in marks(drawn())}
    band, line, name = (mark for mark in marks(drawn(along_it=named("along_it"))) if mark["data"] == "along_it")
    assert (band["type"], band["encoding"]["y2"]["field"]) == ("area", "high95")
    assert (line["type"], line["strokeDash"]) == ("line", DIMMED_DASH)
    assert (name["type"], name["encoding"]["text"]["field"]) == ("text", "label")
    assert "dimmed along dotted" in drawn(along_it=named("along_it")).to_dict()["description"]
    assert "dotted" not in drawn().to_dict()["description"]
    for mark in (band, line, name):
        assert mark["encoding"]["color"]["field"] == "arm"


def test_light_is_logarithmic_and_quality_in_decibels():
    for mark in marks(when_bias_matters.psnr_curves(named("rows"), named("noisy"), named("along_it"))):
        assert mark["encoding"]["x"]["scale"]["type"] == "log"
        assert mark["encoding"]["y"]["title"] == "PSNR (dB)"


def test_no_denoising_is_a_grey_line_named_once_where_the_light_is_brightest():
    noisy = [
        mark
        for mark in marks(when_bias_matters.psnr_curves(named("rows"), named("noisy"), named("along_it")))
        if mark["data"] == "noisy"
    ]
    line, words = sorted(noisy, key=lambda mark: mark["type"])
    assert (line["type"], line["color"]) == ("line", GREY)
    assert (words["type"], words["text"], words["color"]) == ("text", "no denoising", GREY)
    assert filters(words) == ["datum.light == datum.brightest"]


def test_chart_of_a_stress_grows_with_its_legend_so_that_the_plot_does_not_shrink():
    few, many = (when_bias_matters.stress_curves(named("rows"), stress="noise", n_arms=n).to_dict() for n in (4, 8))
    assert many["height"] == few["height"] + 4 * 20
