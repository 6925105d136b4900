r"""The biases of an attention: query, key and value are known by their names.

Scores are compared by a softmax over the keys j, and the values are averaged with its weights a_ij, whose sum is 1:

    (q_i + .)·(k_j + b) = q_i·k_j + q_i·b      the second does not depend on j, and the softmax takes it away
    sum_j a_ij (v_j + b) = sum_j a_ij v_j + b  a constant, which the output projection makes another one of

Neither is so where something turns, scales or compares the keys on their way: rotary position, a norm of query or key,
a score of its own (a sink) in the softmax. What of that is printed makes the verdict depend.
"""

import re
from collections import defaultdict

from ..module import Module
from ..verdict import ABSORBED, DEPENDS, FOLDED, HOLDS_IF, IN_USE, KEY, REDUNDANT, Verdict, kind_and_name, quoted_name
from .order import ORDERED, Network
from .torch_modules import CONVOLUTIONS, LINEAR

ROLES = {"q": "query", "query": "query", "queries": "query", "k": "key", "key": "key", "keys": "key"}
ROLES |= {"v": "value", "value": "value", "values": "value"}
QUERY = r"(q_i + b) \cdot k_j = q_i \cdot k_j + b \cdot k_j"
VALUE = r"\sum_j a_{ij} (v_j + b) = \sum_j a_{ij} v_j + b"
IF_SOFTMAX = f"{HOLDS_IF} the scores are products of query and key, and go through a softmax over the keys."
_AFTER = re.compile(r"sink|gate|gating", re.IGNORECASE)  # what the values meet between the map and the projection
_FILLING = re.compile(r"projection|proj|linear|lin|layer|dense|conv|fc|to(?=_)|^w(?=_?[qkv]$)|_|\d+$")
_FUSED = re.compile(r"(?:^|_)(?:qkv|c_attn|query_key_value|in_proj|wqkv|to_qkv)(?:_|$)")
_OUTPUT = re.compile(r"(?:^|[._])(?:out|output|o|proj|projection|c_proj|dense|wo|w_o|fc|gamma|last)(?:[._]|\d|$)")
_TURNS = re.compile(
    r"[Rr]otary|[Rr]otate|RoPE|Rope|(?<![a-z])rope(?![a-z])|"
    r"^(?:RoFormer|GPTJ|GPTNeoX|Llama|Qwen|Mistral|Mixtral|Gemma|Phi|StableLm|Starcoder2|Glm|GLM|ChatGLM|InternLM|Olmo|Cohere)"
)  # by name, or of a family that turns them in `forward`
_NORMS = re.compile(
    r"(?:^|_)(?:q|k|query|key|qk)_?(?:layer_?)?(?:norm|ln)|norm_?(?:q|k|query|key)(?:_|$)", re.IGNORECASE
)
_OTHER = re.compile(
    r"sink|relative|rel_|pos_proj|pos_key|distance|linear_?att|cosine|performer|slot|disentangled|retention",
    re.IGNORECASE,
)


def judge_attention(net: Network) -> dict[int, Verdict]:
    """Index of a query, key or value layer, or of one for all three -> its verdict."""
    found: dict[int, Verdict] = {}
    fused = [at for at, module in enumerate(net.modules) if module.kind in LINEAR and _is_fused(module)]
    classes = {**_classes(net), **{net.parents[at]: {} for at in fused}}
    turned = next((one for one in net.modules if _TURNS.search(one.name) or _TURNS.search(one.kind)), None)
    for parent, roles in classes.items():
        doubt = _doubt(net, parent, turned)
        if roles:
            found[roles["query"]] = Verdict(IN_USE, "b is multiplied by every key: it moves the scores.", QUERY)
            found[roles["key"]] = _key(doubt)
            found[roles["value"]] = _value(net, parent, roles)
    for at in fused:
        found[at] = _all_three(net.modules[at], _doubt(net, net.parents[at], turned))
    return found


