"""A visitor's own labelled pictures: on three pages, in one session only, on no disk."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from streamlit.testing.v1 import AppTest

from core.data.picture_sets import read_picture_set
from core.data.picture_sets.task import own_task
from core.studies.visitor_study import StudySettings, study_so_far
from core.twins.training import TwinSettings, train_twins, twins_from
from pages.shared import uploaded_pictures
from pages.shared.jobs import Jobs, jobs
from tests.pages.test_jobs import LONG, wait_for
from tests.pages.test_pages import charts, opened
from tests.pages.visitors_words import MARKS, became_markup


def archive(n: int = 120, classes: tuple[str, ...] = ("*zero*", "<b>one</b>")) -> bytes:
    digits = load_digits(n_class=len(classes))
    buffer = io.BytesIO()
    np.savez(buffer, X=digits.images[:n] / 16, y=np.array(classes)[digits.target[:n]])
    return buffer.getvalue()


def uploaded(page: str, data: bytes, box: str = "task") -> AppTest:
    test = opened(page)
    test.selectbox(key=box).set_value("own").run()
    test.session_state["kept pictures_file"] = (data, "mine.npz")
    return test.run()


@pytest.mark.parametrize("page", ["twins", "when_bias_matters"])
def test_page_without_an_upload_asks_for_one_and_with_one_shows_its_question(page: str) -> None:
    empty = opened(page)
    empty.selectbox(key="task").set_value("own").run()
    assert not empty.exception
    test = uploaded(page, archive())
    assert not test.exception
    said = [text.value for text in test.markdown] + [pills.label for pills in test.get("button_group")]
    assert any("Which of the 2 classes is this picture of?" in text.replace("\\", "") for text in said)


@pytest.mark.parametrize(("page", "box"), [("twins", "task"), ("when_bias_matters", "task"), ("inside", "opened")])
@pytest.mark.parametrize("data", [b"nothing", archive(12, ("only",))])
def test_wrong_upload_ends_in_one_sentence(page: str, box: str, data: bytes) -> None:
    test = uploaded(page, data, box)
    assert not test.exception
    assert len([warning for warning in test.warning if "must" in warning.value]) == 1


@pytest.mark.release
def test_pair_trained_on_own_pictures_is_opened_layer_by_layer_and_its_classes_are_text() -> None:
    test = uploaded("inside", archive(120, ("".join(MARKS)[:90], f"b {MARKS[0]} {MARKS[1]}")), "opened")
    next(button for button in test.button if button.label == "Train both twins").click().run()
    wait_for(lambda: charts(test.run()) > 5)
    assert not test.exception
    assert charts(test) == 7
    assert became_markup(test) == []


def test_child_gets_the_pictures_through_its_input_and_trains_what_is_trained_here() -> None:
    task = own_task(read_picture_set(archive()), 0.02)
    settings = TwinSettings(task=task.name, own=task, n_epochs=3)
    command = ("twins", json.dumps(json.loads(uploaded_pictures.command("twins", settings)[1])), "somebody")
    registry = Jobs()
    job = registry.ask(command, "a", archive())
    wait_for(lambda: job.state == "done")
    assert job.pictures == b""
    *_, here = train_twins(settings)
    for name, twin in twins_from(job.last["twins"]).items():
        for layer, other in zip(twin.layers, twins_from(here["twins"])[name].layers, strict=True):
            np.testing.assert_allclose(layer.weights, other.weights, atol=1e-4)


def test_study_of_own_pictures_leaves_nothing_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where the child keeps what it keeps; no other test writes there
    task = own_task(read_picture_set(archive()), 0.02)
    settings = StudySettings(task=task.name, own=task, n_seeds=5, n_epochs=1)
    registry = Jobs()
    job = registry.ask(uploaded_pictures.command("study", settings), "a", archive())
    wait_for(lambda: job.state in ("done", "failed"))
    assert job.state == "done"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    study = study_so_far(settings, job.events)
    assert study is not None
    assert study.task.margin == 0.02


def test_two_sessions_share_no_upload_and_no_job() -> None:
    first, second = uploaded("twins", archive()), opened("twins")
    second.selectbox(key="task").set_value("own").run()
    assert "kept pictures_file" not in second.session_state
    assert not any("Which of the 2 classes" in text.value for text in second.markdown)
    second.session_state["kept pictures_file"] = (archive(), "mine.npz")
    second.run()
    assert first.session_state["visitor"] != second.session_state["visitor"]
    next(button for button in first.button if button.label == "Train both twins").click().run()
    assert not any(button.label == "Cancel" for button in second.run().button)
    asked = [command for command in jobs().jobs if first.session_state["visitor"] in command]
    assert len(asked) == 1
    assert not any(second.session_state["visitor"] in command for command in jobs().jobs)


def test_upload_of_a_job_that_is_cancelled_in_line_is_let_go() -> None:
    registry = Jobs()
    busy = [registry.ask(command, "a") for command in LONG[:2]]
    waiting = registry.ask(("twins", "{}", "somebody"), "b", archive())
    assert waiting.state == "waiting"
    assert waiting.pictures
    registry.leave(waiting.command, "b")
    assert waiting.pictures == b""
    for job in busy:
        registry.leave(job.command, "a")
