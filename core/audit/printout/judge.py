r"""What becomes of each layer's bias: follow it from module to module until one decides.

A bias is one number b per channel, the same at every place. It stays that through identities, pools without zeros,
upsampling, flattening, and through linear layers and convolutions without zero padding, which make of it another
constant per channel. A norm that subtracts each channel's own mean then takes it away; an activation, zeros around or
a mean over several channels do not let it go. Layers are judged from the last to the first, so that the fate of a
constant that arrives at a later layer is known: it is the fate of that layer's own bias. So each module is passed a
fixed number of times.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from .. import verdict as fates
from ..module import Module
from ..verdict import DEPENDS, IN_USE, REDUNDANT, Fate, called, unseen
from .norm_rules import NORM_RULES, NOT_TOLD, Way, despite, sides
from .order import CERTAIN, CHANNEL_MEANS, HIDDEN, PRINTED, Network
from .torch_modules import (
    ACTIVATIONS,
    BATCH_NORMS,
    CONVOLUTIONS,
    DROPOUTS,
    INSTANCE_NORMS,
    LINEAR,
    PADS,
    POOLS,
    RECURRENT,
    UPSAMPLINGS,
)

ADDERS = (
    CONVOLUTIONS
    | LINEAR
    | BATCH_NORMS
    | INSTANCE_NORMS
    | {"Bilinear", "GroupNorm", "LayerNorm", "LayerNorm2d", "RMSNorm"}
)
LINEAR_MAPS = CONVOLUTIONS | LINEAR
BENDERS = ACTIVATIONS | set(RECURRENT) | {"LPPool1d", "LPPool2d", "LPPool3d"}
ZERO_PADS = frozenset(kind for kind in PADS if kind.startswith(("Zero", "Constant")))
STILL = frozenset({"Identity", "Sequential", "ModuleList", "ModuleDict", "ChannelShuffle"})
ALONG_PLACES = (PADS - ZERO_PADS) | POOLS | UPSAMPLINGS
IN_A_ROW = "{} follows and leaves part of b, and a norm after it may take the rest."
EVENED_OUT = "{} follows and makes b uneven from place to place; whether that is evened out again is not printed."

Step: TypeAlias = "Way | Fate"


def judge(net: Network) -> list[Fate | None]:
    """The fate of each layer's bias, or of one that it could have; None for modules that add nothing.

    Examples
    --------
    >>> from core.audit.printout.read import read_printout
    >>> from core.audit.printout.order import network
    >>> text = "Sequential((0): Linear(in_features=2, out_features=2, bias=True)\\n (1): BatchNorm1d(2, affine=False))"
    >>> [fate and fate.verdict for fate in judge(network(read_printout(text)))]
    [None, 'redundant', 'in use']
    """
    found: list[Fate | None] = [None] * len(net.modules)
    for at in reversed(range(len(net.modules))):
        if net.modules[at].kind in ADDERS and net.is_leaf(at):
            found[at] = _checked(net, at, _fate(net, at, found))
    return found


def _fate(net: Network, start: int, found: Sequence[Fate | None]) -> Fate:
    """Follow the bias of one layer."""
    way, at = _begin(net.modules[start]), start
    while True:
        following, doubt = net.following(at, way.doubt)
        if following is None:
            return fates.added()
        at, way = following, replace(way, doubt=doubt)
        step = _meet(net, at, way, found)
        if isinstance(step, Fate):
            return _said(step, way, net.kind_above(start))
        way = step


def _said(fate: Fate, way: Way, parent: str) -> Fate:
    """With what the verdict rests on, where the way is not certain."""
    if way.doubt == PRINTED and fate.verdict in (REDUNDANT, DEPENDS):
        return fates.as_printed(fate, parent)
    if way.doubt == HIDDEN and fate.verdict == IN_USE and fate != fates.added():
        return fates.whatever_between(fate)
    return fate


def _checked(net: Network, at: int, fate: Fate) -> Fate:
    """Names with numbers can belie the printed order: `conv1`, `conv2`, `bn1`, `bn2`."""
    own = net.number(at)
    norm = net.norms.get(own) if own else None
    if norm is not None and norm > at and fate.norm != norm:
        return unseen(f"The names pair it with {called(net.modules[norm])}, the printed order does not.")
    rests = fate.norm is not None and fate.verdict in (REDUNDANT, DEPENDS)
    number = net.number(fate.norm) if rests and fate.norm is not None else None
    other = net.layers.get(number) if number else None
    if other is not None and fate.norm is not None and other < fate.norm and number != own:
        return unseen(
            f"The names pair {called(net.modules[fate.norm])} with another layer, the printed order does not."
        )
    return fate


def _begin(module: Module) -> Way:
    features = module.kind in LINEAR or module.kind in ("Bilinear", "LayerNorm", "RMSNorm")
    tells = module.kind[-2:-1].isdigit() and module.kind != "BatchNorm1d"  # which takes features too
    dims = 0 if features else int(module.kind[-2]) if tells else None
    shape = module.arguments.get("normalized_shape")
    maps = isinstance(shape, tuple) and len(shape) > 1  # a number per place
    return Way(module.channels, dims, doubt=HIDDEN if maps else CERTAIN)


def _meet(net: Network, at: int, way: Way, found: Sequence[Fate | None]) -> Step:
    """What the next module makes of the bias."""
    module = net.modules[at]
    if module.kind in STILL:
        return way
    if module.kind in BENDERS:
        before_norm = at + 1 < len(net.modules) and net.modules[at + 1].kind in BATCH_NORMS
        return fates.bent(module, before_norm=before_norm)
    if module.kind in LINEAR_MAPS and net.is_leaf(at):
        return _through(net, at, way, found)
    if module.kind in ZERO_PADS and way.dims != 0:
        return _bordered(net, at, found)
    for kinds, rule in RULES:
        if module.kind in kinds and net.is_leaf(at):
            step = rule(module, way)
            return _after_norm(step, at, module, found[at]) if isinstance(step, Fate) else step
    if net.mean_may_follow(at - 1, features=way.dims == 0):
        return unseen(f"{called(module)} follows, and what it does is not printed.")
    return fates.added()


def _after_norm(fate: Fate, at: int, norm: Module, own: Fate | None) -> Fate:
    """What a norm leaves of b, a later one may take: of one sample it is a constant again."""
    later = own is not None and own.verdict != IN_USE and own.norm is not None
    if fate.verdict == IN_USE and later:
        return replace(unseen(IN_A_ROW.format(called(norm))), norm=at)
    return replace(fate, norm=at)


def _bordered(net: Network, at: int, found: Sequence[Fate | None]) -> Fate:
    """A border of zeros, which have no b."""
    if not net.mean_may_follow(at, features=False):
        return fates.added()
    following, module = net.following(at, CERTAIN)[0], net.modules[at]
    decided = following is None or net.modules[following].kind in BENDERS | CHANNEL_MEANS
    if decided and _stays(net, at, found):
        return fates.uneven(module, "adds a border without b")
    return replace(unseen(EVENED_OUT.format(called(module))), norm=at)


def _stays(net: Network, at: int, found: Sequence[Fate | None]) -> bool:
    """Whether what the norm after a module leaves of an uneven b is not taken by a later norm."""
    following = net.following(at, CERTAIN)[0]
    if following is None or net.modules[following].kind in LINEAR_MAPS | ZERO_PADS:
        return following is None
    own = found[following]
    return own is None or own.verdict == IN_USE or own.norm is None


def _through(net: Network, at: int, way: Way, found: Sequence[Fate | None]) -> Fate:
    """A linear layer or a convolution."""
    module, own = net.modules[at], found[at]
    if not net.mean_may_follow(at, features=way.dims == 0) or own is None:
        return fates.added()
    if module.kind in CONVOLUTIONS and (why := _unevenness(module)):
        at_once = own.norm == net.following(at, CERTAIN)[0] and _stays(net, at, found)
        stays = own.verdict == IN_USE or at_once
        return fates.uneven(module, why) if stays else replace(unseen(EVENED_OUT.format(called(module))), norm=at)
    if way.doubt != CERTAIN or not _fits(module, way):
        return unseen(NOT_TOLD.format(called(module)))
    if module.kind in CONVOLUTIONS and "padding" not in module.arguments:
        return unseen(f"Whether {called(module)}, which follows, pads with zeros is not told.")
    return fates.by_way_of(despite(own, way), module)


def _fits(module: Module, way: Way) -> bool:
    """Whether the layer takes what the bias is part of."""
    dims = 0 if module.kind in LINEAR else int(module.kind[-2])
    if module.inputs is None or not way.channels or way.dims not in (dims, None if dims else dims):
        return False
    return module.inputs % way.channels == 0 if way.flat else module.inputs == way.channels


def _unevenness(module: Module) -> str:
    """Why a convolution makes a constant uneven; "" where it does not, or does not tell."""
    kernel, stride, padding = (sides(module, name) for name in ("kernel_size", "stride", "padding"))
    if module.kind.startswith("ConvTranspose"):
        even = set(kernel) == set(stride) == {1} and set(padding) <= {0}
        return "" if even or not kernel else "adds up other weights from place to place"
    same = module.arguments.get("padding") == "same" and set(kernel) != {1}
    zeros = module.arguments.get("padding_mode", "zeros") == "zeros"
    return "pads with zeros, which have no b" if zeros and (same or any(padding)) else ""


def _along_places(module: Module, way: Way) -> Way:
    if way.dims == 0:
        return replace(way, doubt=HIDDEN)
    padded = module.kind.startswith("AvgPool") and set(sides(module, "padding")) != {0}
    return replace(way, pool=module) if padded else way


def _flatten(module: Module, way: Way) -> Way:
    if (module.arguments.get("start_dim"), module.arguments.get("end_dim")) != (1, -1):
        return replace(way, doubt=HIDDEN)
    return replace(way, flat=True, dims=0)


RULES: tuple[tuple[frozenset[str], Callable[[Module, Way], Step]], ...] = (
    *NORM_RULES,
    (DROPOUTS, lambda module, way: way if module.arguments.get("p") == 0 else replace(way, dropout=module)),
    (ALONG_PLACES, _along_places),
    (ZERO_PADS, lambda _module, way: replace(way, doubt=HIDDEN)),
    (frozenset({"Flatten"}), _flatten),
)
