"""What a measurement leaves as it was, whatever happens: random states, the default type, and the model itself.

The measurement runs on a copy; but a hook, or a `forward` that was set on the model, may hold the model that it was
written for and write there. So all of the model's tensors, and what its modules hold besides, are put back.
"""

import copy
import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .read import is_lazy

TABLES = ("_parameters", "_buffers")


@contextmanager
def states_kept(torch: Any) -> Iterator[None]:
    """Random states and the default type as they were."""
    numpy, cuda = sys.modules.get("numpy"), torch.cuda.is_available() and torch.cuda.is_initialized()
    states = torch.get_rng_state(), random.getstate(), numpy and numpy.random.get_state()
    of_cuda = torch.cuda.get_rng_state_all() if cuda else None
    usual = torch.get_default_dtype()
    try:
        yield
    finally:
        torch.set_default_dtype(usual)
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        if numpy:
            numpy.random.set_state(states[2])
        if cuda:
            torch.cuda.set_rng_state_all(of_cuda)


def seed_all(torch: Any, seed: int) -> None:
    """Begin all draws at one seed."""
    torch.manual_seed(seed)
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed)


class Kept:
    """What a model holds now, to be put back: these tensors, which tensor has which name, and plain attributes."""

    def __init__(self, torch: Any, model: Any, tensors: Iterable[Any]) -> None:
        modules = list(model.modules())
        held = (value for one in modules for _key, value in _plain(one) if isinstance(value, torch.Tensor))
        every = {id(one): one for one in (*tensors, *held)}
        self.torch = torch
        self.tensors = [(one, one.detach().clone(), one._version) for one in every.values() if _is_dense(torch, one)]
        self.tables = [(one, table, dict(vars(one)[table])) for one in modules for table in _tables(one)]
        self.attributes = [(one, {key: (value, _shallow(value)) for key, value in _plain(one)}) for one in modules]

    def restore(self) -> None:
        """Put back what differs."""
        for module, table, kept in self.tables:
            vars(module)[table].clear()
            vars(module)[table].update(kept)
        for module, attributes in self.attributes:
            for key in [key for key, _value in _plain(module) if key not in attributes]:
                vars(module).pop(key)
            for key, (value, shallow) in attributes.items():
                vars(module)[key] = value
                _refill(value, shallow)
        with self.torch.no_grad():
            for tensor, kept, version in self.tensors:
                if tensor._version != version or not self.torch.equal(tensor, kept):  # a batch norm tells no version
                    tensor.copy_(kept)


@contextmanager
def model_kept(torch: Any, model: Any) -> Iterator[None]:
    """A model as it was."""
    kept = Kept(torch, model, (*model.parameters(), *model.buffers()))
    try:
        yield
    finally:
        kept.restore()


def _tables(module: Any) -> list[str]:
    """A scripted module keeps its own elsewhere, under the same names."""
    return [name for name in TABLES if isinstance(vars(module).get(name), dict)]


def _is_dense(torch: Any, tensor: Any) -> bool:
    """Whether it can be compared and written: a sparse one can not, and nobody writes into one."""
    return not is_lazy(tensor) and tensor.layout == torch.strided


def _plain(module: Any) -> list[tuple[str, Any]]:
    """What is not PyTorch's own."""
    return [(key, value) for key, value in vars(module).items() if not key.startswith("_")]


def _shallow(value: Any) -> Any:
    return copy.copy(value) if type(value) in (list, dict, set) else None


def _refill(value: Any, kept: Any) -> None:
    """A list, dict or set holds again what it held."""
    if kept is None:
        return
    value.clear()
    value.extend(kept) if isinstance(value, list) else value.update(kept)
