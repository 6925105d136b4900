"""What the page of one opened network is made of: the recorded pair, the controls, the maps of both twins."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from core.arms import WITH, WITHOUT
from core.charts import feature_maps, when_bias_matters
from core.charts import inside as charts
from core.charts.feature_maps import map_at, mosaic, place_of
from core.charts.palette import picture_url
from core.data import tasks
from core.data.digits import Floats
from core.data.picture_sets.resize import as_digit
from core.exact.one_pixel import PixelSum
from core.studies import recorded
from core.studies.experiments import bias_removal
from core.studies.overview import with_margin
from core.twins import one_picture
from core.twins.one_picture import Trace, channel_steps, pixel_sentence
from core.twins.report import TwinReport, report
from core.twins.switched_off import AblatedPair, switch_off
from core.twins.training import TwinSettings
from pages.shared import controls, draw, experiment_controls, take_away, uploaded_pictures, uploads
from pages.shared.gallery import Card
from pages.shared.live_maps.component import Tile, clicked_pixel, live_maps

ACROSS = 4
"""Maps in a row of a mosaic."""
LABELS, NUMBER = 80, 45
"""Pixels that the names of the steps take, and a number behind the last bar."""
LEAST, MOST = 1e-6, 1e6
"""The dimmest and the brightest light; a number field takes more."""
ALL = "all biases"
DIGIT, BLANK = "digit", "blank"
NETWORKS = {"recorded": "Trained on digits", controls.OWN: "Trained on your pictures"}
PICTURES = {DIGIT: "A test picture", BLANK: "A blank picture", controls.OWN: "Your own picture"}
TASKS = {name: tasks.TASKS[name].title for name in bias_removal.TRIED}
"""Tasks on which biases were taken away."""
ARMS = {WITH: "The one with bias", WITHOUT: "Its twin"}
NAMED = {WITHOUT: "ReLU(sum)", WITH: "ReLU(sum + b)"}
"""Both, in the order in which their maps stand."""


class Pixel(NamedTuple):
    """One number of one map."""

    arm: str
    layer: str
    number: int
    row: int
    column: int


def pair(place: Any) -> TwinReport | None:
    """The recorded pair, or one trained on the visitor's pictures; None while there is none."""
    if controls.choose("Networks", NETWORKS, key="opened") != controls.OWN:
        return recorded_pair()
    task = uploaded_pictures.task(place)
    if task is None:
        return None
    settings = TwinSettings(task=task.name, own=task, n_epochs=task.n_epochs)
    with place:
        job = experiment_controls.work("twins", settings, "Train both twins", lambda _: None)
    return uploaded_pictures.twin_report(settings, job.last["twins"]) if job and job.state == "done" else None


@st.cache_resource(max_entries=1, show_spinner=False)
def recorded_pair() -> TwinReport:
    """The recorded pair and its test pictures."""
    return report(TwinSettings(), recorded.recorded_twins())


@st.cache_resource(
    max_entries=32, show_spinner=False, scope="session", hash_funcs={TwinReport: lambda r: repr(r.settings)}
)
def network(pair: TwinReport, off: frozenset[tuple[str, int]]) -> AblatedPair:
    """A pair with some biases of the first twin switched off."""
    return switch_off(pair, off)


def all_removals() -> pd.DataFrame:
    """What taking biases away does on every task of `TASKS`."""
    found = {task: recorded.recorded_results(f"removals_{task}") for task in TASKS}
    tables = [bias_removal.removal_table(results).assign(task=task) for task, results in found.items()]
    return pd.concat(tables, ignore_index=True)


def trace(network: AblatedPair, picture: Floats, k: float, dimmed: bool) -> Trace:
    """The picture times k in both twins, and the biases too where they are dimmed along; k within float32's range."""
    light = within(k)
    return one_picture.trace(network, picture * np.float32(light), light=light if dimmed else 1.0)


def within(k: float) -> float:
    """The light k within float32's range."""
    return min(max(k, LEAST), MOST)


def card(trace: Trace) -> Card:
    """The picture as the networks see it; what is brighter than white is shown white."""
    return Card(picture_url(trace.picture, 0, 1, "grey"), "what both see")


