r"""The biases of an attention: query, key and value are known by their names.

Scores are compared by a softmax over the keys j, and the values are averaged with its weights a_ij, whose sum is 1:

    (q_i + .)·(k_j + b) = q_i·k_j + q_i·b      the second does not depend on j, and the softmax takes it away
    sum_j a_ij (v_j + b) = sum_j a_ij v_j + b  a constant, which the output projection makes another one of

Neither is so where something turns, scales or compares the keys on their way: rotary position, a norm of query or key,
a score of its own (a sink) in the softmax, or weights that are no softmax. So both are only said where all that is
printed inside is known to leave them alone: projections of query and result, dropout, a softmax, identities, a norm
that stands before query, key and value. Anything else makes the verdict depend.
"""

import re
from collections.abc import Iterator, Set
from itertools import chain

from ..module import Module
from ..verdict import (
    ABSORBED,
    DEPENDS,
    FOLDED,
    HOLDS_IF,
    IN_USE,
    KEY,
    REDUNDANT,
    SHIFTED,
    Verdict,
    kind_and_name,
    quoted_name,
)
from . import attention_names as names
from .attention_names import role_of
from .attention_parts import class_at, find_fused, find_threes, is_projection, n_parts
from .norm_rules import NORM_RULES
from .order import Network
from .torch_modules import CONTAINERS, DROPOUTS, SOFTMAXES

QUERY = r"(q_i + b) \cdot k_j = q_i \cdot k_j + b \cdot k_j"
VALUE = r"\sum_j a_{ij} (v_j + b) = \sum_j a_{ij} v_j + b"
IF_SOFTMAX = (
    f"{HOLDS_IF} the scores are products of query and key, with no rotary position in `forward`, and go through a "
    "softmax over the keys."
)
HARMLESS = CONTAINERS | DROPOUTS | {"Identity"}


def judge_attention(net: Network) -> dict[int, Verdict]:
    """Index of a query, key or value layer, or of one for several of them -> its verdict."""
    found: dict[int, Verdict] = {}
    threes, fused = find_threes(net), find_fused(net)
    turned = _turned(net) if threes or fused else None
    for parent, roles in threes.items():
        found |= _judge_three(net, parent, roles, turned)
    for parent, layers in fused.items():
        key, value = _key_doubt(net, parent, layers, turned), _value_doubt(net, parent, layers)
        found |= {at: _all_in_one(net.modules[at], key, value) for at in layers}
    return found


def may_be_taken(layer: Module) -> Verdict:
    """What is said of such a layer, where nothing else takes its bias."""
    why = (
        f"It depends on what {kind_and_name(layer)} gives in this attention, which its name does not tell: of keys, or "
        "of one score for each place, a softmax over the places takes b away."
    )
    return Verdict(DEPENDS, why, SHIFTED)


