r"""Is `bias=False` safe in this network? What is found of every layer, counted and said.

A bias b per channel is redundant where a norm that subtracts each channel's own mean follows at once,

    (z + b) - mean(z + b) = z - mean(z)

and in use where an activation, a layer or the end comes first. Nothing is claimed beyond what is assumed, see
`Audit.assumes`.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..format import say
from .module import Module
from .verdict import ABSORBED, CANNOT_SEE, DEPENDS, IN_USE, KEY, NO_BIAS, REDUNDANT, SHIFTED, Verdict

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = (REDUNDANT, ABSORBED, IN_USE, DEPENDS, CANNOT_SEE, NO_BIAS)


class Row(NamedTuple):
    """What is found of one layer; the columns of `Audit.to_frame`, where they are explained."""

    layer: str
    kind: str
    parameters: int | None
    bias_parameters: int | None
    share: float
    verdict: str
    reason: str
    equation: str
    change: str
    proof: str


@dataclass(frozen=True, eq=False)
class Audit:
    """Each layer's bias and what becomes of it.

    All modules in order, a row of each that holds parameters, or may hold some that are not told, and what all verdicts
    rest on.
    """

    modules: tuple[Module, ...]
    rows: tuple[Row, ...]
    assumes: str

    def to_frame(self) -> "pd.DataFrame":
        """A row per module that holds parameters, or may hold some that are not told, in order.

        Columns: layer (its name), kind, parameters, bias_parameters (whole numbers, missing where not told), share
        (biases of its parameters, 0 to 1), verdict ("redundant", "absorbed": the next
        layer's bias can take it over, "in use", "depends", "cannot see" or "no bias"),
        reason (a sentence), equation (LaTeX), change (what to change, or ""), proof (a row of
        `core.exact.norms`, or "").
        """
        import pandas as pd

        frame = pd.DataFrame(list(self.rows), columns=list(Row._fields))
        return frame.astype({"parameters": "Int64", "bias_parameters": "Int64", "share": "float64"})

    @property
    def as_layers(self) -> tuple[tuple[str, int | None, int | None, str, str], ...]:
        """What `core/programs/audit.py` takes: layer, parameters, biases (None where not told), verdict, proof."""
        proofs = ("softmax" if row.equation in (KEY, SHIFTED) else row.proof for row in self.rows)
        rows = zip(self.rows, proofs, strict=True)
        return tuple((row.layer, row.parameters, row.bias_parameters, row.verdict, proof) for row, proof in rows)

    @property
    def redundant(self) -> tuple[str, ...]:
        """Names of the layers whose bias is redundant."""
        return tuple(row.layer for row in self.rows if row.verdict == REDUNDANT)

    @property
    def could_judge(self) -> bool:
        """Whether anything could be: false where no module that may hold parameters is known."""
        judged = (row.bias_parameters is not None and row.verdict != CANNOT_SEE for row in self.rows)
        return not self.rows or any(judged)

    @property
    def sentence(self) -> str:
        """How many layers, numbers, biases, and how many of each verdict."""
        told = [row.parameters for row in self.rows if row.parameters is not None]
        start = (
            f"{count(len(told), 'layer')} with {say(sum(told))} parameters, {say(_n_biases(self.rows))} of them biases"
        )
        unknown = len(self.rows) - len(told)
        untold = {row.layer for row in self.rows if row.parameters is None}
        silent = all(not module.arguments for module in self.modules if module.name in untold)
        what = "not printed" if silent else "not known"
        more = f"; of {count(unknown, 'module')} more they are {what}" if unknown else ""
        return f"{start}{more}. {'; '.join(self._findings())}."

    def _findings(self) -> list[str]:
        """What is redundant, and how many of each other verdict."""
        counts = Counter(row.verdict for row in self.rows)
        redundant = [row for row in self.rows if row.verdict == REDUNDANT]
        found = "**No bias is found redundant**" if self.could_judge else "**Nothing here could be judged**"
        if redundant:
            layers = f"{count(len(redundant), 'layer')} {'has' if len(redundant) == 1 else 'have'}"
            found = f"**{layers} a redundant bias** ({count(_n_biases(redundant), 'number')})"
        rest = [f"{say(counts[answer])} {answer}" for answer in VERDICTS[1:] if counts[answer]]
        return [found, ", ".join(rest)] if rest else [found]


def row_of(module: Module, verdict: Verdict) -> Row:
    """What the table says of a module."""
    biases, total = module.bias_parameters, module.parameters
    share = biases / total if biases is not None and total else math.nan
    found = (verdict.answer, verdict.reason, verdict.equation, verdict.change, verdict.proof)
    return Row(module.name, module.kind, total, biases, share, *found)


def count(number: int, thing: str) -> str:
    """So many of a thing: 1 layer, 2 layers, 3 biases."""
    return f"{say(number)} {thing}{'' if number == 1 else 'es' if thing.endswith('s') else 's'}"


def _n_biases(rows: Iterable[Row]) -> int:
    return sum(row.bias_parameters or 0 for row in rows)
