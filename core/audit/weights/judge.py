r"""What a file of weights tells of each bias: less than a printout does.

Activations, pools and norms without numbers leave no trace in it. So a bias is called redundant only where a norm with
running statistics is named right after its layer, and what is not told is said to be so.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .. import verdict as verdicts
from ..module import Module
from ..printout.attention_names import role_of
from ..verdict import CANNOT_SEE, DEPENDS, IN_USE, NO_BIAS, Verdict, kind_and_name, quoted_name
from .layers import PLAIN_NORM, UNKNOWN_KIND, is_head, is_layer, is_norm
from .norm_pairs import Pair

WEIGHTS_ASSUME = (
    "Assumed: a norm that is named right after a layer is fed by that layer alone, once, with nothing in between; a "
    "norm with running statistics is BatchNorm, or InstanceNorm that tracks them, trained with the statistics of its "
    "batches; no layer's weights are computed from others as it runs. The order is proposed from names and numbers, "
    "since the file has none. It does not show activations, pooling, dropout, sums and branches, nor norms without "
    "numbers of their own, such as InstanceNorm as it is by default: paste the printout to see these."
)
NOT_SHOWN = (
    "Before an activation b is in use; a norm without numbers of its own, or linear layers up to a norm, would cancel "
    "it, and the file shows neither."
)


def judge(modules: Sequence[Module], pairs: Mapping[str, Pair]) -> list[Verdict]:
    """What the table says of each module, in the order of the modules."""
    by_name = {module.name: module for module in modules}
    keys = _keys(modules)
    last = max((at for at, module in enumerate(modules) if is_layer(module)), default=-1)
    return [
        _judge_paired(module, by_name[pairs[module.name].norm], pairs[module.name])
        if module.name in pairs
        else _judge_key(module)
        if module.name in keys and module.bias_parameters
        else _judge_alone(module, modules[at + 1 : at + 2], is_last=at == last)
        for at, module in enumerate(modules)
    ]


def _keys(modules: Sequence[Module]) -> set[str]:
    """Names of layers that are called a key, beside a query and a value."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for module in modules:
        role = role_of(module.name)
        if role and is_layer(module):
            found[module.name.rpartition(".")[0]][role] = module.name
    return {roles["key"] for roles in found.values() if len(roles) == 3}


def _judge_key(module: Module) -> Verdict:
    why = (
        f"By its name {quoted_name(module)} gives the keys of an attention. It depends on what stands between them and "
        "a softmax over the keys, which takes their b away: rotary position or a norm keeps it, and neither shows here."
    )
    return Verdict(DEPENDS, why, verdicts.KEY)


def _judge_alone(module: Module, following: Sequence[Module], *, is_last: bool) -> Verdict:
    """A module that no norm is taken to follow."""
    if module.kind == UNKNOWN_KIND:
        return Verdict(CANNOT_SEE, "The names and shapes of what it holds are not those of a layer that is known here.")
    if not module.bias_parameters:
        return Verdict(NO_BIAS, "It has no bias; whether a norm that leaves no trace in the file follows is not told.")
    if is_last and is_head(module.name):
        why = "By its name it is the end of the network: b moves the result."
        return Verdict(IN_USE, why, verdicts.ADDED, proof="none")
    if is_norm(module):
        why = "What its offset meets next is not in the file: most often an activation, which uses it."
        return Verdict(CANNOT_SEE, why)
    more = f"; next in order is {kind_and_name(following[0])}" if following else ""
    return Verdict(CANNOT_SEE, f"No norm is named right after it{more}. {NOT_SHOWN}")


def _judge_paired(layer: Module, norm: Module, pair: Pair) -> Verdict:
    """A layer that a norm is taken to follow."""
    verdict = _meet_norm(layer, norm, pair)
    return verdict if layer.bias_parameters else verdicts.without_bias(verdict)


def _meet_norm(layer: Module, norm: Module, pair: Pair) -> Verdict:
    """What the norm makes of a bias."""
    name = kind_and_name(norm)
    if norm.kind == PLAIN_NORM:
        why = (
            f"It depends on what {quoted_name(norm)} is, which keeps no running statistics: InstanceNorm, GroupNorm of "
            "one channel a group or BatchNorm without them cancels b; LayerNorm, other GroupNorm or RMSNorm does not."
        )
        return Verdict(DEPENDS, why, verdicts.PART_STAYS, proof="group_norm")
    if not pair.sure:
        why = (
            f"It depends on whether {name} stands after the layer, where it cancels b, or before it: names and shapes "
            "allow both."
        )
        return Verdict(DEPENDS, why, verdicts.CANCELLED, "Say which, if you know.", "batch_norm")
    if not norm.arguments.get("counted"):
        why = (
            f"It depends on whether {name} was trained: it has no `num_batches_tracked`, as FrozenBatchNorm2d, whose "
            "mean never moves, or a file from another library."
        )
        return Verdict(DEPENDS, why, verdicts.FIXED_MEAN, proof="batch_norm_fixed")
    verdict = verdicts.batch_mean_takes_it(norm)
    holds = f"This holds if {quoted_name(norm)} gets what {quoted_name(layer)} gives, with nothing in between."
    return replace(verdict, why=f"{verdict.why} {holds}")
