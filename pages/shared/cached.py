"""Core's answers, kept: every key is frozen settings or a digest, and every cache has a limit.

What comes from an upload is kept for its visitor's session only.
"""

import pandas as pd
import streamlit as st

from core.charts import maps
from core.data.pictures import Picture
from core.data.tables import BUILT_IN, NoisyLine, Table, read_table
from core.models.regression import RegressionPair, centre, fit_pair
from core.studies.line_figure import line_figure, origin_marks, room_of
from core.studies.one_filter import is_gate
from core.studies.one_line import OriginCurve, OriginSettings, origin_curve
from core.studies.one_pixel import ledger
from core.studies.one_unit import UnitPair, fresh_units, output_range
from core.studies.untied import parameter_sentence, position_biases
from pages.shared import pictures

__all__ = [
    "UnitPair",
    "fresh_units",
    "ledger",
    "line_figure",
    "origin_marks",
    "output_range",
    "parameter_sentence",
    "position_biases",
    "room_of",
]

BY_DIGEST = pictures.BY_DIGEST | {Table: lambda table: table.digest}


@st.cache_resource(max_entries=4, show_spinner=False, scope="session", hash_funcs=BY_DIGEST)
def map_bars(picture: Picture, kernel: pictures.Weights, activation: str) -> pd.DataFrame:
    """The colour scales of the sums of products and of both maps."""
    z = pictures.filtered(picture, kernel)
    return maps.bar_frame(
        ("Sum of products", "signed", -z.farthest, z.farthest, False),
        ("Both maps", "viridis", *z.scale(activation), is_gate(activation)),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def built_in_table(name: str) -> Table:
    """A built-in table by its name in `BUILT_IN`."""
    return BUILT_IN[name].read()


@st.cache_resource(max_entries=2, show_spinner=False, scope="session")
def uploaded_table(data: bytes, name: str) -> Table:
    """A visitor's table, or an InputError."""
    return read_table(data, name)


@st.cache_resource(max_entries=8, show_spinner=False, scope="session", hash_funcs=BY_DIGEST)
def line_pair(table: Table, x: tuple[str, ...], y: str, centred: bool) -> RegressionPair:
    """The line with intercept and its twin on some columns of a table, after centring where asked."""
    X, values = table.frame[list(x)].to_numpy(), table.frame[y].to_numpy()
    if centred:
        X, values = centre(X, values)
    return fit_pair(X, values, names=x)


@st.cache_resource(max_entries=32, show_spinner=False)
def origin(line: NoisyLine) -> OriginCurve:
    """Where dropping the intercept is right, for data like this line's."""
    return origin_curve(OriginSettings(line.slope, line.noise, line.n, line.low, line.high, line.seed))
