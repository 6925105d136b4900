r"""What becomes of a bias: the six answers, each with its sentence, equation and proof.

Here z is what the layer gives without its bias b, and mean() is what the norm after it subtracts. The names of the
proofs are those of the rows of `core.exact.norms`.
"""

from dataclasses import dataclass, replace

from .module import Module

REDUNDANT, ABSORBED, IN_USE = "redundant", "absorbed", "in use"
DEPENDS, CANNOT_SEE, NO_BIAS = "depends", "cannot see", "no bias"

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
FOLDED = r"W (z + b) + c = W z + (c + W b)"
SHIFTED = r"\operatorname{softmax}(z + b) = \operatorname{softmax}(z)"
KEY = r"\operatorname{softmax}_j(q_i \cdot (k_j + b)) = \operatorname{softmax}_j(q_i \cdot k_j)"
ONE_FREE = r"\operatorname{softmax}(z + b) = \operatorname{softmax}(z + b - \operatorname{mean}(b))"
HOLDS_IF = "This holds if"
DROP_BIAS = "Pass `bias=False`."


@dataclass(frozen=True)
class Verdict:
    """What becomes of a layer's bias, or would become of one.

    `why` decides it in a sentence or two; the equation is LaTeX, the change what to do, the proof a row of
    `core.exact.norms`, each "" where there is none. `norm` is the index of the norm that decides, `moves_mean` whether
    the change moves its running mean by b, `first_linear` and `n_linear` the linear layers that b passes on its way.
    """

    answer: str
    why: str
    equation: str = ""
    change: str = ""
    proof: str = ""
    norm: int | None = None
    moves_mean: bool = False
    first_linear: str = ""
    n_linear: int = 0

    @property
    def reason(self) -> str:
        """What decides, after what the bias passes on its way there."""
        if not self.n_linear:
            return self.why
        more = f" and {self.n_linear - 1} more after it make" if self.n_linear > 1 else " makes"
        return f"{self.first_linear}{more} of b another constant per channel. {self.why}"


NOTHING_SUBTRACTS = Verdict(
    IN_USE, "No norm that subtracts a channel's mean is printed after it: b moves the result.", ADDED, proof="none"
)


def kind_and_name(module: Module) -> str:
    """A module as a sentence has it: BatchNorm2d `features.1`."""
    return f"{module.kind} {quoted_name(module)}" if module.name else module.kind


def quoted_name(module: Module) -> str:
    """The name alone; a backtick in it would end the quotes."""
    return f"`{module.name.replace('`', chr(39))}`"


def batch_mean_takes_it(norm: Module) -> Verdict:
    """BatchNorm, or InstanceNorm with running statistics."""
    proof = "instance_norm" if norm.kind.startswith("Instance") else "batch_norm"
    start = f"{kind_and_name(norm)} subtracts each channel's own mean"
    if norm.arguments.get("track_running_stats") is False:
        why = f"{start}, and b is part of it, in training and after."
        return Verdict(REDUNDANT, why, CANCELLED, DROP_BIAS, proof)
    why = f"{start} in training, and b is part of it; after training its running mean has taken b up."
    change = "Pass `bias=False`; in weights already trained, subtract b from the norm's `running_mean` too."
    return Verdict(REDUNDANT, why, CANCELLED, change, proof, moves_mean=True)


def channel_mean_takes_it(norm: Module) -> Verdict:
    """A norm whose mean is taken over one channel of one sample, in training and after."""
    why = f"{kind_and_name(norm)} takes its mean over one channel alone, and b is part of it."
    return Verdict(REDUNDANT, why, CANCELLED, DROP_BIAS, "instance_norm")


def part_stays(norm: Module, over: str, proof: str, *, free: int) -> Verdict:
    """A norm that takes a mean over several channels, and with it, where the way is certain, so many numbers of b."""
    why = f"{kind_and_name(norm)} subtracts only the mean of b over {over}; what differs between them stays."
    if free:
        why += f" So {'one number of b is' if free == 1 else f'{free} numbers of b are'} free."
    return Verdict(IN_USE, why, PART_STAYS, proof=proof)


def mean_never_moves(norm: Module) -> Verdict:
    """A BatchNorm whose statistics are fixed."""
    why = (
        f"{kind_and_name(norm)} subtracts a mean m that never moves, so it does not cancel b. It depends on whether b "
        "is trained: a trained b is in use, a b that stays as it is could be part of m."
    )
    change = "Where b is not trained either: pass `bias=False` and subtract b from the norm's `running_mean`."
    return Verdict(DEPENDS, why, FIXED_MEAN, change, "batch_norm_fixed", moves_mean=True)


