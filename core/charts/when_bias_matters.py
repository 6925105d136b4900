"""Charts of studies: differences with their intervals, seeds, and curves with their bands, with and without bias.

Accuracies are per cent, differences points of accuracy, and every interval is a 95% one.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import altair as alt

from ..arms import WITH, WITHOUT
from .encodings import Chart, Data, along, arm_bands, arm_lines, arm_points, colour, dimmed_line, line_legend
from .palette import GREY, ORDER, REST, SHAPE

ARMS = {"both biases": WITH, "no bias": WITHOUT}
"""Arms of a study that are drawn as the twins; all others are grey."""
GREY_DASHES = [[2, 2], [12, 5], [6, 2, 2, 2], [4, 5], [1, 4], [8, 2, 1, 2, 1, 2]]
"""Each can be told from the others in the 17 pixels that a legend shows."""
TICKS = [-100, -50, -20, -5, -1, 0, 1, 5, 20, 50, 100]  # about as far apart on the stretched axis
SIGNED = "datum.value == 0 ? '0' : format(datum.value, '+~r')"
LEVELS = {
    "contrast": along("level", "contrast k (logarithmic)", [0.03, 0.1, 0.3, 1, 3, 10], type="log"),
    "brightness": along("level", "light added (1 is white)", [-0.3, -0.1, 0, 0.1, 0.3], zero=False),
    "noise": along("level", "noise, standard deviation (1 is white)", [0, 0.1, 0.2, 0.4]),
}
"""Stress -> the axis of its level."""
ROW = 28  # pixels of a row
AXIS = 91  # pixels above and below all rows
WORDS, MARKS = -7, 7  # pixels from its middle: on a phone to its words and to its interval
HEADS = -8  # pixels: above the first row, where the columns are named
DOTTED = "with biases that are dimmed along dotted and level, "
REACH = 60  # points of accuracy: the largest difference on the axis of a forest
WIDE = 560
"""Pixels of a plot from which on a row is one line: title, pictures, interval, verdict. In less, a phone's, title and
verdict stand above the interval, and the pictures go."""
TITLES, PICTURES, VERDICTS = 200, 100, 156  # pixels across that these take of a wide row


def forest(rows: Data, *, titles: tuple[str, ...], pictures: bool = False) -> Chart:
    """One row per study on one line: its title, the mean difference with its interval and the margin, the verdict.

    The axis is linear within a point of zero and logarithmic beyond, so that 0.1 and 50 can stand on it together.

    `rows`: frame of title, mean, low95, high95, margin_low, margin_high, verdict, side; points of accuracy, with bias
    minus without; side is the twin that wins, or "rest". With `pictures` also url, a strip of some of its pictures.
    `titles`: from the top row to the lowest.
    """
    scale: dict[str, Any] = {"type": "symlog", "constant": 1, "domain": [-REACH, REACH], "nice": False}
    axis = alt.Axis(values=TICKS, labelExpr=SIGNED, labelOverlap=True, grid=False)
    title = "with minus without bias, points (stretched near 0)"
    y, left = _row(titles, "task"), TITLES + (PICTURES if pictures else 0)
    layers = _rows(rows, y, partial(alt.X, title=title, axis=axis), left, scale)
    if pictures:
        strips = alt.Chart(rows).mark_image(width=_of_width(PICTURES - 14, 0), height=ROW - 4, align="left")
        layers.append(strips.encode(x=alt.value(TITLES), y=y, url="url:N"))
    return alt.layer(*layers, *_heads(rows)).properties(
        height=ROW * len(titles) + AXIS,
        description="A row per task: the mean difference in accuracy, with bias minus without, with its 95% interval, "
        "the margin shaded, and the verdict in words; circles where a bias helps, diamonds where it hurts, squares "
        "elsewhere.",
    )


def arm_differences(rows: Data, *, titles: tuple[str, ...], other: str = "no bias") -> Chart:
    """One row per arm: its mean difference from another one, with its interval, the margin and the verdict.

    `rows`: frame of title, mean, low95, high95, margin_low, margin_high, verdict, side; points of accuracy, the arm
    minus the other. `titles`: the arms' names, from the top row to the lowest.
    """
    axis = alt.Axis(labelExpr=SIGNED, tickCount=5, grid=False)
    x = partial(alt.X, title=f"difference from {other}, points of accuracy", axis=axis)
    return alt.layer(*_rows(rows, _row(titles, "arm"), x, TITLES + 64, {}), *_heads(rows)).properties(
        height=ROW * len(titles) + AXIS,
        description=f"A row each: the mean difference in accuracy from {other}, with its 95% interval, the margin "
        "shaded, and the verdict in words; circles where biases help, diamonds where they hurt, squares elsewhere.",
    )


def paired_seeds(rows: Data) -> Chart:
    """Test accuracy of both twins of every seed, joined by a line; a ring around seeds that lie far off the others.

    `rows`: frame of seed, arm, accuracy, outlier; per cent; seeds stand in the order of the rows.
    """
    seed = alt.X("seed:O", title="seed", sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, grid=False))
    accuracy = alt.Y(
        "accuracy:Q", title="test accuracy (%)", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5, format="~f")
    )
    legend = alt.Legend(orient="top", values=[WITH, WITHOUT])
    base = alt.Chart(rows).encode(x=seed, y=accuracy)
    joined = base.mark_line(color=GREY, strokeWidth=1.5).encode(detail="seed:O")
    rings = base.mark_point(size=300, stroke=GREY, strokeWidth=1.5, filled=False).encode(
        opacity=alt.condition("datum.outlier", alt.value(1), alt.value(0))  # no filter: what it leaves may be empty
    )
    dots = [
        base.transform_filter(f"datum.arm == '{arm}'")
        .mark_point(filled=True, opacity=1, size=size)  # the circle lies on the diamond and leaves its corners free
        .encode(
            color=colour("arm", legend),
            shape=alt.Shape("arm:N", title=None, scale=_shapes(WITH, WITHOUT), legend=legend),
            tooltip=["seed:O", "arm:N", alt.Tooltip("accuracy:Q", format=".2f")],
        )
        for arm, size in ((WITHOUT, 110), (WITH, 45))
    ]
    return alt.layer(joined, rings, *dots).properties(
        height=324,
        description="Test accuracy of both twins of every seed: with bias as circles, without bias as diamonds, the "
        "two of a seed joined by a line; a ring marks seeds that lie far off the others.",
    )


def stress_curves(rows: Data, along_it: Data | None = None, *, stress: str, n_arms: int = 2) -> Chart:
    """Accuracy of trained networks against the level of a stress, with bands; other arms than the twins are grey.

    `rows`: frame of arm, level, mean, low95, high95; per cent; arms by the names of a study. `along_it`: frame of
    level, mean, low95, high95; of the first twin with its biases dimmed along. `stress`: a key of `LEVELS`. `n_arms`:
    in the rows; each but the twins has a line of the legend.
    """
    scale, axis = alt.Scale(domain=[0, 100]), alt.Axis(tickCount=4)
    mean, low = (alt.Y(f"{field}:Q", title="test accuracy (%)", scale=scale, axis=axis) for field in ("mean", "low95"))
    base = alt.Chart(rows).encode(x=LEVELS[stress], y=mean)
    grey_band, grey_line = _other_arms(base, low)
    legend = line_legend(columns=1)  # beside that of the others, on a phone too
    twins = _twin_arms(base, low, legend)
    if along_it is not None:
        twins += _dimmed_arm(along_it, LEVELS[stress], low, mean, "level", legend)
    chart: Chart = alt.layer(grey_band, alt.layer(*twins), grey_line).properties(
        height=381 + 20 * max(n_arms - 4, 0),  # there is room for two of these lines
        description=f"Test accuracy of networks that were trained on unchanged pictures against the level of a stress, "
        f"{stress}, with 95% bands: with bias solid, without bias dashed, {'' if along_it is None else DOTTED}other "
        "arms in grey.",
    )
    return chart.resolve_scale(color="independent", strokeDash="independent")  # type: ignore[no-any-return]


def psnr_curves(rows: Data, noisy: Data, along_it: Data | None = None) -> Chart:
    """Quality of the pictures that both denoisers give against the light, with bands, and without denoising.

    `rows`: frame of arm, light, mean, low95, high95; PSNR in dB, with the light as its peak. `noisy`: frame of light,
    mean; of the picture that is not denoised. `along_it`: frame of light, mean, low95, high95; of the first twin with
    its biases dimmed along.
    """
    low, mean = (alt.Y(f"{field}:Q", title="PSNR (dB)") for field in ("low95", "mean"))
    light = along("light", "light k, trained at 1 (logarithmic)", [0.03, 0.1, 0.3, 1, 2], type="log")
    base = alt.Chart(rows).encode(x=light)
    band = arm_bands(base, low, "high95:Q", line_legend())
    dimmed = [] if along_it is None else _dimmed_arm(along_it, light, low, mean, "light", line_legend())
    line = arm_lines(base.encode(y=mean), line_legend(), strokeWidth=3)
    dots = arm_points(base.encode(y=mean, color=colour("arm", line_legend())), 45)
    untouched = alt.Chart(noisy).encode(x=light, y=mean)
    words = (
        untouched.transform_joinaggregate(brightest="max(light)")
        .transform_filter("datum.light == datum.brightest")
        .mark_text(align="right", dy=11, fontSize=12, color=GREY, text="no denoising")
    )
    plain = untouched.mark_line(color=GREY, strokeWidth=1.5)
    return alt.layer(plain, words, band, line, *dimmed, *dots).properties(
        height=380,
        description="Peak signal-to-noise ratio of denoised pictures against the light, with 95% bands: with bias "
        f"solid, without bias dashed and level, {'' if along_it is None else DOTTED}and no denoising as a thin grey "
        "line.",
    )


def _dimmed_arm(along_it: Data, x: alt.X, low: alt.Y, mean: alt.Y, at: str, legend: alt.Legend) -> list[alt.Chart]:
    """The first twin with its biases dimmed along: a band, a dotted line, and its name where field `at` is least."""
    base = alt.Chart(along_it).transform_calculate(arm=f"'{WITH}'").encode(x=x)
    return [arm_bands(base, low, "high95:Q", legend), *dimmed_line(along_it, x, mean, at, legend)]


def _twin_arms(base: alt.Chart, low: alt.Y, legend: alt.Legend) -> list[alt.Chart]:
    twins = [
        base.transform_filter(f"datum.arm == '{name}'").transform_calculate(arm=f"'{arm}'")
        for name, arm in ARMS.items()
    ]
    bands = [arm_bands(twin, low, "high95:Q", legend) for twin in twins]
    return bands + [arm_lines(twin, legend, strokeWidth=3) for twin in twins]


def _other_arms(base: alt.Chart, low: alt.Y) -> tuple[alt.Chart, alt.Chart]:
    """The grey bands and the grey lines, each arm with a dash of its own."""
    named = ", ".join(f"'{name}'" for name in ARMS)
    others = base.transform_filter(f"indexof([{named}], datum.arm) < 0").transform_calculate(other="datum.arm")
    symbols: dict[str, Any] = {"symbolType": "stroke", "symbolStrokeColor": GREY, "symbolStrokeWidth": 2}
    legend = alt.Legend(orient="top", columns=1, offset=20, labelFontSize=12, labelLimit=400, symbolSize=300, **symbols)
    dash = alt.StrokeDash("other:N", title=None, scale=alt.Scale(range=GREY_DASHES), legend=legend)
    band = others.mark_area(color=GREY, opacity=0.1).encode(y=low, y2="high95:Q", detail="other:N")
    return band, others.mark_line(color=GREY, strokeWidth=1.5).encode(strokeDash=dash)


def _of_width(wide: float | str, narrow: float | str) -> alt.ExprRef:
    """What a wide plot takes, and what a phone's."""
    return alt.ExprRef(f"width >= {WIDE} ? {wide} : {narrow}")


