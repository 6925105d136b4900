"""Runs of a copy of the model on its example: with the weights as they are or others, and one shift of some numbers.

For every run all draws begin at one seed, and buffers (running means) and attributes at what they were. It runs in
float64 where it can, with that as the type of what it makes itself; else in its own precision.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from ...errors import InputError
from .copies import copy_example, copy_model, widen
from .kept import Kept, seed_all
from .outputs import Tensors, floats_in, gap, scales
from .rounding import rounding

AS_THEY_ARE, NEAR, NO_ZEROS = "as they are", "near", "no zeros"  # weights
NEARBY = 0.1  # how far other weights are moved, of their size
REPEATS = {True: 1e-10, False: 1e-4}  # in float64 or not: how alike the same run must be

Shift = Callable[[float], None]  # moves some numbers by so much of their size


@dataclass(frozen=True)
class Place:
    """Weights to begin from: their values, the output, its scales, and how far rounding alone moves it."""

    weights: Sequence[Any]
    outputs: Tensors
    sizes: Sequence[float]
    noise: float = 0.0


def stand(_size: float) -> None:
    """A shift of nothing."""


class Runs:
    """A copy of the model, with what all its runs begin with, and its outputs from different weights."""

    def __init__(self, torch: Any, model: Any, example: Any) -> None:
        self.torch, self.gradients, self.training = torch, torch.no_grad, True
        self.model, self.wide = self.start(model, example)
        self.modules = dict(self.model.named_modules())
        self.parameters = list(self.model.parameters())
        self.weights = [one.detach().clone() for one in self.parameters]
        self.set: dict[int, tuple[int, int]] = {}  # which value a parameter has, and its version then
        self.begun: dict[str, tuple[Sequence[Any], Tensors]] = {}
        self.places: dict[str, Place] = {}
        self.check()

    def start(self, model: Any, example: Any) -> tuple[Any, bool]:
        """A copy that runs, in float64 if it does; one that takes derivatives inside, such as forces, keeps them."""
        usual = self.torch.get_default_dtype()
        problems = list[Exception]()
        for wide in (True, False):
            self.torch.set_default_dtype(self.torch.float64 if wide else usual)
            self.model, self.example = copy_model(self.torch, model, wide=wide), example
            self.wide, self.kept = wide, Kept(self.torch, self.model, self.model.buffers())
            for gradients in (self.torch.no_grad, self.torch.enable_grad):
                self.gradients = gradients
                try:
                    self.run()
                except InputError:
                    raise
                except Exception as problem:
                    problems.append(problem)
                else:
                    return self.model, wide
        raise does_not_run(problems[2]) from problems[2]

    def check(self) -> None:
        """The output must be numbers that repeat; InputError where it is not."""
        outputs = self.begin(AS_THEY_ARE)[1]
        if not any(bool(one.isfinite().any()) for one in outputs):
            raise InputError("`model` must give finite numbers for `example`, got none")
        if gap(outputs, self.run(), scales(outputs, outputs)) > REPEATS[self.wide]:
            raise InputError(
                "`model` must give the same output for the same example and draws, got another",
                hint="Take out what depends on time or on threads, or audit it without an example.",
            )

    def place(self, name: str) -> Place:
        """Where to begin; what it costs is paid once."""
        if name not in self.places:
            weights, outputs = self.begin(name)
            other = self.begin(AS_THEY_ARE if name == NEAR else NEAR)[1]
            place = Place(weights, outputs, scales(outputs, other))
            self.places[name] = replace(place, noise=self.noise(outputs, stand, 0.0, place))
        return self.places[name]

    def begin(self, name: str) -> tuple[Sequence[Any], Tensors]:
        """Weights and their output."""
        if name not in self.begun:
            weights = self.weights
            if name != AS_THEY_ARE:
                self.put(weights)
                self.random(self.parameters, zeros=name == NO_ZEROS)(NEARBY)
                weights = [one.detach().clone() for one in self.parameters]
            self.begun[name] = weights, self.after(stand, 0.0, weights)
        return self.begun[name]

    def after(self, shift: Shift, size: float, weights: Sequence[Any], *, rounded: bool = False) -> Tensors:
        """The output when some numbers are moved from these weights; none where the model no longer runs."""
        self.put(weights)
        shift(size)
        try:
            with rounding(self.torch, 11) if rounded else nullcontext():
                return self.run()
        except Exception:
            return ()

    def noise(self, outputs: Tensors, shift: Shift, size: float, place: Place) -> float:
        """How far rounding alone moves an output; 0 where a model does not run so."""
        rounded = self.after(shift, size, place.weights, rounded=True)
        return gap(outputs, rounded, place.sizes) if rounded else 0.0

    def put(self, weights: Sequence[Any]) -> None:
        """Set the weights, those that are not set yet."""
        with self.torch.no_grad():
            for at, (one, value) in enumerate(zip(self.parameters, weights, strict=True)):
                if self.set.get(at) != (id(value), one._version):
                    one.copy_(value)
                    self.set[at] = (id(value), one._version)

    def random(self, parameters: Sequence[Any], *, zeros: bool = False, where: Any = None) -> Shift:
        """Move numbers at random, by a share of their size, or of 1 where that is less; only zeros, or only some."""

        def shift(size: float) -> None:
            generator = self.torch.Generator().manual_seed(7)
            for one in self.of_floats(parameters):
                noise = self.torch.randn(one.shape, generator=generator, dtype=self.torch.float64).to(one)
                noise = noise if where is None else noise * where
                self.add(one, size, noise * (one == 0) if zeros else noise)

        return shift

    def all_alike(self, parameters: Sequence[Any]) -> Shift:
        """Add the same to all numbers."""

        def shift(size: float) -> None:
            for one in self.of_floats(parameters):
                self.add(one, size, 1.0)

        return shift

    def add(self, parameter: Any, size: float, step: Any) -> None:
        """Add a step, times a size that is a share of the parameter's own."""
        with self.torch.no_grad():
            parameter += size * max(float(parameter.detach().abs().mean()), min(size, 1.0)) * step

    def of_floats(self, parameters: Sequence[Any]) -> list[Any]:
        """Those that can be moved."""
        return [one for one in parameters if one.numel() and (one.is_floating_point() or one.is_complex())]

    def run(self) -> list[Any]:
        """The floats in the output, in double precision."""
        with self.gradients():
            found = [widen(self.torch, one.detach().clone()) for one in self.call()]
        if not any(one.numel() for one in found):
            raise InputError("`model` must give a tensor of floats for `example`, got none")
        return found

    def call(self) -> list[Any]:
        """The same, as the model gives it."""
        self.kept.restore()
        self.model.train(self.training)
        seed_all(self.torch, 0)
        arguments = copy_example(self.torch, self.example, wide=self.wide)
        if isinstance(arguments, Mapping):
            output = self.model(**arguments)
        else:
            output = self.model(*arguments) if isinstance(arguments, tuple) else self.model(arguments)
        return list(floats_in(self.torch, output))


@contextmanager
def tapped(module: Any, tap: Callable[[Any], Any]) -> Iterator[None]:
    """What a module gives goes through a function."""
    handle = module.register_forward_hook(lambda _module, _inputs, output: tap(output))
    try:
        yield
    finally:
        handle.remove()


def does_not_run(problem: Exception) -> InputError:
    """What is said of an example that the model does not take."""
    hint = "Give a tensor, or a tuple or dict of all arguments."
    if "more than 1 value per channel" in str(problem):
        hint = "A batch norm needs two samples or more."
    return InputError(
        f"`example` must be an input that the model takes in training mode, got {type(problem).__name__}: "
        f"{str(problem)[:200]}",
        hint=hint,
    )
