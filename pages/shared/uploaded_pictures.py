"""A visitor's own labelled pictures as a task: they live in the visitor's session, and are written to no disk."""

import json
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.charts.palette import picture_url
from core.data.picture_sets import PictureSet, read_picture_set
from core.data.picture_sets.task import own_task
from core.data.tasks import Task
from core.studies.visitor_study import StudySettings
from core.twins.report import TwinReport, report
from core.twins.training import TwinSettings, twins_from
from pages.shared import controls, jobs, uploads, visits
from pages.shared.gallery import Card, gallery

LABEL = "Your labelled pictures: a zip with a folder per class, an .npz with X and y, or a csv of labels and pixels"
MOST_MB = 50
FILE = "pictures_file"
Settings = TwinSettings | StudySettings

HASHES: dict[str | type[Any], Callable[[Any], Any]] = {
    PictureSet: lambda pictures: pictures.digest,
    TwinSettings: lambda settings: json.dumps(settings.record()),
}
_read = st.cache_resource(max_entries=2, show_spinner=False, scope="session")(read_picture_set)
_task = st.cache_resource(max_entries=4, show_spinner=False, scope="session", hash_funcs=HASHES)(own_task)


def task(place: Any) -> Task | None:
    """The task that the visitor's upload makes; None, with a sentence, while there is none."""
    file = uploads.upload(f"{LABEL}, at most {MOST_MB} MB: {visits.goes()}", place, key=FILE, most=MOST_MB)
    with place:
        label = "difference that matters, in points of accuracy"
        points = controls.number(label, key="margin", low=0.1, high=50.0, default=1.0, step=0.5, width=320)
    if file is None:
        return None
    with controls.refusing(place, pictures="The set"):
        pictures = _read(*file)
        with place:
            st.caption("The first picture of each class as it was read, and how many there are:")
            gallery([Card(picture_url(pixels, 0, 1, "grey"), words) for pixels, words in pictures.firsts()], size=52)
        uploads.say(pictures.notes, place)
        return _task(pictures, points / 100)
    return None


def given(settings: Settings) -> bytes:
    """What a child process needs of the upload: all of it where the settings are about it, else nothing."""
    data: bytes = st.session_state[f"kept {FILE}"][0] if settings.own else b""
    return data


def command(kind: str, settings: Settings) -> tuple[str, ...]:
    """What a child process does; one about an upload is its visitor's alone."""
    if settings.own is None:
        return kind, json.dumps(settings.record())
    return kind, json.dumps(settings.record() | {"margin": settings.own.margin}), jobs.visitor()


@st.cache_resource(max_entries=2, show_spinner=False, scope="session", hash_funcs=HASHES)
def twin_report(settings: TwinSettings, _record: dict[str, Any]) -> TwinReport:
    """What a pair trained on the visitor's pictures does, kept for the session."""
    return report(settings, twins_from(_record))
