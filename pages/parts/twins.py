"""What a pair of twins is made from, and what is shown of it."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core.arms import ARMS
from core.charts.palette import picture_url
from core.data.tasks import TASKS, Task
from core.twins.report import GUESSES, TwinReport, picture_words, report
from core.twins.training import TwinSettings, twins_from, watched
from pages.shared import controls, draw, experiment_controls, progress, uploaded_pictures
from pages.shared.gallery import Card, gallery

FIRST = ("dim_or_bright", "digits")
"""The tasks that stand first: the surprise, and what it is without one."""
WATCHED = 77  # pixels of a picture: eight stand in a row
BIASES = {"both": "Everywhere", "conv": "In the convolutions", "dense": "In the dense layer"}


def twin_settings(choices: Any, place: Any, details: Any) -> TwinSettings | None:
    """What a pair of twins is made from; its task stands among the choices. None while there is no task."""
    with choices:
        chosen = experiment_controls.task(place, *FIRST)
    with details:
        biases = controls.choose("The first twin has biases", BIASES, key="biases")
        with st.container(horizontal=True):
            seed = controls.whole("seed", key="pair", low=0, high=2**32 - 1, default=0)
            n_epochs = experiment_controls.epochs(chosen.n_epochs if chosen else 20)
            rate = experiment_controls.rate()
        batch_norm = controls.switch("Batch norm after each convolution, in both", key="batch_norm")
        varied = experiment_controls.varied_contrast()
    if chosen is None:
        return None
    return TwinSettings(
        **experiment_controls.whose(chosen),
        conv_bias=biases != "dense",
        dense_bias=biases != "conv",
        batch_norm=batch_norm,
        varied_contrast=varied,
        seed=seed,
        n_epochs=n_epochs,
        learning_rate=rate,
    )


def guess(task: Task) -> str | None:
    """What the visitor thinks will win on this task, one of `GUESSES`; None before they said."""
    return st.pills(
        f"**{draw.escaped(task.question)}** Which twin will get more of the new pictures right?",
        list(GUESSES),
        format_func=lambda name: GUESSES[name][:1].upper() + GUESSES[name][1:],
        key=f"guess {task.name}",
    )


def train_again(settings: TwinSettings, place: Any) -> None:
    """A button for the next seed, and one for the next task."""
    again = replace(settings, seed=(settings.seed + 1) % 2**32)
    place.button(f"Train with seed {again.seed}", type="primary", on_click=_ask, args=(again,))
    if settings.task == FIRST[0]:
        place.button(f"Now: {TASKS[FIRST[1]].title.lower()}", on_click=_other_task)


def _ask(settings: TwinSettings) -> None:
    st.session_state["pair"] = settings.seed
    progress.ask(uploaded_pictures.command("twins", settings), uploaded_pictures.given(settings))


def _other_task() -> None:
    st.session_state["task"] = FIRST[1]


def just_asked(command: tuple[str, ...]) -> str:
    """A name for this training where the visitor pressed its button just now; else an empty one."""
    return " ".join(command) if st.session_state.pop("asked", None) == command else ""


def learning(settings: TwinSettings, events: progress.Events) -> None:
    """The watched test pictures with what both twins say of each by now."""
    (urls, true), classes = _watched(settings), settings.the_task.classes
    answers = next((event["answers"] for event in reversed(events) if "answers" in event), None)
    words = [
        picture_words(classes, label, {twin: answers[twin][n] for twin in ARMS}) if answers else f"{classes[label]}\n\n"
        for n, label in enumerate(true)
    ]
    gallery([Card(url, said) for url, said in zip(urls, words, strict=True)], size=WATCHED)


def _watched(settings: TwinSettings) -> tuple[list[str], list[int]]:
    """The watched pictures as data URLs, and their classes."""
    return _drawn(settings) if settings.own else _watched_of(settings.task, settings.seed)


@st.cache_resource(max_entries=64, show_spinner=False)
def _watched_of(task: str, seed: int) -> tuple[list[str], list[int]]:
    return _drawn(TwinSettings(task=task, seed=seed))


def _drawn(settings: TwinSettings) -> tuple[list[str], list[int]]:
    split = settings.the_task.draw(settings.seed)
    places = watched(split)
    pixels = split.X_test[places].reshape(-1, *split.image_shape)
    return [picture_url(one, 0, 1, "grey") for one in pixels], split.y_test[places].tolist()


def in_light(report: TwinReport, k: float, dimmed: bool) -> None:
    """The watched pictures times k, and what both twins say of them; what is brighter than white is shown white."""
    words = report.words_in_light(k, dimmed=dimmed)
    pictures = [picture_url(report.images[i] * min(k, 1e3), 0, 1, "grey") for i in report.watched]
    gallery([Card(url, said) for url, said in zip(pictures, words, strict=True)], size=WATCHED)


def test_picture(report: TwinReport) -> int:
    """Which test picture is looked at; the first that the twins disagree on, if any, is the default."""
    first = int(report.disputed[0]) if len(report.disputed) else 0
    return controls.whole(
        "test picture", key="picture_number", low=0, high=len(report.images) - 1, default=first, width=150
    )


def disputed_pictures(report: TwinReport, most: int = 8) -> list[Card]:
    """The first test pictures that the twins disagree on."""
    return [Card(picture_url(report.images[i], 0, 1, "grey"), report.words(i)) for i in report.shown_disputed(most)]


@st.cache_resource(max_entries=8, show_spinner=False)
def twin_report(settings: TwinSettings, _record: dict[str, Any]) -> TwinReport:
    """What a trained pair does; the record follows from the settings."""
    return report(settings, twins_from(_record))
