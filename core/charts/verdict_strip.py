"""The layers of a network in the order in which they run, each in the row of its verdict."""

import altair as alt

from core.charts.encodings import Chart, Data, colour
from core.charts.palette import DATA, GREY, WITH, WITHOUT

SIDES = {"in use": WITH, "redundant": WITHOUT, "no bias": DATA}
"""Verdict -> the colour of its marks; the others take that of the rest."""
ROW = 26  # pixels


def verdict_strip(rows: Data, *, verdicts: tuple[str, ...]) -> Chart:
    """One mark a layer, from the first at the left to the last at the right.

    Parameters
    ----------
    rows : frame of layer, kind, order, verdict, side
        The order counts from 1; the side is that of the verdict in `SIDES`, or "rest".
    verdicts : tuple of str
        From the top row to the lowest.
    """
    order = alt.X(
        "order:Q", title="layers, from the first to the last", axis=alt.Axis(tickMinStep=1, format="d", grid=False)
    )
    verdict = alt.Y(
        "verdict:N",
        title="bias",
        sort=list(verdicts),
        scale=alt.Scale(domain=list(verdicts)),
        axis=alt.Axis(ticks=False, domain=False, grid=True, titleAngle=0, titleAlign="right", titleX=-8, titleY=-8),
    )
    base = alt.Chart(rows).encode(x=order, y=verdict, tooltip=["layer:N", "kind:N", "verdict:N"])
    marks = base.mark_tick(thickness=4, size=18, cornerRadius=1).encode(color=colour("side"))
    line = base.mark_rule(color=GREY, opacity=0)  # keeps rows without a layer in the chart's height
    return alt.layer(line, marks).properties(
        height=ROW * len(verdicts),
        description="A mark for every layer, from the first to the last, in the row of its verdict: redundant, in use, "
        "depends, cannot see, or no bias.",
    )
