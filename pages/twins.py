"""Is the network with biases better than its twin without? One pair, trained here, from the same start."""

import streamlit as st

from core.charts import training
from core.charts.palette import WITH, WITHOUT
from core.errors import InputError
from pages.shared import controls, draw, experiment, frame, own_pictures, run_log, running, studied, take_away
from pages.shared.gallery import gallery
from pages.shared.live_slider.component import live_slider

frame.open_page(
    "Experiment",
    "One network and its twin",
    "Two networks start as the same function and see the same pictures in the same order. **The only difference: one "
    "has biases, its twin has none.** Which is better on pictures that neither has seen?",
    needs=("sklearn.model_selection",),
)
choices, details = st.container(horizontal=True, vertical_alignment="bottom"), st.container()
try:
    with choices:
        settings = experiment.twin_settings(details)
except InputError as error:
    controls.refuse(details, error)
    st.stop()
if settings is None:
    take_away.bar("twins", program=False)
    st.stop()
take_away.program("twins", **experiment.program_settings(settings))
experiment.show_task(settings.the_task())
guess = experiment.guess(settings.task)
command = own_pictures.command("twins", settings)


def growing(events: running.Events) -> None:
    """Both twins' curves so far."""
    if any("rows" in event for event in events):
        draw.chart(
            training.learning_curves, {"rows": studied.curves_frame(events)}, key="curves", n_epochs=settings.n_epochs
        )


job = running.work(command, "Train both twins", growing, own_pictures.given(settings))
if job is None or job.state != "done" or "twins" not in job.last:
    run_log.show()
    take_away.bar("twins", program=settings.own is None)
    st.stop()
kept = own_pictures if settings.own else studied
report = kept.twin_report(settings, job.last["twins"])
run_log.note("twins", experiment.in_words(settings), command, report.sentence)
draw.text(f"**{report.guessed(guess)}**" if guess else "", report.sentence, *report.notes, settings.argument)
growing(job.events)
if settings.n_epochs:
    st.caption("Strong lines: the test pictures. Faint lines: the training pictures.")


@st.fragment
def under_the_dial() -> None:
    """All that follows the brightness."""
    draw.text("### The brightness dial", "Both stay as they were trained; every test picture is multiplied by *k*.")
    draw.text(settings.about_light)
    with live_slider("brightness k", key="twins.k", low=0.03, high=10, step=0.02, default=1.0, log=True) as (k, _):
        index = experiment.test_picture(report)
        take_away.program("twins", k=k, test_picture=index)
        draw.chart(
            training.dial_curves, {"rows": report.contrast, "marks": report.at(k)}, key="dial", low=0.03, high=10
        )
        draw.text(draw.escaped(report.dial_sentence(index, k)))
        with st.container(horizontal=True, vertical_alignment="center"):
            gallery(experiment.dialled(report, index, k), size=112)
            draw.chart(
                training.class_probabilities,
                {"decision": report.decision(index, k)},
                key="decision",
                classes=report.task.classes,
            )


under_the_dial()
draw.text("### Where the twins disagree", report.disputed_sentence)
gallery(experiment.disputed(report), size=92)
draw.text("### What each gets wrong")
experiment.both_confusions(report)
draw.text("### What they have learned", report.kernel_sentence)
for arm in (WITH, WITHOUT):
    gallery(experiment.kernels(report, arm), size=704)
if settings.n_epochs:
    draw.chart(training.bias_bars, {"rows": report.biases()}, key="biases", **report.bias_axes)
draw.text("### One pair proves nothing", "Another seed may tell another story. What do twenty of them say?")
st.page_link(
    "pages/when_bias_matters.py",
    label="This task with twenty seeds, an interval and a verdict",
    icon=":material/arrow_forward:",
)
take_away.tables(
    "twins",
    lambda: {
        "Curves": studied.curves_frame(job.events),
        "Accuracy by brightness": report.contrast,
        "Confusion": report.confusion(),
        "Biases": report.biases(),
    },
)
run_log.show()
st.markdown(
    "**What to notice.** Drag the brightness down: does either twin keep its answers, and must it? Then train with "
    "another seed: does the same twin win again?"
)
take_away.bar("twins", program=settings.own is None)
