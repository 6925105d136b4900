"""Classes that are not PyTorch's own, read as the class that they are made of.

Three ways to be made of one. A class that is known to work as its base does: `Conv3DSimple` is a Conv3d, `Linear4bit` a
Linear, `LlamaRMSNorm` an RMSNorm, `ParametrizedConv2d` (spectral and weight norm) a Conv2d whose weights are computed
by what it holds. A norm that runs what it holds after itself: `BatchNormAct2d`. And a class whose name ends in that of
a base with numbers, and whose arguments are those of the base: its numbers are counted, and what it does is not
claimed. Of all others nothing is known.

Source: torch.nn.utils.parametrize, timm.layers, torchvision, transformers, bitsandbytes.
"""

import re

from .torch_modules import KINDS

HOLDS_ITS_WEIGHTS = "Parametrized"  # begins the name
SAME = {
    "Conv3DSimple": "Conv3d", "Conv3DNoTemporal": "Conv3d", "Conv2dSame": "Conv2d", "ScaledStdConv2d": "Conv2d",
    "ScaledStdConv2dSame": "Conv2d", "StdConv2d": "Conv2d", "StdConv2dSame": "Conv2d", "Linear4bit": "Linear",
    "LinearFP4": "Linear", "LinearNF4": "Linear", "Linear8bitLt": "Linear", "QuantLinear": "Linear",
    "ColumnParallelLinear": "Linear", "RowParallelLinear": "Linear",
    "T5LayerNorm": "RMSNorm", "MT5LayerNorm": "RMSNorm", "UMT5LayerNorm": "RMSNorm",
    "LayerNormFp32": "LayerNorm", "FusedLayerNorm": "LayerNorm",
    "FusedRMSNorm": "RMSNorm", "MixedFusedRMSNorm": "RMSNorm", "SimpleNorm": "RMSNorm", "SimpleNorm2d": "RMSNorm",
}  # fmt: skip
"""Class -> the one that it works as."""
NORM_FIRST = {
    "BatchNormAct2d": "BatchNorm2d", "SyncBatchNormAct": "SyncBatchNorm", "FrozenBatchNormAct2d": "FrozenBatchNorm2d",
    "GroupNormAct": "GroupNorm", "LayerNormAct": "LayerNorm", "LayerNormAct2d": "LayerNorm2d",
    "RmsNormAct": "RMSNorm", "RmsNormAct2d": "RMSNorm",
}  # fmt: skip
"""Norm that runs its children after itself -> the norm."""
_DROPS = re.compile(r"(?<=[a-z0-9_])(?:DropPath|StochasticDepth)$")
_RMS_NORM = re.compile(r"R(?:MS|ms)Norm(?:[123]d|Fp32)?$")
LAZY = "Lazy"
_FUSED = re.compile(r"(Conv|Linear)(?:Bn|BN)?(?:ReLU)?(\dd)?$")


def is_lazy(kind: str) -> bool:
    """Whether a module gets its shape from its first input, and has none before."""
    return kind.startswith(LAZY) and kind.removeprefix(LAZY) in KINDS


def works_as(kind: str) -> str:
    """The known class that one works as; itself where none is known.

    Examples
    --------
    >>> [works_as(kind) for kind in ("ParametrizedConv2d", "LlamaRMSNorm", "BatchNormAct2d", "MyConv2d")]
    ['Conv2d', 'RMSNorm', 'BatchNorm2d', 'MyConv2d']
    """
    if kind in KINDS:
        return kind
    if kind.startswith(HOLDS_ITS_WEIGHTS):
        return works_as(kind.removeprefix(HOLDS_ITS_WEIGHTS))
    if known := SAME.get(kind) or NORM_FIRST.get(kind):
        return known
    drops = _DROPS.search(kind)
    return drops[0] if drops else "RMSNorm" if _RMS_NORM.search(kind) else kind


def is_built_from(kind: str) -> str:
    """The known class whose arguments one seems to have, by the end of its name; "" where none is known.

    Examples
    --------
    >>> [is_built_from(kind) for kind in ("MyConv2d", "ConvBnReLU2d", "Linear4bit", "Block")]
    ['Conv2d', 'Conv2d', 'Linear', '']
    """
    known = works_as(kind)
    if known in KINDS:
        return known
    fused = _FUSED.search(kind)
    if fused:
        return fused[1] + (fused[2] or "")
    return next((kind[at:] for at in range(1, len(kind)) if kind[at].isupper() and kind[at:] in KINDS), "")
