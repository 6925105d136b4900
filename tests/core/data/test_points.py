"""The curves and the classes in the plane: their seeds, shapes, noise and places."""

import numpy as np
import pytest

from core.data.points import CURVES, NOISE, PLANES, N, own_points
from core.errors import InputError

every_set = pytest.mark.parametrize("entry", [*CURVES.values(), *PLANES.values()], ids=[*CURVES, *PLANES])
every_plane = pytest.mark.parametrize("name", PLANES)


@every_set
def test_the_seed_decides_the_points(entry):
    first, again, other = (entry.draw(seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.X_train, again.X_train)
    np.testing.assert_array_equal(first.y_test, again.y_test)
    assert not np.array_equal(first.X_train, other.X_train)


@every_set
def test_no_point_is_both_fitted_and_tested_on(entry):
    points = entry.draw(0)
    assert len(points.X_train) == len(points.X_test) == len(points.y_train) == len(points.y_test) == N
    assert len(np.unique(np.concatenate([points.X_train, points.X_test]), axis=0)) == 2 * N


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("sine", [0, np.pi / 4, -np.pi / 4], [0, 1, -1]),
        ("step", [-3, 1, 1.01], [0, 0, 1]),
        ("parabola", [0, 3, -1.5], [0, 3, 0.75]),
        ("absolute", [0, 1, 3, -3], [1, 0, 2, 4]),
    ],
)
def test_curves_worked_by_hand(name, x, y):
    np.testing.assert_allclose(CURVES[name].function(np.array(x, float)), y, atol=1e-12)


@pytest.mark.parametrize("name", CURVES)
def test_points_of_a_curve_lie_around_it_with_the_noise_that_is_said(name):
    draws = [CURVES[name].draw(seed) for seed in range(20)]
    off = np.concatenate([points.y_train - CURVES[name].function(points.X_train[:, 0]) for points in draws])
    assert abs(off.mean()) < 4 * NOISE / off.size**0.5
    assert off.std() == pytest.approx(NOISE, rel=4 / (2 * off.size) ** 0.5)
    low, high = CURVES[name].ends
    assert all(low < points.y_train.min() and points.y_train.max() < high for points in draws)
    assert all(np.abs(points.X_train).max() <= 3 for points in draws)


@every_plane
def test_points_of_the_plane_lie_in_the_drawn_square_and_in_both_classes(name):
    for seed in range(10):
        points = PLANES[name].draw(seed)
        assert (np.abs(points.X_train) <= 3).mean() > 0.99
        assert np.bincount(points.y_train, minlength=2).min() > 60


def test_xor_is_the_product_of_the_signs():
    points = PLANES["xor"].draw(3)
    np.testing.assert_array_equal(points.y_test, np.sign(points.X_test).prod(axis=1) < 0)


def test_circles_lie_around_the_origin_and_class_1_is_within():
    points = PLANES["circles"].draw(0)
    radius = np.hypot(*points.X_train.T)
    assert radius[points.y_train == 1].mean() == pytest.approx(1, abs=0.1)
    assert radius[points.y_train == 0].mean() == pytest.approx(2, abs=0.1)


def test_blobs_have_the_same_direction_from_the_origin_and_another_distance():
    points = PLANES["blobs"].draw(0)
    for label, place in ((0, 0.7), (1, 1.8)):
        np.testing.assert_allclose(points.X_train[points.y_train == label].mean(axis=0), place, atol=0.15)


def test_one_spiral_is_the_other_mirrored_at_the_origin():
    from sklearn.neighbors import KNeighborsClassifier

    points = PLANES["spirals"].draw(0)
    near = KNeighborsClassifier(1).fit(points.X_train, points.y_train)
    assert near.score(points.X_test, points.y_test) > 0.95
    assert near.score(-points.X_test, 1 - points.y_test) > 0.95


def test_own_points_are_scaled_and_not_moved_and_every_row_is_used_once():
    x, y = np.array([-6.0, 0, 1, 2, 3, 4, 5, 6, 1, 1, 0]), np.arange(11.0)
    points = own_points(x, y, seed=1)
    found = np.concatenate([np.column_stack([X[:, 0], values]) for X, values in halves(points)])
    expected = np.column_stack([x * 0.5, y * 0.2])
    np.testing.assert_allclose(found[np.argsort(found[:, 1])], expected, atol=1e-15)


def halves(points):
    return (points.X_train, points.y_train), (points.X_test, points.y_test)


def test_of_many_own_points_two_hundred_are_fitted_and_two_hundred_test():
    points = own_points(np.arange(1.0, 1001), np.arange(1.0, 1001), seed=0)
    assert (len(points.X_train), len(points.X_test)) == (200, 200)


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        (np.ones(9), np.ones(9), "`data` must have at least 10 rows, got 9"),
        (np.zeros(10), np.ones(10), "`x` must not be 0 everywhere, got 10 zeros"),
        (np.ones(10), np.zeros(10), "`y` must not be 0 everywhere, got 10 zeros"),
    ],
)
def test_too_few_or_empty_own_points_end_in_a_sentence(x, y, sentence):
    with pytest.raises(InputError) as error:
        own_points(x, y, seed=0)
    assert str(error.value) == sentence
