r"""The way from one printed module to the next, and how sure it is.

The modules are a tree in the order printed. What comes after a module is its next sibling, or, after the last one, what
comes after its parent. How sure that is has four grades:

    CERTAIN    inside `Sequential`, which runs its children in their order
    PRINTED    next to one another in a class of one's own: it runs them in the order printed, one assumes
    HIDDEN     out of, into or around a class of one's own: sums, branches and reshapes are not printed
    PARALLEL   from one child of a `ModuleList` to another: they may run side by side, or not at all
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from ..module import Module
from .subclasses import HOLDS_ITS_WEIGHTS, NORM_FIRST, works_as
from .torch_modules import BATCH_NORMS, CONTAINERS, INSTANCE_NORMS, KINDS

CERTAIN, PRINTED, HIDDEN, PARALLEL = 0, 1, 2, 3
ORDERED = frozenset({"Sequential", "Conv2dNormActivation", "Conv3dNormActivation", "ConvNormActivation"})
UNORDERED = frozenset({"ModuleList", "ModuleDict"})
BRANCHES = re.compile(r"downsample|shortcut|skip|resid|identity", re.IGNORECASE)
CHANNEL_MEANS = BATCH_NORMS | INSTANCE_NORMS | {"FrozenBatchNorm2d", "GroupNorm"}

Number: TypeAlias = tuple[int, str]  # of a name, `conv2`: index of the parent, and the digits


@dataclass(frozen=True, eq=False)
class Network:
    """Modules in their tree: the index of each one's parent (-1: none is listed) and that after its last descendant.

    Each is of the class that it works as; what a norm runs after itself stands beside it. `whole` are those whose
    children only make their weights.
    """

    modules: Sequence[Module]
    parents: list[int]
    ends: list[int]
    whole: frozenset[int] = frozenset()

    @cached_property
    def numbered(self) -> dict[tuple[Number | None, bool], int]:
        """In a class of one's own the first norm of each number, `bn2`, and the first other module with channels."""
        found: dict[tuple[Number | None, bool], int] = {}
        for at, module in enumerate(self.modules):
            number, is_norm = self.number(at), module.kind in CHANNEL_MEANS
            if number and (is_norm or (self.is_leaf(at) and module.channels is not None)):
                found.setdefault((number, is_norm), at)
        return found

    @cached_property
    def _last_means(self) -> dict[str, int]:
        """Features or maps -> index of the last module that may subtract a mean per channel."""
        unknown = {at for at, module in enumerate(self.modules) if self.is_leaf(at) and module.kind not in KINDS}
        of_features = unknown | {at for at, module in enumerate(self.modules) if module.kind in CHANNEL_MEANS}
        of_maps = of_features | {at for at, module in enumerate(self.modules) if module.kind == "LayerNorm"}
        return {"features": max(of_features, default=-1), "maps": max(of_maps, default=-1)}

    def mean_may_follow(self, at: int, *, features: bool) -> bool:
        """Whether a module after it may subtract a mean per channel, an unknown one included."""
        return at < self._last_means["features" if features else "maps"]

    def is_leaf(self, at: int) -> bool:
        """Nothing that runs is printed inside it."""
        return self.ends[at] == at + 1 or at in self.whole

    def kind_above(self, at: int) -> str:
        """The class that the module is part of; "" where that is not listed."""
        return self.modules[self.parents[at]].kind if self.parents[at] >= 0 else ""

    def number(self, at: int) -> Number | None:
        """Parent and trailing number of a name in a class of one's own: `conv2` has 2; None without one."""
        name = self.modules[at].name.rpartition(".")[2]
        digits = name[len(name.rstrip("0123456789")) :]
        named = digits and digits != name and self.kind_above(at) not in ORDERED
        return (self.parents[at], digits) if named else None

    def after(self, at: int) -> Iterator[tuple[int, int]]:
        """Indices of the modules that run after one, and how sure the way to each of them is."""
        doubt = CERTAIN
        while at >= 0:
            parent, sibling = self.parents[at], self.ends[at]
            ordered = self.kind_above(at) in ORDERED
            if sibling == (self.ends[parent] if parent >= 0 else len(self.modules)):
                at, doubt = parent, doubt if ordered else max(doubt, HIDDEN)
            elif not ordered and _is_branch(self.modules[sibling].name):
                at, doubt = sibling, HIDDEN
            else:
                step = CERTAIN if ordered else self._doubt(at, sibling)
                at, doubt = self._enter(sibling, max(doubt, step))
                yield at, doubt

    def neighbour(self, at: int) -> int | None:
        """Index of the module that runs next; None at the end."""
        return next((following for following, _doubt in self.after(at)), None)

    def _doubt(self, at: int, sibling: int) -> int:
        """How sure the order of two siblings is in a class of one's own."""
        if _holds(self.modules[at].name, self.modules[sibling].name):
            return CERTAIN  # what a norm runs after itself
        if self.kind_above(at) in UNORDERED:
            return PARALLEL
        together = self.modules[at].name.rpartition(".")[0] == self.modules[sibling].name.rpartition(".")[0]
        plain = self.is_leaf(at) and self.is_leaf(sibling) and together
        return PRINTED if plain else HIDDEN

    def _enter(self, at: int, doubt: int) -> tuple[int, int]:
        """The first module inside that does something itself."""
        while self._only_holds_others(at):
            doubt = doubt if self.modules[at].kind in ORDERED else max(doubt, HIDDEN)
            at += 1
        return at, doubt

    def _only_holds_others(self, at: int) -> bool:
        module = self.modules[at]
        container = module.kind not in KINDS or module.kind in CONTAINERS
        return container and module.parameters == 0 and not self.is_leaf(at)


def network(modules: Sequence[Module]) -> Network:
    """Place modules in a tree by their names; a module stands before its children.

    Examples
    --------
    >>> net = network([Module("", "Net"), Module("a", "Sequential"), Module("a.0", "ReLU"), Module("b", "ReLU")])
    >>> net.parents, net.ends
    ([-1, 0, 1, 0], [4, 3, 3, 4])
    """
    parents, ends, above = list[int](), [len(modules)] * len(modules), list[int]()
    for at, module in enumerate(modules):
        while above and not _holds(modules[above[-1]].name, module.name):
            ends[above.pop()] = at
        parents.append(above[-1] if above else -1)
        if module.kind in NORM_FIRST:
            ends[at] = at + 1
        else:
            above.append(at)
    whole = frozenset(at for at, module in enumerate(modules) if module.kind.startswith(HOLDS_ITS_WEIGHTS))
    return Network([_as_known(module) for module in modules], parents, ends, whole)


def _as_known(module: Module) -> Module:
    kind = works_as(module.kind)
    return module if kind == module.kind else replace(module, kind=kind)


def _holds(name: str, other: str) -> bool:
    return not name or other.startswith(f"{name}.")


def _is_branch(name: str) -> bool:
    return BRANCHES.search(name.rpartition(".")[2]) is not None
