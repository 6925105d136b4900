"""What becomes of a model's output when one bias is moved: measured in a copy, so that the model stays as it is.

For every run all draws begin at one seed, and buffers (running means) at what they were. Where a moved bias changes
nothing, two more runs tell why, with all weights moved a little, since a scale of 0 after it, as some start with, hides
it: the bias must still change nothing, and the module's own weights something, or the example does not get there.
"""

import copy
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from ...errors import InputError
from .read import is_bias

STAYS, MOVES, ZEROED, UNREACHED = "stays", "moves", "zeroed", "unreached"
SAME = 1e-10  # of the output's size; rounding of float64 in a deep network stays below
NEAR = 0.1  # how far other weights are moved, of their size
PATIENCE = 2.0  # seconds, until progress is told on a terminal
MAX_DEPTH = 20  # of what the output is packed in


@dataclass(frozen=True)
class Move:
    """What a bias does when it is moved: what is found, and the largest change of the output over its size."""

    found: str
    change: float


def measure(
    torch: Any, model: Any, example: Any, names: Sequence[str], progress: Callable[[int, int], None] | None
) -> dict[str, Move]:
    """The moves of the biases of these modules, by name."""
    tell, moves = progress or _tell_on_a_terminal(), {}
    with _states_kept(torch):
        runs = _Runs(torch, _copy(torch, model), example)
        for done, name in enumerate(names, start=1):
            moves[name] = runs.move(name)
            tell(done, len(names))
    return moves


class _Runs:
    """A copy of the model with what all its runs begin with, and its outputs as it is and with weights nearby."""

    def __init__(self, torch: Any, model: Any, example: Any) -> None:
        self.torch, self.model, self.example = torch, model, example
        self.modules = dict(model.named_modules())
        self.gradients = torch.no_grad
        self.run_first()
        self.buffers = [(one, one.detach().clone()) for one in model.buffers()]
        self.weights = [(one, one.detach().clone()) for one in model.parameters()]
        self.near: list[Any] = []
        self.outputs = {0: self.run(0)}
        if not any(bool(one.isfinite().any()) for one in self.outputs[0]):
            raise InputError("`model` must give finite numbers for `example`, got none")
        if self.gap(self.outputs[0], self.run(0)) > SAME:
            raise InputError(
                "`model` must give the same output for the same example and draws, got another",
                hint="Take out what depends on time or on threads, or audit it without an example.",
            )

    def run_first(self) -> None:
        """What is lazy becomes what it is; a model that takes derivatives inside, such as forces, keeps them."""
        try:
            self.run_once()
        except InputError:
            self.gradients = self.torch.enable_grad
            self.run_once()

    def move(self, name: str) -> Move:
        """Move the biases of one module."""
        module = self.modules[name]
        own = dict(module.named_parameters(recurse=False))
        biases = [one for key, one in own.items() if is_bias(key)]
        change = self.change(biases)
        if change > SAME:
            return Move(MOVES, change)
        rest = [one for key, one in own.items() if not is_bias(key)] or self.weights_inside(module)
        if self.change(biases, near=True) > SAME:
            return Move(ZEROED, change)
        return Move(UNREACHED if self.change(rest, near=True) <= SAME else STAYS, change)

    def weights_inside(self, module: Any) -> list[Any]:
        """Of a module that computes its weights from parameters of its children."""
        return [one for key, one in module.named_parameters() if not is_bias(key.rpartition(".")[2])]

    def change(self, moved: Sequence[Any], *, near: bool = False) -> float:
        """The largest change of the output when parameters are moved, from the weights as they are or others nearby."""
        seed = 1 if near else 0
        if near:
            self.go_near()
        if seed not in self.outputs:
            self.outputs[seed] = self.run(seed)
        self.shift(moved, 1.0)
        after = self.run(seed)
        with self.torch.no_grad():
            for one, kept in self.weights:
                one.copy_(kept)
        return self.gap(self.outputs[seed], after)

    def go_near(self) -> None:
        """All weights become others near them, the same every time."""
        if not self.near:
            self.shift([one for one, _kept in self.weights], NEAR)
            self.near = [one.detach().clone() for one, _kept in self.weights]
        with self.torch.no_grad():
            for (one, _kept), other in zip(self.weights, self.near, strict=True):
                one.copy_(other)

    def shift(self, parameters: Sequence[Any], share: float) -> None:
        """Move numbers at random, by a share of their size, or of 1 where that is less."""
        generator = self.torch.Generator().manual_seed(7)
        with self.torch.no_grad():
            for one in parameters:
                if one.is_floating_point() or one.is_complex():
                    noise = self.torch.randn(one.shape, generator=generator, dtype=self.torch.float64).to(one.device)
                    one += share * noise * max(float(one.detach().abs().mean()), share) if one.numel() else 0

    def run(self, seed: int) -> list[Any]:
        """The output, all draws from this seed and buffers as they were."""
        with self.torch.no_grad():
            for buffer, kept in self.buffers:
                buffer.copy_(kept)
        return self.run_once(seed)

    def run_once(self, seed: int = 0) -> list[Any]:
        """The tensors of floats in the output."""
        _seed_all(self.torch, seed)
        arguments = _in_float64(self.torch, copy.deepcopy(self.example))
        try:
            with self.gradients():
                output = _call(self.model, arguments)
        except Exception as problem:
            raise _does_not_run(problem) from problem
        found = [one.detach().clone() for one in _tensors(self.torch, output)]
        if not any(one.numel() for one in found):
            raise InputError("`model` must give a tensor of floats for `example`, got none")
        return found

    def gap(self, one: Sequence[Any], other: Sequence[Any]) -> float:
        """The largest difference over the largest number, both where they are finite."""
        if [tensor.shape for tensor in one] != [tensor.shape for tensor in other]:
            return float("inf")
        pairs = [(a.to(self.torch.complex128), b.to(self.torch.complex128)) for a, b in zip(one, other, strict=True)]
        gaps = [float((a - b).abs().nan_to_num(0.0, 0.0, 0.0).max()) for a, b in pairs if a.numel()]
        sizes = [float(a.abs().nan_to_num(0.0, 0.0, 0.0).max()) for a, _ in pairs if a.numel()]
        return max(gaps) / (max(sizes) or 1.0)


