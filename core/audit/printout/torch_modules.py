r"""What PyTorch's modules print of themselves, and the numbers that they hold.

Of a convolution with c inputs, n outputs, g groups and a kernel of k numbers per channel

    weights = n c k / g,    biases = n or 0

and likewise for the rest, each as `torch.nn` builds it. A printout leaves out arguments that have their default, so
the defaults are filled in here. What cannot be worked out from the arguments is None, never a guess.

Source: `extra_repr` and `__init__` of each module of PyTorch 2.13; `FrozenBatchNorm2d`, `LayerNorm2d`, `Permute` and
`StochasticDepth` are torchvision's, `Conv1D` and the names that end in Activation are of transformers.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from ..module import Value

Arguments: TypeAlias = Mapping[str, Value]

MAX_NUMBERS = 10**12


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


CONVOLUTIONS = frozenset(f"{kind}{n}d" for kind in ("Conv", "ConvTranspose") for n in (1, 2, 3))
BATCH_NORMS = frozenset({"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"})
INSTANCE_NORMS = frozenset(f"InstanceNorm{n}d" for n in (1, 2, 3))
LINEAR = frozenset({"Linear", "NonDynamicallyQuantizableLinear", "Conv1D"})  # Conv1D is that of transformers
RECURRENT = {"RNN": 1, "GRU": 3, "LSTM": 4, "RNNCell": 1, "GRUCell": 3, "LSTMCell": 4}
IN_PART = frozenset({"MultiheadAttention"})  # in_proj_weight and in_proj_bias are not printed
CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
ACTIVATIONS = _names("""
    ReLU ReLU6 LeakyReLU PReLU RReLU ELU CELU SELU GELU SiLU Mish GLU Sigmoid Tanh Hardtanh Hardsigmoid
    Hardswish Hardshrink Softplus Softshrink Softsign Tanhshrink LogSigmoid Threshold Softmin Softmax Softmax2d
    LogSoftmax GELUActivation NewGELUActivation QuickGELUActivation SiLUActivation FastGELUActivation
    ClippedGELUActivation AccurateGELUActivation MishActivation LaplaceActivation ReLUSquaredActivation
    PytorchGELUTanh GELUTanh QuickGELU Swish MemoryEfficientSwish SwishMe MishMe HardSwish HardSwishMe HardSigmoid
    Hswish Hsigmoid SquaredReLU NewGELU FastGELU XIELUActivation
""")
SOFTMAXES = _names("Softmax Softmax2d LogSoftmax Softmin")
DROPOUTS = _names("""
    Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout StochasticDepth DropPath StableDropout
""")
RESHAPES = _names("Permute Rearrange Transpose Reshape View Squeeze Unsqueeze SwapAxes")
POOLS = frozenset(f"{kind}{n}d" for kind in ("MaxPool", "AvgPool", "AdaptiveMaxPool", "AdaptiveAvgPool") for n in "123")
PADS = frozenset(
    f"{kind}Pad{n}d" for kind in ("Zero", "Constant", "Reflection", "Replication", "Circular") for n in "123"
)
UPSAMPLINGS = frozenset({"Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"})
OTHERS = _names("""
    Identity LinearActivation Flatten Unflatten ParameterList ParameterDict
    PixelShuffle PixelUnshuffle ChannelShuffle Fold Unfold LPPool1d LPPool2d LPPool3d
    MaxUnpool1d MaxUnpool2d MaxUnpool3d FractionalMaxPool2d FractionalMaxPool3d CosineSimilarity
    PairwiseDistance L1Loss MSELoss CrossEntropyLoss NLLLoss BCELoss BCEWithLogitsLoss SmoothL1Loss HuberLoss
    KLDivLoss LocalResponseNorm CrossMapLRN2d _SpectralNorm _WeightNorm _Orthogonal
