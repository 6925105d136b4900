r"""What becomes of a bias: the four answers, each with its sentence, equation and proof.

Here z is what the layer gives without its bias b, and mean() is what the norm after it subtracts. The names of the
proofs are those of the rows of `core.exact.norms`.
"""

from dataclasses import dataclass, replace

from .module import Module

REDUNDANT, IN_USE, DEPENDS, CANNOT_SEE, NO_BIAS = "redundant", "in use", "depends", "cannot see", "no bias"

CANCELLED = r"(z + b) - \operatorname{mean}(z + b) = z - \operatorname{mean}(z)"
PART_STAYS = r"(z_c + b_c) - \operatorname{mean}(z + b) = z_c - \operatorname{mean}(z) + (b_c - \operatorname{mean}(b))"
DIVIDED = r"\frac{z + b}{\sqrt{\operatorname{mean}((z + b)^2)}}"
FIXED_MEAN = r"(z + b) - m = z - (m - b)"
DROPPED = (
    r"d (z + b) - \operatorname{mean}(d (z + b)) = d z - \operatorname{mean}(d z) + (d - \operatorname{mean}(d)) b"
)
BENT = r"y = g(z + b)"
ADDED = r"y = z + b"
UNEVEN = r"\sum_k w_k (z_k + b) = \sum_k w_k z_k + b \sum_{k\ \mathrm{inside}} w_k"
MADE_OF_B = (
    "Pass `bias=False`; in weights already trained, subtract from the norm's `running_mean` what the layers between "
    "make of b."
)


@dataclass(frozen=True)
class Fate:
    """What becomes of a layer's bias, or would become of one.

    Attributes
    ----------
    verdict : str
        "redundant", "in use", "depends" or "cannot see".
    reason : str
        A sentence or two; names of modules in backticks.
    equation : str
        LaTeX, or "".
    change : str
        What to do, or "".
    proof : str
        A row of `norm_cancels`, or "".
    norm : int or None
        Index of the norm that decides.
    linear : int
        Linear layers that the bias passes on its way there.
    end : str
        The reason without them, where there are any.
    """

    verdict: str
    reason: str
    equation: str = ""
    change: str = ""
    proof: str = ""
    norm: int | None = None
    linear: int = 0
    end: str = ""


def called(module: Module) -> str:
    """Kind and name as a sentence has them.

    Examples
    --------
    >>> called(Module("features.1", "BatchNorm2d"))
    'BatchNorm2d `features.1`'
    """
    name = module.name.replace("`", "'")
    return f"{module.kind} `{name}`" if name else module.kind


def cancelled_by_batch(norm: Module) -> Fate:
    """BatchNorm, or InstanceNorm with running statistics."""
    proof = "instance_norm" if norm.kind.startswith("Instance") else "batch_norm"
    tracked = norm.arguments.get("track_running_stats")
    if tracked is False:
        reason = f"{called(norm)} subtracts each channel's own mean, and b is part of it, in training and after."
        return Fate(REDUNDANT, reason, CANCELLED, "Pass `bias=False`.", proof)
    reason = f"{called(norm)} subtracts each channel's own mean in training, and b is part of it; "
    reason += "after training its running mean has taken b up."
    change = "Pass `bias=False`; in weights already trained, subtract b from the norm's `running_mean` too."
    return Fate(REDUNDANT, reason, CANCELLED, change, proof)


def cancelled_at_once(norm: Module) -> Fate:
    """A norm whose mean is taken over one channel of one sample, in training and after."""
    reason = f"{called(norm)} takes its mean over one channel alone, and b is part of it."
    return Fate(REDUNDANT, reason, CANCELLED, "Pass `bias=False`.", "instance_norm")


def part_stays(norm: Module, over: str, proof: str) -> Fate:
    """A norm that takes a mean over several channels."""
    reason = f"{called(norm)} subtracts only the mean of b over {over}; what differs between them stays."
    return Fate(IN_USE, reason, PART_STAYS, proof=proof)


