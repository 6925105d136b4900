"""The controls of a line: the article's data, a built-in table or the visitor's own, and their columns."""

from dataclasses import asdict
from typing import Any, NamedTuple

import streamlit as st

from core.data.tables import BUILT_IN, NoisyLine, Table
from core.exact.intercept_tradeoff import origin_curve
from core.models.regression import RegressionPair, centre, fit_pair
from pages.shared.controls import OWN, choose, number, refusing, whole
from pages.shared.take_away import harmless


def noisy_line(place: Any) -> NoisyLine | None:
    """The settings of the article's data, but for the intercept, which the page drags; None if they break a rule."""
    standard = NoisyLine()
    with place.expander("Slope, noise, number of points, range and seed"), st.container(horizontal=True):
        slope = number("true slope", key="slope", low=-100.0, high=100.0, default=standard.slope, step=0.5)
        noise = number("noise (sd)", key="noise", low=0.0, high=100.0, default=standard.noise, step=0.5)
        n = whole("points", key="n", low=3, high=10_000, default=standard.n)
        low = number("x from", key="from", low=-1000.0, high=1000.0, default=standard.low, step=1.0)
        high = number("x to", key="to", low=-1000.0, high=1000.0, default=standard.high, step=1.0)
        seed = whole("seed", key="seed", low=0, high=2**32 - 1, default=standard.seed)
    with refusing(place, low="x from", high="x to", noise="noise", n="points"):
        return NoisyLine(slope=slope, noise=noise, n=n, low=low, high=high, seed=seed)
    return None


def data_name() -> str:
    """The name of a built-in table, or `OWN`."""
    titles = {name: entry.title for name, entry in BUILT_IN.items()}
    return choose("Data", titles | {OWN: "Your own table"}, key="data")


def line_settings(name: str, law: NoisyLine | None, columns: "Columns") -> dict[str, Any]:
    """The data of a line as its program calls them, the columns as they are called in the csv file beside it."""
    x, y = tuple(map(harmless, columns.x)), harmless(columns.y)
    own = {"x_columns": x, "y_column": y, "drawn": columns.drawn} if name == OWN else {}
    return {"data": name} | own | (asdict(law) if law else {})


class Columns(NamedTuple):
    """Which columns of a table are fitted: several x, of which one is drawn, and y."""

    x: tuple[str, ...]
    y: str
    drawn: int
    x_title: str
    y_title: str


def columns(name: str, table: Table, place: Any) -> Columns:
    """The columns of a built-in table, or those that the visitor chooses from their own."""
    if name != OWN:
        entry, (first, second) = BUILT_IN[name], table.frame.columns
        return Columns((first,), second, 0, entry.x_title, entry.y_title)
    names = list(table.frame.columns)
    with place.container(horizontal=True):
        y = st.selectbox("y, to be explained", names, len(names) - 1)
        others = [column for column in names if column != y]
        x = st.multiselect("x, one or more", others, others[:1]) or others[:1]
        drawn = st.selectbox("x on the axis", x) if len(x) > 1 else x[0]
    return Columns(tuple(x), y, x.index(drawn), drawn, y)


@st.cache_resource(max_entries=8, show_spinner=False, scope="session", hash_funcs={Table: lambda table: table.digest})
def line_pair(table: Table, x: tuple[str, ...], y: str, centred: bool) -> RegressionPair:
    """The line with intercept and its twin on some columns of a table, after centring where asked."""
    X, values = table.frame[list(x)].to_numpy(), table.frame[y].to_numpy()
    if centred:
        X, values = centre(X, values)
    return fit_pair(X, values, names=x)


origin = st.cache_resource(max_entries=32, show_spinner=False)(origin_curve)
