"""Copies to measure on: the model in training mode, in float64 or in its own precision, and its example."""

import copy
import warnings
from collections.abc import Mapping
from types import CellType, FunctionType
from typing import Any

from ...errors import InputError
from .read import lazy_modules

RUN_IT_FIRST = "Run it once, model(example), and audit it then."


def copy_model(torch: Any, model: Any, *, wide: bool) -> Any:
    """The model in training mode, in float64 where it is `wide`; tensors that were computed once are no obstacle."""
    computed = [one for module in model.modules() for one in vars(module).values() if isinstance(one, torch.Tensor)]
    memo = {id(one): one.detach().clone() for one in computed if not one.is_leaf}
    try:
        with warnings.catch_warnings(action="ignore"):  # of the copy, not of what the user does
            made = copy.deepcopy(model, memo)
            _run_the_copy(model, made)
            return (made._apply(lambda one: widen(torch, one)) if wide else made).train()
    except Exception as problem:
        raise _no_copy("model", problem, "Audit it without an example: audit_model(model).") from problem


def _run_the_copy(model: Any, made: Any) -> None:
    """A `forward` that was set on a module, and holds the model or parts of it, holds those of the copy instead."""
    twins = {id(one): twin for one, twin in zip(model.modules(), made.modules(), strict=True)}
    for module in made.modules():
        function = vars(module).get("forward")
        if isinstance(function, FunctionType):
            cells = (twins.get(id(cell.cell_contents), cell.cell_contents) for cell in function.__closure__ or ())
            named = {name: twins.get(id(one), one) for name, one in function.__globals__.items()}
            module.forward = FunctionType(
                function.__code__, named, function.__name__, function.__defaults__, tuple(map(CellType, cells))
            )
            module.forward.__kwdefaults__ = function.__kwdefaults__


def copy_example(torch: Any, thing: Any, *, wide: bool) -> Any:
    """The example, its tensors as leaves of their own, in float64 where it is `wide`; whole numbers stay whole."""
    if isinstance(thing, torch.Tensor):
        leaf = thing.detach().clone()
        return widen(torch, leaf) if wide else leaf
    if isinstance(thing, tuple | list):
        changed = [copy_example(torch, one, wide=wide) for one in thing]
        return type(thing)(*changed) if hasattr(thing, "_fields") else type(thing)(changed)
    if isinstance(thing, Mapping):
        return {key: copy_example(torch, one, wide=wide) for key, one in thing.items()}
    try:
        return copy.deepcopy(thing)
    except Exception as problem:
        raise _no_copy("example", problem, "Give a tensor, or a tuple or dict of all arguments.") from problem


def _no_copy(name: str, problem: Exception, hint: str) -> InputError:
    told = f"{type(problem).__name__}: {str(problem)[:200]}"
    return InputError(f"`{name}` must be one that can be copied, got {told}", hint=hint)


def widen(torch: Any, tensor: Any) -> Any:
    """In double precision, real or complex; whole numbers as they are."""
    if tensor.is_complex():
        return tensor.to(torch.complex128)
    return tensor.double() if tensor.is_floating_point() else tensor


def must_have_run(model: Any) -> None:
    """InputError for a lazy module."""
    for name, kind in lazy_modules(model).items():
        raise InputError(
            f"`model` must hold all its numbers, got {kind} `{name}`, which makes them when it first runs",
            hint=RUN_IT_FIRST,
        )
