r"""Is `bias=False` safe in the network of this file? Asked of a .safetensors file, where nothing is printed.

Layers are put together from names and shapes, and each is paired with the norm that seems to follow it; the reader sees
the pairs and corrects them. `core.audit.weights.judge` says what follows for each bias, `bias_values` what the
biases look like, and `rewrite` writes the files in which they are gone.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from ...checks import number
from ...models.norms import EPS
from ..module import Module
from ..report import Audit, row_of
from . import rewrite
from .judge import WEIGHTS_ASSUME, judge
from .layers import BATCH_NORM, is_layer, read_layers, resolve_transposed, transpose_to_give
from .norm_pairs import NO_NORM, Pair, propose_pairs, with_visitor_pairs
from .paired_weights import PairedWeights
from .parts import open_whole
from .rewrite import NewWeights


@dataclass(frozen=True, eq=False, kw_only=True)
class WeightsAudit(Audit):
    """Each layer's bias of a file of weights; everything that `Audit` has, and the file with its layers and norms."""

    weights: PairedWeights = field(repr=False)

    @property
    def pairs(self) -> pd.DataFrame:
        """Columns: layer, norm (taken to follow it at once, or ""), why. A row per convolution and dense layer."""
        names = [module.name for module in self.modules if is_layer(module)]
        pairs = [(name, self.weights.pairs.get(name, Pair("", NO_NORM))) for name in names]
        return pd.DataFrame([(name, pair.norm, pair.why) for name, pair in pairs], columns=["layer", "norm", "why"])

    def without_redundant(self, path: str | os.PathLike[str]) -> NewWeights:
        """Write the file without the redundant biases; see `rewrite.move_biases`."""
        names = set(self.redundant)
        layers = [module for module in self.modules if module.name in names]
        return rewrite.move_biases(self.weights, layers, path)

    def folded(self, path: str | os.PathLike[str]) -> NewWeights:
        """Write the file with each norm folded into its layer; see `rewrite.fold_norms`."""
        return rewrite.fold_norms(self.weights, path)


def audit_weights(
    path: str | os.PathLike[str], pairs: Mapping[str, str] | None = None, *, eps: float = EPS
) -> WeightsAudit:
    """Audit a .safetensors file of at most 500 MB; only its header is read, and it must stay where and as it is.

    An index file, or the folder of a network in parts, is audited as one network of any size.

    `pairs` is layer -> the norm that follows it at once, or "" for none, where the proposals in `.pairs` are wrong; eps
    (above 0) is that of the norms with running statistics. InputError where the file is none of the kind (limits as in
    `read_checkpoint`) or a pair does not fit.

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
    number("eps", eps, 0, above=True)
    checkpoint = open_whole(Path(path))
    modules = read_layers(checkpoint)
    paired = with_visitor_pairs(propose_pairs(modules), pairs, modules)
    modules = _with_norms(modules, paired)
    verdicts = zip(modules, judge(modules, paired), strict=True)
    rows = tuple(row_of(module, verdict) for module, verdict in verdicts if module.parameters)
    return WeightsAudit(modules, rows, WEIGHTS_ASSUME, weights=PairedWeights(checkpoint, modules, paired, eps))


def _with_norms(modules: tuple[Module, ...], paired: Mapping[str, Pair]) -> tuple[Module, ...]:
    """With what a pair tells: the norm's channels are the layer's outputs, its dimensions the norm's."""
    channels = {module.name: module.channels or 0 for module in modules}
    fitted = [
        transpose_to_give(module, channels[paired[module.name].norm]) if module.name in paired else module
        for module in modules
    ]
    told = resolve_transposed(fitted)
    dims = {paired[module.name].norm: module.kind[-2:] for module in told if module.name in paired}
    return tuple(_with_dims(module, dims) for module in told)


def _with_dims(module: Module, dims: Mapping[str, str]) -> Module:
    """A BatchNorm with the dimensions of its layer, "1d" to "3d" and that of a dense layer, which ends in "ar"."""
    if module.kind != BATCH_NORM or module.name not in dims:
        return module
    ends = dims[module.name]
    return replace(module, kind=f"{BATCH_NORM}{ends if ends.endswith('d') else '1d'}")
