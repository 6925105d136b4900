"""A slider whose value reaches Python at every step of the drag, with a number field beside it."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

FARTHEST = 1e6
"""The largest number that the field beside the slider takes."""

HEIGHT = 44  # pixels
HERE = Path(__file__).parent
HTML = """<div class="live">
<label for="range"></label><input id="range" type="range">
<input role="spinbutton" autocomplete="off"><button type="button" hidden></button>
</div>"""
COMPONENT = st.components.v2.component(
    "live_slider", html=HTML, css=(HERE / "slider.css").read_text(), js=(HERE / "slider.js").read_text()
)


class Dragged(NamedTuple):
    """What the slider tells: its value, and how many pixels wide it is (0 until it has said so)."""

    value: float
    width: int


@contextmanager
def live_slider(
    label: str,
    *,
    key: str,
    low: float,
    high: float,
    step: float,
    default: float,
    measure: bool = False,
    log: bool = False,
    play: tuple[float, float] | None = None,
    start: str = "",
) -> Iterator[Dragged]:
    """Draw the slider above what is drawn inside the `with`; use it inside an `st.fragment`.

    The slider is told that its value has been dealt with when the `with` ends, so that the next value of a drag is
    sent when all that depends on the last one is on its way, and never interrupts it.

    The key is "page.parameter": the page it stands on, and the name of its parameter in the share link. The track has
    ends and a step; the number field takes any value up to `FARTHEST`. A track from below 0 to above it is filled from
    0. On a logarithmic track the step is one of the power of ten, only values above 0 are taken, and both ends, the
    default and 1 are reached whatever the step. With `play`, two values, a button moves it once from one to the
    other; each new name in `start` presses it once, for what a visitor has just asked to see.
    With `measure` the slider tells its own width, and tells it again when it changes. While nobody has moved it, it
    follows its default.
    """
    place = st.container()
    parameter = key.split(".")[1]
    memory = st.session_state.setdefault(f"memory of {key}", {"token": "", "value": default, "width": 0})
    if memory["value"] == memory.get("default"):
        memory["value"] = default
    memory["default"] = default
    event = (st.session_state.get(key) or {}).get("value")
    if event and event["token"] != memory["token"]:
        memory.update(token=event["token"], value=_number(event["value"], default, log), width=int(event["width"]))
        settled = bool(event["done"])
    else:
        memory["value"] = _number(st.query_params.get(parameter, memory["value"]), default, log)
        settled = True
    if settled:
        _write_link(parameter, memory["value"], default)
    track = {"label": label, "parameter": parameter, "low": low, "high": high, "step": step, "standard": default}
    track |= {"log": log, "signed": not log and low < 0 < high, "play": play, "start": start}
    try:
        yield Dragged(memory["value"], memory["width"])
    finally:
        with place:
            now = {"value": memory["value"], "echo": memory["token"], "measure": measure}
            # without a callback no state is kept
            COMPONENT(key=key, data=track | now, height=HEIGHT, on_value_change=lambda: None)


def _number(text: Any, default: float, positive: bool) -> float:
    """What a visitor or a link wrote, as a finite number no farther than `FARTHEST`; else the default."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return default
    if not math.isfinite(value) or (positive and value <= 0):
        return default
    return min(max(value, -FARTHEST), FARTHEST)


def _write_link(parameter: str, value: float, default: float) -> None:
    text = f"{value:.10g}"
    if value == default:
        st.query_params.pop(parameter, None)
    elif st.query_params.get(parameter) != text:
        st.query_params[parameter] = text
