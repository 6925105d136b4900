"""When does a bias matter? Many tasks, many seeds: where it helps, where nothing can be told, where it hurts."""

import streamlit as st

from core.data.tasks import TASKS
from core.errors import InputError
from pages.shared import (
    controls,
    draw,
    experiment,
    findings,
    frame,
    own_pictures,
    predict,
    run_log,
    running,
    studied,
    take_away,
)

frame.open_page(
    "Experiment",
    "When does a bias matter?",
    "One network and its twin without bias, on many tasks, twenty times each. **Mostly a bias changes nothing that "
    "matters; sometimes it is everything.**",
    needs=("scipy.stats",),
)
predict.first("when_bias_matters")
study = None
try:
    findings.all_tasks()
except InputError as error:
    controls.refuse(st, error)
draw.text("### One task from all sides")
below = st.container()
task = experiment.task(below)
if task is None:
    run_log.show()
    take_away.bar("when_bias_matters", program=False)
    st.stop()
experiment.show_task(task)
name = task.name
try:
    if name in TASKS:
        study = studied.recorded_study(name)
        findings.one_task(study, "recorded")
        draw.text(task.argument, "### Which of the two biases is it, if any?")
        findings.which_bias(study, "recorded")
        draw.text("### When the pictures change after training")
        findings.stresses(study, "recorded")
    if name == "digits":
        findings.remedy()
except InputError as error:
    controls.refuse(st, error)

try:
    findings.denoisers()
except InputError as error:
    controls.refuse(st, error)

draw.text(
    "### Run it here",
    "On this machine, with 5 to 100 seeds and settings of your own; beside the record, where there is one.",
)
settings = here = None
try:
    settings = experiment.study_settings(task)
except InputError as error:
    controls.refuse(st, error)


def growing(events: running.Events) -> None:
    """The verdict so far."""
    so_far = settings and studied.study_so_far(settings, events)
    if so_far:
        draw.text(f"So far: {findings.verdict(so_far)}")


if settings:
    take_away.program("when_bias_matters", **experiment.program_settings(settings))
    command = own_pictures.command("study", settings)
    job = running.work(command, f"Run {settings.n_seeds} seeds", growing, own_pictures.given(settings))
    here = studied.study_so_far(settings, job.events) if job and job.state == "done" else None
    if here:
        run_log.note("when_bias_matters", experiment.in_words(settings), command, findings.verdict(here))
        findings.beside(study and studied.recorded_beside(settings, study), here, settings)
if study:
    take_away.tables(
        "when_bias_matters",
        lambda: (
            {
                "All tasks": studied.overview(),
                "Differences between arms": study.summary,
                "Runs": study.runs,
                "Denoisers": studied.recorded_denoisers().runs,
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
