"""What the charts of twins promise: frames that stand still while curves grow, one scale for what is compared."""

import altair as alt
import pytest

from core.arms import WITH, WITHOUT
from core.charts import twins

ROWS = alt.NamedData("rows")
MARKS = alt.NamedData("marks")


def views(chart):
    """The charts below each other, as specs."""
    spec = chart.to_dict()
    return spec.get("vconcat", [spec])


def marks(spec, encoding=None, transforms=()):
    """The marks of a spec with the encoding and transforms that they inherit."""
    encoding = (encoding or {}) | spec.get("encoding", {})
    transforms = [*transforms, *spec.get("transform", [])]
    if "mark" in spec:
        return [spec["mark"] | {"encoding": encoding, "transform": transforms}]
    return [mark for part in spec["layer"] for mark in marks(part, encoding, transforms)]


def kind(spec, name):
    return [mark for mark in marks(spec) if mark["type"] == name]


def filters(mark):
    return [transform["filter"] for transform in mark["transform"] if "filter" in transform]


def dial():
    (spec,) = views(twins.dial_curves(ROWS, ROWS, MARKS))
    return spec


# Curves that grow


def test_loss_stands_above_accuracy_and_each_shows_its_own_measure():
    views_ = views(twins.learning_curves(ROWS, n_epochs=20))
    for spec, measure in zip(views_, ("loss", "accuracy"), strict=True):
        for mark in marks(spec):
            assert f"datum.measure == '{measure}'" in filters(mark)
            assert mark["encoding"]["y"]["title"] == measure


@pytest.mark.parametrize(("n_epochs", "end"), [(20, 20), (1, 1), (0, 1)])
def test_curves_grow_into_an_axis_that_ends_at_the_last_epoch(n_epochs, end):
    for spec in views(twins.learning_curves(ROWS, n_epochs=n_epochs)):
        for mark in marks(spec):
            assert mark["encoding"]["x"]["scale"] == {"domain": [0, end], "nice": False}


def test_loss_begins_at_zero_and_accuracy_goes_from_zero_to_one():
    loss, accuracy = views(twins.learning_curves(ROWS, n_epochs=20))
    assert all(mark["encoding"]["y"]["scale"] == {"domainMin": 0} for mark in marks(loss))
    assert all(mark["encoding"]["y"]["scale"] == {"domain": [0, 1]} for mark in marks(accuracy))


def test_training_pictures_are_fainter_than_test_pictures():
    for spec in views(twins.learning_curves(ROWS, n_epochs=20)):
        strength = {
            part: {line["opacity"] for line in kind(spec, "line") if f"datum.part == '{part}'" in filters(line)}
            for part in ("train", "test")
        }
        assert strength == {"train": {0.4}, "test": {1}}


def test_points_stand_at_the_newest_epoch_of_the_test_pictures_one_per_twin():
    for spec in views(twins.learning_curves(ROWS, n_epochs=20)):
        points = kind(spec, "point")
        assert [filters(mark)[-1] for mark in points] == [f"datum.arm == '{arm}'" for arm in (WITH, WITHOUT)]
        assert [mark["shape"] for mark in points] == ["circle", "diamond"]
        assert all("datum.epoch == datum.newest && datum.part == 'test'" in filters(mark) for mark in points)


# The dial


def test_dial_stands_where_its_row_says_and_not_in_the_spec():
    rule, *rest = marks(dial())
    assert (rule["type"], rule["encoding"]["x"]["field"]) == ("rule", "k")
    assert all(mark["encoding"]["x"]["scale"] == rule["encoding"]["x"]["scale"] for mark in rest)


def test_brightness_is_logarithmic_from_end_to_end_and_accuracy_from_zero_to_one():
    line, along_it = kind(dial(), "line")
    assert "strokeDash" not in along_it["encoding"]  # its dash is the mark's own
    scale = line["encoding"]["x"]["scale"]
    assert (scale["type"], scale["domain"], scale["clamp"]) == ("log", [0.03, 10], True)
    assert line["encoding"]["y"]["scale"] == {"domain": [0, 1]}


# Biases and probabilities


def test_biases_have_a_row_per_layer_on_one_scale_around_zero():
    specs = views(twins.bias_bars(ROWS, layers=("conv1", "dense"), reach=0.4))
    assert [spec["title"]["text"] for spec in specs] == ["conv1", "dense"]
    for spec, layer in zip(specs, ("conv1", "dense"), strict=True):
        (bar,) = kind(spec, "bar")
        assert filters(bar) == [f"datum.layer == '{layer}'"]
        assert bar["encoding"]["y"]["scale"] == {"domain": [-0.4, 0.4], "nice": False}


def test_probabilities_go_from_zero_to_one_with_the_twins_side_by_side_in_each_class():
    (spec,) = views(twins.class_probabilities(alt.NamedData("decision"), classes=("b", "a")))
    for mark in marks(spec):
        encoding = mark["encoding"]
        assert encoding["y"]["scale"] == {"domain": [0, 1]}
        assert (encoding["x"]["field"], encoding["x"]["sort"]) == ("class", ["b", "a"])
        assert encoding["xOffset"]["scale"]["domain"] == [WITH, WITHOUT]
