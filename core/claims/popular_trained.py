"""Popular answers about the bias that only trained networks decide, from the recorded studies.

The claims that exact calculations decide are in `core.claims.popular_exact`, which puts all together.
"""

from collections.abc import Callable

import pandas as pd

from ..arms import DIMMED
from ..data.tasks import RARE_SEVEN, TASKS
from ..exact.threshold import fresh_units
from ..format import say, setting
from ..studies.experiments import denoiser_light, dimmed_digits, network_size, ten_pictures
from ..studies.experiments.bias_removal import DELETED, EVERY_LAYER, RETRAINED
from ..studies.experiments.hidden_bias_start import dead_sentence
from ..studies.experiments.last_bias_start import AT_ZERO, LOG_PRIOR, LONGER
from ..studies.experiments.weight_decay import BIASES_STRONG, DECAYED_BIASES, NO_DECAY, STRONG, WEIGHTS
from ..studies.overview import VARIED, remedy, under_stress
from ..studies.recorded import N_SEEDS, recorded, recorded_overview, recorded_results
from ..studies.switches import BOTH, NO_BIAS, arm_name
from ..studies.verdicts import HELPS, mean_in_words
from .claim import Answer, claim
from .only_biases import as_crucial

DIM = 0.1
"""The contrast, or light, that the findings are told at."""
SEEDS = f"{N_SEEDS} seeds"
NORMED = arm_name((False, False, True))


@claim
def essential() -> str:
    verdicts = recorded_overview()["verdict"].to_list()
    digits, dim = (recorded(name).difference().numbers for name in ("digits", "dim_or_bright"))
    return (
        f"A bias helps in {verdicts.count(HELPS)} of {len(verdicts)} comparisons, chosen by hand. Dim or bright "
        f"copy of a picture: {dim}. "
        f"Which digit: {digits}."
    )


@claim
def cannot_hurt() -> str:
    results = recorded_results("dimmer_light")
    with_bias, without, noisy = denoiser_light.psnrs_in_words(results.runs, DIM)
    dimmed = denoiser_light.psnr_in_words(results.values("psnr", arm=DIMMED, light=DIM))
    return (
        f"Training sets it for the light it is given. A denoiser in {setting(DIM)} times that light, {SEEDS}: with "
        f"bias {with_bias}, without {without}, no denoising at all {noisy}. With its biases multiplied by the light, "
        f"too, {dimmed}: it hurts where it stays behind."
    )


@claim
def immune() -> str:
    dim, full = _under_contrast(DIM), _under_contrast(1.0)
    return (
        f"With none anywhere, digits at contrast {setting(DIM)} are read as at full contrast, {SEEDS}: "
        f"{dim[NO_BIAS]} right and {full[NO_BIAS]}. So is a network whose biases follow the light. "
        f"{dimmed_digits.sentence(recorded_results('dimmed_digits'))} With batch norm, whose offset and running mean "
        f"are biases, it is {dim[NORMED]} instead of {full[NORMED]}."
    )


@claim
def sensitive() -> str:
    dim = _under_contrast(DIM)
    mended = _in_words(remedy(recorded("digits"), recorded("digits+contrast")), DIM)[VARIED]
    return (
        f"Digits at contrast {setting(DIM)}, {SEEDS}: {dim['convolution biases only']} right with biases in the "
        f"convolutions, {dim['dense bias only']} with one in the dense layer alone. With both, {dim[BOTH]}, and "
        f"{mended} where training had varied contrast. A bias has the unit of the picture: dimmed along with it, "
        f"by the light of ten pictures without labels, {_dimmed_along()}."
    )


@claim
def hidden() -> str:
    right = _undisturbed("dim_or_bright")
    return (
        f"Batch norm has an offset of its own. *Is it the dim or the bright copy?* is out of reach without bias. "
        f"Right, {SEEDS}: {right[NO_BIAS]}, which is chance. With batch norm, and `bias=False` everywhere: "
        f"{right[NORMED]}."
    )


