"""The controls of experiments: which task, which biases, which training."""

from typing import Any

import streamlit as st

from core.charts.palette import picture_url
from core.data.tasks import TASKS, Task
from core.format import setting
from core.studies.visitor_study import StudySettings
from core.twins.training import MOST_EPOCHS, TwinSettings
from pages.shared import controls, draw, progress, uploaded_pictures
from pages.shared.gallery import Card, gallery
from pages.shared.jobs import Job
from pages.shared.progress import Growing


def task(place: Any, *first: str) -> Task | None:
    """A built-in task, or the visitor's own; None, with a sentence, while there is none.

    Those that are named come first.
    """
    names = dict.fromkeys((*first, *TASKS))
    titles = {name: TASKS[name].title for name in names} | {controls.OWN: "Your own pictures"}
    name = controls.choose("Task", titles, key="task")
    return uploaded_pictures.task(place) if name == controls.OWN else TASKS[name]


def whose(task: Task) -> dict[str, Any]:
    """The settings that name a task."""
    return {"task": task.name, "own": None if task.name in TASKS else task}


def work(kind: str, settings: TwinSettings | StudySettings, button: str, growing: Growing, **more: Any) -> Job | None:
    """The "twins" or the "study" of these settings, drawn as far as they are; None while nobody has asked for them.

    The rest is as `progress.work` takes it.
    """
    command = uploaded_pictures.command(kind, settings)
    return progress.work(command, button, growing, uploaded_pictures.given(settings), **more)


def in_words(settings: TwinSettings | StudySettings) -> str:
    """The settings in one line."""
    which = f"{settings.n_seeds} seeds" if isinstance(settings, StudySettings) else f"seed {settings.seed}"
    normed = ", batch norm" if settings.batch_norm else ""
    training = f"{settings.n_epochs} epochs, rate {setting(settings.learning_rate)}{normed}"
    return f"{settings.the_task.title}: {which}, {training}"


def program_settings(settings: TwinSettings | StudySettings) -> dict[str, Any]:
    """The settings as the page's program calls them."""
    named = settings.record()
    if isinstance(settings, StudySettings):
        named.pop("batch_norm")
        named["margin"] = settings.the_task.margin
    return named


def rate() -> float:
    return controls.number("learning rate", key="rate", low=1e-5, high=1.0, default=3e-3, step=1e-3, format="%g")


def varied_contrast() -> bool:
    return controls.switch("Train on varied contrast: each picture times 0.03 to 10", key="varied")


def epochs(default: int) -> int:
    """Each default has a field of its own, or one task's number would stay for the next."""
    key = "epochs" if default == 20 else f"epochs_{default}"
    return controls.whole("epochs", key=key, low=0, high=MOST_EPOCHS, default=default)


@st.cache_resource(max_entries=32, show_spinner=False)
def built_in_examples(task: str) -> list[list[str]]:
    """A few test pictures of every class of a built-in task, as data URLs."""
    return [[picture_url(pixels, 0, 1, "grey") for pixels in few] for _, few in TASKS[task].examples()]


def show_task(task: Task) -> None:
    """The question, and test pictures of each class; a visitor's own stand below their uploader."""
    draw.text(f"**{task.question}**")
    if task.name not in TASKS:
        return
    most = 1 if len(task.classes) > 4 else None
    words = zip(task.classes, built_in_examples(task.name), strict=True)
    gallery([Card(url, name) for name, urls in words for url in urls[:most]], size=52)
