"""Core's answers about networks of one hidden layer, kept; they bring scikit-learn with them."""

from typing import Any

import streamlit as st

from core.data.points import CURVES, OWN_HEIGHT, PLANES, Points, own_points
from core.exact.curves import CurvePair, curve_pair, curve_pair_of, region_pair
from core.models.random_features import MOST_UNITS, ShallowSettings
from pages.shared import controls, take_away, uploads

CURVE_TITLES = {name: curve.title for name, curve in CURVES.items()} | {controls.OWN: "Your own table"}
PLANE_TITLES = {name: plane.title for name, plane in PLANES.items()}


def whole_units(dragged: float) -> int:
    """The number of units that a slider's value stands for, 1 to `MOST_UNITS`."""
    return round(min(max(dragged, 1), MOST_UNITS))


def ends(curve: str) -> tuple[float, float]:
    """The ends of the axis of y."""
    return (-OWN_HEIGHT - 1, OWN_HEIGHT + 1) if curve == controls.OWN else CURVES[curve].ends


def own_curve(place: Any, seed: int) -> Points | None:
    """Points of the visitor's own table; None, with a sentence, while there are none."""
    table = uploads.table(controls.OWN, place)
    if table is None:
        return None
    names = list(table.frame.columns)
    with place.container(horizontal=True):
        x = st.selectbox("x", names, 0)
        y = st.selectbox("y", names, len(names) - 1)
    with controls.refusing(place):
        points = own_points(table.frame[x], table.frame[y], seed)
        take_away.program(x_column=take_away.harmless(x), y_column=take_away.harmless(y))
        place.text("Both columns are scaled to fit the axes, and not moved: 0 stays 0.")
        return points
    return None


fitted_curve = st.cache_resource(max_entries=64, show_spinner=False)(curve_pair)
fitted_regions = st.cache_resource(max_entries=64, show_spinner=False)(region_pair)


def fitted(settings: ShallowSettings, curve: str, own: Points | None) -> CurvePair:
    """Both twins fitted to a curve, or to the visitor's own points, which are not kept."""
    return fitted_curve(settings, curve) if own is None else curve_pair_of(settings, own)
