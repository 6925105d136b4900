"""What else takes a bias away: exact cases beside the norms, each tried on numbers drawn from a seed, in float64.

A bias is *redundant* where the output does not change when it is left out, and *absorbed* where another layer's bias
takes it over and the output stays. The equations stand in the rows.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..models.convolution import conv2d
from .attention import PATTERN, PLAIN, QK_NORM, ROTARY, SINK, attention_map, softmax

Floats = NDArray[np.float64]
Both = tuple[Floats, Floats]
"""The output with the bias, and without it (or with another layer's in its place)."""

REDUNDANT, ABSORBED, IN_USE = "redundant", "absorbed", "in use"
NOTHING = 1e-12  # of the largest output: a change below it is rounding


class Case(NamedTuple):
    """One place of a bias."""

    where: str
    verdict: str  # where nothing changes; "in use" else
    equation: str
    outputs: Callable[[], Both]


def cases() -> pd.DataFrame:
    """Every case, tried: where, verdict, change (of any output, at most), why.

    Examples
    --------
    >>> rows = cases().set_index("where")
    >>> rows.loc["The keys of attention", "verdict"], rows.loc["The keys, with rotary positions", "verdict"]
    ('redundant', 'in use')
    """
    return _cases().copy()


@lru_cache(maxsize=1)
def _cases() -> pd.DataFrame:
    rows = []
    for case in CASES:
        with_bias, without = case.outputs()
        change = float(np.abs(with_bias - without).max())
        nothing = change <= NOTHING * max(float(np.abs(with_bias).max()), 1.0)
        rows.append((case.where, case.verdict if nothing else IN_USE, change, case.equation))
    return pd.DataFrame(rows, columns=["where", "verdict", "change", "why"])


def _keys(kind: str) -> Callable[[], Both]:
    return lambda: (attention_map(kind, 2 * PATTERN), attention_map(kind))


def _values() -> Both:
    """The shares of a query sum to 1: shares (V + b) W = shares V W + b W."""
    random, shares = np.random.default_rng(1), attention_map()
    values, bias, out = random.normal(size=(5, 8)), random.normal(size=8), random.normal(size=(8, 8))
    return shares @ (values + bias) @ out, shares @ values @ out + bias @ out


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-z)))


def _cell_material(gates: int) -> tuple[Floats, Floats, Floats, Floats]:
    """W x, U h and both biases of a recurrent cell of six units, each (gates, 6)."""
    of_input, of_state, first, second = np.random.default_rng(2).normal(size=(4, gates, 6))
    return of_input, of_state, first, second


def _lstm() -> Both:
    """Both biases are added at one place: only their sum counts."""
    of_input, of_state, first, second = _cell_material(4)

    def state(b_ih: Floats, b_hh: Floats) -> Floats:
        i, f, g, o = (of_input + b_ih) + (of_state + b_hh)
        return np.asarray(_sigmoid(o) * np.tanh(_sigmoid(f) * 0.5 + _sigmoid(i) * np.tanh(g)))

    return state(first, second), state(first + second, np.zeros_like(second))


def _gru() -> Both:
    """The reset gate multiplies the second bias of the new state, and not the first."""
    of_input, of_state, first, second = _cell_material(3)

    def state(b_ih: Floats, b_hh: Floats) -> Floats:
        r, z = (_sigmoid(of_input[gate] + b_ih[gate] + of_state[gate] + b_hh[gate]) for gate in (0, 1))
        new = np.tanh(of_input[2] + b_ih[2] + r * (of_state[2] + b_hh[2]))
        return np.asarray((1 - z) * new + z * 0.5)

    return state(first, second), state(first + second, np.zeros_like(second))


def _last() -> Both:
    random = np.random.default_rng(3)
    logits, bias = random.normal(size=(4, 5)), random.normal(size=5)
    return softmax(logits + bias), softmax(logits + bias - bias.mean())


def _one_channel() -> Both:
    logits = np.random.default_rng(4).normal(size=(4, 1))
    return softmax(logits + 2.0), softmax(logits)


def _places() -> Both:
    maps = np.random.default_rng(5).normal(size=(3, 1, 16))  # pictures, channel, places
    return softmax(maps + 2.0), softmax(maps)


def _layer_norm(x: Floats) -> Floats:
    centred = x - x.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + 1e-5))


def _mean_before_layer_norm() -> Both:
    random = np.random.default_rng(6)
    x, bias = random.normal(size=(4, 6)), random.normal(size=6)
    return _layer_norm(x + bias), _layer_norm(x + bias - bias.mean())


def _beta() -> Both:
    random = np.random.default_rng(7)
    y, beta, weights = _layer_norm(random.normal(size=(4, 6))), random.normal(size=6), random.normal(size=(6, 3))
    return (y + beta) @ weights, y @ weights + beta @ weights


def _depthwise(padding: int) -> Both:
    """A bias per channel, and then a convolution: only where that one pads nothing it is the same at every place."""
    random = np.random.default_rng(8)
    maps, bias = random.normal(size=(2, 3, 6, 6)), random.normal(size=3)
    kernels = random.normal(size=(4, 3, 3, 3))
    taken_over = kernels.sum(axis=(2, 3)) @ bias
    biased = conv2d(maps + bias[:, None, None], kernels, padding=padding)
    return np.asarray(biased, float), np.asarray(conv2d(maps, kernels, taken_over, padding=padding), float)


CASES = (
    Case("The keys of attention", REDUNDANT, "q (k + b) = q k + q b, one number for all keys of q", _keys(PLAIN)),
    Case("The keys, with rotary positions", REDUNDANT, "each key turns b by an angle of its own", _keys(ROTARY)),
    Case("The keys, with QK-norm", REDUNDANT, "b is part of what each key is divided by", _keys(QK_NORM)),
    Case("The keys, with a sink logit", REDUNDANT, "b moves all logits but the sink's", _keys(SINK)),
    Case("The values of attention", ABSORBED, "shares sum to 1: shares (V + b) W = shares V W + b W", _values),
    Case("LSTM and RNN: one of their two biases", REDUNDANT, "W x + b + U h + b': only b + b' counts", _lstm),
    Case("GRU: one of its two biases", REDUNDANT, "r (U h + b'): the reset gate multiplies b' alone", _gru),
    Case("The mean of the last bias, before softmax", REDUNDANT, "softmax(z + c) = softmax(z): one of K", _last),
    Case("One channel before softmax", REDUNDANT, "softmax of one number is 1", _one_channel),
    Case("One channel, softmax over places", REDUNDANT, "softmax(z + c) = softmax(z) over all places", _places),
    Case(
        "The mean of b, before LayerNorm",
        REDUNDANT,
        "the mean over the channels is subtracted",
        _mean_before_layer_norm,
    ),
    Case("LayerNorm's beta, before a linear layer", ABSORBED, "(y + beta) W = y W + beta W", _beta),
    Case(
        "A bias before a convolution without padding",
        ABSORBED,
        "b adds sum(kernel) b everywhere",
        lambda: _depthwise(0),
    ),
    Case("The same, with zero padding", ABSORBED, "at the edge the zeros get no b", lambda: _depthwise(1)),
)
