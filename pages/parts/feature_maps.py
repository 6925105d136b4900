"""The colour scales of the maps of one filter."""

import pandas as pd
import streamlit as st

from core.charts import feature_maps as charts
from core.data.pictures import Picture
from core.exact.threshold_sides import is_gate
from pages.shared import filtered_picture


@st.cache_resource(max_entries=4, show_spinner=False, scope="session", hash_funcs=filtered_picture.BY_DIGEST)
def map_bars(picture: Picture, kernel: filtered_picture.Weights, activation: str) -> pd.DataFrame:
    """The colour scales of the sums of products and of both maps."""
    z = filtered_picture.filtered(picture, kernel)
    return charts.bar_frame(
        ("Sum of products", "signed", -z.farthest, z.farthest, False),
        ("Both maps", "viridis", *z.scale(activation), is_gate(activation)),
    )
