"""Is the network with biases better than its twin without? One pair, trained here, from the same start."""

import streamlit as st

from core.charts import twins as charts
from core.twins.training import curves_frame, train_twins
from pages.parts import twins as parts
from pages.shared import controls, draw, experiment_controls, frame, progress, run_log, take_away, uploaded_pictures
from pages.shared.gallery import gallery
from pages.shared.live_slider.component import live_slider

frame.open_page(
    "twins",
    "Two networks start as the same function and see the same pictures in the same order. **The only difference: one "
    "has biases, its twin has none.**",
    needs=("sklearn.model_selection",),
)
choices, stage = st.container(horizontal=True, vertical_alignment="bottom"), st.container()
details = st.expander("Which biases, seed, epochs, learning rate, batch norm, contrast")
settings = None
with controls.refusing(stage):
    settings = parts.twin_settings(choices, stage, details)
if settings is None:
    take_away.bar(program=False)
    st.stop()
take_away.program(**experiment_controls.program_settings(settings))
with stage:
    guess = parts.guess(settings.the_task)


def growing(events: progress.Events) -> None:
    """The watched pictures with both twins' newest answers, and both curves so far."""
    parts.learning(settings, events)
    if any("rows" in event for event in events):
        draw.chart(charts.learning_curves, {"rows": curves_frame(events)}, key="curves", n_epochs=settings.n_epochs)


with stage:
    ahead = None if settings.own else lambda: train_twins(settings)
    job = experiment_controls.work("twins", settings, "Train both twins", growing, place=choices, ahead=ahead)
    if job is None:
        parts.learning(settings, [])
if job is None or job.state != "done":
    run_log.show()
    take_away.bar(program=settings.own is None)
    st.stop()
parts.train_again(settings, choices)
kept = uploaded_pictures if settings.own else parts
report = kept.twin_report(settings, job.last["twins"])
run_log.note(experiment_controls.in_words(settings), job.command, report.sentence)


@st.fragment
def live_part() -> None:
    start = parts.just_asked(job.command)
    track = {"low": 0.03, "high": 10, "step": 0.02, "default": 1.0, "play": (1.0, 0.03)}
    with live_slider("brightness k", key="twins.k", **track, log=True, start=start) as (k, _):
        dimmed = controls.dim_biases()
        parts.in_light(report, k, dimmed)
        draw.chart(charts.dial_curves, report.dial(k), key="dial")
        draw.text(report.light_sentence(k), settings.about_light)
        with st.expander("One test picture, class by class"):
            index = parts.test_picture(report)
            draw.text(draw.escaped(report.picture_sentence(index, k, dimmed=dimmed)))
            decision = {"decision": report.decision(index, k, dimmed=dimmed)}
            draw.chart(charts.class_probabilities, decision, key="decision", classes=report.task.classes)
        take_away.program(k=k, test_picture=index, dim_biases=dimmed)


with stage:
    told = f"{report.guess_sentence(guess)} " if guess else ""
    draw.text(f"**{told}{report.sentence}**", *report.notes, settings.argument)
    live_part()
draw.text("### The pictures on which they disagree", report.disputed_sentence)
gallery(parts.disputed_pictures(report), size=parts.WATCHED)
if settings.n_epochs:
    draw.text("### How they learned", ":small[Strong lines: the test pictures. Faint lines: the training pictures.]")
    curves = {"rows": curves_frame(job.events)}
    draw.chart(charts.learning_curves, curves, key="learned", n_epochs=settings.n_epochs)
take_away.tables(lambda: {"Curves": curves_frame(job.events), "Accuracy by brightness": report.contrast})
run_log.show()
draw.text(
    "**What to notice.** Drag the brightness down: does either twin keep its answers, and must it? Then train with "
    "another seed: does the same twin win again?"
)
frame.link("when_bias_matters", "Next: one pair proves nothing. Twenty seeds of this task, with a verdict")
take_away.bar(program=settings.own is None)
