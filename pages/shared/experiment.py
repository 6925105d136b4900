"""The controls of experiments: which task, which biases, which training."""

from typing import Any

import streamlit as st

from core.charts import training
from core.charts.palette import picture_url
from core.data.tasks import TASKS, Task
from core.numbers import setting
from core.studies.live_study import MOST_SEEDS, StudySettings
from core.studies.twin_report import GUESSES, TwinReport
from core.studies.twins import MOST_EPOCHS, TWINS, TwinSettings, as_record
from core.studies.verdicts import FEWEST_SEEDS
from pages.shared import controls, draw, own_pictures, studied
from pages.shared.gallery import Card, gallery

BIASES = {"both": "Everywhere", "conv": "In the convolutions", "dense": "In the dense layer"}


def task(place: Any) -> Task | None:
    """A built-in task, or the visitor's own; None, with a sentence, while there is none."""
    titles = {name: task.title for name, task in TASKS.items()} | {controls.OWN: "Your own pictures"}
    name = controls.choose("Task", titles, key="task")
    return own_pictures.task(place) if name == controls.OWN else TASKS[name]


def _whose(task: Task) -> dict[str, Any]:
    """The settings that name a task."""
    return {"task": task.name, "own": None if task.name in TASKS else task}


def twin_settings(place: Any) -> TwinSettings | None:
    """What a pair of twins is made from; the details are drawn at `place`. None while there is no task."""
    chosen = task(place)
    biases = controls.choose("The first twin has biases", BIASES, key="biases")
    with place.expander("Seed, epochs, learning rate, batch norm, contrast"):
        with st.container(horizontal=True):
            seed = controls.whole("seed", key="pair", low=0, high=2**32 - 1, default=0, width=150)
            n_epochs = _epochs(chosen.n_epochs if chosen else 20)
            rate = _rate()
        batch_norm = controls.switch("Batch norm after each convolution, in both", key="norm")
        varied = _varied()
    if chosen is None:
        return None
    return TwinSettings(
        **_whose(chosen),
        conv_bias=biases != "dense",
        dense_bias=biases != "conv",
        batch_norm=batch_norm,
        varied_contrast=varied,
        seed=seed,
        n_epochs=n_epochs,
        learning_rate=rate,
    )


def in_words(settings: TwinSettings | StudySettings) -> str:
    """The settings in one line."""
    task = settings.the_task if isinstance(settings, StudySettings) else settings.the_task()
    which = f"{settings.n_seeds} seeds" if isinstance(settings, StudySettings) else f"seed {settings.seed}"
    normed = ", batch norm" if settings.batch_norm else ""
    return f"{task.title}: {which}, {settings.n_epochs} epochs, rate {setting(settings.learning_rate)}{normed}"


def program_settings(settings: TwinSettings | StudySettings) -> dict[str, Any]:
    """The settings as the page's program calls them."""
    named = as_record(settings) if isinstance(settings, TwinSettings) else settings.record()
    if isinstance(settings, StudySettings):
        named.pop("batch_norm")
        named["margin"] = settings.the_task.margin
    return named


def study_settings(task: Task) -> StudySettings:
    """What a study that runs here is made from; what it shares with a pair of twins it shares with their page."""
    with st.container(horizontal=True):
        n_seeds = controls.whole("seeds", key="seeds", low=FEWEST_SEEDS, high=MOST_SEEDS, default=20, width=150)
        n_epochs = _epochs(task.n_epochs)
        rate = _rate()
    return StudySettings(
        **_whose(task),
        n_seeds=n_seeds,
        n_epochs=n_epochs,
        learning_rate=rate,
        varied_contrast=_varied(),
        batch_norm=controls.switch("Also the arms with batch norm", key="norm_arms"),
    )


def _rate() -> float:
    return controls.number(
        "learning rate", key="rate", low=1e-5, high=1.0, default=3e-3, step=1e-3, format="%g", width=150
    )


def _varied() -> bool:
    return controls.switch("Train on varied contrast: each picture times 0.03 to 10", key="varied")


def with_batch_norm() -> bool:
    """Whether the arms with batch norm are drawn too."""
    return controls.switch("Show the arms with batch norm too", key="norm_shown")


def _epochs(default: int) -> int:
    """Each default has a field of its own, or one task's number would stay for the next."""
    key = "epochs" if default == 20 else f"epochs_{default}"
    return controls.whole("epochs", key=key, low=0, high=MOST_EPOCHS, default=default, width=150)


STRESSES = {"contrast": "Contrast", "brightness": "Added light", "noise": "Noise"}


def stress() -> str:
    """What the test pictures undergo."""
    return controls.choose("Test pictures under", STRESSES, key="stress")


def guess(task: str) -> str | None:
    """What the visitor thinks will win on this task, one of `GUESSES`; None before they said."""
    return st.radio(
        "Before you train: which will get more of the new pictures right?",
        list(GUESSES),
        index=None,
        format_func=lambda name: GUESSES[name][:1].upper() + GUESSES[name][1:],
        horizontal=True,
        key=f"guess {task}",
    )


def show_task(task: Task) -> None:
    """The question, and test pictures of each class."""
    draw.text(f"**{task.question}**")
    urls_of_each = studied.examples(task.name) if task.name in TASKS else own_pictures.examples(task)
    words = zip(task.classes, urls_of_each, strict=True)
    few = len(task.classes) > 4
    gallery(
        [Card(url, name) for name, urls in words for url in (urls[:1] if few else urls)],
        size=52,
    )


def test_picture(report: TwinReport) -> int:
    """Which test picture is under the dial; the first that the twins disagree on, if any, is the default."""
    first = int(report.disputed[0]) if len(report.disputed) else 0
    return controls.whole(
        "test picture", key="picture_number", low=0, high=len(report.images) - 1, default=first, width=150
    )


def dialled(report: TwinReport, index: int, k: float) -> list[Card]:
    """A test picture times k; what is brighter than white is shown white."""
    true = report.task.classes[report.split.y_test[index]]
    return [Card(picture_url(report.images[index] * k, 0, 1, "grey"), f"{true}, times {setting(k)}")]


def disputed(report: TwinReport, most: int = 12) -> list[Card]:
    """The first test pictures that the twins disagree on."""
    return [Card(picture_url(report.images[i], 0, 1, "grey"), report.words(i)) for i in report.shown_disputed(most)]


def kernels(report: TwinReport, arm: str) -> list[Card]:
    """The first layer's kernels in a row."""
    most = report.largest_weight
    return [Card(picture_url(report.kernels(arm), -most, most, "signed"), arm)]


def both_confusions(report: TwinReport) -> None:
    """What each twin takes for what, side by side, below each other on a phone."""
    frame, most = report.confusion(), report.most_mistakes
    for arm, column in zip(TWINS, st.columns(2), strict=True):
        with column:
            draw.text(f"**{arm[:1].upper()}{arm[1:]}**")
            rows = frame[frame["arm"] == arm]
            draw.chart(training.mistakes, {"rows": rows}, key=f"mistakes {arm}", classes=report.task.classes, most=most)
