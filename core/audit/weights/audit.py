r"""Is `bias=False` safe in the network of this file? Asked of a .safetensors file, where nothing is printed.

Layers are put together from names and shapes, and each is paired with the norm that seems to follow it; the reader sees
the pairs and corrects them. `core.audit.weights.judge` says what follows for each bias, `weights_biases` what the
biases look like, and `weights_fix` writes the files in which they are gone.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from ...errors import InputError
from ...models.norms import EPS
from ..module import Module
from ..report import COLUMNS, Audit
from ..verdict import Fate
from . import bias_values, rewrite
from .bias_values import NeverActive
from .judge import WEIGHTS_ASSUME, verdicts
from .layers import as_transposed, is_layer, read_layers, settled
from .norm_pairs import NONE, Pair, corrected, propose
from .rewrite import NewWeights
from .safetensors_file import Checkpoint, read_checkpoint


@dataclass(frozen=True, eq=False, kw_only=True)
class WeightsAudit(Audit):
    """Each layer's bias of a file of weights; everything that `Audit` has, and the numbers.

    Attributes
    ----------
    checkpoint : Checkpoint
        The file, which must stay where and as it is.
    paired : dict of str to Pair
        By the layer's name.
    eps : float
        Of all norms with running statistics; it is not in the file.
    """

    checkpoint: Checkpoint
    paired: Mapping[str, Pair] = field(repr=False)
    eps: float = EPS

    @property
    def pairs(self) -> pd.DataFrame:
        """Columns: layer, norm (taken to follow it at once, or ""), why. A row per convolution and dense layer."""
        rows = [
            (module.name, pair.norm, pair.why) if (pair := self.paired.get(module.name)) else (module.name, "", NONE)
            for module in self.modules
            if is_layer(module)
        ]
        return pd.DataFrame(rows, columns=["layer", "norm", "why"])

    def biases(self) -> pd.DataFrame:
        """What each bias looks like; see `weights_biases.bias_table`."""
        return bias_values.bias_table(self.checkpoint, self.modules, self.paired, self.eps)

    def bias_bins(self, *, in_deviations: bool = False) -> pd.DataFrame:
        """How often which values occur; see `weights_biases.bias_bins`."""
        return bias_values.bias_bins(self.checkpoint, self.modules, self.paired, self.eps, in_deviations)

    def never_active(self, low: float = 0.0, high: float = 1.0, *, layer: str = "") -> NeverActive:
        """Which filters of the first layer, or of another, can never be active; see `weights_biases.never_active`."""
        return bias_values.never_active(
            self.checkpoint, self.modules, self.paired, self.eps, low=low, high=high, layer=layer
        )

    def without_redundant(self, path: str | os.PathLike[str]) -> NewWeights:
        """Write the file without the redundant biases; see `weights_fix.without_redundant`."""
        names = set(self.redundant)
        layers = [module for module in self.modules if module.name in names]
        return rewrite.without_redundant(self.checkpoint, layers, self.paired, path, self.eps)

    def folded(self, path: str | os.PathLike[str]) -> NewWeights:
        """Write the file with each norm folded into its layer; see `weights_fix.folded`."""
        return rewrite.folded(self.checkpoint, self.modules, self.paired, path, self.eps)


def audit_weights(
    path: str | os.PathLike[str], pairs: Mapping[str, str] | None = None, *, eps: float = EPS
) -> WeightsAudit:
    """Audit a .safetensors file; only its header is read.

    Parameters
    ----------
    path : path
        At most 500 MB; limits as in `read_checkpoint`.
    pairs : mapping of str to str
        Layer -> the norm that follows it at once, or "" for none: where the proposals in `.pairs` are wrong.
    eps : float, above 0
        Of the norms with running statistics.

    Raises
    ------
    InputError
        The file is none of the kind; `pairs` names what is not there, or what does not fit; eps is not above 0.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from safetensors.numpy import save_file
    >>> conv = {"0.weight": np.ones((2, 3, 3, 3)), "0.bias": np.array([0.5, -1.0])}
    >>> norm = {f"1.{name}": np.ones(2) for name in ("running_mean", "running_var", "num_batches_tracked")}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_file(conv | norm, f"{folder}/model.safetensors")
    ...     audit = audit_weights(f"{folder}/model.safetensors")
    ...     new = audit.without_redundant(f"{folder}/new.safetensors")
    >>> audit.redundant, audit.pairs.values.tolist()
    (('0',), [['0', '1', 'Neighbours by number, and as many channels']])
    >>> new.layers
    ('0',)
    """
    if not (math.isfinite(eps) and eps > 0):
        raise InputError(f"`eps` must be above 0, got {eps}")
    checkpoint = read_checkpoint(path)
    modules = read_layers(checkpoint)
    paired = corrected(propose(modules), pairs, modules)
    modules = _with_norms(modules, paired)
    fates = verdicts(modules, paired)
    rows = [_row(module, fate) for module, fate in zip(modules, fates, strict=True) if module.parameters]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.astype({"parameters": "Int64", "bias_parameters": "Int64", "share": "float64"})
    return WeightsAudit(modules, frame, WEIGHTS_ASSUME, checkpoint=checkpoint, paired=paired, eps=eps)


def _with_norms(modules: tuple[Module, ...], paired: Mapping[str, Pair]) -> tuple[Module, ...]:
    """With what a pair tells: the norm's channels are the layer's outputs, its dimensions the norm's."""
    channels = {module.name: module.channels for module in modules}
    told = settled(
        [
            as_transposed(module, channels[paired[module.name].norm] or 0) if module.name in paired else module
            for module in modules
        ]
    )
    dims = {paired[module.name].norm: module.kind[-2:] for module in told if module.name in paired}
    return tuple(replace(module, kind=_kind(module, dims.get(module.name, ""))) for module in told)


def _kind(norm: Module, dims: str) -> str:
    if norm.kind != "BatchNorm":
        return norm.kind
    return f"BatchNorm{dims}" if dims[-1:] == "d" else "BatchNorm1d" if dims else norm.kind


def _row(module: Module, fate: Fate) -> tuple[object, ...]:
    biases, total = module.bias_parameters or 0, module.parameters or 0
    said = (fate.verdict, fate.reason, fate.equation, fate.change, fate.proof)
    return module.name, module.kind, total, biases, biases / total, *said
