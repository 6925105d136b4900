"""Every chart on the frames that core gives: a valid spec, axes with titles, words, two marks an arm, known fields.

`CASES` holds each chart function once, with its frames and options as the pages give them.
"""

import importlib
import inspect
import json
import pkgutil
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

import core.charts
from core.arms import ARMS, WITH, WITHOUT
from core.audit.report import VERDICTS
from core.charts import (
    audit,
    curves,
    encodings,
    feature_maps,
    inside,
    norms,
    only_biases,
    palette,
    regression,
    threshold,
    twins,
    when_bias_matters,
)
from core.charts.palette import DASH, ORDER
from core.data.pictures import picture_of
from core.data.tables import NoisyLine
from core.exact import logic_gates, threshold_sides
from core.exact import threshold as one_unit
from core.exact.curves import curve_pair, region_pair
from core.exact.feature_maps import filter_picture
from core.exact.intercept_tradeoff import origin_curve
from core.exact.norms import NormSettings, norm_table
from core.exact.regression import line_figure, origin_marks
from core.models.random_features import ShallowSettings
from core.models.regression import fit_pair
from core.studies.experiments.denoiser_light import by_curve, psnr_curves
from core.studies.experiments.dimmed_digits import dimmed_along
from core.studies.experiments.only_biases import small_network, width_curve
from core.studies.experiments.ten_pictures import adapted_rows
from core.studies.learning_biases import LearningBiases
from core.studies.overview import against_none, overview, twins_by_seed, under_stress
from core.studies.recorded import recorded, recorded_results
from core.twins.one_picture import trace
from core.twins.report import report
from core.twins.switched_off import switch_off
from core.twins.training import TwinSettings, curves_frame, train_twins, twins_from

