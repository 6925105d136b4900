"""What a pair of twins is made from, and what is shown of it."""

from typing import Any

import streamlit as st

from core.arms import ARMS
from core.charts import twins as charts
from core.charts.palette import picture_url
from core.format import setting
from core.twins.report import GUESSES, TwinReport, report
from core.twins.training import TwinSettings, twins_from
from pages.shared import controls, draw, experiment_controls
from pages.shared.gallery import Card

BIASES = {"both": "Everywhere", "conv": "In the convolutions", "dense": "In the dense layer"}


def twin_settings(place: Any) -> TwinSettings | None:
    """What a pair of twins is made from; the details are drawn at `place`. None while there is no task."""
    chosen = experiment_controls.task(place)
    biases = controls.choose("The first twin has biases", BIASES, key="biases")
    with place.expander("Seed, epochs, learning rate, batch norm, contrast"):
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


def test_picture(report: TwinReport) -> int:
    """Which test picture is under the dial; the first that the twins disagree on, if any, is the default."""
    first = int(report.disputed[0]) if len(report.disputed) else 0
    return controls.whole(
        "test picture", key="picture_number", low=0, high=len(report.images) - 1, default=first, width=150
    )


def dialled_picture(report: TwinReport, index: int, k: float) -> list[Card]:
    """A test picture times k; what is brighter than white is shown white."""
    true = report.task.classes[report.split.y_test[index]]
    return [Card(picture_url(report.images[index] * k, 0, 1, "grey"), f"{true}, times {setting(k)}")]


def disputed_pictures(report: TwinReport, most: int = 12) -> list[Card]:
    """The first test pictures that the twins disagree on."""
    return [Card(picture_url(report.images[i], 0, 1, "grey"), report.words(i)) for i in report.shown_disputed(most)]


def kernels(report: TwinReport, arm: str) -> list[Card]:
    """The first layer's kernels in a row."""
    most = report.largest_weight
    return [Card(picture_url(report.kernels(arm), -most, most, "signed"), arm)]


def both_confusions(report: TwinReport) -> None:
    """What each twin takes for what, side by side, below each other on a phone."""
    frame, most = report.confusion(), report.most_mistakes
    for arm, column in zip(ARMS, st.columns(2), strict=True):
        with column:
            draw.text(f"**{arm[:1].upper()}{arm[1:]}**")
            rows = frame[frame["arm"] == arm]
            draw.chart(charts.mistakes, {"rows": rows}, key=f"mistakes {arm}", classes=report.task.classes, most=most)


@st.cache_resource(max_entries=8, show_spinner=False)
def twin_report(settings: TwinSettings, _record: dict[str, Any]) -> TwinReport:
    """What a trained pair does; the record follows from the settings."""
    return report(settings, twins_from(_record))