def _call(model: Any, arguments: Any) -> Any:
    if isinstance(arguments, Mapping):
        return model(**arguments)
    return model(*arguments) if isinstance(arguments, tuple) else model(arguments)


def _copy(torch: Any, model: Any) -> Any:
    """The model in float64 and in training mode; tensors that were computed once are no obstacle."""
    computed = [one for module in model.modules() for one in vars(module).values() if isinstance(one, torch.Tensor)]
    memo = {id(one): one.detach().clone() for one in computed if not one.is_leaf}
    try:
        with warnings.catch_warnings(action="ignore"):  # of the copy, not of what the user does
            return copy.deepcopy(model, memo)._apply(lambda one: _wide(torch, one)).train()
    except Exception as problem:
        raise InputError(
            f"`model` must be one that can be copied, got {type(problem).__name__}: {str(problem)[:200]}",
            hint="Audit it without an example: audit_model(model).",
        ) from problem


def _wide(torch: Any, tensor: Any) -> Any:
    """In double precision, real or complex; whole numbers as they are."""
    if tensor.is_complex():
        return tensor.to(torch.complex128)
    return tensor.double() if tensor.is_floating_point() else tensor


def _does_not_run(problem: Exception) -> InputError:
    return InputError(
        f"`example` must be an input that the model takes in training mode, got {type(problem).__name__}: "
        f"{str(problem)[:200]}",
        hint="Give a tensor, or a tuple or dict of all arguments; a batch norm needs two samples or more.",
    )


def _in_float64(torch: Any, thing: Any) -> Any:
    if isinstance(thing, torch.Tensor):
        return _wide(torch, thing.detach())
    if isinstance(thing, tuple | list):
        changed = [_in_float64(torch, one) for one in thing]
        return type(thing)(*changed) if hasattr(thing, "_fields") else type(thing)(changed)
    if isinstance(thing, Mapping):
        return {key: _in_float64(torch, one) for key, one in thing.items()}
    return thing


def _tensors(torch: Any, thing: Any, depth: int = 0) -> Iterator[Any]:
    """All tensors of floats in what a model gives."""
    if isinstance(thing, torch.Tensor):
        if thing.is_floating_point() or thing.is_complex():
            yield thing
        return
    inside: Sequence[Any] = ()
    if isinstance(thing, Mapping):
        inside = list(thing.values())
    elif isinstance(thing, tuple | list):
        inside = thing
    elif is_dataclass(thing):
        inside = [getattr(thing, one.name) for one in fields(thing)]
    for one in inside if depth < MAX_DEPTH else ():
        yield from _tensors(torch, one, depth + 1)


@contextmanager
def _states_kept(torch: Any) -> Iterator[None]:
    """Random states as they were, whatever happens."""
    numpy, cuda = sys.modules.get("numpy"), torch.cuda.is_available() and torch.cuda.is_initialized()
    states = torch.get_rng_state(), random.getstate(), numpy and numpy.random.get_state()
    of_cuda = torch.cuda.get_rng_state_all() if cuda else None
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        if numpy:
            numpy.random.set_state(states[2])
        if cuda:
            torch.cuda.set_rng_state_all(of_cuda)


def _seed_all(torch: Any, seed: int) -> None:
    torch.manual_seed(seed)
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed)


def _tell_on_a_terminal() -> Callable[[int, int], None]:
    """What writes how far it is, where a person waits longer than a moment."""
    start = time.monotonic()

    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty() and time.monotonic() - start > PATIENCE:
            end = "\n" if done == total else ""
            print(f"\rmoved {done} of {total} biases", end=end, file=sys.stderr, flush=True)

    return tell