def last_axis_decides(norm: Module) -> Verdict:
    """A LayerNorm over as many values as there are channels, after a convolution."""
    why = (
        f"It depends on the last axis at {kind_and_name(norm)}: the channels (after a permute, as in ConvNeXt) keep "
        "what differs between them of b; a row of each channel cancels b."
    )
    return Verdict(DEPENDS, why, PART_STAYS, proof="layer_norm")


def dropout_decides(verdict: Verdict, dropout: Module) -> Verdict:
    """The norm would cancel b, but dropout stands between."""
    why = (
        f"It depends on {kind_and_name(dropout)}, which stands before the norm: in training it sets values to 0 "
        "together with their b, and the norm cancels only part of b; with p = 0 it would cancel all of it."
    )
    return replace(verdict, answer=DEPENDS, why=why, equation=DROPPED, change="", moves_mean=False)


def padded_pool_decides(verdict: Verdict, pool: Module) -> Verdict:
    """The norm would cancel b, but a pool with zeros around stands between."""
    why = (
        f"It depends on `count_include_pad` of {kind_and_name(pool)}, which is not printed: zeros that are averaged in "
        "have no b, and the norm cancels only part of b; where they are left out (False) it cancels all of it."
    )
    return replace(verdict, answer=DEPENDS, why=why, equation=UNEVEN, change="", moves_mean=False)


def activation_bends(activation: Module, *, before_norm: bool) -> Verdict:
    """An activation, or anything that is not linear, comes first."""
    if activation.kind == "ReLU":
        why = f"{kind_and_name(activation)} follows: b decides which values it sets to 0, those with z ≤ −b."
        return Verdict(IN_USE, why, r"y = \max(0, z + b)", proof="relu_batch_norm" if before_norm else "none")
    return Verdict(
        IN_USE, f"{kind_and_name(activation)} follows, and b moves the point where it bends.", BENT, proof="none"
    )


def becomes_uneven(module: Module, how: str) -> Verdict:
    """A module makes b different from place to place."""
    why = f"{kind_and_name(module)} follows and {how}, so b is no longer one number per channel that a mean could take "
    return Verdict(IN_USE, why + "up.", UNEVEN)


def pass_linear(verdict: Verdict, linear: Module) -> Verdict:
    """A linear layer without zero padding stands between: b goes on as another constant per channel."""
    change = verdict.change
    if verdict.moves_mean:
        change = (
            "Pass `bias=False`; in weights already trained, subtract from the norm's `running_mean` what the layers "
            "between make of b."
        )
    return replace(verdict, change=change, first_linear=kind_and_name(linear), n_linear=verdict.n_linear + 1)


def absorbed_by(layer: Module) -> Verdict:
    """A linear layer that pads no zeros comes next, with nothing in between that bends."""
    name = kind_and_name(layer)
    has = "whose own bias c can hold that too" if layer.bias_parameters else "which could have a bias c to hold that"
    why = f"{name} follows and makes of b one constant for each of its outputs, {has}."
    change = f"It can go: pass `bias=False` here, and in weights already trained add W b to the bias of {name}."
    return Verdict(ABSORBED, why, FOLDED, change)


def softmax_takes_it(softmax: Module, why: str) -> Verdict:
    """All numbers that a softmax compares get the same b."""
    return Verdict(REDUNDANT, f"{kind_and_name(softmax)} follows, and {why}.", SHIFTED, DROP_BIAS)


def softmax_takes_mean(softmax: Module, channels: int) -> Verdict:
    """A softmax over the channels."""
    why = (
        f"{kind_and_name(softmax)} follows: what differs between the {channels} numbers of b moves the result, their "
        f"mean does not. So one of {channels} is free."
    )
    return Verdict(IN_USE, why, ONE_FREE, proof="none")


def without_bias(verdict: Verdict) -> Verdict:
    """The same for a layer that has no bias."""
    start = "Right as it is, a bias would be redundant" if verdict.answer == REDUNDANT else "What a bias would do"
    if verdict.answer == ABSORBED:
        start = "Right as it is, the next layer's bias does the same"
    return Verdict(NO_BIAS, f"{start}: {verdict.reason}", verdict.equation, proof=verdict.proof)
