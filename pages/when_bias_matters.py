"""When does a bias matter? Many tasks, many seeds: where it helps, where nothing can be told, where it hurts."""

import streamlit as st

from core.claims import article
from core.data.tasks import TASKS
from core.studies import recorded
from core.studies.visitor_study import study_so_far
from pages.parts import when_bias_matters as parts
from pages.shared import controls, draw, experiment_controls, frame, progress, question, run_log, take_away

frame.open_page(
    "when_bias_matters",
    "One network and its twin without bias, on many tasks chosen by hand, twenty times each. **Mostly a bias "
    "changes nothing that matters; sometimes it is everything.**",
    needs=("scipy.stats",),
)
question.ask(
    "On how many of the tasks does a bias help?",
    ("on most", "on about half", "on a third or fewer"),
    article.matters_answer,
)
with controls.refusing(st):
    parts.all_tasks()
draw.text("### One seed is a lottery")
below = st.container()
task = experiment_controls.task(below)
if task is None:
    run_log.show()
    take_away.bar(program=False)
    st.stop()
experiment_controls.show_task(task)
name, study = task.name, None
with controls.refusing(st):
    if name in TASKS:
        study = recorded.recorded(name)
        parts.one_task(study, "recorded")
        draw.text(task.argument, "### Which of the two biases is it, if any?")
        parts.which_bias(study, "recorded")
        draw.text("### When the pictures change after training")
        parts.stresses(study, "recorded")
with controls.refusing(st), st.expander("Where a bias hurts most: a denoiser under dimmer light"):
    parts.denoisers()
runs = st.expander("Run it here, with seeds and settings of your own", expanded=study is None)
settings = here = None
with controls.refusing(runs), runs:
    settings = parts.study_settings(task)


def growing(events: progress.Events) -> None:
    """The verdict so far."""
    so_far = settings and study_so_far(settings, events)
    if so_far:
        draw.text(f"So far: {so_far.sentence()}")


if settings:
    take_away.program(**experiment_controls.program_settings(settings))
    with runs:
        job = experiment_controls.work("study", settings, f"Run {settings.n_seeds} seeds", growing)
        here = study_so_far(settings, job.events) if job and job.state == "done" else None
        if job and here:
            run_log.note(experiment_controls.in_words(settings), job.command, here.sentence())
            parts.beside(study and parts.recorded_beside(settings, study), here, settings)
if study:
    take_away.tables(
        lambda: (
            {
                "All tasks": recorded.recorded_overview(),
                "Differences between arms": study.summary,
                "Runs": study.runs,
                "Denoisers": recorded.recorded_results(recorded.DENOISERS).runs,
            }
            | ({"Runs here": here.runs} if here else {})
        )
    )
run_log.show()
draw.text(
    "**What to notice.** Which rows are certain before any network is trained, and which could only be found out by "
    "training many? How often would a single pair of a tie have told you a story?"
)
frame.link("only_biases", "Next: let nothing but the biases learn")
take_away.bar(program=name in TASKS)
