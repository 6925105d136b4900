"""Arms have names that tell them apart, and words for what one has more of than another."""

import itertools

import pytest

from core.errors import InputError
from core.studies.switches import ALL_ARMS, FOUR, Arm, arm_name, as_arms, gain

EIGHT = [Arm(*switches) for switches in itertools.product((True, False), repeat=3)]


def test_four_arms_are_all_settings_of_two_biases_from_both_to_none():
    assert [arm_name(arm) for arm in FOUR] == ["both biases", "convolution biases only", "dense bias only", "no bias"]


def test_all_adds_batch_norm_to_three_of_them():
    names = ["both biases, batch norm", "dense bias only, batch norm", "no bias, batch norm"]
    assert ALL_ARMS[:4] == FOUR
    assert [arm_name(arm) for arm in ALL_ARMS[4:]] == names


def test_all_eight_settings_have_names_of_their_own():
    assert len({arm_name(arm) for arm in EIGHT}) == 8


def test_plain_tuples_of_two_or_three_are_arms():
    assert as_arms([(True, False), (False, False, True)]) == (Arm(True, False), Arm(False, False, True))


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ((True, True), (False, False), "a bias"),
        ((True, True), (False, True), "a convolution bias"),
        ((True, False), (False, False), "a convolution bias"),
        ((True, True), (True, False), "a dense bias"),
        ((True, True, True), (False, False, True), "a bias"),
        ((True, True, True), (True, True), "batch norm"),
        ((True, False), (False, True), "“convolution biases only” in place of “dense bias only”"),
        ((True, True), (False, False, True), "“both biases” in place of “no bias, batch norm”"),
        ((True, True, True), (False, False), "“both biases, batch norm” in place of “no bias”"),
    ],
)
def test_gain_is_what_the_first_arm_has_more_of(first, second, words):
    assert gain(arm_name(first), arm_name(second)) == words


def test_any_two_arms_have_a_gain():
    assert all(gain(arm_name(first), arm_name(second)) for first, second in itertools.permutations(EIGHT, 2))


@pytest.mark.parametrize(
    ("arms", "sentence"),
    [
        ([], "`arms` must hold at least one arm, got none"),
        ([(True, True), (True, True, False)], '`arms` must differ from each other, got "both biases" twice'),
        ([(True,)], "`arms` must be tuples (conv_bias, dense_bias, batch_norm) of True and False, got (True,)"),
        ([(1, 0)], "`arms` must be tuples (conv_bias, dense_bias, batch_norm) of True and False, got (1, 0)"),
        (["no"], "`arms` must be tuples (conv_bias, dense_bias, batch_norm) of True and False, got 'no'"),
    ],
)
def test_what_is_no_list_of_different_arms_is_told(arms, sentence):
    with pytest.raises(InputError) as caught:
        as_arms(arms)
    assert str(caught.value) == sentence
