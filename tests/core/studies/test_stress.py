"""Stresses do to the test pictures what their table says, without clipping, and noise comes from the seed alone."""

import numpy as np
import pytest

from core.data.tasks import TASKS
from core.errors import InputError
from core.studies.stress import KINDS, PLAIN, STRESSES, apply_stress, as_stresses

X = TASKS["digits"].draw(0).X_test


def test_default_stresses_begin_undisturbed_and_are_seventeen():
    assert STRESSES[0] == PLAIN == ("none", 0.0)
    assert [sum(stress == kind for stress, _ in STRESSES) for kind in KINDS] == [1, 8, 4, 3, 1]
    assert as_stresses(STRESSES) == STRESSES


def test_contrast_multiplies_and_is_not_clipped():
    assert np.array_equal(apply_stress(X, "contrast", 10.0, seed=0), X * np.float32(10))
    assert apply_stress(X, "contrast", 10.0, seed=0).max() == 10


def test_brightness_adds_and_is_not_clipped():
    darker = apply_stress(X, "brightness", -0.3, seed=0)
    assert np.array_equal(darker, X - np.float32(0.3))
    assert darker.min() == np.float32(-0.3)


def test_blank_is_exactly_0_and_none_changes_nothing():
    assert not apply_stress(X, "blank", 0.0, seed=0).any()
    assert np.array_equal(apply_stress(X, "none", 0.0, seed=0), X)


@pytest.mark.parametrize(("stress", "level"), STRESSES)
def test_pictures_stay_float32_and_the_given_ones_as_they_are(stress, level):
    before = X.copy()
    found = apply_stress(X, stress, level, seed=0)
    assert (found.dtype, found.shape) == (np.float32, X.shape)
    assert np.array_equal(X, before)


def test_noise_has_its_standard_deviation_and_no_mean():
    noise = apply_stress(X, "noise", 0.2, seed=1) - X  # 23,040 pixels: standard errors 0.0013 and 0.0009
    assert noise.mean() == pytest.approx(0, abs=0.006)
    assert noise.std() == pytest.approx(0.2, abs=0.005)


def test_noise_is_the_same_for_a_seed_at_every_level_and_another_for_another_seed():
    blank = np.zeros_like(X)
    weak, strong = (apply_stress(blank, "noise", level, seed=3) for level in (0.1, 0.2))
    other = apply_stress(blank, "noise", 0.1, seed=4)
    np.testing.assert_allclose(strong, 2 * weak, rtol=1e-6)
    assert abs(np.corrcoef(weak.ravel(), other.ravel())[0, 1]) < 0.03


@pytest.mark.parametrize(
    "stream",
    [np.random.default_rng(5), np.random.default_rng(5).spawn(1)[0]],
    ids=["which a task may draw noise from", "which varied contrast draws its factors from"],
)
def test_noise_is_not_of_the_stream(stream):
    taken = stream.standard_normal(X.shape, np.float32)
    grains = apply_stress(np.zeros_like(X), "noise", 1.0, seed=5)
    assert abs(np.corrcoef(grains.ravel(), taken.ravel())[0, 1]) < 0.03


@pytest.mark.parametrize(
    ("stresses", "sentence"),
    [
        ([], "`stresses` must hold ('none', 0.0), the undisturbed test set, got ()"),
        ([("noise", 0.1)], "`stresses` must hold ('none', 0.0), the undisturbed test set, got (('noise', 0.1),)"),
        ([PLAIN, ("none", 0)], "`stresses` must differ from each other, got ('none', 0.0) twice"),
        (
            [("rain", 1.0)],
            "`stresses` must be (stress, level) with a stress of none, contrast, brightness, noise, blank, "
            "got ('rain', 1.0)",
        ),
        (
            ["none"],
            "`stresses` must be (stress, level) with a stress of none, contrast, brightness, noise, blank, got 'none'",
        ),
        ([("noise", True)], "`level of noise` must be a number from −1,000 to 1,000, got True"),
        ([("noise", float("nan"))], "`level of noise` must be a number from −1,000 to 1,000, got nan"),
        ([("contrast", 1e4)], "`level of contrast` must be a number from −1,000 to 1,000, got 10,000.0"),
        ([("blank", 1.0)], "`stresses` must have level 0 for blank, got 1.0"),
    ],
)
def test_what_is_no_list_of_different_stresses_is_told(stresses, sentence):
    with pytest.raises(InputError) as caught:
        as_stresses(stresses)
    assert str(caught.value) == sentence
