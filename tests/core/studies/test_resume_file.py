"""A study's file gives back what was written, to the last bit, is whole or absent, and tells what is wrong with it."""

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.studies.resume_file import read_runs, write_runs

ABOUT = {"task": "digits", "n_filters": (8, 16), "n_epochs": 20, "stresses": (("none", 0.0), ("contrast", 0.1))}
RUNS = [
    [{"arm": "no bias", "seed": 0, "accuracy": 0.1 + 0.2, "diverged_at": None}],
    [{"arm": "both biases", "seed": 3}],
]
DAMAGED = "`path` must be a study's file as it was written, got a damaged one, {!r}"


def told(action, *args):
    """The sentence and the hint of the InputError that an action raises."""
    with pytest.raises(InputError) as caught:
        action(*args)
    return str(caught.value), caught.value.hint


def test_runs_come_back_as_they_were_written(tmp_path):
    write_runs(tmp_path / "study.json", ABOUT, RUNS)
    assert read_runs(tmp_path / "study.json", ABOUT) == RUNS
    assert os.listdir(tmp_path) == ["study.json"]


@given(st.floats(0, 1))
def test_an_accuracy_comes_back_to_the_last_bit(tmp_path_factory, accuracy):
    path = tmp_path_factory.mktemp("bits") / "study.json"
    write_runs(path, ABOUT, [[{"accuracy": accuracy}]])
    assert read_runs(str(path), ABOUT) == [[{"accuracy": accuracy}]]


def test_no_file_holds_no_runs(tmp_path):
    assert read_runs(tmp_path / "study.json", ABOUT) == []


def test_later_runs_take_the_place_of_the_file(tmp_path):
    write_runs(tmp_path / "study.json", ABOUT, RUNS[:1])
    write_runs(tmp_path / "study.json", ABOUT, RUNS)
    assert read_runs(tmp_path / "study.json", ABOUT) == RUNS


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("task", "blank", "task is 'digits', not 'blank'"),
        ("n_epochs", 5, "n_epochs is 20, not 5"),
        ("n_filters", (8,), "n_filters is [8, 16], not [8]"),
        ("stresses", [("none", 0.0)], "stresses is [['none', 0.0], ['contrast', 0.1]], not [['none', 0.0]]"),
        ("format", 2, "format is 1, not 2"),
    ],
)
def test_file_of_another_study_is_told_apart(tmp_path, name, value, words):
    path = tmp_path / "study.json"
    write_runs(path, ABOUT, RUNS)
    sentence, hint = told(read_runs, path, ABOUT | {name: value})
    assert sentence == f"`path` must be a file of the same study, got one whose {words}"
    assert hint == "Choose another file, or the settings that this one was begun with."


def test_file_without_runs_is_of_any_study(tmp_path):
    write_runs(tmp_path / "study.json", ABOUT, [])
    assert read_runs(tmp_path / "study.json", {"task": "blank"}) == []


def test_file_cut_off_anywhere_is_damaged(tmp_path):
    path = tmp_path / "study.json"
    write_runs(path, ABOUT, RUNS)
    text = path.read_text()
    for end in range(len(text)):
        path.write_text(text[:end])
        assert told(read_runs, path, ABOUT) == (
            DAMAGED.format(str(path)),
            "Choose another file, or delete this one to start again.",
        )


def test_one_changed_digit_is_damage(tmp_path):
    path = tmp_path / "study.json"
    write_runs(path, ABOUT, RUNS)
    path.write_text(path.read_text().replace("0.30000000000000004", "0.40000000000000004"))
    assert told(read_runs, path, ABOUT)[0] == DAMAGED.format(str(path))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[]", b"3", b"{}", b"null", b'{"about": 1}', b"task,arm\n"])
def test_what_is_no_study_is_damaged(tmp_path, content):
    path = tmp_path / "study.json"
    path.write_bytes(content)
    assert told(read_runs, path, ABOUT)[0] == DAMAGED.format(str(path))


def test_missing_folder_is_told(tmp_path):
    path = tmp_path / "nowhere" / "study.json"
    assert told(write_runs, path, ABOUT, RUNS) == (
        f"`path` must be a file that can be written, got {str(path)!r} (No such file or directory)",
        "Choose a file in a folder that exists, with room on its disk; runs that were in the file are kept.",
    )


def test_folder_in_place_of_a_file_is_told(tmp_path):
    reason = "(Is a directory)"
    assert (
        told(read_runs, tmp_path, ABOUT)[0] == f"`path` must be a file that can be read, got {str(tmp_path)!r} {reason}"
    )
    folder = tmp_path / "folder"
    folder.mkdir()
    sentence = f"`path` must be a file that can be written, got {str(folder)!r} {reason}"
    assert told(write_runs, folder, ABOUT, RUNS)[0] == sentence
    assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize(
    ("code", "reason"), [(errno.ENOSPC, "No space left on device"), (errno.EROFS, "Read-only file system")]
)
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_full_disk_leaves_the_last_whole_file_and_nothing_half(tmp_path, monkeypatch, step, code, reason):
    path = tmp_path / "study.json"
    write_runs(path, ABOUT, RUNS[:1])

    def fail(*_):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        assert told(write_runs, path, ABOUT, RUNS)[0] == (
            f"`path` must be a file that can be written, got {str(path)!r} ({reason})"
        )
    assert os.listdir(tmp_path) == ["study.json"]
    assert read_runs(path, ABOUT) == RUNS[:1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full, the disk that is always full, on this system")
def test_disk_that_is_full_in_truth_is_told(tmp_path):
    path = tmp_path / "study.json"
    write_runs(path, ABOUT, RUNS[:1])
    Path(f"{path}.part").symlink_to("/dev/full")
    assert told(write_runs, path, ABOUT, RUNS)[0].endswith("(No space left on device)")
    assert read_runs(path, ABOUT) == RUNS[:1]
    assert os.listdir(tmp_path) == ["study.json"]


def test_leftover_of_a_kill_in_the_middle_of_a_write_is_no_obstacle(tmp_path):
    path = tmp_path / "study.json"
    write_runs(path, ABOUT, RUNS[:1])
    Path(f"{path}.part").write_text('{"digest": "')
    assert read_runs(path, ABOUT) == RUNS[:1]
    write_runs(path, ABOUT, RUNS)
    assert read_runs(path, ABOUT) == RUNS
    assert os.listdir(tmp_path) == ["study.json"]


def test_file_is_one_json_document(tmp_path):
    write_runs(tmp_path / "study.json", ABOUT, RUNS)
    assert json.loads((tmp_path / "study.json").read_text())["about"]["format"] == 1