def _turned(net: Network) -> Module | None:
    """The first module whose name says that query and key are turned."""
    listed = "\n".join(f"{module.kind}\n{module.name}" for module in net.modules)
    found = names.TURNS.search(listed)
    return net.modules[listed.count("\n", 0, found.start()) // 2] if found else None


def _judge_three(net: Network, parent: int, roles: dict[str, int], turned: Module | None) -> dict[int, Verdict]:
    """The verdicts on query, key and value of one class."""
    three, value = set(roles.values()), net.modules[roles["value"]]
    adds = value.channels == 1 and value.inputs == net.modules[roles["key"]].channels != 1
    other = _compares_otherwise(net, parent)
    if adds or other:
        following = net.neighbour(roles["value"]) if adds else None
        if following is not None and net.modules[following].kind in SOFTMAXES:
            three.remove(roles["value"])  # what comes next is told
        return dict.fromkeys(three, _other_score(other or net.modules[max(parent, 0)], value if adds else None))
    key = _key_doubt(net, parent, three, turned)
    query = Verdict(IN_USE, "b is multiplied by every key: it moves the scores.", QUERY)
    return {roles["query"]: query, roles["key"]: _key(key), roles["value"]: _value(net, parent, roles)}


def _other_score(attention: Module, score: Module | None) -> Verdict:
    """An attention that compares keys in a way of its own."""
    how = f", and {kind_and_name(score)} makes one score of them" if score else ""
    why = (
        f"It depends on how {kind_and_name(attention)} compares query and key{how}: a softmax over the keys takes what "
        "all scores have in common, and nothing else of b."
    )
    return Verdict(DEPENDS, why, SHIFTED)


def _key_doubt(net: Network, parent: int, own: Set[int], turned: Module | None) -> str:
    """What is printed that may keep the key's bias; "" where nothing is."""
    if turned:
        return f"{kind_and_name(turned)} is printed: position that turns query and key keeps the key's b"
    if other := _compares_otherwise(net, parent):
        return f"{kind_and_name(other)} may compare keys in a way of its own"
    seen = next(_strangers(net, parent, _inside(net, parent), own), None)
    if seen is None:
        return ""
    if names.NORMS.search(_own_name(seen)):
        return f"{kind_and_name(seen)} is printed: a norm of query or key keeps the key's b"
    return f"{kind_and_name(seen)} is printed, and may have part in the scores"


def _value_doubt(net: Network, parent: int, own: Set[int], output: int = -1) -> str:
    """What is printed that may keep the value's bias from the output projection; "" where nothing is."""
    if other := _compares_otherwise(net, parent, names.OTHER_WEIGHTS):
        return f"the weights of {kind_and_name(other)}: b passes the map as it is only where their sum is 1"
    inside = _inside(net, parent)
    beside = range(inside.stop + 1, output)
    seen = chain(
        (one for one in _strangers(net, parent, inside, own) if not _only_scores(one)),
        (net.modules[at] for at in inside if names.GATE.search(_own_name(net.modules[at]))),
        _strangers(net, net.parents[max(parent, 0)], beside, own),
    )
    first = next(seen, None)
    return f"{kind_and_name(first)}, which is printed: b passes the map as it is only without it" if first else ""


def _compares_otherwise(net: Network, parent: int, how: re.Pattern[str] = names.OTHER_SCORE) -> Module | None:
    """The attention, by its own class or by that of which it is part, if it says that its weights are other ones."""
    above = class_at(net, parent)
    if above < 0 or not (above == parent or names.ATTENTION.search(net.modules[above].kind)):
        return None
    return net.modules[above] if how.search(net.modules[above].kind) else None


def _strangers(net: Network, parent: int, place: range, own: Set[int]) -> Iterator[Module]:
    """What is printed there, and is not known to leave scores and values alone."""
    start = len(net.modules[parent].name) if parent >= 0 else 0
    first, inputs = min(own), {net.modules[at].inputs for at in own} - {None}
    width = min((net.modules[at].channels or 0) // (n_parts(net.modules[at]) or 1) for at in own)
    for at in place:
        module = net.modules[at]
        name = module.name[start:]
        if at in own or (at < first and _is_norm_of_inputs(module, inputs)):
            continue
        harmless = _leaves_both(module, name, width) if is_projection(module) else _changes_nothing(net, at)
        if names.OTHER_PART.search(name) or not harmless:
            yield module


def _is_norm_of_inputs(module: Module, inputs: Set[int | None]) -> bool:
    """Whether what stands before query, key and value is a norm of what they take."""
    return module.kind in NORM_RULES and module.channels in inputs and not names.NORMS.search(_own_name(module))


def _leaves_both(layer: Module, name: str, width: int) -> bool:
    """Whether a projection, by its name inside, is one of the query or the result: not of keys, scores or heads."""
    if layer.channels == 1 or (layer.inputs == layer.channels and (layer.channels or 0) < width):
        return False
    if names.SCORES.search(name):
        return role_of(name) == "query"
    return bool(names.OUTPUT.search(name)) or names.is_gate_of_value(name)


def _changes_nothing(net: Network, at: int) -> bool:
    """Whether it is a softmax over keys, a dropout, no change, or a plain attention, of which all inside is seen."""
    module = net.modules[at]
    over_keys = module.kind == "Softmax" and module.arguments.get("dim") == -1
    seen = names.DOT_PRODUCT if net.is_leaf(at) else names.ATTENTION
    plain = seen.search(module.kind) and not names.OTHER_WEIGHTS.search(module.kind)
    return module.kind in HARMLESS or over_keys or _is_dropout(module) or bool(plain)


def _is_dropout(module: Module) -> bool:
    """Also one of a class of its own, such as FairseqDropout, that has no other numbers."""
    return module.kind.endswith("Dropout") and module.arguments.keys() <= {"p", "inplace"}


def _only_scores(module: Module) -> bool:
    """Whether it has part in the scores alone: position, norms of query and key, a table of distances."""
    name = _own_name(module)
    turns = names.TURNS.search(module.kind) or names.TURNS.search(name) or names.NORMS.search(name)
    return bool(turns) or (module.kind == "Embedding" and "sink" not in name)


def _own_name(module: Module) -> str:
    return module.name.rpartition(".")[2]


def _inside(net: Network, parent: int) -> range:
    """The places of the modules of a class, without itself."""
    return range(parent + 1, net.ends[parent] if parent >= 0 else len(net.modules))


def _key(doubt: str) -> Verdict:
    if doubt:
        why = f"It depends on what stands between the key and the softmax: {doubt}; without it b would be redundant."
        return Verdict(DEPENDS, why, KEY)
    why = "b adds the same to the scores of all keys, and the softmax takes it away."
    return Verdict(REDUNDANT, f"{why} {IF_SOFTMAX}", KEY, "Pass `bias=False`.")


def _value(net: Network, parent: int, roles: dict[str, int]) -> Verdict:
    own = set(roles.values())
    at = _output(net, parent, own, net.modules[roles["value"]])
    if at < 0:
        return Verdict(IN_USE, "The weights of an attention map sum to 1: b is added to its result.", VALUE)
    doubt = _value_doubt(net, parent, own, at)
    if doubt:
        return Verdict(DEPENDS, f"It depends on {doubt}.", FOLDED)
    output = net.modules[at]
    name = kind_and_name(output)
    why = (
        f"The weights of an attention map sum to 1, so b passes it as it is, and {name} makes of it a constant, which "
        f"{'its own' if output.bias_parameters else 'a'} bias can hold. {HOLDS_IF} the weights are a softmax's alone"
    )
    inside = (net.modules[one] for one in _inside(net, parent))
    if any((one.kind.startswith("Dropout") or _is_dropout(one)) and one.arguments.get("p") != 0 for one in inside):
        why += ", and after training: dropout on the map changes their sum"
    change = f"It can go: pass `bias=False` here, and in weights already trained add W b to the bias of {name}."
    return Verdict(ABSORBED, f"{why}.", FOLDED, change)


def _output(net: Network, parent: int, three: Set[int], value: Module) -> int:
    """Index of the layer that the result goes through: in its class, or in one called output beside it; -1: none."""
    end, above = _inside(net, parent).stop, net.parents[parent] if parent >= 0 else -1
    beside = net.modules[end].name if end < len(net.modules) and net.parents[end] == above else ""
    stop = net.ends[end] if names.OUTPUT.search(beside.rpartition(".")[2]) else end
    for at in range(parent + 1, stop):
        module, holder = net.modules[at], parent if at < end else above
        name = module.name[len(net.modules[holder].name) if holder >= 0 else 0 :]
        takes = module.inputs and value.channels and module.inputs % value.channels == 0
        if at not in three and takes and is_projection(module) and names.OUTPUT.search(name):
            return at
    return -1


def _all_in_one(module: Module, key_doubt: str, value_doubt: str) -> Verdict:
    """One layer for query, key and value, or for the last two."""
    parts = n_parts(module)
    share = (module.channels or 0) // parts
    key = f"its {share} numbers of the key are redundant, since the softmax takes what all keys have in common"
    if key_doubt:
        key = f"whether its {share} numbers of the key are redundant depends: {key_doubt}"
    value = "those of the value can go into the output projection's bias"
    if value_doubt:
        value = f"whether {value} depends on {value_doubt}"
    gives = "query, key and value: those of the query are in use," if parts == 3 else "key and value:"
    return Verdict(IN_USE, f"{quoted_name(module)} gives {gives} {key}, and {value}. {IF_SOFTMAX}", KEY)
