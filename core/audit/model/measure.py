"""What becomes of a model's output when a bias is moved: measured in a copy, so that the model stays as it is.

A change counts where it is more than rounding alone, `rounding`, would make of it; where the two are near, the bias is
moved much further too. Where it changes nothing, more runs tell why, with all weights moved a little, since a scale of
0 after it, as some start with, hides it: the bias must still change nothing, and the module's own weights something, or
the example does not get there. What is claimed beyond that, of a part of b or of the next layer, is measured as well.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .copies import must_have_run
from .kept import model_kept, states_kept
from .outputs import as_finite, gap
from .read import is_bias
from .runs import AS_THEY_ARE, NEAR, NO_ZEROS, Runs, Shift, stand, tapped

STAYS, MOVES, NOISY = "stays", "moves", "noisy"
ZEROED, CUT_OFF, UNREACHED = "zeroed", "cut off", "unreached"
ALWAYS, TRAINED, NEVER = "always", "trained", "never"
SAME = 1e-10  # of the output's size: nothing
CLEAR = 1e4  # times what rounding makes: a change beyond doubt
BEYOND = 10.0  # times what rounding makes, measured where the bias was moved to
LOUD = 1e-2  # rounding that drowns what a bias does
SIZES = (1.0, 100.0)
STILL = 1e-5  # of the largest derivative: a number of b that seems to do nothing
PATIENCE = 2.0  # seconds, until progress is told on a terminal


@dataclass(frozen=True)
class Asked:
    """What is measured of the biases of one layer besides: whether another takes them over, their mean, their parts."""

    layer: str
    absorber: str = ""
    mean: bool = False
    parts: bool = False


@dataclass(frozen=True)
class Move:
    """What a bias does when it is moved: what is found, the largest change of the output over its size, and rounding's.

    `idle` are those of several biases of one module that change nothing, with how many numbers they are; `folds` is
    whether the next layer's bias takes b over, `left` the change that is left then; `mean` is what adding the same to
    all of b does, `still` how many of its `numbers` change nothing, moved alone. None or "" where it is not measured.
    """

    found: str
    change: float
    noise: float = 0.0
    idle: Mapping[str, int] = field(default_factory=dict)
    folds: str = ""
    left: float = 0.0
    mean: str = ""
    still: int | None = None
    numbers: int = 0


def measure(
    torch: Any, model: Any, example: Any, asked: Sequence[Asked], progress: Callable[[int, int], None] | None
) -> tuple[dict[str, Move], bool]:
    """The moves of the biases of these layers, by name, and whether they were made in float64."""
    must_have_run(model)
    tell, moves = progress or _tell_on_a_terminal(), {}
    with states_kept(torch), model_kept(torch, model):
        runs = Runs(torch, model, example)
        for done, one in enumerate(asked, start=1):
            moves[one.layer] = _move(runs, one)
            tell(done, len(asked))
    return moves, runs.wide


def _move(runs: Runs, asked: Asked) -> Move:
    """Move the biases of one module: together, then each on its own, then as is asked."""
    module = runs.modules[asked.layer]
    own = dict(module.named_parameters(recurse=False))
    biases = {key: one for key, one in own.items() if is_bias(key, one)}
    rest = [one for key, one in own.items() if key not in biases] or _weights_inside(module)
    found, change, noise = _find(runs, list(biases.values()), rest)
    if found != MOVES:
        return Move(found, change, noise)
    several = biases if len(biases) > 1 else {}
    idle = {key: one.numel() for key, one in several.items() if _find(runs, [one], rest)[0] == STAYS}
    folds, left = _fold(runs, list(biases.values()), asked.absorber) if asked.absorber else ("", 0.0)
    mean = _judge(runs, runs.all_alike(list(biases.values())))[0] if asked.mean else ""
    numbers = sum(one.numel() for one in biases.values())
    still = _count_still(runs, next(iter(biases.values()))) if asked.parts and len(biases) == 1 else None
    return Move(found, change, noise, idle, folds, left, mean, still, numbers)


def _find(runs: Runs, biases: Sequence[Any], rest: Sequence[Any]) -> tuple[str, float, float]:
    """What moving them does, and where they do nothing, whether that is so of other weights too."""
    move = runs.random(biases)
    found, change, noise = _judge(runs, move)
    if found != STAYS:
        return found, change, noise
    near = _judge(runs, move, NEAR)
    if near[0] == MOVES:
        return ZEROED if _judge(runs, move, NO_ZEROS)[0] == MOVES else CUT_OFF, change, noise
    if near[0] == NOISY:
        return near
    return UNREACHED if _judge(runs, runs.random(rest), NEAR)[0] == STAYS else STAYS, change, noise


def _judge(runs: Runs, shift: Shift, where: str = AS_THEY_ARE) -> tuple[str, float, float]:
    """Whether a shift changes more than rounding does, by how much, and what rounding does."""
    place = runs.place(where)
    if not place.outputs:
        return NOISY, 0.0, place.noise
    after = runs.after(shift, 1.0, place.weights)
    change = gap(place.outputs, after, place.sizes)
    if change <= SAME or change > CLEAR * place.noise:
        return MOVES if change > SAME else STAYS, change, place.noise
    loudest = place.noise
    for size in SIZES if where == AS_THEY_ARE else SIZES[:1]:
        after = after if size == 1 else runs.after(shift, size, place.weights)
        noise = max(place.noise, runs.noise(after, shift, size, place))
        if as_finite(place.outputs, after) and gap(place.outputs, after, place.sizes) > BEYOND * noise:
            return MOVES, change, noise
        loudest = noise if size == 1 else loudest
    return NOISY if loudest > LOUD else STAYS, change, loudest


def _weights_inside(module: Any) -> list[Any]:
    """Of a module that computes its weights from parameters of its children."""
    return [one for key, one in module.named_parameters() if not is_bias(key.rpartition(".")[2], one)]


def _fold(runs: Runs, biases: Sequence[Any], absorber: str) -> tuple[str, float]:
    """Whether the output stays when the next layer's bias takes over what a move of b makes of that layer's output."""
    changes = [_change_once_folded(runs, biases, runs.modules[absorber], training) for training in (True, False)]
    runs.training = True
    in_training, after_it = changes  # dropout on the way may keep it from that in training
    if in_training is None:
        return "", 0.0
    rounding = max(SAME, BEYOND * runs.place(AS_THEY_ARE).noise)
    if in_training <= rounding:
        return ALWAYS, in_training
    return TRAINED if after_it is not None and after_it <= rounding else NEVER, in_training


def _change_once_folded(runs: Runs, biases: Sequence[Any], layer: Any, training: bool) -> float | None:
    """The change that is left; None where the layer does not run by itself."""
    place, given, constant = runs.place(AS_THEY_ARE), list[Any](), list[Any]()
    runs.training = training
    with tapped(layer, lambda output: given.append(output.detach().clone())):
        before = runs.after(stand, 0.0, place.weights)
    if not given or not before or not hasattr(layer, "weight"):
        return None
    channels = given[0].ndim - (layer.weight.ndim - 1)  # the axis: last of a Linear, first after the batch of a map
    others = [axis for axis in range(given[0].ndim) if axis != channels]

    def take_over(output: Any) -> Any:
        if not constant:
            constant.append((output - given[0]).mean(others, keepdim=True))
        return output - constant[0]

    with tapped(layer, take_over):
        after = runs.after(runs.random(biases), 1.0, place.weights)
    return gap(before, after, place.sizes)


def _count_still(runs: Runs, bias: Any) -> int | None:
    """How many numbers of b change nothing when only they are moved: guessed by derivatives, and then moved."""
    try:
        guess = _seem_still(runs, bias)
    except Exception:  # a model that takes no derivatives
        return None
    if not bool(guess.any()):
        return 0
    move = runs.random([bias], where=guess)
    stays = all(_judge(runs, move, where)[0] == STAYS for where in (AS_THEY_ARE, NEAR))
    return int(guess.sum()) if stays else 0


def _seem_still(runs: Runs, bias: Any) -> Any:
    """Which numbers of b have no derivative, of all outputs summed with random weights."""
    torch = runs.torch
    with torch.enable_grad():
        bias.requires_grad_(True)
        generator = torch.Generator().manual_seed(13)
        total = sum((one * torch.randn(one.shape, generator=generator).to(one)).sum().abs() for one in runs.call())
        slope = torch.autograd.grad(total, bias)[0].abs()
    return slope <= STILL * slope.max()


def _tell_on_a_terminal() -> Callable[[int, int], None]:
    """What writes how far it is, where a person waits longer than a moment."""
    start = time.monotonic()

    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty() and time.monotonic() - start > PATIENCE:
            end = "\n" if done == total else ""
            print(f"\rmoved {done} of {total} biases", end=end, file=sys.stderr, flush=True)

    return tell
