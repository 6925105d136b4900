"""The bias on the keys of softmax attention does nothing where no position turns them, as the audit page says.

All logits of one query move by the same number, its product with that bias, and softmax takes it out. Rotary positions
turn each key by its own angle, so there the number differs from key to key.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

N, WIDTH = 6, 8
Floats = NDArray[np.float64]


def attention(tokens: Floats, biases: dict[str, Floats], *, rotary: bool = False) -> Floats:
    """One head in float64, with weights drawn from seed 0; `biases` are those of "query", "key" and "value"."""
    random = np.random.default_rng(0)
    parts = {}
    for name in ("query", "key", "value"):
        parts[name] = tokens @ random.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH) + biases.get(name, 0.0)
    query, key = (turned(parts[name]) if rotary else parts[name] for name in ("query", "key"))
    logits = query @ key.T / np.sqrt(WIDTH)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    output: Floats = shares / shares.sum(axis=1, keepdims=True) @ parts["value"]
    return output


def turned(vectors: Floats) -> Floats:
    """Rotary positions: each pair of numbers turned by an angle that grows with the position."""
    angles = np.outer(np.arange(len(vectors)), 10.0 ** -np.arange(WIDTH // 2))
    turns = np.exp(1j * angles) * (vectors[:, ::2] + 1j * vectors[:, 1::2])
    return np.stack([turns.real, turns.imag], axis=2).reshape(vectors.shape)


def change(part: str, *, rotary: bool = False) -> float:
    """How far a bias on one part moves the output at most."""
    random = np.random.default_rng(1)
    tokens, bias = random.normal(size=(N, WIDTH)), random.normal(size=WIDTH)
    moved = attention(tokens, {part: bias}, rotary=rotary) - attention(tokens, {}, rotary=rotary)
    return float(np.abs(moved).max())


def test_bias_on_the_keys_leaves_the_output_as_it_is() -> None:
    assert change("key") < 1e-12


@pytest.mark.parametrize("part", ["query", "value"])
def test_bias_on_the_queries_or_the_values_changes_the_output(part: str) -> None:
    assert change(part) > 0.01


def test_bias_on_the_keys_changes_the_output_where_positions_turn_them() -> None:
    assert change("key", rotary=True) > 0.01


@pytest.mark.parametrize("size", [0.1, 10.0, 100.0])
def test_bias_on_the_keys_does_nothing_whatever_its_size(size: float) -> None:
    tokens = np.random.default_rng(2).normal(size=(N, WIDTH))
    plain, moved = attention(tokens, {}), attention(tokens, {"key": np.full(WIDTH, size)})
    np.testing.assert_allclose(moved, plain, rtol=0, atol=1e-12)
