"""Charts of a pair of networks in training and after: curves, mistakes, biases, accuracy under other light."""

import altair as alt

from ..arms import WITH, WITHOUT
from .encodings import Chart, Data, along, arm_dash, arm_lines, arm_points, colour, dimmed_line, line_legend
from .palette import DASH, GREY


def learning_curves(rows: Data, *, n_epochs: int) -> alt.VConcatChart:
    """Loss above and accuracy below, epoch by epoch, of both twins.

    `rows`: frame of epoch, arm, part, measure, value; part is "train" or "test", measure "loss" or "accuracy".
    `n_epochs`: the end of the axis, so that the curves grow into a frame that stands still.
    """
    loss = _curves(rows, "loss", n_epochs, alt.Scale(domainMin=0), line_legend())
    accuracy = _curves(rows, "accuracy", n_epochs, alt.Scale(domain=[0, 1]), None)
    both = alt.vconcat(loss, accuracy, spacing=4).resolve_scale(color="independent", strokeDash="independent")
    return both.properties(  # type: ignore[no-any-return]
        description="Loss and accuracy of both twins after each epoch of training: on the test pictures as strong "
        "lines, on the training pictures as faint ones; with bias solid, without bias dashed."
    )


def _curves(rows: Data, measure: str, n_epochs: int, scale: alt.Scale, legend: alt.Legend | None) -> Chart:
    last = measure == "accuracy"
    base = (
        alt.Chart(rows)
        .transform_filter(f"datum.measure == '{measure}'")
        .encode(
            x=alt.X(
                "epoch:Q",
                title="epoch",
                scale=alt.Scale(domain=[0, max(n_epochs, 1)], nice=False),
                axis=alt.Axis(tickMinStep=1) if last else None,
            ),
            y=alt.Y("value:Q", title=measure, scale=scale, axis=alt.Axis(tickCount=4, format="~f")),
            color=colour("arm", legend),
        )
    )
    lines = [
        line
        for part, width, opacity in (("train", 2, 0.4), ("test", 2.5, 1))
        for line in _lines(base.transform_filter(f"datum.part == '{part}'"), legend, width, opacity)
    ]
    newest = base.transform_joinaggregate(newest="max(epoch)").transform_filter(
        "datum.epoch == datum.newest && datum.part == 'test'"
    )
    return alt.layer(*lines, *arm_points(newest, 50)).properties(height=80)


def _lines(base: alt.Chart, legend: alt.Legend | None, width: float, opacity: float) -> list[alt.Chart]:
    """A line in each arm's own dash; a scale of dashes only where there is a legend to show it."""
    if legend:
        return [arm_lines(base, legend, strokeWidth=width, opacity=opacity)]
    return [
        base.transform_filter(f"datum.arm == '{arm}'").mark_line(strokeDash=dash, strokeWidth=width, opacity=opacity)
        for arm, dash in DASH.items()
    ]


def dial_curves(rows: Data, along_it: Data, marks: Data) -> Chart:
    """Test accuracy of both twins against the brightness k, of the first with its biases dimmed along, and the dial.

    `rows`: frame of arm, k, accuracy; of both twins. `along_it`: frame of k, accuracy; of the first, dimmed along.
    `marks`: frame of arm, k, accuracy; both twins at the dial's k.
    """
    levels: list[float] = [0.03, 0.1, 0.3, 1, 3, 10]
    k = along("k", "brightness k (logarithmic)", levels, type="log", domain=[levels[0], levels[-1]], clamp=True)
    accuracy = alt.Y("accuracy:Q", title="test accuracy", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=4))
    lines = arm_lines(alt.Chart(rows).encode(x=k, y=accuracy), line_legend(), strokeWidth=3)
    rule = alt.Chart(marks).mark_rule(color=GREY, strokeWidth=1.5).encode(x=k)
    points = arm_points(alt.Chart(marks).encode(x=k, y=accuracy, color=colour("arm", line_legend())), 110)
    return alt.layer(rule, lines, *dimmed_line(along_it, k, accuracy, "k"), *points).properties(
        height=340,
        description="Test accuracy of both twins when every picture is multiplied by k, from 0.03 to 10, and dotted "
        "of the first when its biases are multiplied, too; a vertical rule marks where the dial stands.",
    )


def bias_bars(rows: Data, *, layers: tuple[str, ...], reach: float) -> alt.VConcatChart:
    """Every bias of a network as a bar, a row of bars per layer.

    `rows`: frame of layer, filter, bias, off; filters, or classes, by name, in the order of the rows; those that are
    switched off are drawn faint. `reach`: the largest size of a bias: the ends of the axis, the same for every layer.
    """
    axis = alt.Axis(labelAngle=0, ticks=False, domain=False)
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "bias:Q",
            title="bias",
            scale=alt.Scale(domain=[-reach, reach], nice=False),
            axis=alt.Axis(tickCount=3, minExtent=38),
        ),
        tooltip=["layer:N", "filter:N", alt.Tooltip("bias:Q", format=".4f")],
    )
    bars = [
        base.transform_filter(f"datum.layer == '{layer}'")
        .transform_calculate(arm=f"'{WITH}'")
        .mark_bar()
        .encode(
            x=alt.X("filter:N", title="class" if layer == "dense" else "filter", sort=None, axis=axis),
            color=colour("arm"),
            opacity=alt.condition("datum.off", alt.value(0.2), alt.value(1)),
        )
        .properties(height=70, title=alt.Title(layer, anchor="start", fontSize=12))
        for layer in layers
    ]
    return alt.vconcat(*bars, spacing=6).properties(
        description="The learned biases of the twin that has them, a row of bars per layer, one bar per filter or "
        "class, on one scale around zero."
    )


def class_probabilities(decision: Data, *, classes: tuple[str, ...]) -> Chart:
    """Both twins' softmax for one picture, class by class.

    `decision`: frame of arm, class, probability.
    """
    legend = line_legend(columns=1)  # beside the picture a phone has no room for a row
    arms = alt.Scale(domain=[WITH, WITHOUT], paddingOuter=0.4)
    base = alt.Chart(decision).encode(
        x=alt.X("class:N", title="class", sort=list(classes), axis=alt.Axis(labelAngle=0, grid=False)),
        xOffset=alt.XOffset("arm:N", scale=arms),
        y=alt.Y("probability:Q", title="probability", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=4)),
        color=colour("arm", legend),
    )
    stems = base.mark_rule(strokeWidth=2).encode(y2=alt.datum(0), strokeDash=arm_dash(legend))
    return alt.layer(*arm_points(base, 80), stems).properties(
        height=291,
        description="The probability that each twin gives to every class for the picture under the dial: with bias as "
        "circles, without bias as diamonds.",
    )