def _classes(net: Network) -> dict[int, dict[str, int]]:
    """Index of each class that has a query, a key and a value -> their indices by role."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for at, module in enumerate(net.modules):
        role = role_of(module.name)
        pointwise = module.kind in LINEAR or (module.kind in CONVOLUTIONS and _is_pointwise(module))
        if role and pointwise and net.is_leaf(at) and net.parents[at] >= 0 and net.kind_above(at) not in ORDERED:
            found[net.parents[at]].setdefault(role, at)
    return {parent: roles for parent, roles in found.items() if len(roles) == 3}


def role_of(name: str) -> str | None:
    """What a layer's name says that it gives: query, key, value, or None of these.

    Examples
    --------
    >>> [role_of(name) for name in ("h.0.attn.k_proj", "self.query", "to_v", "key_conv", "conv1")]
    ['key', 'query', 'value', 'key', None]
    """
    return ROLES.get(_FILLING.sub("", name.rpartition(".")[2].lower()))


def _is_pointwise(convolution: Module) -> bool:
    kernel = convolution.arguments.get("kernel_size")
    return isinstance(kernel, tuple) and set(kernel) == {1}


def _is_fused(module: Module) -> bool:
    triple = module.inputs and module.channels == 3 * module.inputs
    return bool(triple and _FUSED.search(module.name.rpartition(".")[2].lower()))


def _doubt(net: Network, parent: int, turned: Module | None) -> str:
    """What is printed that may keep the key's bias; "" where nothing is."""
    if turned:
        return f"{kind_and_name(turned)} is printed: position that turns query and key keeps the key's b"
    if parent >= 0 and _OTHER.search(net.modules[parent].kind):
        return f"{kind_and_name(net.modules[parent])} may compare keys in a way of its own"
    for module in _inside(net, parent):
        name = module.name.rpartition(".")[2]
        if _NORMS.search(name) and module.kind != "Identity":
            return f"{kind_and_name(module)} is printed: a norm of query or key keeps the key's b"
        if _OTHER.search(name):
            return f"{kind_and_name(module)} is printed, and may have part in the scores"
    return ""


def _key(doubt: str) -> Verdict:
    if doubt:
        why = f"It depends on what stands between the key and the softmax: {doubt}; without it b would be redundant."
        return Verdict(DEPENDS, why, KEY)
    why = "b adds the same to the scores of all keys, and the softmax takes it away."
    return Verdict(REDUNDANT, f"{why} {IF_SOFTMAX}", KEY, "Pass `bias=False`.")


def _value(net: Network, parent: int, roles: dict[str, int]) -> Verdict:
    value = net.modules[roles["value"]]
    output = _output(net, parent, set(roles.values()), value)
    if output is None:
        return Verdict(IN_USE, "The weights of an attention map sum to 1: b is added to its result.", VALUE)
    name = kind_and_name(output)
    after = next((one for one in _inside(net, parent) if _AFTER.search(one.name.rpartition(".")[2])), None)
    if after:
        why = f"It depends on {kind_and_name(after)}, which is printed: b passes the map as it is only without it."
        return Verdict(DEPENDS, why, FOLDED)
    why = (
        f"The weights of an attention map sum to 1, so b passes it as it is, and {name} makes of it a constant, which "
        f"{'its own' if output.bias_parameters else 'a'} bias can hold. {HOLDS_IF} the weights are a softmax's alone"
    )
    if any(one.kind.startswith("Dropout") and one.arguments.get("p") != 0 for one in _inside(net, parent)):
        why += ", and after training: dropout on the map changes their sum"
    change = f"It can go: pass `bias=False` here, and in weights already trained add W b to the bias of {name}."
    return Verdict(ABSORBED, f"{why}.", FOLDED, change)


def _inside(net: Network, parent: int) -> list[Module]:
    """The modules of a class, without itself."""
    return list(net.modules[parent + 1 : net.ends[parent] if parent >= 0 else len(net.modules)])


def _output(net: Network, parent: int, three: set[int], value: Module) -> Module | None:
    """The layer that the attention's result goes through: in its class, or in one called output beside it."""
    end = net.ends[parent]
    beside = net.modules[end].name if end < len(net.modules) and net.parents[end] == net.parents[parent] else ""
    stop = net.ends[end] if _OUTPUT.search(beside.rpartition(".")[2]) else end
    for at in range(parent + 1, stop):
        module = net.modules[at]
        takes = module.inputs and value.channels and module.inputs % value.channels == 0
        name = module.name.removeprefix(net.modules[net.parents[parent]].name if net.parents[parent] >= 0 else "")
        linear = module.kind in LINEAR or (module.kind in CONVOLUTIONS and _is_pointwise(module))
        if at not in three and linear and takes and _OUTPUT.search(name):
            return module
    return None


def _all_three(module: Module, doubt: str) -> Verdict:
    """One layer for query, key and value."""
    third = (module.channels or 0) // 3
    if doubt:
        part = f"whether its {third} numbers of the key are redundant depends: {doubt}"
    else:
        part = f"its {third} numbers of the key are redundant, since the softmax takes what all keys have in common"
    why = (
        f"{quoted_name(module)} gives query, key and value: those of the query are in use, {part}, and those of the "
        f"value can go into the output projection's bias. {IF_SOFTMAX}"
    )
    return Verdict(IN_USE, why, KEY)
