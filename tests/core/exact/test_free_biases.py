"""What else takes a bias away: each case on numbers, and the attention map that stands still."""

import numpy as np
import pytest

from core.errors import InputError
from core.exact.attention import KINDS, PATTERN, KeyBias, attention_map, softmax, turned
from core.exact.free_biases import ABSORBED, IN_USE, REDUNDANT, cases

EXPECTED = {
    "The keys of attention": REDUNDANT,
    "The keys, with rotary positions": IN_USE,
    "The keys, with QK-norm": IN_USE,
    "The keys, with a sink logit": IN_USE,
    "The values of attention": ABSORBED,
    "LSTM and RNN: one of their two biases": REDUNDANT,
    "GRU: one of its two biases": IN_USE,
    "The mean of the last bias, before softmax": REDUNDANT,
    "One channel before softmax": REDUNDANT,
    "One channel, softmax over places": REDUNDANT,
    "The mean of b, before LayerNorm": REDUNDANT,
    "LayerNorm's beta, before a linear layer": ABSORBED,
    "A bias before a convolution without padding": ABSORBED,
    "The same, with zero padding": IN_USE,
}


def test_every_case_has_the_verdict_that_algebra_gives_it():
    rows = cases()
    assert dict(zip(rows["where"], rows["verdict"], strict=True)) == EXPECTED
    in_use = rows["verdict"] == IN_USE
    assert rows.loc[in_use, "change"].min() > 0.01
    assert rows.loc[~in_use, "change"].max() < 1e-12


@pytest.mark.parametrize("b", [-1000.0, -1.0, 0.001, 5.0, 1000.0])
def test_attention_map_stands_still_whatever_the_key_bias(b):
    study = KeyBias(b)
    assert study.change < 1e-9
    assert study.sentence.startswith("**The map stands still**")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "plain"])
def test_attention_map_moves_where_something_sees_the_key_bias(kind):
    study = KeyBias(2.0, kind)
    assert study.change > 0.05
    assert study.sentence.startswith("**The map moves**")


def test_shares_of_a_token_sum_to_one_but_for_what_the_sink_takes():
    for kind in KINDS:
        sums = attention_map(kind, PATTERN).sum(axis=1)
        assert (sums < 1).all() if kind == "sink" else sums == pytest.approx(np.ones(5))


def test_rotary_positions_leave_the_first_token_and_every_length():
    vectors = np.random.default_rng(0).normal(size=(5, 8))
    np.testing.assert_array_equal(turned(vectors)[0], vectors[0])
    np.testing.assert_allclose((turned(vectors) ** 2).sum(axis=1), (vectors**2).sum(axis=1))


def test_softmax_of_equal_logits_is_even():
    assert softmax(np.array([[1000.0, 1000.0]])).tolist() == [[0.5, 0.5]]


def test_frame_holds_both_maps():
    frame = KeyBias(1.0).to_frame()
    assert len(frame) == 2 * 25
    assert frame.groupby("arm")["share"].sum().tolist() == pytest.approx([5.0, 5.0])


@pytest.mark.parametrize(("b", "kind", "name"), [(1001.0, "plain", "b"), (1.0, "rope", "kind")])
def test_settings_outside_their_range_are_refused(b, kind, name):
    with pytest.raises(InputError, match=f"`{name}` must be"):
        KeyBias(b, kind)
