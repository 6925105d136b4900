"""What does b do to a line? Linear regression with an intercept and its twin without, on the visitor's table too."""

from dataclasses import replace

import streamlit as st

from core.charts import regression as charts
from core.data.tables import NoisyLine, Table
from core.exact import intercept_tradeoff
from core.exact import regression as exact
from pages.parts import regression as parts
from pages.shared import controls, draw, frame, question, take_away, uploads
from pages.shared.live_slider.component import live_slider

frame.open_page(
    "regression",
    "The intercept is the bias of a line. **Without it the line must pass through the origin**, and the slope pays "
    "for it.",
    needs=("sklearn.linear_model",),
)
question.ask(
    "Which line is closer to the points that it is fitted to?",
    ("never the one without", "never the one with", "it depends"),
    intercept_tradeoff.answer,
)
choices, below = st.container(horizontal=True, vertical_alignment="bottom"), st.container()
with choices:
    name = parts.data_name()
    centred = controls.switch("Centre the data first", key="centred")
line = parts.noisy_line(below) if name == "article" else None
table = line.draw() if line else uploads.table(name, below) if name != "article" else None
if table is None:
    st.stop()
columns = parts.columns(name, table, below)


@st.fragment
def live_part() -> None:
    if line is None or centred:  # centred data have no intercept to drag
        show(table, None, None)
        return
    with live_slider("true intercept", key="regression.intercept", low=-5, high=5, step=0.1, default=2.0) as (value, _):
        law = replace(line, intercept=value)
        show(law.draw(), law, exact.room_of(law, (-5.0, 5.0)))


@controls.refusing(st)
def show(data: Table, law: NoisyLine | None, room: tuple[float, float] | None) -> None:
    pair = parts.line_pair(data, columns.x, columns.y, centred)
    take_away.program(**parts.line_settings(name, law or line, columns), centred=centred)
    figure = exact.line_figure(pair, columns.drawn, room=room)
    x_title = f"{columns.x_title}, minus its mean" if centred else columns.x_title
    y_title = f"{columns.y_title}, minus its mean" if centred else columns.y_title
    frames = {"points": figure.points(), "lines": figure.lines(), "intercept": figure.intercept()}
    frames["legend"] = figure.legend()
    axes = {"x_title": x_title, "y_title": y_title, "x": figure.x, "y": figure.y}
    draw.chart(charts.fitted_lines, frames, key="fit", **axes)
    draw.plain(figure.sentence, *pair.warnings, figure.note)
    if details := draw.unfolded("In detail: intervals, measures and left-out rows", key="regression.details"):
        with details:
            draw.plain(pair.verdict)
            draw.table(exact.coefficients(pair))
            draw.table(exact.measures(pair))
            draw.plain(pair.r2_note)
    draw.text("### What each line leaves over")
    draw.chart(charts.residuals, {"points": figure.residuals()}, key="residuals", x_title=x_title, x=figure.x)

    curve = parts.origin(line) if line and law else None
    if curve and law:
        draw.text("### Where dropping the intercept is right")
        errors = {"curve": curve.to_frame(), "marks": exact.origin_marks(curve, law.intercept)}
        draw.chart(charts.origin_curve, errors, key="origin", reach=curve.reach)
        draw.plain(curve.verdict)
    take_away.tables(
        lambda: (
            {"Fits": pair.to_frame(), "Measures": pair.measures()}
            | {"Points": pair.points(columns.drawn), "Lines": frames["lines"]}
            | ({"Error by true intercept": curve.to_frame()} if curve else {})
        )
    )


live_part()
question = (
    "Drag the true intercept to 0: which line is closer to the truth then, and by how much?"
    if line and not centred
    else "Does the interval of the intercept contain 0? Does the line without it predict left-out rows any worse?"
)
draw.text(
    f"**What to notice.** {question} Centring makes both lines one, because the subtracted mean *is* the bias, put "
    "into the data by hand."
)
frame.link("norms", "Next: layers that subtract a mean take a bias away")
take_away.bar()
