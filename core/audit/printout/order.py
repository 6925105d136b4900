r"""The way from one printed module to the next, and how sure it is.

The modules are a tree in the order printed. What comes after a module is its next sibling, or, after the last one, what
comes after its parent. How sure that is has three grades:

    CERTAIN    inside `Sequential`, which runs its children in their order
    PRINTED    next to one another in a class of one's own: it runs them in the order printed, one assumes
    HIDDEN     out of, into or around a class of one's own: sums, branches and reshapes are not printed
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..module import Module
from .torch_modules import BATCH_NORMS, CONTAINERS, INSTANCE_NORMS, KINDS

CERTAIN, PRINTED, HIDDEN = 0, 1, 2
ORDERED = frozenset({"Sequential", "Conv2dNormActivation", "Conv3dNormActivation", "ConvNormActivation"})
UNORDERED = frozenset({"ModuleList", "ModuleDict"})
BRANCHES = ("downsample", "shortcut", "skip", "resid", "identity")
CHANNEL_MEANS = BATCH_NORMS | INSTANCE_NORMS | {"FrozenBatchNorm2d", "GroupNorm"}


@dataclass(frozen=True, eq=False)
class Network:
    """Modules with their places in the tree.

    Attributes
    ----------
    modules : sequence of Module
    parents : list of int
        Index of the module above, -1 where none is listed.
    ends : list of int
        Index after the last module below.
    last_norms : dict of int to int
        0 (features) and 1 (channels) -> index of the last module that may subtract a mean over them; -1 for none.
    norms, layers : dict of (parent, number) to int
        The first norm, or layer that adds, of that number, `conv2` and `bn2`, in a class of one's own.
    """

    modules: Sequence[Module]
    parents: list[int]
    ends: list[int]
    last_norms: dict[int, int]
    norms: dict[tuple[int, str], int]
    layers: dict[tuple[int, str], int]

    def is_leaf(self, at: int) -> bool:
        """Nothing is printed inside it."""
        return self.ends[at] == at + 1

    def kind_above(self, at: int) -> str:
        """The class that the module is part of; "" where that is not listed."""
        return self.modules[self.parents[at]].kind if self.parents[at] >= 0 else ""

    def number(self, at: int) -> tuple[int, str] | None:
        """Parent and trailing number of a name in a class of one's own: `conv2` has 2; None without one."""
        name = self.modules[at].name.rpartition(".")[2]
        digits = name[len(name.rstrip("0123456789")) :]
        named = digits and digits != name and self.kind_above(at) not in ORDERED
        return (self.parents[at], digits) if named else None

    def following(self, at: int, doubt: int) -> tuple[int | None, int]:
        """Index of the next module without children of its own, None at the end, and how sure it is now."""
        while True:
            parent, sibling = self.parents[at], self.ends[at]
            end = self.ends[parent] if parent >= 0 else len(self.modules)
            ordered = self.kind_above(at) in ORDERED
            if sibling >= end:
                if parent < 0:
                    return None, doubt
                at, doubt = parent, doubt if ordered else HIDDEN
            elif not ordered and _is_branch(self.modules[sibling].name):
                at, doubt = sibling, HIDDEN
            else:
                return self._first_inside(sibling, max(doubt, CERTAIN if ordered else self._doubt(at, sibling)))

    def _doubt(self, at: int, sibling: int) -> int:
        """How sure the order of two siblings is in a class of one's own."""
        together = self.modules[at].name.rpartition(".")[0] == self.modules[sibling].name.rpartition(".")[0]
        plain = self.is_leaf(at) and self.is_leaf(sibling) and together
        return PRINTED if plain and self.kind_above(at) not in UNORDERED else HIDDEN

    def _first_inside(self, at: int, doubt: int) -> tuple[int, int]:
        while not self.is_leaf(at) and self._is_transparent(at):
            doubt = doubt if self.modules[at].kind in ORDERED else HIDDEN
            at += 1
        return at, doubt

    def _is_transparent(self, at: int) -> bool:
        module = self.modules[at]
        return module.parameters == 0 and (module.kind not in KINDS or module.kind in CONTAINERS)

    def mean_may_follow(self, at: int, *, features: bool) -> bool:
        """Whether a module after it may subtract a mean per channel, an unknown one included."""
        return self.last_norms[0 if features else 1] > at


def network(modules: Sequence[Module]) -> Network:
    """Place modules in a tree by their names; a module stands before its children.

    Examples
    --------
    >>> net = network([Module("", "Net"), Module("a", "Sequential"), Module("a.0", "ReLU"), Module("b", "ReLU")])
    >>> net.parents, net.ends
    ([-1, 0, 1, 0], [4, 3, 3, 4])
    """
    parents, ends, open_ = list[int](), [len(modules)] * len(modules), list[int]()
    for at, module in enumerate(modules):
        while open_ and not _is_above(modules[open_[-1]].name, module.name):
            ends[open_.pop()] = at
        parents.append(open_[-1] if open_ else -1)
        open_.append(at)
    net = Network(modules, parents, ends, {}, {}, {})
    for at in range(len(modules)):
        _note(net, at)
    return net


def _note(net: Network, at: int) -> None:
    """Enter one module into the lists by number and kind."""
    module = net.modules[at]
    unknown = net.is_leaf(at) and module.kind not in KINDS
    for features, kinds in enumerate((CHANNEL_MEANS, CHANNEL_MEANS | {"LayerNorm"})):
        found = unknown or module.kind in kinds
        net.last_norms[features] = at if found else net.last_norms.get(features, -1)
    number = net.number(at)
    if number and module.kind in CHANNEL_MEANS:
        net.norms.setdefault(number, at)
    elif number and net.is_leaf(at) and module.channels is not None:
        net.layers.setdefault(number, at)


def _is_above(name: str, other: str) -> bool:
    return not name or other.startswith(f"{name}.")


def _is_branch(name: str) -> bool:
    key = name.rpartition(".")[2].lower()
    return any(word in key for word in BRANCHES)
