"""Weights rounded to a few bits, and biases that mend it: each is shifted by the mean error of its filter. ::

    b' = b + mean(W x) - mean(W' x')        over 256 pictures without labels, rows and columns

layer by layer, where W' is rounded (`core.models.norms.quantise`, a step size a layer), x is what the layer saw before
and x' what it sees now, behind layers that are mended. Biases stay as fine as they were: integer toolchains keep
them in 32 bits. A network that was trained without any bias gets biases in the same way. What was chosen before any
run is said in `CHOSEN`.
Source: Nagel, van Baalen, Blankevoort and Welling, "Data-free quantization through weight equalization and bias
correction" (2019), section 4.2, where it is called bias correction.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from ...data.digits import Floats, Split
from ...data.tasks import TASKS
from ...models.layers import Layer
from ...models.network import forward, workspace
from ...models.norms import quantise
from ...models.training import loss_and_accuracy
from ..paired import NetSettings, fitted_network
from ..switches import Arm
from ..verdicts import Difference, difference, holm_corrected, mean_in_words, paired_differences
from .by_epoch import Layers
from .experiment import Comparison, Experiment, Results, Row, percent_intervals, told

BITS = (3, 4, 8)
N_PICTURES = 256
CHOSEN = (
    f"Rounding: chosen before any run were {', '.join(map(str, BITS))} bits, one step size a layer, and {N_PICTURES} "
    "training pictures, whose labels are not used."
)
FULL, ROUNDED, MENDED = "full", "rounded", "mended"
TRAINED = {"with bias": True, "without bias": False}
NAMED = {"with bias": "its biases shifted", "without bias": "trained without, gets biases"}
GAINS = {
    "with bias": "shifting the biases after rounding the weights to {} bits",
    "without bias": "giving biases to a network without any after rounding its weights to {} bits",
}


def experiment(n_epochs: int | None = None) -> Experiment:
    """Both twins, rounded and mended, at each number of bits; without a number of epochs, the task's own.

    The rows have trained ("with bias", "without bias"), bits, seed, full (accuracy before rounding), rounded, mended.
    """
    comparisons = tuple(
        Comparison(
            MENDED,
            ROUNDED,
            GAINS[trained].format(bits),
            TASKS["digits"].margin,
            measure="accuracy",
            where=(("trained", trained), ("bits", bits)),
        )
        for trained in TRAINED
        for bits in BITS
    )
    return Experiment("rounded_weights", partial(_one_seed, n_epochs), comparisons)


def rounded_rows(results: Results) -> pd.DataFrame:
    """Accuracy of both twins at each number of bits: title, state ("mended", "rounded"), mean, low95, high95."""
    found = {
        (f"{bits} bits, {NAMED[trained]}", state): results.values(state, trained=trained, bits=bits)
        for bits in BITS
        for trained in TRAINED
        for state in (MENDED, ROUNDED)
    }
    return percent_intervals(["title", "state"], found)


def gains_apart(results: Results) -> dict[int, Difference]:
    """Bits -> what the network without any bias gains by getting them, minus what the other gains by shifting them.

    They are corrected together.
    """
    found = []
    for bits in BITS:
        shifted, got = (
            results.values(MENDED, trained=trained, bits=bits) - results.values(ROUNDED, trained=trained, bits=bits)
            for trained in TRAINED
        )
        found.append(difference(paired_differences(got, shifted), TASKS["digits"].margin))
    return dict(zip(BITS, holm_corrected(found), strict=True))


def short_sentence(results: Results) -> str:
    """What shifting gains at few bits, and how much more the network gains that had no biases."""
    few, apart = BITS[:2], gains_apart(results)
    shifted = [told(results.difference(trained="with bias", bits=bits)) for bits in few]
    more = " and ".join(told(apart[bits]) for bits in few)
    judged = " and ".join(dict.fromkeys(apart[bits].verdict for bits in few))
    return (
        f"At {few[0]} bits shifted biases gain {shifted[0]}, at {few[1]} bits {shifted[1]}. A network trained without "
        f"any gains {more} more by getting them: {judged}. (Points, 95% interval, {results.runs['seed'].nunique()} "
        "seeds.)"
    )


def sentence(results: Results) -> str:
    """What is right before and after rounding to the fewest bits, and all gains by mending, in both twins."""
    full, coarse, now = (
        mean_in_words(100 * results.values(state, trained="with bias", bits=min(BITS)), "%")
        for state in (FULL, ROUNDED, MENDED)
    )
    return (
        f"Before rounding {full} of new digits are right, with {min(BITS)} bits {coarse}, mended {now}. "
        f"{' '.join(results.sentences)}"
    )


def rounded(layers: Layers, bits: int) -> Layers:
    """The layers with weights of so many bits; biases stay."""
    return tuple(replace(layer, weights=quantise(layer.weights, bits).astype(layer.weights.dtype)) for layer in layers)


def mended(layers: Layers, coarse: Layers, images: Floats) -> Layers:
    """The `coarse` layers with each bias shifted by the mean error of its filter on some pictures.

    Behind each layer that was mended the next one's error is measured anew. A layer without bias gets one.

    Examples
    --------
    >>> fine, coarse = (Layer("dense", "dense", np.array([[weight]]), None) for weight in (1.25, 1.0))
    >>> mended((fine,), (coarse,), np.full((2, 1, 1, 1), 2.0))[0].bias
    array([0.5])
    """
    wanted = _mean_outputs(layers, images)
    now = list(coarse)
    for place, layer in enumerate(now):
        error = wanted[place] - _mean_outputs(tuple(now), images)[place]
        now[place] = replace(layer, bias=(_bias(layer) + error).astype(layer.weights.dtype))
    return tuple(now)


def _mean_outputs(layers: Layers, images: Floats) -> list[Floats]:
    """The mean of each filter's sums of products and bias, per layer, over all pictures and places."""
    work = workspace(layers, images.shape[1:], len(images))
    work.inputs[...] = images.transpose(1, 2, 3, 0)
    logits = forward(layers, work, training=False)
    means = [
        block.maps.mean(axis=(1, 2, 3)) + (_bias(layer) if block.pooled else 0)  # unpooled maps hold it already
        for block, layer in zip(work.blocks, layers, strict=False)
    ]
    return [*means, logits.mean(axis=1)]


def _bias(layer: Layer) -> Floats | float:
    return 0.0 if layer.bias is None else layer.bias


def _one_seed(n_epochs: int | None, seed: int) -> list[Row]:
    task = TASKS["digits"]
    split = task.draw(seed)
    settings = NetSettings(n_epochs=task.n_epochs if n_epochs is None else n_epochs)
    return [
        {"trained": trained, "bits": bits, "seed": seed, **found}
        for trained, bias in TRAINED.items()
        for bits, found in _at_every_size(split, bias, settings, seed).items()
    ]


def _at_every_size(split: Split, bias: bool, settings: NetSettings, seed: int) -> dict[int, dict[str, float]]:
    layers = fitted_network(split, Arm(bias, bias), seed, settings).layers_
    rows = np.random.default_rng((seed, 5)).permutation(len(split.X_train))[:N_PICTURES]
    images = split.X_train[rows].reshape(-1, *split.image_shape)
    found = {}
    for bits in BITS:
        coarse = rounded(layers, bits)
        states = {FULL: layers, ROUNDED: coarse, MENDED: mended(layers, coarse, images)}
        found[bits] = {state: _accuracy(one, split) for state, one in states.items()}
    return found


def _accuracy(layers: Layers, split: Split) -> float:
    return loss_and_accuracy(layers, split.X_test.reshape(-1, *split.image_shape), split.y_test)[1]
