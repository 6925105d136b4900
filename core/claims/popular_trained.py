"""Popular answers about the bias that only trained networks decide, from the recorded studies.

The claims that exact calculations decide are in `core.claims.popular_exact`, which puts all together.
"""

from collections.abc import Callable

import pandas as pd

from ..arms import WITH, WITHOUT
from ..data.tasks import TASKS
from ..exact.threshold import fresh_units
from ..format import say, setting
from ..studies.experiments.bias_removal import AFTER, ALL
from ..studies.experiments.bias_removal import WITHOUT as FROM_START
from ..studies.experiments.hidden_bias_start import AT_TENTH, AT_ZERO
from ..studies.experiments.last_bias_start import LOG_PRIOR, ZERO
from ..studies.experiments.weight_decay import ALL as ALL_USUAL
from ..studies.experiments.weight_decay import NONE as NO_DECAY
from ..studies.experiments.weight_decay import STRONG, STRONG_BIASES, USUAL, WEIGHTS
from ..studies.overview import BOTH, NONE, VARIED, overview, remedy, under_stress
from ..studies.recorded import (
    STUDIES,
    recorded,
    recorded_decay,
    recorded_denoisers,
    recorded_first_bias,
    recorded_first_hidden,
    recorded_removals,
    recorded_sizes,
)
from ..studies.verdicts import HELPS
from .claim import Answer

DIM = 0.1
"""The contrast, or light, that the findings are told at."""
NORMED = f"{NONE}, batch norm"
DECAYED = ((ALL_USUAL, WEIGHTS), (STRONG_BIASES, WEIGHTS))
"""Weights decay in both arms of each pair, biases in the first: as they do, and a hundred times as strongly."""


def _essential() -> Answer:
    rows = overview({task.title: recorded(name) for name, task in STUDIES.items()})
    helps = int((rows["verdict"] == HELPS).sum())
    digits, dim = (recorded(name).difference(BOTH, NONE).numbers for name in ("digits", "dim_or_bright"))
    return Answer(
        "The bias is essential for accuracy.",
        "introductions to neural networks",
        "depends",
        "whether the answer hangs on how bright something is, or on its shape",
        f"A bias helps on {say(helps)} of {say(len(rows))} tasks. Dim or bright copy of a picture: {dim}. "
        f"Which digit: {digits}.",
        "when_bias_matters",
        {"task": TASKS["dim_or_bright"].title},
    )


def _cannot_hurt() -> Answer:
    study = recorded_denoisers()
    here = study.runs[study.runs["light"] == DIM]
    psnr, noisy = here.groupby("arm")["psnr"].mean(), here["psnr_noisy"].mean()
    return Answer(
        "A bias cannot hurt: training can always set it to 0.",
        "answers to “should I use a bias?”",
        "false",
        "",
        f"Training sets it for the light it is given. A denoiser in {setting(DIM)} times that light: with bias "
        f"{say(psnr[WITH])} dB, without {say(psnr[WITHOUT])}, no denoising at all {say(noisy)}.",
        "when_bias_matters",
        {"light": setting(DIM)},
    )


def _immune() -> Answer:
    dim, full = _under_contrast(DIM), _under_contrast(1.0)
    return Answer(
        "A network without bias is immune to contrast.",
        "papers on bias-free networks",
        "depends",
        "whether a bias hides in it",
        f"With none anywhere, digits at contrast {setting(DIM)} are read as at full contrast: {say(dim[NONE])}% right "
        f"and {say(full[NONE])}%. With batch norm, whose offset and running mean are biases, it is "
        f"{say(dim[NORMED])}% instead of {say(full[NORMED])}%.",
        "when_bias_matters",
        {"norm_shown": "true"},
    )


def _sensitive() -> Answer:
    dim = _under_contrast(DIM)
    mended = remedy(recorded("digits"), recorded("digits+contrast")).set_index(["level", "arm"])["mean"]
    return Answer(
        "Biases make a network sensitive to brightness.",
        "threads on networks that fail in dim light",
        "depends",
        "which bias it is, and which light it was trained in",
        f"Digits at contrast {setting(DIM)}: {say(dim['convolution biases only'])}% right with biases in the "
        f"convolutions, {say(dim['dense bias only'])}% with one in the dense layer alone. With both, "
        f"{say(dim[BOTH])}%, and {say(mended[DIM, VARIED])}% where training had varied contrast.",
        "inside",
        {"k": setting(DIM)},
    )


def _hidden() -> Answer:
    right = _undisturbed("dim_or_bright")
    return Answer(
        "bias=False in every layer: a network without bias.",
        "descriptions of networks with batch norm",
        "false",
        "",
        f"Batch norm has an offset of its own. *Is it the dim or the bright copy?* is out of reach without bias: "
        f"{say(right[NONE])}% right, which is chance. With batch norm, and `bias=False` everywhere: "
        f"{say(right[NORMED])}%.",
        "when_bias_matters",
        {"task": TASKS["dim_or_bright"].title, "norm_shown": "true"},
    )


