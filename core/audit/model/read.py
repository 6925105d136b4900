"""The modules of a model in memory, as a printout would list them, with the numbers that they do hold.

A module is read as the first class of its method resolution order that is known, and its arguments are those that this
class prints. What runs is only known where its `forward` is that class's own; else its numbers are told, no more. A
parameter that is tied to an earlier one is counted there.
"""

import re
from dataclasses import replace
from typing import Any

from ...errors import InputError
from ..module import Module
from ..printout.grammar import MAX_MODULES, parse
from ..printout.subclasses import HOLDS_ITS_WEIGHTS, works_as
from ..printout.torch_modules import IN_PART, KINDS, count_numbers, name_arguments

OVERRIDDEN = " of one's own"  # what no class is called
MAX_ARGUMENTS = 10_000  # characters
_SHORT = re.compile(r"^b(?:_\w+|[a-z]?\d*)$")


def read_model(model: Any) -> tuple[tuple[Module, ...], tuple[Module, ...]]:
    """The modules by the names of their classes, and again by those of the classes that they work as."""
    listed = list(model.named_modules())
    if len(listed) > MAX_MODULES:
        raise InputError(f"`model` must hold at most {MAX_MODULES:,} modules, got {len(listed):,}")
    shown, judged, seen = [], [], set[int]()
    for name, module in listed:
        kind, runs_as = _known_class(module)
        told = _read_one(name, module, kind, seen)
        shown.append(told)
        judged.append(replace(told, kind=runs_as))
    return tuple(shown), tuple(judged)


def is_bias(name: str, parameter: Any) -> bool:
    """Whether a parameter of this name is added: bias, in_proj_bias, bias_ih_l0, beta; b, b1, b_in of a vector."""
    if "bias" in name or name == "beta":
        return True
    return bool(_SHORT.search(name)) and not is_lazy(parameter) and sum(side > 1 for side in parameter.shape) <= 1


def is_lazy(tensor: Any) -> bool:
    """Whether its numbers are made when its module first runs."""
    return "Uninitialized" in type(tensor).__name__


def lazy_modules(model: Any) -> dict[str, str]:
    """Name and class of the modules whose numbers are not there yet."""
    held = ((name, one, (*one.parameters(False), *one.buffers(False))) for name, one in model.named_modules())
    return {name: type(one).__name__ for name, one, tensors in held if any(map(is_lazy, tensors))}


def tied_biases(model: Any) -> dict[str, str]:
    """Module whose bias is that of an earlier one -> the earlier one."""
    owners: dict[int, str] = {}
    tied: dict[str, str] = {}
    for name, module in model.named_modules():
        for key, one in module.named_parameters(recurse=False):
            if is_bias(key, one) and owners.setdefault(id(one), name) != name:
                tied[name] = owners[id(one)]
    return tied


def _known_class(module: Any) -> tuple[type | None, str]:
    """The class that a module is read as, and the name by which it is judged."""
    own: Any = type(module)
    known = next((base for base in own.__mro__ if works_as(base.__name__) in KINDS), None)
    if known is None:
        return None, own.__name__
    runs_its_own = own.forward is not known.forward
    if own.__name__.startswith(HOLDS_ITS_WEIGHTS):
        return known, HOLDS_ITS_WEIGHTS + known.__name__.removeprefix(HOLDS_ITS_WEIGHTS)
    return known, own.__name__ + OVERRIDDEN if runs_its_own else known.__name__


def _read_one(name: str, module: Any, known: type | None, seen: set[int]) -> Module:
    own = [(key, one) for key, one in module.named_parameters(recurse=False) if id(one) not in seen]
    seen.update(id(one) for _key, one in own)
    sizes = {key: None if is_lazy(one) else one.numel() for key, one in own}
    if None in sizes.values():
        return Module(name, type(module).__name__)
    biases = sum(sizes[key] or 0 for key, one in own if is_bias(key, one))
    total = sum(size or 0 for size in sizes.values())
    kind = works_as(known.__name__) if known else ""
    arguments = name_arguments(kind, _arguments(known, module)) if known else {}
    told = count_numbers(kind, arguments) if kind and kind not in IN_PART else None
    inputs, channels = told[2:] if told else (None, None)
    return Module(name, type(module).__name__, total, biases, inputs, channels, arguments)


def _arguments(known: Any, module: Any) -> tuple[tuple[str, Any], ...]:
    """What the class prints of a module; nothing where that cannot be read."""
    try:
        text = str(known.extra_repr(module))
        return parse(f"Module({text})").arguments if text and len(text) <= MAX_ARGUMENTS else ()
    except Exception:  # whatever the code of another raises as it prints
        return ()
