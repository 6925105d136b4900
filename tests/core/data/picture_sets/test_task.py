"""A visitor's pictures as a task: stratified, sent in memory alone, and refused where nothing can be learned."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from core.data.picture_sets import PictureSet
from core.data.picture_sets.task import own_task
from core.errors import InputError
from core.studies.paired import NetSettings, run_study

RANDOM = np.random.default_rng(0)


def a_set(counts=(30, 20), shape=(1, 8, 8), **changes):
    """Pictures whose class is how bright their left half is."""
    labels = np.repeat(np.arange(len(counts)), counts)
    pixels = RANDOM.random((len(labels), *shape), np.float32) * 0.5
    pixels[..., : shape[2] // 2] += (labels / (2 * len(counts)))[:, None, None, None].astype(np.float32)
    classes = tuple("abcdefghij"[: len(counts)])
    return replace(PictureSet(pixels, labels, classes, "mine", "0123456789abcdef0123"), **changes)


def refusal(pictures, **settings):
    with pytest.raises(InputError) as caught:
        own_task(pictures, **settings)
    return str(caught.value)


def test_every_split_is_stratified_and_the_same_for_its_seed():
    task = own_task(a_set())
    one, same, other = task.draw(3), task.draw(3), task.draw(4)
    assert np.bincount(one.y_train).tolist() == [24, 16]
    assert np.bincount(one.y_test).tolist() == [6, 4]
    np.testing.assert_array_equal(one.X_train, same.X_train)
    assert not np.array_equal(one.X_train, other.X_train)


def test_a_split_holds_each_picture_once_with_its_label():
    pictures = a_set(shape=(3, 6, 4))
    split = own_task(pictures).draw(0)
    assert split.image_shape == (3, 6, 4)
    rows = np.concatenate([split.X_train, split.X_test])
    labels = dict(zip(map(bytes, pictures.pixels.reshape(50, -1)), pictures.labels.tolist(), strict=True))
    found = dict(zip(map(bytes, rows), np.concatenate([split.y_train, split.y_test]).tolist(), strict=True))
    assert found == labels


@pytest.mark.parametrize(("n", "epochs"), [(20, 400), (400, 90), (1796, 20), (5000, 7)])
def test_epochs_make_about_450_steps(n, epochs):
    assert own_task(a_set((n // 2, n - n // 2), shape=(1, 2, 2))).n_epochs == epochs


def test_a_study_of_own_pictures_runs_unchanged_and_its_examples_are_pictures():
    task = own_task(a_set(), margin=0.05)
    study = run_study(task, seeds=range(5), settings=NetSettings(n_epochs=2), stresses=[("none", 0)])
    assert len(study.runs) == 20
    assert study.verdict.endswith("5 seeds.")
    assert [(words, pixels.shape) for words, pixels in task.examples()] == [("a", (4, 1, 8, 8)), ("b", (4, 1, 8, 8))]


def test_a_task_is_sent_without_arrays_which_joblib_would_put_into_a_file():
    assert b"numpy" not in pickle.dumps(own_task(a_set()))


def test_a_set_that_was_pickled_is_the_same():
    pictures = a_set()
    again = pickle.loads(pickle.dumps(pictures))
    assert again == pictures
    np.testing.assert_array_equal(again.pixels, pictures.pixels)
    np.testing.assert_array_equal(again.labels, pictures.labels)
    assert (again.classes, again.name, again.notes) == (pictures.classes, pictures.name, pictures.notes)


RULE = "`pictures` must hold at least two classes of 10 pictures each"


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((20, 9), f"{RULE}, got 9 in the smallest"),
        ((40,), f"{RULE}, got one class"),
        ((1,), f"{RULE}, got a single picture"),
        ((0,), f"{RULE}, got no picture"),
    ],
)
def test_too_few_pictures_are_refused(counts, message):
    assert refusal(a_set(counts)) == message


def test_pictures_that_are_all_alike_are_refused():
    pixels = np.full((40, 1, 4, 4), 0.5, np.float32)
    assert refusal(a_set((20, 20), pixels=pixels)) == "`pictures` must differ, got all alike"


def test_two_classes_of_the_same_pictures_are_refused():
    pixels = np.tile(RANDOM.random((20, 1, 4, 4), np.float32), (2, 1, 1, 1))
    message = "`pictures` must differ between classes, got two classes of the same pictures"
    assert refusal(a_set((20, 20), pixels=pixels)) == message


@pytest.mark.parametrize("margin", [0, 1.5, -0.1, float("nan")])
def test_margins_outside_their_range_are_refused(margin):
    assert refusal(a_set(), margin=margin) == (
        f"`margin` must be a number above 0 and at most 1, got {margin}".replace("-", "−")
    )
