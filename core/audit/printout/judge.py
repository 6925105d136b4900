r"""What becomes of each layer's bias: follow it from module to module until one decides.

A bias is one number b per channel, the same at every place. It stays that through identities, pools without zeros,
upsampling, flattening, and through linear layers and convolutions without zero padding, which make of it another
constant per channel, and can hold it in their own bias. A norm that subtracts each channel's own mean then takes it
away, as a softmax over places does; an activation, zeros around or a mean over several channels do not let it go.
Layers are judged from the last to the first, so that what becomes of a constant that arrives at a later layer is known:
it is the verdict on that layer's own bias. So each module is passed a fixed number of times.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from .. import verdict as verdicts
from ..module import Module
from ..verdict import CANNOT_SEE, DEPENDS, IN_USE, NOTHING_SUBTRACTS, ONE_FREE, REDUNDANT, Verdict, kind_and_name
from . import torch_modules as kinds
from .attention import judge_attention, may_be_taken
from .attention_parts import layers_of_unknown_part
from .gaps import GAP
from .norm_rules import NORM_RULES, BiasState, cannot_see_before, sides, weaken
from .order import CERTAIN, CHANNEL_MEANS, HIDDEN, PARALLEL, PRINTED, Network
from .softmax_rules import SOFTMAX_LIKE, meet_softmax

LINEAR_MAPS = kinds.CONVOLUTIONS | kinds.LINEAR
BIASED = (
    LINEAR_MAPS
    | kinds.BATCH_NORMS
    | kinds.INSTANCE_NORMS
    | {"Bilinear", "GroupNorm", "LayerNorm", "LayerNorm2d", "RMSNorm"}
)
NONLINEAR = kinds.ACTIVATIONS | set(kinds.RECURRENT) | {"LPPool1d", "LPPool2d", "LPPool3d"}
PASS_THROUGH = kinds.CONTAINERS | {"Identity", "LinearActivation", "ChannelShuffle", "ParameterList", "ParameterDict"}
ZERO_PADS = frozenset(kind for kind in kinds.PADS if kind.startswith(("Zero", "Constant")))

Verdicts = Sequence[Verdict | None]


def judge(net: Network) -> list[Verdict | None]:
    """The verdict on each layer's bias, or on one that it could have; None for modules that add nothing.

    Examples
    --------
    >>> from core.audit.printout.read import read_printout
    >>> from core.audit.printout.order import network
    >>> text = "Sequential((0): Linear(in_features=2, out_features=2, bias=True)\\n (1): BatchNorm1d(2, affine=False))"
    >>> [verdict and verdict.answer for verdict in judge(network(read_printout(text)))]
    [None, 'redundant', 'in use']
    """
    found: list[Verdict | None] = [None] * len(net.modules)
    of_attention, of_unknown_part = judge_attention(net), layers_of_unknown_part(net)
    for at in reversed(range(len(net.modules))):
        if net.modules[at].kind in BIASED and net.is_leaf(at):
            verdict = of_attention.get(at) or _unless_names_belie(net, at, _follow(net, at, found))
            unsure = verdict is NOTHING_SUBTRACTS and at in of_unknown_part
            found[at] = may_be_taken(net.modules[at]) if unsure else verdict
    return found


def _follow(net: Network, start: int, found: Verdicts) -> Verdict:
    """Follow the bias of one layer until a module decides."""
    state = _leave(net.modules[start])
    for at, doubt in net.after(start):
        state = state if doubt <= state.doubt else replace(state, doubt=doubt)
        step = _meet(net, at, state, found)
        if isinstance(step, Verdict):
            return _with_doubt(step, state.doubt, net.kind_above(start))
        state = step
    return NOTHING_SUBTRACTS


def _leave(module: Module) -> BiasState:
    """The bias as the layer adds it."""
    features = module.kind in kinds.LINEAR or module.kind in ("Bilinear", "LayerNorm", "RMSNorm")
    tells = module.kind[-2:-1].isdigit() and module.kind != "BatchNorm1d"  # which takes features too
    dims = 0 if features else int(module.kind[-2]) if tells else None
    shape = module.arguments.get("normalized_shape")
    maps = isinstance(shape, tuple) and len(shape) > 1  # a number per place
    return BiasState(module.channels, dims, doubt=HIDDEN if maps else CERTAIN)


def _meet(net: Network, at: int, state: BiasState, found: Verdicts) -> BiasState | Verdict:
    """What a module makes of the bias: it goes on, or is decided."""
    module = net.modules[at]
    if module.kind in PASS_THROUGH and module.parameters is not None:
        return state
    if state.doubt == PARALLEL:
        return _meet_in_parallel(net, at, state)
    if module.kind in SOFTMAX_LIKE:
        return meet_softmax(module, state)
    if module.kind in NONLINEAR:
        before_norm = at + 1 < len(net.modules) and net.modules[at + 1].kind in kinds.BATCH_NORMS
        return verdicts.activation_bends(module, before_norm=before_norm)
    if net.is_leaf(at) and module.kind in NORM_RULES:
        return _meet_norm(NORM_RULES[module.kind](module, state), at, module, found[at])
    border = module.kind in ZERO_PADS and state.dims != 0
    if net.is_leaf(at) and module.kind in PASSING and not border:
        return PASSING[module.kind](module, state)
    if net.is_leaf(at) and module.kind in LINEAR_MAPS:
        return _meet_linear(net, at, state, found)
    if not net.mean_may_follow(at - 1, features=state.dims == 0):
        return NOTHING_SUBTRACTS
    if border:
        return _meet_border(net, at, found)
    if module.kind == GAP:
        return Verdict(CANNOT_SEE, "The printout leaves out what follows.")
    return Verdict(CANNOT_SEE, f"{kind_and_name(module)} follows, and what it does is not known here.")


def _meet_in_parallel(net: Network, at: int, state: BiasState) -> Verdict:
    """The next child of a ModuleList, which may run beside this one."""
    if not net.mean_may_follow(at - 1, features=state.dims == 0):
        return NOTHING_SUBTRACTS
    return Verdict(CANNOT_SEE, "What runs after a child of a ModuleList is not printed.")


def _with_doubt(verdict: Verdict, doubt: int, parent: str) -> Verdict:
    """With what the verdict rests on, where the way is not certain."""
    if doubt == PRINTED and (verdict.answer in (REDUNDANT, DEPENDS) or verdict.equation == ONE_FREE):
        holds = f"{verdicts.HOLDS_IF} `{parent}` runs the two one after the other, as printed."
        return replace(verdict, why=f"{verdict.why} {holds}")
    if doubt == HIDDEN and verdict.answer == IN_USE and verdict is not NOTHING_SUBTRACTS:
        return replace(verdict, why=f"{verdict.why} What lies between is not printed; a sum or a branch keeps b.")
    return verdict


def _unless_names_belie(net: Network, at: int, verdict: Verdict) -> Verdict:
    """Names with numbers can belie the printed order: `conv1`, `conv2`, `bn1`, `bn2`."""
    number = net.number(at)
    namesake = net.numbered.get((number, True), -1)
    if namesake > at and verdict.norm != namesake:
        name = kind_and_name(net.modules[namesake])
        return Verdict(CANNOT_SEE, f"The names pair it with {name}, the printed order does not.")
    if verdict.norm is None or verdict.answer not in (REDUNDANT, DEPENDS):
        return verdict
    norm_number = net.number(verdict.norm)
    other = net.numbered.get((norm_number, False), len(net.modules))
    if other < verdict.norm and norm_number != number:
        name = kind_and_name(net.modules[verdict.norm])
        return Verdict(CANNOT_SEE, f"The names pair {name} with another layer, the printed order does not.")
    return verdict


def _meet_norm(verdict: Verdict, at: int, norm: Module, own: Verdict | None) -> Verdict:
    """What a norm leaves of b, a later one may take: of one sample it is a constant again."""
    if verdict.answer == IN_USE and _is_taken(own):
        why = f"{kind_and_name(norm)} follows and leaves part of b, and a norm after it may take the rest."
        return Verdict(CANNOT_SEE, why, norm=at)
    return replace(verdict, norm=at)


def _is_taken(verdict: Verdict | None) -> bool:
    """Whether a norm takes a bias, or may."""
    return verdict is not None and verdict.answer != IN_USE and verdict.norm is not None


def _meet_border(net: Network, at: int, found: Verdicts) -> Verdict:
    """A border of zeros, which have no b."""
    following = net.neighbour(at)
    decided = following is None or net.modules[following].kind in NONLINEAR | CHANNEL_MEANS
    if decided and _stays_uneven(net, at, found):
        return verdicts.becomes_uneven(net.modules[at], "adds a border without b")
    return _perhaps_evened_out(net, at)


def _perhaps_evened_out(net: Network, at: int) -> Verdict:
    name = kind_and_name(net.modules[at])
    why = f"{name} follows and makes b uneven from place to place; whether that is evened out again is not printed."
    return Verdict(CANNOT_SEE, why, norm=at)


def _stays_uneven(net: Network, at: int, found: Verdicts) -> bool:
    """Whether what the norm after a module leaves of an uneven b is not taken by a later norm."""
    following = net.neighbour(at)
    if following is None:
        return True
    return net.modules[following].kind not in LINEAR_MAPS | ZERO_PADS and not _is_taken(found[following])


def _meet_linear(net: Network, at: int, state: BiasState, found: Verdicts) -> Verdict:
    """A linear layer or a convolution makes of b another constant, if it makes it even."""
    module, own, may_be_taken = net.modules[at], found[at], net.mean_may_follow(at - 1, features=state.dims == 0)
    if own is None:
        return NOTHING_SUBTRACTS
    may_be_taken = may_be_taken or own.answer in (REDUNDANT, DEPENDS, CANNOT_SEE)
    if module.kind in kinds.CONVOLUTIONS and (how := _unevenness(module)):
        if not may_be_taken:
            return NOTHING_SUBTRACTS
        at_once = own.norm == net.neighbour(at) and _stays_uneven(net, at, found)
        uneven = own.answer == IN_USE or at_once
        return verdicts.becomes_uneven(module, how) if uneven else _perhaps_evened_out(net, at)
    if state.doubt != CERTAIN or not _fits(module, state):
        return cannot_see_before(module) if may_be_taken else NOTHING_SUBTRACTS
    if module.kind in kinds.CONVOLUTIONS and "padding" not in module.arguments:
        return Verdict(CANNOT_SEE, f"Whether {kind_and_name(module)}, which follows, pads with zeros is not told.")
    if own.answer in (REDUNDANT, DEPENDS):
        return verdicts.pass_linear(weaken(own, state), module)
    if state.dropout or state.pool:
        return cannot_see_before(module) if may_be_taken else NOTHING_SUBTRACTS
    return verdicts.absorbed_by(module)


def _fits(module: Module, state: BiasState) -> bool:
    """Whether the layer takes what the bias is part of."""
    dims = 0 if module.kind in kinds.LINEAR else int(module.kind[-2])
    if module.inputs is None or not state.channels or state.dims not in (dims, None if dims else dims):
        return False
    return module.inputs % state.channels == 0 if state.flat else module.inputs == state.channels


def _unevenness(module: Module) -> str:
    """How a convolution makes a constant uneven; "" where it does not, or does not tell."""
    kernel, stride, padding = (sides(module, name) for name in ("kernel_size", "stride", "padding"))
    if module.kind.startswith("ConvTranspose"):
        even = set(kernel) == set(stride) == {1} and set(padding) <= {0}
        return "" if even or not kernel else "adds up other weights from place to place"
    same = module.arguments.get("padding") == "same" and set(kernel) != {1}
    zeros = module.arguments.get("padding_mode", "zeros") == "zeros"
    return "pads with zeros, which have no b" if zeros and (same or any(padding)) else ""


def _pass_dropout(module: Module, state: BiasState) -> BiasState:
    off = 0 in (module.arguments.get("p"), module.arguments.get("drop_prob"))
    return state if off else replace(state, dropout=module)


def _pass_along_places(module: Module, state: BiasState) -> BiasState:
    """A pool, a border or an upsampling works on places; what it does to features is not told."""
    if state.dims == 0:
        return replace(state, doubt=max(state.doubt, HIDDEN))
    padded = module.kind.startswith("AvgPool") and set(sides(module, "padding")) != {0}
    return replace(state, pool=module) if padded else state


def _pass_reshape(_module: Module, state: BiasState) -> BiasState:
    """Axes change places, and which of them is that of the channels is not told."""
    return replace(state, doubt=max(state.doubt, HIDDEN))


def _pass_flatten(module: Module, state: BiasState) -> BiasState:
    if (module.arguments.get("start_dim"), module.arguments.get("end_dim")) != (1, -1):
        return replace(state, doubt=max(state.doubt, HIDDEN))
    return replace(state, flat=True, dims=0)


PASSING: dict[str, Callable[[Module, BiasState], BiasState]] = {
    **dict.fromkeys(kinds.DROPOUTS, _pass_dropout),
    **dict.fromkeys(kinds.RESHAPES, _pass_reshape),
    **dict.fromkeys(kinds.PADS | kinds.POOLS | kinds.UPSAMPLINGS, _pass_along_places),
    "Flatten": _pass_flatten,
}
"""Kind of module -> what the bias is after it."""
