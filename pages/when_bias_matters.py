"""When does a bias matter? Many tasks, many seeds: where it helps, where nothing can be told, where it hurts."""

import streamlit as st

from core.claims import article
from core.data.tasks import TASKS
from core.errors import InputError
from core.studies import recorded
from core.studies.visitor_study import study_so_far
from pages.parts import when_bias_matters as parts
from pages.shared import (
    controls,
    draw,
    experiment_controls,
    frame,
    progress,
    question,
    run_log,
    take_away,
    uploaded_pictures,
)

frame.open_page(
    "Experiment",
    "When does a bias matter?",
    "One network and its twin without bias, on many tasks, twenty times each. **Mostly a bias changes nothing that "
    "matters; sometimes it is everything.**",
    needs=("scipy.stats",),
)
question.ask(
    "when_bias_matters",
    "On how many of the tasks does a bias help?",
    ("on most", "on about half", "on a third or fewer"),
    article.matters_answer,
)
study = None
try:
    parts.all_tasks()
except InputError as error:
    controls.refuse(st, error)
draw.text("### One task from all sides")
below = st.container()
task = experiment_controls.task(below)
if task is None:
    run_log.show()
    take_away.bar("when_bias_matters", program=False)
    st.stop()
experiment_controls.show_task(task)
name = task.name
try:
    if name in TASKS:
        study = recorded.recorded(name)
        parts.one_task(study, "recorded")
        draw.text(task.argument, "### Which of the two biases is it, if any?")
        parts.which_bias(study, "recorded")
        draw.text("### When the pictures change after training")
        parts.stresses(study, "recorded")
    if name == "digits":
        parts.remedy()
except InputError as error:
    controls.refuse(st, error)

try:
    parts.denoisers()
except InputError as error:
    controls.refuse(st, error)

draw.text(
    "### Run it here",
    "On this machine, with 5 to 100 seeds and settings of your own; beside the record, where there is one.",
)
settings = here = None
try:
    settings = parts.study_settings(task)
except InputError as error:
    controls.refuse(st, error)


def growing(events: progress.Events) -> None:
    """The verdict so far."""
    so_far = settings and study_so_far(settings, events)
    if so_far:
        draw.text(f"So far: {parts.verdict(so_far)}")


if settings:
    take_away.program("when_bias_matters", **experiment_controls.program_settings(settings))
    command = uploaded_pictures.command("study", settings)
    job = progress.work(command, f"Run {settings.n_seeds} seeds", growing, uploaded_pictures.given(settings))
    here = study_so_far(settings, job.events) if job and job.state == "done" else None
    if here:
        run_log.note("when_bias_matters", experiment_controls.in_words(settings), command, parts.verdict(here))
        parts.beside(study and parts.recorded_beside(settings, study), here, settings)
if study:
    take_away.tables(
        "when_bias_matters",
        lambda: (
            {
                "All tasks": parts.overview_rows(),
                "Differences between arms": study.summary,
                "Runs": study.runs,
                "Denoisers": recorded.recorded_denoisers().runs,
            }
            | ({"Runs here": here.runs} if here else {})
        ),
    )
run_log.show()
st.markdown(
    "**What to notice.** Which rows are certain before any network is trained, and which could only be found out by "
    "training many? Then drag your eye down the seeds of a tie: how often would a single pair have told you a story?"
)
take_away.bar("when_bias_matters", program=name in TASKS)
