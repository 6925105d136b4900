"""The least that a page with a live slider can be: one sentence, one small chart. `benchmarks.dragging` runs it."""

import pyarrow as pa
import streamlit as st

from pages.shared import server
from pages.shared.live_slider.component import live_slider

SPEC = {
    "data": {"name": "line"},
    "mark": "line",
    "height": 200,
    "encoding": {
        "x": {"field": "x", "type": "quantitative"},
        "y": {"field": "y", "type": "quantitative", "scale": {"domain": [-5, 5]}},
    },
}


@st.fragment
def live_part() -> None:
    with live_slider("bias b", key="floor.b", low=-3.0, high=3.0, step=0.05, default=1.0) as (bias, _):
        st.markdown(f"The line begins at {bias:.2f}.")
        line = pa.table({"x": [0.0, 1.0], "y": [bias, bias + 1.0]})
        st.vega_lite_chart({**SPEC, "datasets": {"line": line}}, key="line")


server.tune_server()
st.title("Floor")
live_part()
server.freeze_gc()