def _row(titles: tuple[str, ...], title: str) -> alt.Y:
    """A row each, its title inside the plot: as an axis, for the theme's own colour of text."""
    font: dict[str, Any] = {"labelFontSize": 12, "labelFontWeight": 600, "titleFontSize": 12}
    row: dict[str, Any] = {"labelAlign": "left", "labelPadding": -2, "labelOffset": _of_width(0, WORDS)}
    head: dict[str, Any] = {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "middle", "titleY": HEADS}
    bare: dict[str, Any] = {"labelFlush": False, "ticks": False, "domain": False, "grid": False, "zindex": 1}
    axis = alt.Axis(**font, **row, **head, **bare, titleX=2, labelLimit=400)
    return alt.Y("title:N", title=title, sort=list(titles), axis=axis)


def _rows(rows: Data, y: alt.Y, x: Callable[..., alt.X], left: int, scale: dict[str, Any]) -> list[alt.Chart]:
    """Per row the margin, a piece of the rule at zero, the interval, the mean and the verdict.

    On a wide plot the axis begins at `left`.
    """
    scale = scale | {"range": [_of_width(left, 6), _of_width(f"width - {VERDICTS}", "width - 6")]}
    across = partial(x, scale=alt.Scale(**scale))
    base, beside = alt.Chart(rows).encode(y=y), _of_width(0, MARKS)
    beneath: dict[str, Any] = {"yOffset": beside, "height": _of_width(ROW, ROW / 2)}  # on a phone, the words
    margin = base.mark_rect(color=GREY, opacity=0.16, **beneath).encode(x=across("margin_low:Q"), x2="margin_high:Q")
    zero = base.mark_tick(color=GREY, thickness=1, size=ROW / 2 - 2, yOffset=beside).encode(x=alt.datum(0))
    interval = (
        base.transform_filter("isValid(datum.low95)")
        .mark_rule(strokeWidth=2.5, yOffset=beside)
        .encode(x=across("low95:Q"), x2="high95:Q", color=_side_colour())
    )
    mean = base.mark_point(filled=True, size=75, opacity=1, yOffset=beside).encode(
        x=across("mean:Q"),
        color=_side_colour(),
        shape=alt.Shape("side:N", title=None, scale=_shapes(*ORDER), legend=None),
        tooltip=["title:N", *(alt.Tooltip(f"{field}:Q", title=name, format="+.2f") for field, name in _TOLD)],
    )
    verdict = base.mark_text(align="right", fontSize=12, dy=_of_width(0, WORDS)).encode(
        x=alt.value("width"), text="verdict:N", color=_side_colour()
    )
    return [margin, zero, interval, mean, verdict]


def _heads(rows: Data) -> list[alt.Chart]:
    """What the columns are called, above the first row."""
    base = alt.Chart(rows).transform_aggregate(rows="count()").encode(y=alt.value(HEADS))
    margin = base.mark_text(fontSize=12, color=GREY, text="margin").encode(x=alt.datum(0))
    verdict = base.mark_text(align="right", fontSize=12, color=GREY, text="a bias").encode(x=alt.value("width"))
    return [margin, verdict]


_TOLD = (("mean", "mean"), ("low95", "from"), ("high95", "to"))


def _side_colour() -> alt.Color:
    """The colour of the twin that wins; grey where neither does."""
    return alt.condition(f"datum.side == '{REST}'", alt.value(GREY), colour("side"))


def _shapes(*sides: str) -> alt.Scale:
    return alt.Scale(domain=list(sides), range=[SHAPE.get(side, "square") for side in sides])
