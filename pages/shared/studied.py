"""Core's answers to experiments, kept: apart from `cached`, since they bring scikit-learn with them."""

from typing import Any

import pandas as pd
import streamlit as st

from core.charts.palette import picture_url
from core.data.tasks import TASKS
from core.studies import matters, recorded
from core.studies.dimmer_light import DenoisedPictures, DenoiserStudy, pictures
from core.studies.live_study import StudySettings, study_so_far
from core.studies.study import Study
from core.studies.twin_report import TwinReport, report
from core.studies.twins import TwinSettings, curves_frame, trained

__all__ = ["curves_frame", "study_so_far"]


@st.cache_resource(max_entries=32, show_spinner=False)
def examples(task: str) -> list[list[str]]:
    """A few test pictures of every class of a built-in task, as data URLs."""
    return [[picture_url(pixels, 0, 1, "grey") for pixels in few] for _, few in TASKS[task].examples()]


@st.cache_resource(max_entries=8, show_spinner=False)
def twin_report(settings: TwinSettings, _record: dict[str, Any]) -> TwinReport:
    """What a trained pair does; the record follows from the settings."""
    return report(settings, trained(_record))


@st.cache_resource(max_entries=1, show_spinner=False)
def overview() -> pd.DataFrame:
    """Every recorded study in one row."""
    return matters.overview({task.title: recorded.recorded(name) for name, task in recorded.STUDIES.items()})


def recorded_study(name: str) -> Study:
    """What a recorded study gave; core keeps it."""
    return recorded.recorded(name)


def recorded_beside(settings: StudySettings, plain: Study) -> Study:
    """The recorded study to put beside one that ran here: with varied contrast where there is one, else the plain."""
    name = settings.the_task.name
    return recorded.recorded(name) if name in recorded.STUDIES else plain


def recorded_denoisers() -> DenoiserStudy:
    """What the study of the denoisers gave; core keeps it."""
    return recorded.recorded_denoisers()


@st.cache_resource(max_entries=64, show_spinner=False)
def denoised(light: float) -> DenoisedPictures:
    """One patch under one light, and what both recorded denoisers make of it."""
    return pictures(recorded.recorded_pair(), light)