@claim
def empty() -> str:
    blank, noisy = (_undisturbed(name) for name in ("blank", "blank_noisy"))
    return (
        "All its scores are 0 there, whatever it learned: a tie, which counts as half right. *Digit or blank?* Right, "
        f"{SEEDS}, with bias: {blank[BOTH]}; without: {blank[NO_BIAS]}. Let the blank be noisy, and it is "
        f"{noisy[BOTH]} and {noisy[NO_BIAS]}."
    )


@claim
def delete() -> str:
    results = recorded_results("removals_digits")
    deleted, retrained = (results.sentence(removal=removal, layer=EVERY_LAYER) for removal in (DELETED, RETRAINED))
    return f"These are two questions. {deleted} {retrained}"


@claim
def one_run() -> str:
    study = recorded("small_50")
    return f"{study.task.title}. {study.lottery()} Together: {study.difference().numbers}."


@claim
def start_at_a_tenth() -> str:
    trained = recorded_results("first_hidden_digits")
    dead = dead_sentence(trained)
    return f"{fresh_units().dead_sentence} In networks for digits: {dead[0].lower()}{dead[1:]} {trained.sentence()}"


@claim
def log_prior() -> str:
    losses, ends = [], []
    for task in (TASKS["long_tailed"], LONGER, RARE_SEVEN):
        results = recorded_results(f"first_bias_{task.name}")
        first = results.table("train_loss", epoch=0)
        before, after = (mean_in_words(first[arm]) for arm in (AT_ZERO, LOG_PRIOR))
        losses.append(f"from {before} to {after}")
        found = results.difference(arm=LOG_PRIOR, other=AT_ZERO)
        ends.append(f"{task.n_epochs} epochs {found.numbers} ({found.verdict})")
    return (
        f"On long-tailed digits it brings the first loss {losses[0]}. Test accuracy against a start at 0: after "
        f"{ends[0]}, after {ends[1]}. Where one picture in fifty is a 7 it brings the first loss {losses[2]}, and "
        f"after {ends[2]}."
    )


@claim
def decay() -> str:
    ends = []
    for name in ("digits", "dim_or_bright"):
        results = recorded_results(f"decay_{name}")
        found = [
            f"by {setting(strength)}: {results.difference(arm=arm, other=WEIGHTS).numbers}"
            for strength, arm in DECAYED_BIASES.items()
        ]
        ends.append(f"{TASKS[name].title}: {'; '.join(found)}.")
    sizes = recorded_results("decay_digits").table("bias_size")
    before, after = (mean_in_words(sizes[arm]) for arm in (NO_DECAY, BIASES_STRONG))
    return (
        f"Test accuracy with the biases decayed too, against the weights alone. {' '.join(ends)} Their size on digits "
        f"went from {before} to {after} by {setting(STRONG)}. Longer trainings were not tried."
    )


@claim
def large() -> str:
    return network_size.ends_sentence(recorded_results("sizes"))


MEASURED: tuple[Callable[[], Answer], ...] = (
    *(as_crucial, essential, cannot_hurt, immune, sensitive, hidden, empty),
    *(delete, one_run),
    *(start_at_a_tenth, log_prior, decay, large),
)


def _dimmed_along() -> str:
    """Digits right in the dark where all biases are multiplied by the light of ten unlabelled pictures, in words."""
    found = recorded_results("ten_pictures").values("accuracy", weather=ten_pictures.DARK, arm=ten_pictures.DIMMED)
    return f"{mean_in_words(100 * found, '%')} right"


def _under_contrast(level: float) -> dict[str, str]:
    """Arm -> per cent of digits right at a contrast, in words."""
    return _in_words(under_stress(recorded("digits"), "contrast"), level)


def _in_words(curves: pd.DataFrame, level: float) -> dict[str, str]:
    rows = curves[curves["level"] == level].to_dict("records")
    return {
        row["arm"]: f"{say(row['mean'])}% (95% interval {say(row['low95'])} to {say(row['high95'])})" for row in rows
    }


def _undisturbed(task: str) -> dict[str, str]:
    """Arm -> per cent right on the test pictures as they are, in words."""
    runs = recorded(task).runs
    plain = runs[runs["stress"] == "none"].groupby("arm")["accuracy"]
    return {str(arm): mean_in_words(100 * accuracies, "%") for arm, accuracies in plain}
