"""What the charts of biases alone promise: both signs of a legend as on the plot, and levels with their intervals."""

import altair as alt
import pytest

from core.arms import WITH
from core.charts import only_biases
from core.charts.palette import REST
from core.studies.experiments.only_biases import LEARNS


def marks(chart):
    """The marks of a layered chart, deep or not."""

    def within(spec):
        return [spec] if "mark" in spec else [mark for part in spec["layer"] for mark in within(part)]

    return within(chart.to_dict())


def named(name):
    return alt.NamedData(name)


@pytest.fixture
def rows():
    return marks(only_biases.interval_rows(named("rows"), titles=("a", "b"), states=("in it", "back")))


def test_legend_has_both_states_in_the_shapes_and_colours_of_their_marks(rows):
    for mark, side in zip([one for one in rows if one["mark"]["type"] == "point"], (WITH, REST), strict=True):
        shape = mark["encoding"]["shape"]
        assert shape["scale"] == {"domain": [WITH, REST], "range": ["circle", "diamond"]}
        assert shape["legend"]["values"] == [WITH, REST]
        assert shape["legend"]["labelExpr"] == "datum.label == 'with bias' ? 'in it' : 'back'"
        assert "symbolFillColor" not in shape["legend"]
        assert mark["encoding"]["color"]["field"] == "side"
        assert mark["encoding"]["color"]["legend"] == shape["legend"]
        assert {"calculate": f"'{side}'", "as": "side"} in mark["transform"]


def test_small_network_has_a_level_a_band_and_a_name_for_each_of_its_arms():
    drawn = marks(only_biases.width_curve(named("rows"), named("marks"), named("small")))
    mine = [mark for mark in drawn if mark.get("data", {}).get("name") == "small"]
    band, level, *names = mine
    assert (band["mark"]["type"], band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == (
        "rect",
        "low95",
        "high95",
    )
    assert (level["mark"]["type"], level["encoding"]["y"]["field"]) == ("rule", "mean")
    assert [name["transform"][1]["filter"] for name in names] == [
        f"datum.place == {place}" for place in range(1, len(LEARNS) + 1)
    ]
