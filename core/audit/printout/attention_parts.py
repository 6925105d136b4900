"""Which layers of an attention give query, key and value, and where the attention begins and ends: by their names."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar

from ..module import Module
from . import attention_names as names
from .attention_names import role_of
from .order import ORDERED, Network
from .torch_modules import CONTAINERS, CONVOLUTIONS, LINEAR

Group = TypeVar("Group")


def find_threes(net: Network) -> dict[int, dict[str, int]]:
    """Index of each attention that has a query, a key and a value -> their indices by role."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for at, module in enumerate(net.modules):
        role = role_of(module.name) if is_projection(module) else None
        if role and net.is_leaf(at) and net.parents[at] >= 0 and net.kind_above(at) not in ORDERED:
            found[net.parents[at]].setdefault(role, at)
    return _in_their_place(net, {parent: roles for parent, roles in found.items() if len(roles) == 3})


def find_fused(net: Network) -> dict[int, set[int]]:
    """Index of each attention with a layer for several of query, key and value -> the indices of such layers."""
    found: dict[int, set[int]] = defaultdict(set)
    for at, module in enumerate(net.modules):
        if module.kind in LINEAR and n_parts(module):
            found[net.parents[at]].add(at)
    return _in_their_place(net, found)


def layers_of_unknown_part(net: Network) -> frozenset[int]:
    """Layers in an attention whose names do not tell what they give: keys, scores or something else."""
    if not any(names.ATTENTION.search(kind) for kind in {module.kind for module in net.modules}):
        return frozenset()
    found: dict[int, list[int]] = defaultdict(list)
    for at, module in enumerate(net.modules):
        above = class_at(net, net.parents[at]) if is_projection(module) else -1
        if above >= 0 and names.ATTENTION.search(net.modules[above].kind):
            found[above].append(at)
    return frozenset(at for above, layers in found.items() for at in _unknown_of(net, above, layers))


def class_at(net: Network, at: int) -> int:
    """Index of the class of one's own there, or that what holds others there is part of; -1 where none is listed."""
    while at >= 0 and net.modules[at].kind in CONTAINERS:
        at = net.parents[at]
    return at


def is_projection(module: Module) -> bool:
    """A linear layer, or a convolution that is one at each place."""
    kernel = module.arguments.get("kernel_size")
    pointwise = module.kind in CONVOLUTIONS and isinstance(kernel, tuple) and set(kernel) == {1}
    return module.kind in LINEAR or pointwise


def n_parts(module: Module) -> int:
    """How many of query, key and value one layer gives by its name: 3, 2 (key and value) or 0, none that is told."""
    name, channels = module.name.rpartition(".")[2].lower(), module.channels or 0
    if module.inputs and channels == 3 * module.inputs and names.FUSED.search(name):
        return 3
    return 2 if channels and channels % 2 == 0 and names.FUSED_PAIR.fullmatch(name) else 0


def _in_their_place(net: Network, groups: Mapping[int, Group]) -> dict[int, Group]:
    """By the class that a dict or list of layers is part of, where it is an attention with no second one in it."""
    classes = {holder: class_at(net, holder) for holder in groups}
    n_groups = Counter(classes.values())
    alone = {
        holder: above
        for holder, above in classes.items()
        if above >= 0 and n_groups[above] == 1 and names.ATTENTION.search(net.modules[above].kind)
    }
    return {alone.get(holder, holder): group for holder, group in groups.items()}


def _unknown_of(net: Network, above: int, layers: Iterable[int]) -> list[int]:
    """Those of one class: all that are not named where query or key are there, and else what gives one score."""
    start = len(net.modules[above].name)
    named = {at: net.modules[at].name[start:].lstrip(".") for at in layers}
    unnamed = [at for at, name in named.items() if not (names.OUTPUT.search(name) or names.ELSEWHERE.search(name))]
    if any(role_of(name) in ("query", "key") or names.UNNAMED.search(name) for name in named.values()):
        return unnamed
    given = {net.modules[at].channels for at in layers}
    ones = [at for at in unnamed if net.modules[at].channels == 1]
    return [at for at in ones if net.modules[at].inputs in given or names.ONE_SCORE.search(named[at])]
