r"""Is `bias=False` safe in this network? The question put to every layer, without running any of it.

A bias b per channel is redundant where a norm that subtracts each channel's own mean follows at once,

    (z + b) - mean(z + b) = z - mean(z)

and in use where an activation, a layer or the end comes first. `core.audit.printout.judge` follows each bias;
here the answers are put in a table, counted and said. Nothing is claimed beyond what is assumed, see `ASSUMES`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..format import say
from .module import Module
from .printout.judge import LINEAR_MAPS, judge
from .printout.order import network
from .printout.torch_modules import KINDS, RECURRENT
from .verdict import BENT, CANNOT_SEE, DEPENDS, IN_USE, NO_BIAS, REDUNDANT, Fate, called

if TYPE_CHECKING:
    pass

VERDICTS = (REDUNDANT, IN_USE, DEPENDS, CANNOT_SEE, NO_BIAS)
HOMOGENEOUS = r"f(k x) = k f(x), \quad f(0) = 0"
ASSUMES = (
    "Assumed: modules run in the order printed, each once, and nothing that is not printed (a ReLU in `forward`, a "
    "sum, a reshape) stands between neighbours; a Linear before a BatchNorm1d gets one row of features per sample; a "
    "BatchNorm is trained with the statistics of its batches. Inside `Sequential` the order is certain. Not printed, "
    "so not counted: parameters that a module holds besides its layers; a layer used twice is printed, and counted, "
    "twice."
)
COLUMNS = [
    "layer",
    "kind",
    "parameters",
    "bias_parameters",
    "share",
    "verdict",
    "reason",
    "equation",
    "change",
    "proof",
]


@dataclass(frozen=True, eq=False)
class Audit:
    """Each layer's bias and what becomes of it.

    Attributes
    ----------
    modules : tuple of Module
        All of them, in order.
    rows : frame
        See `to_frame`.
    assumes : str
        What all verdicts rest on.
    """

    modules: tuple[Module, ...]
    rows: pd.DataFrame
    assumes: str = ASSUMES

    def to_frame(self) -> pd.DataFrame:
        """A row per module that holds parameters, or may hold some that are not told, in order.

        Columns: layer (its name), kind, parameters, bias_parameters (whole numbers, missing where not told), share
        (biases of its parameters, 0 to 1), verdict ("redundant", "in use", "depends", "cannot see" or "no bias"),
        reason (a sentence), equation (LaTeX), change (what to change, or ""), proof (a row of
        `core.exact.norms`, or "").
        """
        return self.rows.copy()

    @property
    def as_layers(self) -> tuple[tuple[str, int | None, int | None, str, str], ...]:
        """What `core/programs/audit.py` takes: layer, parameters, biases (None where not told), verdict, proof."""
        columns = ("layer", "parameters", "bias_parameters", "verdict", "proof")
        rows = zip(*(self.rows[column] for column in columns), strict=True)
        return tuple(
            (name, _told(total), _told(biases), verdict, proof) for name, total, biases, verdict, proof in rows
        )

    @property
    def redundant(self) -> tuple[str, ...]:
        """Names of the layers whose bias is redundant."""
        return self._with(REDUNDANT)

    def _with(self, verdict: str) -> tuple[str, ...]:
        return tuple(self.rows["layer"][self.rows["verdict"] == verdict])

    @property
    def sentence(self) -> str:
        """How many layers, numbers, biases, and how many of each verdict."""
        counts = self.rows["verdict"].value_counts()
        numbers = self.rows.groupby("verdict")["bias_parameters"].sum()
        told = self.rows["parameters"]
        unknown = int(told.isna().sum())
        start = (
            f"{_count(len(told) - unknown, 'layer')} with {say(int(told.sum()))} parameters, "
            f"{say(int(self.rows['bias_parameters'].sum()))} of them biases"
        )
        more = f"; of {_count(unknown, 'module')} more they are not printed" if unknown else ""
        redundant = int(counts.get(REDUNDANT, 0))
        found = (
            f"**{_count(redundant, 'layer')} {'has' if redundant == 1 else 'have'} a redundant bias** "
            f"({_count(int(numbers[REDUNDANT]), 'number')})"
            if redundant
            else "**No bias is found redundant**"
        )
        rest = [f"{say(int(counts[verdict]))} {verdict}" for verdict in VERDICTS[1:] if verdict in counts]
        return f"{start}{more}. {found}{'; ' if rest else ''}{', '.join(rest)}."


def audit(layers: Sequence[Module], *, assumes: str = ASSUMES) -> Audit:
    """Audit a network that is given as its modules.

    Parameters
    ----------
    layers : sequence of Module
        In the order in which they run, each before its children; containers may be left out, and then nothing but
        neighbours under one name counts as running one after the other.
    assumes : str
        What a reader is told that the verdicts rest on.

    Examples
    --------
    >>> layers = [
    ...     Module("conv", "Conv2d", 224, 8, 3, 8, {"padding": 0}),
    ...     Module("bn", "BatchNorm2d", 16, 8, 8, 8, {"track_running_stats": True}),
    ... ]
    >>> audit(layers).redundant
    ('conv',)
    """
    net = network(layers)
    fates = judge(net)
    last = max((at for at, module in enumerate(layers) if module.kind in LINEAR_MAPS), default=-1)
    rows = []
    for at, (module, fate) in enumerate(zip(layers, fates, strict=True)):
        if module.parameters or (module.parameters is None and _may_hold(module, net.is_leaf(at))):
            rows.append(_row(module, _verdict(module, fate, is_last=at == last)))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    dtypes = {"parameters": "Int64", "bias_parameters": "Int64", "share": "float64"}
    return Audit(tuple(layers), frame.astype(dtypes), assumes)


def _told(number: Any) -> int | None:
    return None if pd.isna(number) else int(number)


def _count(number: int, thing: str) -> str:
    return f"{say(number)} {thing}{'' if number == 1 else 's'}"


def _may_hold(module: Module, is_leaf: bool) -> bool:
    """Whether what is not told may be parameters of its own."""
    return is_leaf or module.kind == "MultiheadAttention" or module.kind in KINDS


def _row(module: Module, fate: Fate) -> tuple[object, ...]:
    biases, total = module.bias_parameters, module.parameters
    share = biases / total if biases is not None and total else float("nan")
    numbers = (total, biases, share)
    return module.name, module.kind, *numbers, fate.verdict, fate.reason, fate.equation, fate.change, fate.proof


def _verdict(module: Module, fate: Fate | None, *, is_last: bool) -> Fate:
    """What the table says of a layer."""
    if module.bias_parameters is None:
        return Fate(CANNOT_SEE, _not_told(module))
    if module.kind in RECURRENT and module.has_bias:
        return Fate(IN_USE, "b is added at every step, before the gates' sigmoid and tanh.", BENT, proof="none")
    if not module.has_bias:
        return _without(module, fate, is_last=is_last)
    if fate is None:
        return Fate(CANNOT_SEE, f"What {called(module)} does with the modules inside it is not printed.")
    offset = fate.change and module.kind not in LINEAR_MAPS | {"Bilinear"}
    return (
        replace(fate, change="Its offset beta can go, where your PyTorch takes `bias=False` here.") if offset else fate
    )


def _not_told(module: Module) -> str:
    if module.kind == "MultiheadAttention":
        return "Only its out_proj is printed: in_proj_weight and in_proj_bias, of query, key and value, are not."
    return f"What {called(module)} holds and does is not printed in a form that is known here."


def _without(module: Module, fate: Fate | None, *, is_last: bool) -> Fate:
    """A layer that has no bias: whether that is right, and what it then cannot do."""
    if module.kind not in LINEAR_MAPS or fate is None:
        return Fate(NO_BIAS, "It has weights that multiply or are looked up, and nothing that is added.")
    if fate.verdict == REDUNDANT:
        return replace(
            fate, verdict=NO_BIAS, reason=f"Right as it is, a bias would be redundant: {fate.reason}", change=""
        )
    if fate.verdict != IN_USE:
        return replace(fate, verdict=NO_BIAS, reason=f"What a bias would do: {fate.reason}", change="")
    if is_last:
        reason = (
            "The last layer has no bias: where all that it gets is 0 it gives 0 for every output, so it cannot hold a "
            "prior, such as how frequent each class is."
        )
        change = "Where outputs have no reason to centre on 0: pass `bias=True`, and start it at the log prior."
        return Fate(NO_BIAS, reason, HOMOGENEOUS, change, "none")
    reason = (
        "No norm that subtracts its mean would cancel a bias here. Without one this layer gives k times as much for k "
        "times its input, and 0 for 0."
    )
    return Fate(NO_BIAS, reason, HOMOGENEOUS, proof="none")