""")


Numbers: TypeAlias = tuple[int, int, int | None, int | None]
"""Parameters, how many of them are biases, channels or features that a module takes and that it gives."""


def name_arguments(kind: str, arguments: tuple[tuple[str, Value], ...]) -> dict[str, Value]:
    """Arguments by name, with the defaults of a known kind; those without a name by their place, "0", "1", ...

    Examples
    --------
    >>> arguments = name_arguments("Conv2d", (("", 3), ("", 64), ("kernel_size", (3, 3))))
    >>> arguments["out_channels"], arguments["bias"], arguments["groups"]
    (64, True, 1)
    """
    known = KINDS.get(kind)
    places = known.places if known else ()
    found = dict(known.defaults) if known else {}
    for place, (name, value) in enumerate(arguments):
        found[name or (places[place] if place < len(places) else str(place))] = value
    return found


def count_numbers(kind: str, arguments: Arguments) -> Numbers | None:
    """How many numbers a module holds; None for an unknown kind or arguments that do not say.

    Examples
    --------
    >>> count_numbers("Linear", {"in_features": 100, "out_features": 10, "bias": True})
    (1010, 10, 100, 10)
    >>> count_numbers("MyLayer", {}) is None
    True
    """
    if kind not in KINDS:
        return None
    try:
        found = KINDS[kind].count(arguments)
    except LookupError:
        return None
    return found if found[0] <= MAX_NUMBERS else None


def has_arguments_of(kind: str, arguments: Sequence[tuple[str, Value]]) -> bool:
    """Whether these are arguments that a known kind with numbers prints, and no others.

    Examples
    --------
    >>> has_arguments_of("Linear", [("in_features", 2), ("out_features", 3), ("bias", True)])
    True
    >>> has_arguments_of("Linear", [("in_features", 2), ("out_features", 3), ("rank", 4)])
    False
    """
    known = KINDS.get(kind)
    if known is None or known.count is _hold_nothing:
        return False
    named = {name for name, _value in arguments if name}
    n_places = len(arguments) - len(named)
    return n_places <= len(known.places) and named <= known.others | set(known.places) | set(known.defaults)


def is_told_as_code(kind: str, arguments: Sequence[tuple[str, Value]]) -> bool:
    """Whether a known kind has its arguments as code has them, Conv2d(3, 8, 3), and never as it prints them."""
    known = KINDS.get(kind)
    if known is None or not known.places or not arguments:
        return False
    if sum(not name for name, _value in arguments) > len(known.places):
        return True
    sides = [value for name, value in arguments if name == "kernel_size"]
    return kind in CONVOLUTIONS and any(isinstance(side, int) for side in sides)  # printed as (3, 3)


def _whole(arguments: Arguments, name: str) -> int:
    """A whole number of 0 or more. LookupError where there is none."""
    value = arguments.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise LookupError(name)
    return value


def _switch(arguments: Arguments, name: str) -> bool:
    """True or False. LookupError where there is neither."""
    value = arguments.get(name)
    if not isinstance(value, bool):
        raise LookupError(name)
    return value


def whole_numbers(arguments: Arguments, name: str) -> tuple[int, ...]:
    """A tuple of whole numbers, or one alone. LookupError where there is none."""
    value = arguments.get(name)
    sides = value if isinstance(value, tuple) else (value,)
    found = tuple(side for side in sides if isinstance(side, int) and not isinstance(side, bool) and side >= 0)
    if not sides or len(found) < len(sides):
        raise LookupError(name)
    return found


@dataclass(frozen=True)
class _Kind:
    """The count, arguments that are printed without their name, defaults of those not printed, names of the rest."""

    count: Callable[[Arguments], Numbers]
    places: tuple[str, ...] = ()
    defaults: Arguments = field(default_factory=dict)
    others: frozenset[str] = frozenset()


def _sum(weights: int, biases: int = 0, inputs: int | None = None, channels: int | None = None) -> Numbers:
    return weights + biases, biases, inputs, channels


def _convolution(dims: int, arguments: Arguments) -> Numbers:
    inputs, channels = _whole(arguments, "in_channels"), _whole(arguments, "out_channels")
    groups = _whole(arguments, "groups")
    if not groups or inputs % groups or channels % groups:
        raise LookupError("groups")
    sides = whole_numbers(arguments, "kernel_size")
    if len(sides) != dims:
        raise LookupError("kernel_size")
    weights = inputs * channels // groups * math.prod(sides)
    return _sum(weights, channels * _switch(arguments, "bias"), inputs, channels)


def _linear(arguments: Arguments) -> Numbers:
    inputs, channels = _whole(arguments, "in_features"), _whole(arguments, "out_features")
    return _sum(inputs * channels, channels * _switch(arguments, "bias"), inputs, channels)


def _transposed_linear(arguments: Arguments) -> Numbers:
    """The Conv1D of transformers: a dense layer with a bias, its weights the other way round."""
    return _linear({"in_features": arguments.get("nx"), "out_features": arguments.get("nf"), "bias": True})


def _bilinear(arguments: Arguments) -> Numbers:
    channels = _whole(arguments, "out_features")
    weights = _whole(arguments, "in1_features") * _whole(arguments, "in2_features") * channels
    return _sum(weights, channels * _switch(arguments, "bias"), None, channels)


def _channel_norm(arguments: Arguments) -> Numbers:
    channels, affine = _whole(arguments, "num_features"), _switch(arguments, "affine")
    return _sum(channels * affine, channels * (affine and _switch(arguments, "bias")), channels, channels)


def _group_norm(arguments: Arguments) -> Numbers:
    return _channel_norm({**arguments, "num_features": arguments.get("num_channels")})


def _frozen_norm(arguments: Arguments) -> Numbers:
    channels = _whole(arguments, "num_features")  # buffers: nothing is trained
    return _sum(0, 0, channels, channels)


def _layer_norm(arguments: Arguments) -> Numbers:
    shape, affine = whole_numbers(arguments, "normalized_shape"), _switch(arguments, "elementwise_affine")
    size = math.prod(shape)
    return _sum(size * affine, size * (affine and _switch(arguments, "bias")), None, shape[-1])


def _embedding(arguments: Arguments) -> Numbers:
    channels = _whole(arguments, "embedding_dim")
    return _sum(_whole(arguments, "num_embeddings") * channels, 0, None, channels)


def _recurrent(gates: int, arguments: Arguments) -> Numbers:
    inputs, hidden = _whole(arguments, "input_size"), _whole(arguments, "hidden_size")
    layers, projected = _whole(arguments, "num_layers"), _whole(arguments, "proj_size")
    directions, outputs = 1 + _switch(arguments, "bidirectional"), projected or hidden
    all_inputs = inputs + (layers - 1) * outputs * directions  # summed over layers
    weights = gates * hidden * (all_inputs + layers * outputs) + layers * projected * hidden
    biases = 2 * gates * hidden * layers * _switch(arguments, "bias")
    return _sum(weights * directions, biases * directions, inputs, outputs * directions)


def _hold_nothing(_arguments: Arguments) -> Numbers:
    return _sum(0)


# Defaults, which are not printed
_BIAS: Arguments = {"bias": True}
_CONV: Arguments = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True, "padding_mode": "zeros"}
_GATES: Arguments = {"num_layers": 1, "proj_size": 0, "bidirectional": False, "bias": True}
_PLAIN = CONTAINERS | ACTIVATIONS | DROPOUTS | RESHAPES | POOLS | PADS | UPSAMPLINGS | OTHERS

_OF_CONV = _names("kernel_size output_padding")
_OF_DENSE = _names("in_features in1_features in2_features out_features")
_OF_NORM = _names("eps momentum affine elementwise_affine track_running_stats")
_OF_TABLE = _names("padding_idx max_norm norm_type scale_grad_by_freq sparse mode")
_OF_GATES = _names("batch_first dropout nonlinearity")

KINDS: dict[str, _Kind] = {
    **dict.fromkeys(_PLAIN, _Kind(_hold_nothing)),
    **{
        kind: _Kind(partial(_convolution, int(kind[-2])), ("in_channels", "out_channels"), _CONV, _OF_CONV)
        for kind in CONVOLUTIONS
    },
    **dict.fromkeys(LINEAR, _Kind(_linear, ("in_features", "out_features"), _BIAS, _OF_DENSE)),
    "Conv1D": _Kind(_transposed_linear, others=_names("nf nx")),
    "Bilinear": _Kind(_bilinear, (), _BIAS, _OF_DENSE),
    **dict.fromkeys(BATCH_NORMS | INSTANCE_NORMS, _Kind(_channel_norm, ("num_features",), _BIAS, _OF_NORM)),
    "FrozenBatchNorm2d": _Kind(_frozen_norm, ("num_features",), {}, _OF_NORM),
    "GroupNorm": _Kind(_group_norm, ("num_groups", "num_channels"), _BIAS, _OF_NORM),
    **dict.fromkeys(("LayerNorm", "LayerNorm2d"), _Kind(_layer_norm, ("normalized_shape",), _BIAS, _OF_NORM)),
    "RMSNorm": _Kind(_layer_norm, ("normalized_shape",), {"bias": False, "elementwise_affine": True}, _OF_NORM),
    **dict.fromkeys(
        ("Embedding", "EmbeddingBag"), _Kind(_embedding, ("num_embeddings", "embedding_dim"), {}, _OF_TABLE)
    ),
    **{
        kind: _Kind(partial(_recurrent, gates), ("input_size", "hidden_size"), _GATES, _OF_GATES)
        for kind, gates in RECURRENT.items()
    },
    "PReLU": _Kind(lambda arguments: _sum(_whole(arguments, "num_parameters")), others=_names("num_parameters")),
    "XIELUActivation": _Kind(lambda _arguments: _sum(2)),
}
"""Kind -> how it prints and counts."""