def pixel_sum(trace: Trace, pixel: Pixel, width: int) -> PixelSum:
    """One number of one map, channel by channel, and product by product where that is opened."""
    entry = trace.pixel_sum(*pixel)
    steps = channel_steps(entry).assign(network=pixel.arm, reach=0.0)
    draw.text(pixel_sentence(entry))
    _waterfall(steps, "ledger", (width or draw.WIDE) - LABELS - NUMBER, "sum so far")
    if products := draw.unfolded("Product by product", key="inside.products"):
        with products:
            draw.formula(entry, channels=[f"channel {i}" for i in range(1, len(entry.weights) + 1)])
    return entry


def shares(trace: Trace, width: int) -> pd.DataFrame:
    """The logit of one class in both twins: what the picture adds, and the biases of each layer."""
    names = ["its answer", *trace.network.report.task.classes]
    chosen = controls.choose("Logit of class", {name: name for name in names}, key="logit_of", width=200)
    label = trace.answer if chosen == names[0] else names.index(chosen) - 1
    take_away.program(**{"class": None if chosen == names[0] else label})
    steps = trace.shares(label)
    reach = trace.network.report.largest_logit * trace.light  # dimmed along, all steps shrink alike
    _waterfall(steps.assign(reach=reach), "shares", draw.one_of(2, width) - LABELS // 2, "logit so far")
    draw.text(draw.escaped(trace.share_sentence(label)))
    return steps


def _waterfall(steps: pd.DataFrame, key: str, width: int, title: str) -> None:
    layers = tuple(steps["layer"].unique())
    draw.chart(charts.waterfall, {"steps": steps}, key=key, layers=layers, width=width, title=title)


def removals() -> None:
    """Biases taken away in every way, on one task."""
    task = controls.choose("Task", TASKS, key="removed")
    results = recorded.recorded_results(f"removals_{task}")
    rows = with_margin(bias_removal.removal_rows(results), tasks.TASKS[task].margin)
    options = {"titles": tuple(rows["title"]), "other": "all biases"}
    draw.chart(when_bias_matters.arm_differences, {"rows": rows}, key=f"removals {task}", **options)
    with st.expander("The same in numbers"):
        draw.text("\n".join(f"- {sentence}" for sentence in bias_removal.removal_sentences(results)))


def picture(pair: TwinReport, place: Any) -> Floats | None:
    """A test picture, a blank, or the visitor's own; None, with a sentence, while there is none."""
    images = pair.images
    kind = controls.choose("Picture", PICTURES, key="seen")
    if kind == controls.OWN:
        dark_ink = controls.switch("Dark ink on light paper", key="ink")
        own = uploads.own_picture(place)
        return None if own is None else as_digit(own, images.shape[1:], dark_ink=dark_ink)
    if kind == BLANK:
        take_away.program(picture=BLANK)
        blank: Floats = np.zeros_like(images[0])
        return blank
    number = controls.whole("test picture", key="digit", low=0, high=len(images) - 1, default=0)
    take_away.program(picture=number)
    chosen: Floats = images[number]
    return chosen


def switches(pair: TwinReport, layers_at: Any, names_at: Any) -> frozenset[tuple[str, int]]:
    """The biases that are switched off: whole layers in one place, one by one in another."""
    frame = pair.biases()
    names = {str(layer): group["filter"].tolist() for layer, group in frame.groupby("layer", sort=False)}
    with layers_at:
        whole = _pills("Switch off", [ALL, *names], key="off")
    layers = names if ALL in whole else whole
    off = {(layer, number) for layer in layers for number in range(len(names[layer]))}
    with names_at:
        for layer, filters in names.items():
            word = "class" if layer == "dense" else "filter"
            chosen = _pills(f"{layer}, {word}", filters, key=f"off_{layer}")
            off |= {(layer, filters.index(name)) for name in chosen}
    take_away.program(off=tuple(sorted(off)))
    return frozenset(off)


def runs_alone() -> bool:
    """Whether a program that knows no upload can make what the page shows."""
    return controls.OWN not in (st.session_state.get("opened"), st.session_state.get("seen"))


def _pills(label: str, names: list[str], *, key: str) -> list[str]:
    # a class may have a visitor's name, and the buttons take markdown
    return st.pills(label, names, selection_mode="multi", format_func=draw.escaped, key=key, **controls.LINKED)


def changed_pictures(network: AblatedPair, most: int = 12) -> list[Card]:
    """The first test pictures that change their answer."""
    images = network.report.images
    return [Card(picture_url(images[i], 0, 1, "grey"), network.words(i)) for i in network.changed[:most].tolist()]


def both_maps(trace: Trace, pixel: Pixel) -> None:
    """Both twins' maps of one layer, on one scale; the pixel is ringed."""
    low, high = trace.scale(pixel.layer)
    shown = {arm: mosaic(stages[pixel.layer].maps, ACROSS) for arm, stages in trace.stages.items()}
    live_maps(
        *(Tile(arm.capitalize(), NAMED[arm], picture_url(shown[arm], low, high), arm) for arm in NAMED),
        key=f"maps_{pixel.layer}",
        shape=shown[WITH].shape,
        pixel=place_of(*pixel[2:], _shape(trace, pixel.layer)[1:], ACROSS),
    )


def enlarged(trace: Trace, pixel: Pixel) -> None:
    """Both twins' maps of one filter, large, on the scale of the layer."""
    low, high = trace.scale(pixel.layer)
    maps = {arm: stages[pixel.layer].maps[pixel.number] for arm, stages in trace.stages.items()}
    name = f"{pixel.layer}, filter {pixel.number + 1}"
    live_maps(
        *(Tile(arm.capitalize(), name, picture_url(maps[arm], low, high), arm) for arm in NAMED),
        key=f"large_{pixel.layer}",
        layout="squares",
        shape=maps[WITH].shape,
        pixel=(pixel.row, pixel.column),
    )


def bar(trace: Trace, layer: str) -> None:
    """The colour scale of both twins' maps of a layer."""
    st.html(feature_maps.colour_bars((f"Both twins' {layer}", "viridis", *trace.scale(layer), True)))


def pixel(trace: Trace) -> Pixel:
    """Which number is opened, in fields that a click on a map fills."""
    layers = {name: name for name in trace.network.convolutions}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = controls.choose("Layer", layers, key="map_layer")
        arm = controls.choose("Network", ARMS, key="map_arm")
        n, height, width = _shape(trace, layer)
        fields = (("filter", "map", n, 1), ("row", "map_row", height, 0), ("column", "map_column", width, 0))
        st.session_state.update(_clicked(layer, n, (height, width)))
        standard = {"map": _largest_bias(trace, layer) + 1}
        for _, key, size, first in fields:  # a place outside a smaller map gives way to it
            if st.session_state.get(key, first) > size - 1 + first:
                st.session_state[key] = size - 1 + first
        numbers = [
            controls.whole(
                label, key=key, low=first, high=size - 1 + first, default=standard.get(key, size // 2), width=110
            )
            - first
            for label, key, size, first in fields
        ]
    found = Pixel(arm, layer, *numbers)
    take_away.program(**dict(zip(("network", "layer", "filter", "row", "column"), found, strict=True)))
    return found


def _largest_bias(trace: Trace, layer: str) -> int:
    """The filter whose bias is largest in size: of all it is the one that tells the twins apart."""
    biases = trace.network.report.biases()
    mine = biases.loc[biases["layer"] == layer, "bias"]
    return int(mine.abs().to_numpy().argmax()) if len(mine) else 0


def _clicked(layer: str, n: int, shape: tuple[int, int]) -> dict[str, int]:
    """The fields that a click on a map of this layer fills, where one started this run."""
    rows = -(-n // ACROSS)
    whole = (rows * shape[0] + (rows - 1), ACROSS * shape[1] + ACROSS - 1)
    if place := clicked_pixel([f"maps_{layer}"], whole):
        number, row, column = map_at(place, shape, ACROSS, n)
        return {"map": number + 1, "map_row": row, "map_column": column}
    if place := clicked_pixel([f"large_{layer}"], shape):
        return {"map_row": place[0], "map_column": place[1]}
    return {}


def _shape(trace: Trace, layer: str) -> tuple[int, int, int]:
    n, height, width = trace.stages[WITH][layer].maps.shape
    return n, height, width