Spec = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One chart: its function, the frames by parameter, the options, and the second marks of the arms in it."""

    build: Any
    frames: dict[str, pd.DataFrame]
    options: dict[str, Any]
    marks: frozenset[str] = frozenset()

    @cached_property
    def spec(self) -> Spec:
        """The Vega-Lite spec with the names of the frames only; `to_dict` checks it against the schema."""
        return self.build(**{name: alt.NamedData(name) for name in self.frames}, **self.options).to_dict()

    @cached_property
    def spec_with_frames(self) -> Spec:
        """The same with the frames in it."""
        return self.build(**self.frames, **self.options).to_dict()


def _cases() -> dict[str, Case]:
    unit = one_unit.UnitPair(-2.0, 1.5, "relu")
    frame = NoisyLine().draw().frame
    figure = line_figure(fit_pair(frame[["x"]], frame["y"]))
    titles = {"x_title": "x", "y_title": "y"}
    curve = origin_curve(NoisyLine())
    picture = picture_of(np.linspace(0, 1, 105).reshape(3, 5, 7))
    filtered = filter_picture(picture, np.arange(-4.0, 5.0).reshape(3, 3))
    pair = filtered.pair(-0.1, "relu")
    both = frozenset({"dash", "label"})
    return (
        {
            "unit_curves": Case(
                threshold.unit_curves,
                {"curves": unit.to_frame(), "thresholds": pd.DataFrame(unit.marks())},
                {"y_low": -0.3, "y_high": 5.0},
                both,
            ),
            "fate_histogram of inputs": Case(
                threshold.fate_histogram,
                {"bars": pd.DataFrame(unit.histogram()), "cuts": pd.DataFrame(unit.cuts())},
                {"counted": "inputs", "low": -6.0, "high": 6.0},
                both,
            ),
            "fate_histogram of pixels": Case(
                threshold.fate_histogram,
                {"bars": pd.DataFrame(pair.fates()), "cuts": pd.DataFrame(pair.cuts())},
                {"counted": "pixels", "low": -2.0, "high": 2.0, "root": True},
                both,
            ),
            "gates": Case(curves.gates, {"cells": logic_gates.gate_cells()}, {"names": logic_gates.GATES}),
            "fitted_lines": Case(
                regression.fitted_lines,
                {
                    "points": pd.DataFrame(figure.points()),
                    "lines": pd.DataFrame(figure.lines()),
                    "intercept": pd.DataFrame(figure.intercept()),
                    "legend": pd.DataFrame(figure.legend()),
                },
                {**titles, "x": figure.x, "y": figure.y},
                both,
            ),
            "residuals": Case(
                regression.residuals,
                {"points": pd.DataFrame(figure.residuals())},
                {"x_title": "x", "x": figure.x},
                frozenset({"shape"}),
            ),
            "origin_curve": Case(
                regression.origin_curve,
                {"curve": curve.to_frame(), "marks": pd.DataFrame(origin_marks(curve, 2.0))},
                {"reach": 2.2},
                frozenset({"dash"}),
            ),
        }
        | _norms()
        | _shallow()
        | _experiments()
    )


def _norms() -> dict[str, Case]:
    study = norm_table(NormSettings())
    bars = study.histogram("layer_norm")
    return {
        "stage_histogram": Case(
            norms.stage_histogram,
            {"bars": bars[bars["stage"] == "before"]},
            {"title": "before the norm: sum of products + b"},
            frozenset({"dash"}),
        ),
        "output_changes": Case(
            norms.output_changes, {"rows": study.to_frame()}, {"titles": tuple(study.rows["title"])}
        ),
    }


def _shallow() -> dict[str, Case]:
    settings = ShallowSettings(n_units=5)
    curve, plane = curve_pair(settings, "sine"), region_pair(settings, "circles")
    return {
        "fitted_curves": Case(
            curves.fitted_curves,
            {name: pd.DataFrame(rows) for name, rows in curve.drawn().items()},
            {"width": 300, "y_low": -2.0, "y_high": 2.0},
            frozenset({"dash", "label"}),
        ),
        "decision_regions": Case(
            curves.decision_regions,
            {name: pd.DataFrame(rows) for name, rows in plane.drawn().items()},
            {"width": 300},
            frozenset({"label"}),
        ),
    }


def _experiments() -> dict[str, Case]:
    settings = TwinSettings(task="small_50", n_epochs=2)
    *events, end = train_twins(settings)
    pair = report(settings, twins_from(end["twins"]))
    dash = frozenset({"dash"})
    digits, table = recorded("digits"), overview({"Digits": recorded("digits"), "Blank": recorded("blank")})
    arms, curves = against_none(digits), psnr_curves(recorded_results("dimmer_light").runs)
    strip = pd.DataFrame({"layer": ["a", "b"], "kind": "conv", "order": [1, 2]})
    alone, learning = recorded_results("only_biases"), LearningBiases(5)
    widths, stressed = width_curve(alone), under_stress(digits, "contrast")
    shares = trace(switch_off(pair), pair.images[0]).shares(0)
    return {
        "forest": Case(when_bias_matters.forest, {"rows": table}, {"titles": tuple(table["title"])}),
        "arm_differences": Case(when_bias_matters.arm_differences, {"rows": arms}, {"titles": tuple(arms["title"])}),
        "paired_seeds": Case(when_bias_matters.paired_seeds, {"rows": twins_by_seed(digits)}, {}, frozenset({"shape"})),
        "stress_curves": Case(
            when_bias_matters.stress_curves,
            {"rows": stressed, "along_it": dimmed_along(stressed)},
            {"stress": "contrast"},
            frozenset({"dash", "label"}),
        ),
        "psnr_curves": Case(when_bias_matters.psnr_curves, by_curve(curves), {}, frozenset({"dash", "label"})),
        "learning_curves": Case(twins.learning_curves, {"rows": curves_frame(events)}, {"n_epochs": 2}, dash),
        "dial_curves": Case(twins.dial_curves, pair.dial(0.3), {}, frozenset({"dash", "label"})),
        "learning_curve": Case(only_biases.learning_curve, {"rows": learning.to_frame()}, {"n_epochs": 100}),
        "width_curve": Case(
            only_biases.width_curve, {"rows": widths, "marks": widths[:1], "small": small_network(alone)}, {}
        ),
        "interval_rows": Case(
            only_biases.interval_rows,
            {"rows": adapted_rows(recorded_results("ten_pictures"), "dark")},
            {"titles": ("as trained", "biases times the light"), "states": ("in it", "back at full light")},
        ),
        "bias_bars": Case(twins.bias_bars, {"rows": switch_off(pair, [("conv1", 0)]).biases()}, pair.bias_axes),
        "verdict_strip": Case(
            audit.verdict_strip,
            {"rows": strip.assign(verdict=VERDICTS[:2], side=[WITHOUT, WITH])},
            {"verdicts": VERDICTS},
        ),
        "bias_bins": Case(
            audit.bias_bins,
            {"bins": pd.DataFrame({"layer": ["a"], "low": [0.0], "high": [0.1], "share": [1.0], "side": [WITH]})},
            {"layers": ("a",), "title": "bias"},
        ),
        "waterfall": Case(
            inside.waterfall,
            {"steps": shares.assign(reach=9.0)},
            {"layers": tuple(shares["layer"].unique()), "width": 250, "title": "logit so far"},
        ),
        "class_probabilities": Case(
            twins.class_probabilities, {"decision": pair.decision(0, 0.3)}, {"classes": pair.task.classes}, dash
        ),
    }


CASES = _cases()
every_chart = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


# Reading a spec


@dataclass(frozen=True)
class Unit:
    """One mark of a spec with all that it inherits."""

    mark: Spec
    encoding: Spec
    transforms: list[Spec]
    data: str


def units(spec: Spec, encoding: Spec | None = None, transforms: tuple[Spec, ...] = (), data: str = "") -> list[Unit]:
    """The marks of a spec, however deep."""
    facet = spec.get("facet", {})
    encoding = {**(encoding or {}), **(facet if "field" not in facet else {"facet": facet}), **spec.get("encoding", {})}
    transforms = (*transforms, *spec.get("transform", []))
    data = spec.get("data", {}).get("name", data)
    if "mark" in spec:
        return [Unit(spec["mark"], encoding, list(transforms), data)]
    inner = spec.get("layer") or spec.get("vconcat") or spec.get("hconcat") or [spec["spec"]]
    return [unit for part in inner for unit in units(part, encoding, transforms, data)]


def views(spec: Spec) -> list[list[Unit]]:
    """Marks that share axes: a layered chart's, those of a facet's cell, or of each of the charts beside each other."""
    assert not {"concat", "repeat"} & set(spec)
    return [units(part) for part in spec.get("vconcat") or spec.get("hconcat") or [spec]]


def definitions(unit: Unit) -> list[tuple[str, Spec]]:
    """Channel and definition, one for each entry where a channel (tooltip) has several."""
    pairs = []
    for channel, value in unit.encoding.items():
        pairs += [(channel, one) for one in (value if isinstance(value, list) else [value])]
    return pairs


def read_by(transform: Spec) -> set[str]:
    """The fields that a transform reads."""
    fields = {transform["stack"]} if "stack" in transform else set()
    fields |= set(transform.get("groupby", []))
    fields |= {entry["field"] for key in ("sort", "joinaggregate") for entry in transform.get(key, [])}
    return fields | set(re.findall(r"datum\.(\w+)", f"{transform.get('filter')} {transform.get('calculate')}"))


def made_by(transform: Spec) -> set[str]:
    """The fields that a transform makes."""
    names = transform.get("as", [])
    return ({names} if isinstance(names, str) else set(names)) | {
        entry["as"] for key in ("joinaggregate", "window") for entry in transform.get(key, [])
    }


def fields_needed(unit: Unit) -> set[str]:
    """The fields that a mark and its transforms read and that no earlier transform has made: its frame must have them.

    In the order in which they run, so that a field which is read too early counts.
    """
    needed: set[str] = set()
    made: set[str] = set()
    for transform in unit.transforms:
        needed |= read_by(transform) - made
        made |= made_by(transform)
    return needed | {value["field"] for _, value in definitions(unit) if "field" in value} - made


def arm_of(unit: Unit) -> str | None:
    """The one arm to which filters leave a mark, or None."""
    found = [re.fullmatch(r"\(?datum\.arm == '(.+)'\)?", str(transform.get("filter"))) for transform in unit.transforms]
    return next((match[1] for match in found if match), None)


def without_data(spec: Any) -> Any:
    """A spec with every mention of its data left out."""
    if isinstance(spec, dict):
        return {key: without_data(value) for key, value in spec.items() if key not in ("data", "datasets")}
    return [without_data(entry) for entry in spec] if isinstance(spec, list) else spec


def second_marks(spec: Spec) -> frozenset[str]:
    """What tells the arms apart beside their colour."""
    marks, dashes = set(), {}
    for unit in units(spec):
        encoding, arm = unit.encoding, arm_of(unit)
        for channel, mark in (("strokeDash", "dash"), ("shape", "shape")):
            if encoding.get(channel, {}).get("field") == "arm":
                looks = [str(look) for look in encoding[channel]["scale"]["range"]]
                assert encoding[channel]["scale"]["domain"] == [WITH, WITHOUT]
                assert len(set(looks)) == 2
                marks.add(mark)
        if arm:
            dashes[arm] = unit.mark.get("strokeDash")
        coloured = any(encoding.get(channel, {}).get("field") == "arm" for channel in ("color", "fill"))
        if unit.mark["type"] == "text" and coloured and encoding["text"]["field"] in ("arm", "label", "title"):
            marks.add("label")
    if dashes.get(WITH) != dashes.get(WITHOUT):
        marks.add("dash")
    return frozenset(marks)


# What holds for every chart


CHARTS = (encodings.Chart, alt.VConcatChart)


def test_every_chart_function_has_a_case():
    found = set()
    for module in pkgutil.iter_modules(core.charts.__path__, "core.charts."):
        for _, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            private = function.__name__.startswith("_") or function.__module__ != module.name
            if not private and inspect.signature(function).return_annotation in CHARTS:
                found.add(function)
    assert found == {case.build for case in CASES.values()}


@every_chart
def test_chart_is_valid_vega_lite_and_json(case):
    for spec in (case.spec, case.spec_with_frames):  # the schema is checked where they are made
        json.dumps(spec, allow_nan=False)


def test_a_wrong_spec_is_refused():
    with pytest.raises(alt.utils.schemapi.SchemaValidationError):
        alt.Chart(alt.NamedData("a")).mark_point(filled="very").to_dict()


@every_chart
def test_chart_with_frames_is_the_chart_with_their_names_but_for_the_data(case):
    assert without_data(case.spec_with_frames) == without_data(case.spec)


@every_chart
def test_chart_draws_every_frame_it_takes(case):
    assert {unit.data for unit in units(case.spec)} == set(case.frames)


@every_chart
def test_every_field_that_a_chart_reads_is_in_its_frame_or_made_before(case):
    for unit in units(case.spec):
        assert fields_needed(unit) <= set(case.frames[unit.data].columns), unit


def columns_named(build: Any) -> dict[str, set[str]]:
    """Frame parameter -> the columns that the docstring gives it."""
    text = " ".join(inspect.getdoc(build).split())
    found = re.findall(r"((?:`\w+`(?:, )?)+): frame of ([\w, ]+)", text)
    return {name: set(columns.split(", ")) for names, columns in found for name in re.findall(r"\w+", names)}


@every_chart
def test_docstring_names_the_columns_that_are_read(case):
    named = columns_named(case.build)
    assert set(named) == set(case.frames)
    for unit in units(case.spec):
        assert fields_needed(unit) <= named[unit.data], unit
    for name, columns in named.items():
        assert columns <= set(case.frames[name].columns)


@every_chart
def test_every_field_has_a_type(case):
    untyped = {"x2", "y2"}  # they take the type of x and y
    for unit in units(case.spec):
        for channel, definition in definitions(unit):
            if "field" in definition:
                assert ("type" in definition) != (channel in untyped), (channel, definition)


def has_axis(definition: Spec) -> bool:
    """Whether a channel of place shows its numbers."""
    axis = definition.get("axis", {})
    return axis is not None and axis.get("labels", True)


@every_chart
def test_every_axis_has_one_title_or_is_switched_off(case):
    for view in views(case.spec):
        for channel in ("x", "y"):
            shown = [unit.encoding[channel] for unit in view if "field" in unit.encoding.get(channel, {})]
            shown = [definition for definition in shown if has_axis(definition)]
            titles = {definition["title"] for definition in shown if definition.get("title")}
            assert len(titles) == (1 if shown else 0), (channel, titles)


@every_chart
def test_axis_without_numbers_has_the_scale_of_one_with_them_beside_it(case):
    places = [unit.encoding[channel] for unit in units(case.spec) for channel in ("x", "y") if channel in unit.encoding]
    numbered = [place.get("scale") for place in places if "field" in place and has_axis(place)]
    for place in places:
        if place.get("axis") and not has_axis(place):
            assert place["scale"] in numbered


@every_chart
def test_every_tooltip_and_colour_has_a_plain_name(case):
    for unit in units(case.spec):
        for channel, definition in definitions(unit):
            if channel in ("color", "fill", "stroke", "shape", "strokeDash") and "field" in definition:
                silent = definition.get("legend", {}) is None or definition.get("title", "") is None
                assert silent, (channel, definition)
            if channel == "tooltip":
                name = definition.get("title", definition["field"])
                assert re.fullmatch(r"[a-z ]+", name), name


@every_chart
def test_description_says_in_words_what_is_drawn(case):
    description = case.spec["description"]
    assert len(description) > 40
    assert description[0].isupper()
    assert description.endswith(".")
    assert case.spec_with_frames["description"] == description


@every_chart
def test_colours_of_names_come_from_the_theme_in_the_palettes_order(case):
    found = 0
    for unit in units(case.spec):
        for channel in ("color", "fill", "stroke"):
            definition = unit.encoding.get(channel, {})
            if definition.get("type") == "nominal":
                found += 1
                assert definition["scale"] == {
                    "domain": list(threshold_sides.FATES if "fate" in definition["field"] else ORDER)
                }
    assert found or not any("arm" in frame for frame in case.frames.values())


@every_chart
def test_calculated_and_given_names_are_in_the_palette(case):
    for unit in units(case.spec):
        made = {transform["as"]: transform["calculate"] for transform in unit.transforms if "calculate" in transform}
        for channel in ("color", "fill", "stroke"):
            field = unit.encoding.get(channel, {}).get("field")
            if field in made:
                assert made[field].strip("'") in ORDER
            elif field == "arm":
                assert set(case.frames[unit.data]["arm"]) <= set(ORDER)


@every_chart
def test_arms_have_a_second_mark_beside_their_colour(case):
    assert second_marks(case.spec) == case.marks
    assert bool(case.marks) == any("arm" in frame for frame in case.frames.values())


@every_chart
def test_line_with_bias_is_solid_and_without_dashed(case):
    for unit in units(case.spec):
        dash = unit.encoding.get("strokeDash", {})
        if dash.get("field") == "arm":
            assert dict(zip(dash["scale"]["domain"], dash["scale"]["range"], strict=True)) == DASH
        if arm_of(unit) and unit.mark["type"] == "rule":
            assert unit.mark["strokeDash"] == DASH[arm_of(unit)]
    assert DASH[WITH][1] == 0 < DASH[WITHOUT][1]


def test_panels_have_no_frames_and_stand_a_gap_apart():
    config = CASES["waterfall"].spec["config"]
    assert config["view"].get("stroke", "grey") is None
    assert config["facet"]["spacing"] == palette.GAP


# One chart at a time


def test_charts_and_studies_name_the_same_arms_and_fates():
    assert threshold.FATES == threshold_sides.FATES
    assert tuple(CASES["fitted_lines"].frames["lines"]["arm"].unique()) == ARMS


def test_unit_chart_has_the_axis_on_which_thresholds_are_marked():
    scales = [unit.encoding["x"]["scale"]["domain"] for unit in units(CASES["unit_curves"].spec)]
    assert scales == [list(one_unit.X_RANGE)] * len(scales)


@pytest.mark.parametrize(("root", "kind"), [(False, "linear"), (True, "sqrt")])
def test_counts_stand_on_the_scale_that_the_title_says(root, kind):
    case = CASES["fate_histogram of pixels"]
    spec = case.build(**case.frames, **{**case.options, "root": root}).to_dict()
    axis = spec["layer"][0]["encoding"]["y"]
    assert axis["scale"]["type"] == kind
    assert axis["title"] == ("pixels (square-root scale)" if root else "pixels")


def test_bars_of_a_bin_are_stacked_in_the_fates_order():
    for unit in units(CASES["fate_histogram of pixels"].spec):
        if unit.mark["type"] == "bar":
            (stack,) = unit.transforms
            assert (stack["stack"], stack["groupby"], stack["sort"]) == ("count", ["start"], [{"field": "order"}])
            assert [unit.encoding[channel]["field"] for channel in ("y", "y2")] == stack["as"]
            return
    pytest.fail("no bars")


def test_axes_of_the_lines_are_as_given_and_hold_still():
    case = CASES["fitted_lines"]
    for unit in units(case.spec):
        for channel in ("x", "y"):
            definition = unit.encoding.get(channel, {})
            if "field" in definition and definition["field"] != "low":
                assert definition["scale"] == {"domain": list(case.options[channel]), "nice": False}


def test_residuals_are_round_with_bias_and_triangles_without():
    (dots,) = (unit for unit in units(CASES["residuals"].spec) if "shape" in unit.encoding)
    assert dots.encoding["shape"]["scale"] == {"domain": [WITH, WITHOUT], "range": ["circle", "triangle-up"]}


def test_residuals_of_a_large_table_can_be_drawn_outside_streamlit():
    frame = NoisyLine(n=6000).draw().frame
    figure = line_figure(fit_pair(frame[["x"]], frame["y"]))
    spec = regression.residuals(pd.DataFrame(figure.residuals()), **CASES["residuals"].options).to_dict()
    assert len(next(iter(spec["datasets"].values()))) == 4000


def test_unit_without_a_weight_can_be_drawn():
    unit = one_unit.UnitPair(0.0, 1.0, "relu")
    spec = threshold.unit_curves(unit.to_frame(), pd.DataFrame(unit.marks()), y_low=-0.3, y_high=5.0).to_dict()
    json.dumps(spec, allow_nan=False)
    cuts = threshold.fate_histogram(
        pd.DataFrame(unit.histogram()), pd.DataFrame(unit.cuts()), counted="inputs", low=-6, high=6
    ).to_dict()
    json.dumps(cuts, allow_nan=False)


def test_gates_are_filled_where_they_answer_1_and_take_orange_where_they_cannot():
    (cell,) = units(CASES["gates"].spec)
    assert cell.encoding["fillOpacity"]["condition"]["test"] == "datum.answer"
    assert cell.encoding["color"]["field"] == "side"


# The frames


def test_colour_bar_has_its_values_at_its_ends_and_the_colours_of_the_maps():
    bars = feature_maps.colour_bars(("Sums", "signed", -2.0, 2.0, False), ("Maps <b>", "viridis", 0.0, 0.5, True))
    assert "<span>≤ −2.00</span><span>≥ 2.00</span>" in bars
    assert "Maps &lt;b&gt;" in bars
    assert "<span>0</span><span>≥ 0.500</span>" in bars
    ends = palette.ramp_colours(np.array([0.0, 0.5]), 0.0, 0.5, "viridis")
    assert f"to right,{ends[0]}," in bars
    assert bars.count(f",{ends[1]})") == 1
