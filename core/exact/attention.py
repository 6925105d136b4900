"""A bias on the keys of attention: five tokens, one head, and what softmax makes of it. ::

    logits = q (k + b)^T / sqrt(d) = q k^T / sqrt(d) + (q b) / sqrt(d),    shares = softmax over the keys

The last term is one number for all keys of a query, and softmax takes out what all its logits share: the shares stay.
Three kinds do not: rotary positions turn each key, and b with it, by an angle of its own (Su et al. 2021); QK-norm
divides each key by its root mean square (Henry et al. 2020); a sink adds a logit of its own that b does not reach.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arms import WITH, WITHOUT
from ..checks import choice, number
from ..format import say, setting

Floats = NDArray[np.float64]

TOKENS = ("the", "cat", "sat", "down", ".")
WIDTH = 8
PLAIN, ROTARY, QK_NORM, SINK = "plain", "rotary", "qk_norm", "sink"
KINDS = {PLAIN: "Plain", ROTARY: "Rotary positions", QK_NORM: "QK-norm", SINK: "A sink logit"}
"""Kind -> as a reader writes it."""
PATTERN = np.array([1.0, -0.5, 0.25, -0.125, 1.0, -0.5, 0.25, -0.125])  # the key bias, over b
LARGEST = 1000
NOTHING = 1e-9


@dataclass(frozen=True)
class KeyBias:
    """A bias on the keys, and the kind of attention."""

    b: float = 2.0  # from -1,000 to 1,000; the eight numbers of a key get b, -b / 2, b / 4, -b / 8 and again
    kind: str = PLAIN

    def __post_init__(self) -> None:
        number("b", self.b, -LARGEST, LARGEST)
        choice("kind", self.kind, KINDS)

    @cached_property
    def shares(self) -> dict[str, Floats]:
        """Arm -> the attention map (5, 5): how much each token, a row, looks at each other one."""
        return {WITHOUT: attention_map(self.kind), WITH: attention_map(self.kind, self.b * PATTERN)}

    @property
    def change(self) -> float:
        """The largest change of a share."""
        return float(np.abs(self.shares[WITH] - self.shares[WITHOUT]).max())

    def to_frame(self) -> pd.DataFrame:
        """Both maps: arm, token, looks_at (in words), share."""
        rows = [
            (arm, token, other, float(share))
            for arm, shares in self.shares.items()
            for token, row in zip(TOKENS, shares, strict=True)
            for other, share in zip(TOKENS, row, strict=True)
        ]
        return pd.DataFrame(rows, columns=["arm", "token", "looks_at", "share"])

    @property
    def sentence(self) -> str:
        """Whether the map moved, and by how much."""
        kind, moved = KINDS[self.kind].lower(), say(self.change)
        if self.b == 0:
            return "Now *b* is 0: drag it."
        if self.change < NOTHING:
            return (
                f"**The map stands still** at *b* = {setting(self.b)} ({kind}): no share moves by more than {moved}, "
                "which is rounding. A bias on the keys is one number for all keys of a query, and softmax takes it out."
            )
        return f"**The map moves** at *b* = {setting(self.b)} ({kind}): a share by {moved}."


def attention_map(kind: str = PLAIN, key_bias: Floats | None = None) -> Floats:
    """The shares (5, 5) of one head with weights drawn from a seed; with a bias (8,) on the keys, or none.

    Examples
    --------
    >>> plain, moved = attention_map(), attention_map("plain", np.full(8, 3.0))
    >>> bool(np.abs(plain - moved).max() < 1e-12)
    True
    """
    query, key = _material()
    if key_bias is not None:
        key = key + key_bias
    if kind == QK_NORM:
        query, key = (part / np.sqrt(np.mean(part**2, axis=1, keepdims=True)) for part in (query, key))
    if kind == ROTARY:
        query, key = turned(query), turned(key)
    logits = query @ key.T / np.sqrt(WIDTH)
    sinks = np.zeros((len(TOKENS), 1 if kind == SINK else 0))
    return softmax(np.concatenate([logits, sinks], axis=1))[:, : len(TOKENS)]


def softmax(logits: Floats) -> Floats:
    """Over the last axis."""
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def turned(vectors: Floats) -> Floats:
    """Rotary positions: each pair of numbers turned by an angle that grows with the position."""
    angles = np.outer(np.arange(len(vectors)), 10.0 ** -np.arange(vectors.shape[1] // 2))
    turns = np.exp(1j * angles) * (vectors[:, ::2] + 1j * vectors[:, 1::2])
    return np.stack([turns.real, turns.imag], axis=2).reshape(vectors.shape)


@lru_cache(maxsize=1)
def _material() -> tuple[Floats, Floats]:
    """Queries and keys (5, 8) before any bias."""
    random = np.random.default_rng(0)
    tokens, of_query, of_key = random.normal(size=(3, WIDTH, WIDTH))
    tokens = tokens[: len(TOKENS)]
    return tokens @ of_query / np.sqrt(WIDTH), tokens @ of_key / np.sqrt(WIDTH)
