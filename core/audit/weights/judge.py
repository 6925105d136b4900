r"""What a file of weights tells of each bias: less than a printout does.

Activations, pools and norms without numbers leave no trace in it. So a bias is called redundant only where a norm with
running statistics is named right after its layer, and what is not told is said to be so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .. import verdict as fates
from ..module import Module
from ..verdict import CANNOT_SEE, DEPENDS, IN_USE, NO_BIAS, REDUNDANT, Fate, called
from .layers import PLAIN_NORM, UNKNOWN, is_head, is_layer, is_norm
from .norm_pairs import Pair

WEIGHTS_ASSUME = (
    "Assumed: a norm that is named right after a layer is fed by that layer alone, once, with nothing in between; a "
    "norm with running statistics is BatchNorm, or InstanceNorm that tracks them, trained with the statistics of its "
    "batches; no layer's weights are computed from others as it runs. The order is proposed from names and numbers, "
    "since the file has none. It does not show activations, pooling, dropout, sums and branches, nor norms without "
    "numbers of their own, such as InstanceNorm as it is by default: paste the printout to see these."
)
HOLDS = " This holds if {} gets what {} gives, with nothing in between."
NOT_SHOWN = (
    "Before an activation b is in use; a norm without numbers of its own, or linear layers up to a norm, would cancel "
    "it, and the file shows neither."
)
NEVER_MOVES = r"(z + b) - m = z - (m - b)"


def verdicts(modules: Sequence[Module], pairs: Mapping[str, Pair]) -> list[Fate]:
    """What the table says of each module, in the order of the modules."""
    by_name = {module.name: module for module in modules}
    last = max((at for at, module in enumerate(modules) if is_layer(module)), default=-1)
    return [
        _before(module, by_name[pairs[module.name].norm], pairs[module.name])
        if module.name in pairs
        else _alone(module, modules[at + 1 : at + 2], is_last=at == last)
        for at, module in enumerate(modules)
    ]


def _alone(module: Module, following: Sequence[Module], *, is_last: bool) -> Fate:
    """A module that no norm is taken to follow."""
    if module.kind == UNKNOWN:
        return Fate(CANNOT_SEE, "The names and shapes of what it holds are not those of a layer that is known here.")
    if not module.has_bias:
        return Fate(NO_BIAS, "It has no bias; whether a norm that leaves no trace in the file follows is not told.")
    if is_last and is_head(module.name):
        return Fate(IN_USE, "By its name it is the end of the network: b moves the result.", fates.ADDED, proof="none")
    if is_norm(module):
        return Fate(
            CANNOT_SEE, "What its offset meets next is not in the file: most often an activation, which uses it."
        )
    more = f"; next in order is {called(following[0])}" if following else ""
    return Fate(CANNOT_SEE, f"No norm is named right after it{more}. {NOT_SHOWN}")


def _before(layer: Module, norm: Module, pair: Pair) -> Fate:
    """A layer that a norm is taken to follow."""
    fate = _met(layer, norm, pair)
    return fate if layer.has_bias else _confirmed(fate)


def _met(layer: Module, norm: Module, pair: Pair) -> Fate:
    """What the norm makes of a bias."""
    if norm.kind == PLAIN_NORM:
        return _plain(norm)
    if not pair.sure:
        reason = (
            f"It depends on whether {called(norm)} stands after the layer, where it cancels b, or before it: names and "
            "shapes allow both."
        )
        return Fate(DEPENDS, reason, fates.CANCELLED, "Say which, if you know.", "batch_norm")
    if not norm.arguments.get("counted"):
        return _uncounted(norm)
    fate = fates.cancelled_by_batch(norm)
    return replace(fate, reason=fate.reason + HOLDS.format(_quoted(norm), _quoted(layer)))


def _plain(norm: Module) -> Fate:
    reason = (
        f"It depends on what {_quoted(norm)} is, which keeps no running statistics: InstanceNorm, GroupNorm of one "
        "channel a group or BatchNorm without them cancels b; LayerNorm, other GroupNorm or RMSNorm does not."
    )
    return Fate(DEPENDS, reason, fates.PART_STAYS, proof="group_norm")


def _uncounted(norm: Module) -> Fate:
    reason = (
        f"It depends on whether {called(norm)} was trained: it has no `num_batches_tracked`, as FrozenBatchNorm2d, "
        "whose mean never moves, or a file from another library."
    )
    return Fate(DEPENDS, reason, NEVER_MOVES, proof="batch_norm_fixed")


def _confirmed(fate: Fate) -> Fate:
    """The same for a layer that has no bias."""
    start = "Right as it is, a bias would be redundant" if fate.verdict == REDUNDANT else "What a bias would do"
    return replace(fate, verdict=NO_BIAS, reason=f"{start}: {fate.reason}", change="")


def _quoted(module: Module) -> str:
    return f"`{module.name.replace('`', chr(39))}`"
