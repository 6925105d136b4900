"""Core's answers about networks of one hidden layer, kept; they bring scikit-learn with them."""

import streamlit as st

from core.data.planes import CURVES, PLANES
from core.models.shallow import ShallowSettings
from core.studies.one_hidden_layer import (
    CurvePair,
    RegionPair,
    curve_pair,
    gate_sentence,
    gate_table,
    region_pair,
)

__all__ = ["CURVE_TITLES", "PLANE_TITLES", "gate_sentence", "gate_table"]

CURVE_TITLES = {name: curve.title for name, curve in CURVES.items()}
PLANE_TITLES = {name: plane.title for name, plane in PLANES.items()}
MOST = 100
"""Units on the slider's track; its number field takes more, and the page does not."""


def whole_units(dragged: float) -> int:
    """The number of units that a slider's value stands for, 1 to 100."""
    return round(min(max(dragged, 1), MOST))


@st.cache_resource(max_entries=64, show_spinner=False)
def fitted_curve(n_units: int, activation: str, curve: str) -> CurvePair:
    """Both twins fitted to a curve."""
    return curve_pair(ShallowSettings(n_units, activation), curve)


@st.cache_resource(max_entries=64, show_spinner=False)
def fitted_regions(n_units: int, activation: str, plane: str) -> RegionPair:
    """Both twins fitted to two classes in the plane."""
    return region_pair(ShallowSettings(n_units, activation), plane)
