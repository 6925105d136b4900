"""Is the network with biases better than its twin without? One pair, trained here, from the same start."""

import streamlit as st

from core.arms import WITH, WITHOUT
from core.charts import twins as charts
from core.twins.training import curves_frame
from pages.parts import twins as parts
from pages.shared import controls, draw, experiment_controls, frame, progress, run_log, take_away, uploaded_pictures
from pages.shared.gallery import gallery
from pages.shared.live_slider.component import live_slider

frame.open_page(
    "twins",
    "Two networks start as the same function and see the same pictures in the same order. **The only difference: one "
    "has biases, its twin has none.** Which is better on pictures that neither has seen?",
    needs=("sklearn.model_selection",),
)
choices, details = st.container(horizontal=True, vertical_alignment="bottom"), st.container()
settings = None
with controls.refusing(details), choices:
    settings = parts.twin_settings(details)
if settings is None:
    take_away.bar(program=False)
    st.stop()
take_away.program(**experiment_controls.program_settings(settings))
experiment_controls.show_task(settings.the_task)
guess = parts.guess(settings.task)


def growing(events: progress.Events) -> None:
    """Both twins' curves so far."""
    if any("rows" in event for event in events):
        draw.chart(charts.learning_curves, {"rows": curves_frame(events)}, key="curves", n_epochs=settings.n_epochs)


job = experiment_controls.work("twins", settings, "Train both twins", growing)
if job is None or job.state != "done":
    run_log.show()
    take_away.bar(program=settings.own is None)
    st.stop()
kept = uploaded_pictures if settings.own else parts
report = kept.twin_report(settings, job.last["twins"])
run_log.note(experiment_controls.in_words(settings), job.command, report.sentence)
draw.text(f"**{report.guess_sentence(guess)}**" if guess else "", report.sentence, *report.notes, settings.argument)
growing(job.events)
if settings.n_epochs:
    st.caption("Strong lines: the test pictures. Faint lines: the training pictures.")


@st.fragment
def live_part() -> None:
    draw.text("### The brightness dial", "Both stay as they were trained; every test picture is multiplied by *k*.")
    draw.text(settings.about_light)
    with live_slider("brightness k", key="twins.k", low=0.03, high=10, step=0.02, default=1.0, log=True) as (k, _):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            index = parts.test_picture(report)
            dimmed = controls.dim_biases()
        take_away.program(k=k, test_picture=index, dim_biases=dimmed)
        draw.chart(charts.dial_curves, report.dial(k), key="dial")
        draw.text(draw.escaped(report.dial_sentence(index, k, dimmed=dimmed)))
        with st.container(horizontal=True, vertical_alignment="center"):
            gallery(parts.dialled_picture(report, index, k), size=112)
            decision = {"decision": report.decision(index, k, dimmed=dimmed)}
            draw.chart(charts.class_probabilities, decision, key="decision", classes=report.task.classes)


live_part()
draw.text("### Where the twins disagree", report.disputed_sentence)
gallery(parts.disputed_pictures(report), size=92)
draw.text("### What each gets wrong")
parts.both_confusions(report)
draw.text("### What they have learned", report.kernel_sentence)
for arm in (WITH, WITHOUT):
    gallery(parts.kernels(report, arm), size=704)
if settings.n_epochs:
    draw.chart(charts.bias_bars, {"rows": report.biases()}, key="biases", **report.bias_axes)
draw.text("### One pair proves nothing", "Another seed may tell another story. What do twenty of them say?")
frame.link("when_bias_matters", "This task with twenty seeds, an interval and a verdict")
take_away.tables(
    lambda: (
        {"Curves": curves_frame(job.events), "Accuracy by brightness": report.contrast}
        | {"Confusion": report.confusion(), "Biases": report.biases()}
    )
)
run_log.show()
st.markdown(
    "**What to notice.** Drag the brightness down: does either twin keep its answers, and must it? Then train with "
    "another seed: does the same twin win again?"
)
take_away.bar(program=settings.own is None)