def _empty() -> Answer:
    blank, noisy = (_undisturbed(name) for name in ("blank", "blank_noisy"))
    return Answer(
        "Without a bias a network has nothing to say about an empty picture.",
        "answers to “what is the bias for?”",
        "true",
        "",
        f"All its scores are 0 there, whatever it learned. *Digit or blank?* {say(blank[BOTH])}% right with bias, "
        f"{say(blank[NONE])}% without. Let the blank be noisy, and it is {say(noisy[BOTH])}% and {say(noisy[NONE])}%.",
        "when_bias_matters",
        {"task": TASKS["blank"].title},
    )


def _delete() -> Answer:
    found = recorded_removals("digits")
    return Answer(
        "Delete *b* and see whether accuracy falls: that shows whether it was needed.",
        "notebooks that take networks apart",
        "false",
        "",
        f"These are two questions. {found.sentence(AFTER, ALL)} {found.sentence(FROM_START, ALL)}",
        "inside",
        {"off": "all biases"},
    )


def _one_run() -> Answer:
    study = recorded("small_50")
    return Answer(
        "I ran it once with and once without, so I know.",
        "blog posts with two learning curves",
        "false",
        "",
        f"{study.task.title}. {study.lottery(BOTH, NONE)} Together: {study.difference(BOTH, NONE).numbers}.",
        "when_bias_matters",
        {"task": study.task.title},
    )


def _start_at_a_tenth() -> Answer:
    fresh, trained = fresh_units().sentence.split(". ", 1)[1], recorded_first_hidden()
    dead = trained.dead_sentence
    return Answer(
        "Start ReLU biases at 0.1, or units die.",
        "older tutorials",
        "depends",
        "what is counted, dead units or right answers",
        f"{fresh} In networks for digits: {dead[0].lower()}{dead[1:]} {trained.sentence(AT_TENTH, AT_ZERO)}",
        "threshold",
        {"b": "0.1"},
    )


def _log_prior() -> Answer:
    studies = [recorded_first_bias(task) for task in ("long_tailed", "long_tailed_longer", "rare_seven")]
    first = [f"from {say(study.first_losses[ZERO])} to {say(study.first_losses[LOG_PRIOR])}" for study in studies]
    found = [study.differences["test_accuracy", LOG_PRIOR, ZERO] for study in studies]
    told = [
        f"{say(study.task.n_epochs)} epochs {one.numbers} ({one.verdict})"
        for study, one in zip(studies, found, strict=True)
    ]
    return Answer(
        "Set the last bias to the log prior.",
        "recipes for training",
        "depends",
        "how long you train",
        f"On long-tailed digits it brings the first loss {first[0]}. Test accuracy against a start at 0: after "
        f"{told[0]}, after {told[1]}. Where one picture in fifty is a 7 it brings the first loss {first[2]}, and after "
        f"{told[2]}.",
        "when_bias_matters",
        {"task": studies[0].task.title},
    )


def _decay() -> Answer:
    told = []
    for study in map(recorded_decay, ("digits", "dim_or_bright")):
        usual, strong = (study.differences["test_accuracy", *pair].numbers for pair in DECAYED)
        told.append(f"{study.task.title}, by {setting(USUAL)}: {usual}; by {setting(STRONG)}: {strong}.")
    sizes = [say(recorded_decay("digits").mean("bias_size", arm)) for arm in (NO_DECAY, STRONG_BIASES)]
    return Answer(
        "Never decay biases.",
        "training code that lists its parameters in two groups",
        "false",
        "",
        f"Decaying them like the weights, or {setting(STRONG / USUAL)} times as strongly, made no difference that "
        f"matters to test accuracy. {' '.join(told)} Their size did change, from {sizes[0]} to {sizes[1]} on digits. "
        "Longer trainings were not tried.",
        "inside",
        {},
    )


def _large() -> Answer:
    return Answer(
        "Large networks do not need it.",
        "threads on large models",
        "depends",
        "the question, and not on the size",
        recorded_sizes().popular,
        "when_bias_matters",
        {"task": TASKS["dim_or_bright"].title},
    )


MEASURED: tuple[Callable[[], Answer], ...] = (
    *(_essential, _cannot_hurt, _immune, _sensitive, _hidden, _empty),
    *(_delete, _one_run),
    *(_start_at_a_tenth, _log_prior, _decay, _large),
)


def _under_contrast(level: float) -> "pd.Series[float]":
    """Arm -> per cent of digits right at a contrast."""
    curves = under_stress(recorded("digits"), "contrast")
    return curves[curves["level"] == level].set_index("arm")["mean"]


def _undisturbed(task: str) -> "pd.Series[float]":
    """Arm -> per cent right on the test pictures as they are."""
    runs = recorded(task).runs
    return 100 * runs[runs["stress"] == "none"].groupby("arm")["accuracy"].mean()
