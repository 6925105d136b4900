import numpy as np
import pytest

from core.data.kernels import KERNELS

COMPARES_NEIGHBOURS = ("edges_x", "edges_y", "laplacian", "emboss")
BRIGHTER_TO_THE_RIGHT = np.tile([0.0, 0.5, 1.0], (3, 1))


def response(slug, patch):
    return float((KERNELS[slug].array * patch).sum())


def response_range(slug):
    """The smallest and largest sum that a picture in [0, 1] can give: the negative weights, and the positive."""
    weights = KERNELS[slug].array
    return weights.clip(max=0).sum(), weights.clip(min=0).sum()


def test_kernels_have_odd_sides():
    assert {kernel.array.shape for kernel in KERNELS.values()} == {(3, 3)}


@pytest.mark.parametrize("slug", COMPARES_NEIGHBOURS)
def test_kernels_that_compare_neighbours_answer_from_minus_1_to_1_and_0_where_all_is_even(slug):
    assert response_range(slug) == (-1, 1)
    assert response(slug, np.full((3, 3), 0.5)) == 0


@pytest.mark.parametrize("slug", ["identity", "blur", "sharpen"])
def test_other_kernels_keep_even_areas(slug):
    assert response(slug, np.full((3, 3), 0.5)) == pytest.approx(0.5)


def test_sharpen_goes_from_minus_4_to_5():
    assert response_range("sharpen") == (-4, 5)


@pytest.mark.parametrize(("slug", "patch"), [("edges_x", BRIGHTER_TO_THE_RIGHT), ("edges_y", BRIGHTER_TO_THE_RIGHT.T)])
def test_edges_are_positive_from_dark_to_bright(slug, patch):
    assert response(slug, patch) == 1
    assert response(slug, 1 - patch) == -1
    assert response(slug, patch.T) == 0


def test_laplacian_is_positive_at_a_dark_pixel_and_negative_at_a_bright_one():
    dot = np.zeros((3, 3))
    dot[1, 1] = 1
    assert (response("laplacian", 1 - dot), response("laplacian", dot)) == (1, -1)


def test_kernels_can_be_cache_keys():
    assert len({hash(kernel) for kernel in KERNELS.values()}) == len(KERNELS)
