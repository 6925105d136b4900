"""Which of the sixteen logic gates of two inputs a small ReLU network can be, with a bias and without.

Exact, not trained. Take four ReLU units with the kernels (1, 0), (0, 1), (1, -1), (-1, 1) and no bias: at the inputs
(0, 1), (1, 0) and (1, 1) their outputs are three independent rows, so that output weights exist for any three values
there; at (0, 0) every unit gives 0, and so does f. An output bias makes the fourth row independent too.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arms import WITH, WITHOUT
from ..format import setting

Floats = NDArray[np.float64]

GATES = (
    *("never", "AND", "x1 and not x2", "x1", "x2 and not x1", "x2", "XOR", "OR"),
    *("NOR", "XNOR", "not x2", "x1 or not x2", "not x1", "x2 or not x1", "NAND", "always"),
)
"""Their answers at `INPUTS`, read as a binary number, are their places here."""
INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
GATE_KERNELS = np.array([[1, 0], [0, 1], [1, -1], [-1, 1]])
WANTED = np.arange(16)[:, None] >> np.arange(3, -1, -1) & 1  # the answers of every gate, (16, 4)
CUT = 0.5  # a gate's answer is 1 where f > 0.5


def gate_outputs(*, bias: bool) -> Floats:
    """f of the best fit to every gate, (16, 4): one row a gate of `GATES`, one column an input of `INPUTS`.

    Examples
    --------
    >>> gate_outputs(bias=False)[GATES.index("NAND")].round(12).tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    return (_gate_units(bias=bias) @ _gate_weights(bias=bias)).T


def gate_table() -> pd.DataFrame:
    """Which gates are learned, in the order of `GATES`.

    Columns: gate, answers (wanted at (0, 0), (0, 1), (1, 0), (1, 1)), with_bias and without_bias ("exact", or where it
    is wrong), weights_without_bias (of the four units, where it is exact).
    """
    with_bias, without = (_verdicts(gate_outputs(bias=bias)) for bias in (True, False))
    weights = _gate_weights(bias=False).T
    in_words = [", ".join(setting(round(v, 9) + 0.0) for v in row) for row in weights.tolist()]
    return pd.DataFrame(
        {
            "gate": GATES,
            "answers": [" ".join(map(str, row)) for row in WANTED.tolist()],
            "with_bias": with_bias,
            "without_bias": without,
            "weights_without_bias": [w if how == "exact" else "" for w, how in zip(in_words, without, strict=True)],
        }
    )


def gate_cells() -> pd.DataFrame:
    """The gates as sixteen squares, one row a cell: gate, x1, x2, answer (that is wanted, 0 or 1), side.

    The side is "without bias" where the best fit without bias gives the other answer, "rest" in the other cells of such
    a gate, and "with bias" in a gate that is within reach.
    """
    missed = (gate_outputs(bias=False) > CUT) != WANTED
    of_gate = ["rest" if row.any() else WITH for row in missed]
    cells = [
        (gate, int(x1), int(x2), int(WANTED[place, n]), WITHOUT if missed[place, n] else of_gate[place])
        for place, gate in enumerate(GATES)
        for n, (x1, x2) in enumerate(INPUTS)
    ]
    return pd.DataFrame(cells, columns=["gate", "x1", "x2", "answer", "side"])


def gate_sentence() -> str:
    """How many gates each twin learns, and why."""
    table = gate_table()
    n, without = ((table[column] == "exact").sum() for column in ("with_bias", "without_bias"))
    return (
        f"With one bias, at the output, ReLU units learn **{n} of {len(table)}** gates; without any, **{without} of "
        f"{len(table)}**. Without bias f(0, 0) = 0, whatever the weights: a gate that answers 1 there is out of reach."
    )


def _gate_units(*, bias: bool) -> Floats:
    """What the four units give at the four inputs, with a column of ones for an output bias: (4, 4 or 5)."""
    units = np.maximum(INPUTS @ GATE_KERNELS.T, 0).astype(float)
    return np.column_stack([units, np.ones(4)]) if bias else units


def _gate_weights(*, bias: bool) -> Floats:
    """The smallest weights among the best for each gate, (4 or 5, 16)."""
    weights: Floats = np.linalg.lstsq(_gate_units(bias=bias), WANTED.T.astype(float))[0]
    return weights


def _verdicts(outputs: Floats) -> list[str]:
    wrong = (outputs > CUT) != WANTED
    return ["wrong at " + ", ".join(f"({a}, {b})" for a, b in INPUTS[row]) if row.any() else "exact" for row in wrong]