def divided(norm: Module) -> Fate:
    """A norm that subtracts nothing."""
    reason = f"{called(norm)} subtracts no mean: b is part of what it divides, and of what it divides by."
    return Fate(IN_USE, reason, DIVIDED, proof="rms_norm" if norm.kind == "RMSNorm" else "")


def frozen(norm: Module) -> Fate:
    """A BatchNorm whose mean never moves."""
    reason = (
        f"{called(norm)} subtracts a mean m that never moves, so it does not cancel b. It depends on whether b is "
        "trained: a trained b is in use, a b that stays as it is could be part of m."
    )
    change = "Where b is not trained either: pass `bias=False` and subtract b from the norm's `running_mean`."
    return Fate(DEPENDS, reason, FIXED_MEAN, change, "batch_norm_fixed")


def which_axis(norm: Module) -> Fate:
    """A LayerNorm over as many values as there are channels, after a convolution."""
    reason = (
        f"It depends on the last axis at {called(norm)}: the channels (after a permute, as in ConvNeXt) keep what "
        "differs between them of b; a row of each channel cancels b."
    )
    return Fate(DEPENDS, reason, PART_STAYS, proof="layer_norm")


def with_dropout(fate: Fate, dropout: Module) -> Fate:
    """The norm would cancel b, but dropout stands between."""
    reason = (
        f"It depends on {called(dropout)}, which stands before the norm: in training it sets values to 0 together "
        "with their b, and the norm cancels only part of b; with p = 0 it would cancel all of it."
    )
    return replace(fate, verdict=DEPENDS, reason=reason, equation=DROPPED, change="")


def with_padded_pool(fate: Fate, pool: Module) -> Fate:
    """The norm would cancel b, but a pool with zeros around stands between."""
    reason = (
        f"It depends on `count_include_pad` of {called(pool)}, which is not printed: zeros that are averaged in have "
        "no b, and the norm cancels only part of b; where they are left out (False) it cancels all of it."
    )
    return replace(fate, verdict=DEPENDS, reason=reason, equation=UNEVEN, change="")


def bent(activation: Module, *, before_norm: bool) -> Fate:
    """An activation, or anything that is not linear, comes first."""
    if activation.kind == "ReLU":
        reason = f"{called(activation)} follows: b decides which values it sets to 0, those with z ≤ −b."
        return Fate(IN_USE, reason, r"y = \max(0, z + b)", proof="relu_batch_norm" if before_norm else "none")
    return Fate(IN_USE, f"{called(activation)} follows, and b moves the point where it bends.", BENT, proof="none")


def uneven(module: Module, why: str) -> Fate:
    """A module that makes b different from place to place."""
    reason = f"{called(module)} follows and {why}, so b is no longer one number per channel that a mean could take up."
    return Fate(IN_USE, reason, UNEVEN)


def added() -> Fate:
    """Nothing after it subtracts a mean."""
    reason = "No norm that subtracts a channel's mean is printed after it: b moves the result."
    return Fate(IN_USE, reason, ADDED, proof="none")


def unseen(why: str) -> Fate:
    """The printout does not tell."""
    return Fate(CANNOT_SEE, why)


def by_way_of(fate: Fate, module: Module) -> Fate:
    """A linear layer without zero padding stands between: b goes on as another constant per channel."""
    end = fate.end or fate.reason
    more = f" and {fate.linear} more after it make" if fate.linear else " makes"
    change = MADE_OF_B if "running_mean" in fate.change else fate.change
    reason = f"{called(module)}{more} of b another constant per channel. {end}"
    return replace(fate, reason=reason, change=change, linear=fate.linear + 1, end=end)


def as_printed(fate: Fate, parent: str) -> Fate:
    """The verdict rests on the printed order of a class of one's own."""
    of = f"`{parent}`" if parent else "the model"
    return replace(fate, reason=f"{fate.reason} This holds if {of} runs the two one after the other, as printed.")


def whatever_between(fate: Fate) -> Fate:
    """The module that decides is not the layer's neighbour."""
    return replace(fate, reason=f"{fate.reason} What lies between is not printed; a sum or a branch keeps b.")
