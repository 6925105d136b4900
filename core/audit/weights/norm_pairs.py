"""Which norm follows which layer, proposed from names and shapes alone, each with why.

Four rules, the first that fits:

    main.3, main.4        neighbours by number: nothing that keeps numbers, or none, has a place between them
    conv1, bn1            one name for both once "conv" and "bn" are taken out of it
    conv1, norm2          where shapes say that norms come first: the next one by number
    stage.proj, stage.bn  the only layer and the only norm of their parent

A norm must have as many channels as the layer gives. `norm1, conv1` can also mean that the norm comes first, as in
DenseNet: the blocks where a layer takes and gives different numbers tell which, for all blocks of their kind. Where
none tells, a pair is proposed and marked as not sure.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ...errors import InputError
from ..module import Module
from .layers import LAYER_WORDS, NORM_WORDS, is_called_transposed, is_layer, is_norm, pattern, transpose_to_give

AFTER, BEFORE, EITHER = "after", "before", "after or before"  # where the norm of a pair stands
BY_NUMBER = "Neighbours by number, and as many channels"
BY_NAME = "One name for both, and as many channels"
BY_NEXT = "Norms come before layers here, by their shapes, so the next one follows"
BY_PARENT = "The only layer and the only norm of their parent, and as many channels"
BOTH_FIT = "; shapes do not tell whether it stands after or before"
BY_VISITOR = "You said so"
NO_NORM = "No norm is named after it"
MAX_NAMESAKES = 8  # of one norm: more cannot be told apart, and would take long

Candidates: TypeAlias = Iterable[tuple[Module, Module]]
Places: TypeAlias = Mapping[tuple[str, str], str]  # names of layer and norm without their numbers -> AFTER, ...


@dataclass(frozen=True)
class Pair:
    """The norm that is taken to follow a layer at once, and why; not sure where it may as well stand before it."""

    norm: str
    why: str
    sure: bool = True


def propose_pairs(modules: Sequence[Module]) -> dict[str, Pair]:
    """Pairs by the layer's name; a norm is in one of them at most.

    Examples
    --------
    >>> propose_pairs([Module("0", "Linear", 32, 0, 4, 8), Module("1", "BatchNorm", 16, 8, 8, 8)])["0"].why
    'Neighbours by number, and as many channels'
    """
    layers = [module for module in modules if is_layer(module)]
    norms = {module.name: module for module in modules if is_norm(module)}
    named, only = list(_namesakes(layers, norms)), list(_only_children(modules))
    places = _places([*named, *only], layers[0].name if layers else "")
    pairs: dict[str, Pair] = {}
    _add(pairs, _neighbours(layers, norms), BY_NUMBER, {})
    _add(pairs, named, BY_NAME, places)
    _add(pairs, _nexts(named, norms, places), BY_NEXT, {})
    _add(pairs, only, BY_PARENT, places)
    return pairs


def with_visitor_pairs(
    pairs: Mapping[str, Pair], wishes: Mapping[str, str] | None, modules: Sequence[Module]
) -> dict[str, Pair]:
    """The proposals with what the visitor says of single layers in place of them.

    InputError for a name that is not there, a norm that has not as many channels, or one norm for two layers.
    """
    if not wishes:
        return dict(pairs)
    layers = {module.name: module for module in modules if is_layer(module)}
    norms = {module.name: module for module in modules if is_norm(module)}
    for layer, norm in wishes.items():
        _check(layer, norm, layers, norms)
    for norm, count in Counter(wishes.values()).items():
        if norm and count > 1:
            raise InputError(f"`pairs` must give each norm to one layer, got {_short(norm)} for two")
    wished = set(wishes.values())
    kept = {name: pair for name, pair in pairs.items() if name not in wishes and pair.norm not in wished}
    return kept | {layer: Pair(norm, BY_VISITOR) for layer, norm in wishes.items() if norm}


def fits(layer: Module, norm: Module) -> bool:
    """Whether the norm has as many channels as the layer gives, or would give as a transposed convolution."""
    return norm.channels is not None and transpose_to_give(layer, norm.channels).channels == norm.channels


def _check(layer: str, norm: str, layers: Mapping[str, Module], norms: Mapping[str, Module]) -> None:
    if layer not in layers:
        raise InputError(f"`pairs` must name layers of the file, got {_short(layer)}")
    if norm and norm not in norms:
        raise InputError(f'`pairs` must name norms of the file, or "" for none, got {_short(norm)}')
    if norm and not fits(layers[layer], norms[norm]):
        raise InputError(
            f"`pairs` must give a layer a norm with as many channels, got {_short(layer)} with "
            f"{layers[layer].channels} and {_short(norm)} with {norms[norm].channels}"
        )


def _short(name: str) -> str:
    return repr(name if len(str(name)) <= 100 else f"{name[:100]}...")


def _add(pairs: dict[str, Pair], candidates: Candidates, why: str, places: Places) -> None:
    """Candidates that fit, of layers and norms that are still free and have no second one to choose from.

    A norm stands after its layer but where `places` say otherwise.
    """
    paired = {pair.norm for pair in pairs.values()}
    free = [(a, b) for a, b in candidates if a.name not in pairs and b.name not in paired and fits(a, b)]
    by_layer, by_norm = Counter(a.name for a, _ in free), Counter(b.name for _, b in free)
    for layer, norm in free:
        place = places.get(_scheme(layer, norm), AFTER)
        if by_layer[layer.name] == by_norm[norm.name] == 1 and place != BEFORE:
            doubt = "" if place == AFTER else BOTH_FIT
            pairs[layer.name] = Pair(norm.name, why + doubt, sure=not doubt)


def _neighbours(layers: Sequence[Module], norms: Mapping[str, Module]) -> Iterator[tuple[Module, Module]]:
    """`main.3` and `main.4`."""
    for layer in layers:
        above, _, last = layer.name.rpartition(".")
        if last.isdecimal() and last.isascii():
            following = str(int(last) + 1)
            norm = norms.get(f"{above}.{following}" if above else following)
            if norm:
                yield layer, norm


def _namesakes(layers: Sequence[Module], norms: Mapping[str, Module]) -> Iterator[tuple[Module, Module]]:
    """`conv1` and `bn1`, `convs.0` and `bns.0`, `conv1` and `conv1_bn`."""
    by_key = defaultdict(list)
    for layer in layers:
        for key in {_key(layer.name), _key(layer.name, LAYER_WORDS)}:
            by_key[key].append(layer)
    for norm in norms.values():
        if NORM_WORDS.search(norm.name.lower()):
            namesakes = by_key[_key(norm.name, NORM_WORDS)]
            yield from ((layer, norm) for layer in namesakes[:MAX_NAMESAKES])


def _key(name: str, *words: re.Pattern[str]) -> str:
    key = name.lower()
    for word in words:
        key = word.sub("", key)
    return key.replace("_", "")


def _only_children(modules: Sequence[Module]) -> Iterator[tuple[Module, Module]]:
    """The only layer and the only norm of a parent that has nothing else with numbers."""
    children = defaultdict(list)
    for module in modules:
        children[module.name.rpartition(".")[0]].append(module)
    for members in children.values():
        layers, norms = [m for m in members if is_layer(m)], [m for m in members if is_norm(m)]
        alone = len(members) == 2 and len(layers) == len(norms) == 1
        if alone and not layers[0].name.rpartition(".")[2].isdecimal():
            yield layers[0], norms[0]


def _nexts(named: Candidates, norms: Mapping[str, Module], places: Places) -> Iterator[tuple[Module, Module]]:
    """`conv1` and `norm2`, where `norm1` comes before `conv1`."""
    for layer, norm in named:
        digits = norm.name[len(norm.name.rstrip("0123456789")) :]
        if digits and places[_scheme(layer, norm)] == BEFORE:
            following = norms.get(f"{norm.name.removesuffix(digits)}{int(digits) + 1}")
            if following:
                yield layer, following


def _places(candidates: Candidates, first: str) -> Places:
    """For each kind of pair whether the norm stands after the layer or before it, by all pairs of that kind."""
    told = defaultdict(set)
    for layer, norm in candidates:
        told[_scheme(layer, norm)].add(_place(layer, norm, first))
    return {scheme: _agreement(places - {EITHER}) for scheme, places in told.items()}


def _agreement(places: set[str]) -> str:
    return places.pop() if len(places) == 1 else EITHER


def _place(layer: Module, norm: Module, first: str) -> str:
    """Whether shapes let the norm stand after the layer, before it, or both.

    Groups do not show, but for a depthwise convolution, which has one input a group and takes what it gives; the first
    layer of the network takes the picture.
    """
    takes, gives = layer.inputs, layer.channels
    if layer.arguments.get("transposed", False) is None and is_called_transposed(layer.name):
        takes, gives = gives, takes
    elif layer.kind.startswith("Conv") and takes == 1 and layer.name != first:
        takes = gives
    after, before = norm.channels == gives, norm.channels == takes
    if after == before:
        return EITHER
    return AFTER if after else BEFORE


def _scheme(layer: Module, norm: Module) -> tuple[str, str]:
    return pattern(layer.name), pattern(norm.name)
