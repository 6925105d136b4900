"""Biases that learn under the eye, five columns of them to be swapped, and rows of means."""

from typing import TYPE_CHECKING

import streamlit as st

from core.charts import only_biases as charts
from core.charts.palette import picture_url
from core.models.random_network import N_EPOCHS
from core.studies.experiments import five_tasks, only_biases, rounded_weights, ten_pictures
from core.studies.experiments.experiment import Results
from core.studies.learning_biases import LearningBiases
from core.studies.recorded import N_SEEDS, recorded_columns
from pages.shared import controls, draw
from pages.shared.draw import term
from pages.shared.gallery import Card, gallery

if TYPE_CHECKING:
    import pandas as pd

STANDARD = 1000  # hidden units
SLICE, EVERY = 0.15, 0.25  # seconds of training at a time, and between two looks
MENDING = (rounded_weights.MENDED, rounded_weights.ROUNDED)
CHOSEN = tuple(study.CHOSEN for study in (only_biases, five_tasks, ten_pictures, rounded_weights))


def width() -> int:
    """How many hidden units there are, one of the recorded widths; in the link as it stands on the slider."""
    chosen: int = st.select_slider("hidden units", only_biases.WIDTHS, STANDARD, str, key="units", **controls.LINKED)
    return chosen


@st.cache_resource(max_entries=8, show_spinner=False)
def learner(units: int) -> LearningBiases:
    """The network of this width, as far as anybody has trained it."""
    return LearningBiases(units)


def learning(units: int, results: Results) -> None:
    """The training, as far as it is: it goes on while somebody who asked for it looks on."""
    if not st.session_state.get("learning") and not st.button("Train the biases", type="primary"):
        shown(LearningBiases(units), results)
        return
    st.session_state["learning"] = True
    if learner(units).done:
        shown(learner(units), results)
    else:
        st.fragment(_watch, run_every=EVERY)(units, results)


def _watch(units: int, results: Results) -> None:
    learner(units).go_on(SLICE)
    if learner(units).done:
        st.rerun()
    shown(learner(units), results)


def shown(network: LearningBiases, results: Results) -> None:
    """Ten new digits and what the network takes them for, its curve, and where it stands among all widths."""
    gallery(
        [
            Card(picture_url(pixels, 0, 1, "grey"), f"{digit} → {answer} " + ("✓" if answer == digit else "✗"))
            for pixels, digit, answer in network.answers()
        ],
        size=60,
    )
    rows, small = only_biases.width_curve(results), only_biases.small_network(results)
    drawn = {
        "rows": rows,
        "marks": rows[rows["n_units"] == len(network.layers[0].weights)],
        "small": small.assign(title="small network: " + small["title"].replace(only_biases.BOTH, "both")),
    }
    left, right = st.columns(2)
    with left:
        draw.chart(charts.learning_curve, {"rows": network.to_frame()}, key="learning", n_epochs=N_EPOCHS)
    with right:
        draw.chart(charts.width_curve, drawn, key="widths")
    draw.text(network.sentence)


def swapped(rows: "pd.DataFrame") -> None:
    """Five columns of biases as pictures; one of them is in the network, and ten digits get its answers."""
    columns = recorded_columns()
    titles = {name: asked.title for name, asked in five_tasks.FIVE.items()}
    task = controls.choose("Biases in the network", titles, key="swapped")
    means = {
        row["task"]: f"{row['mean']:.1f}% ({row['low95']:.1f} to {row['high95']:.1f})"
        for row in rows.to_dict("records")
    }
    gallery(
        [
            Card(
                picture_url(columns.hidden_biases(name), -columns.reach, columns.reach, "signed"),
                ("▸ " if name == task else "") + f"{titles[name]}\n{means[name]}",
            )
            for name in five_tasks.FIVE
        ],
        size=128,
    )
    digits = zip(columns.pictures(), columns.answers(task, slice(10)), strict=True)
    gallery([Card(picture_url(pixels, 0, 1, "grey"), words) for pixels, words in digits], size=60)
    draw.explained(
        columns.sentence(task),
        f":small[A square is one column of biases, blue below 0, red above; shares over {N_SEEDS} "
        f"{term('seed', 'seeds')}, 95% {term('interval')}.]",
    )


def intervals(rows: "pd.DataFrame", *, key: str, states: tuple[str, str]) -> None:
    """Means with their intervals, a row a title."""
    titles = tuple(dict.fromkeys(rows["title"]))
    draw.chart(charts.interval_rows, {"rows": rows}, key=f"rows {key}", titles=titles, states=states)
