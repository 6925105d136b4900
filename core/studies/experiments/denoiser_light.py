"""A denoiser under dimmer light: trained under one light, tried under others, with and without bias.

Light k only scales the problem (`core.data.noisy_photographs`). Exactly: a denoiser without bias has f(k x) = k f(x),
and one whose biases are dimmed along f(k x; W, k b) = k f(x; W, b) (`core.models.layers.scale_biases`): both have the
same PSNR under every light. What a bias that stays behind costs or gains is measured here.
Source: Mohan, Kadkhodaie, Simoncelli and Fernandez-Granda, "Robust and interpretable blind image denoising via
bias-free convolutional neural networks" (2020), where the level of the noise changes instead of the light.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ...arms import ARMS, DIMMED, WITH, WITHOUT
from ...data.noisy_photographs import SIGMA, held_out_halves, psnr, training_patches, under_light
from ...format import setting
from ...models.denoiser import denoise, train_denoiser
from ...models.layers import Layer, layer_record, scale_biases
from ..dimmer_light import decibels
from ..verdicts import HELPS, HURTS, IDENTICAL, OPEN, SAME, TOO_FEW, Floats, mean_interval
from .experiment import Comparison, Experiment, Results, Row

NEITHER = "no denoising"
LIGHTS = (2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.03)
MARGIN = 0.5  # dB

PHRASES = {
    HELPS: "helps at light {}",
    SAME: "makes no difference that matters at light {}",
    IDENTICAL: "leaves the error the same in every seed at light {}",
    OPEN: "may help or hurt, one cannot tell, at light {}",
    HURTS: "hurts at light {}",
    TOO_FEW: "has too few seeds to be judged at light {}",
}


def experiment(n_patches: int = 512, n_epochs: int = 20) -> Experiment:
    """Both twins, trained on so many patches of 24 x 24 pixels, and the first with its biases dimmed along.

    The rows have arm ("with bias", "without bias", "biases dimmed along"), seed, light, psnr and psnr_noisy (of the
    picture that is not denoised), both in dB over all test pixels. The differences are in dB too: `verdict` says them,
    and not the results' own sentences.
    """
    gains = {WITH: "a bias", DIMMED: "a bias that is dimmed along"}
    comparisons = tuple(
        Comparison(arm, WITHOUT, gain, MARGIN, measure="psnr", where=(("light", light),))
        for arm, gain in gains.items()
        for light in LIGHTS
    )
    return Experiment("dimmer_light", partial(_one_seed, n_patches, n_epochs), comparisons)


def psnr_curves(runs: pd.DataFrame) -> pd.DataFrame:
    """PSNR against the light of each arm, and of the picture as it came ("no denoising").

    Columns: arm, light, mean, low95, high95 (t interval over the seeds; missing for a single seed).
    """
    noisy = runs.drop_duplicates(["seed", "light"]).assign(arm=NEITHER, psnr=lambda rows: rows["psnr_noisy"])
    of_light = pd.concat([runs, noisy]).groupby(["arm", "light"])["psnr"]
    curves = [(arm, light, *mean_interval(psnrs)) for (arm, light), psnrs in of_light]
    return pd.DataFrame(curves, columns=["arm", "light", "mean", "low95", "high95"])


def by_curve(curves: pd.DataFrame, *, along: bool = True) -> dict[str, pd.DataFrame]:
    """The rows of `psnr_curves` in three: of both twins ("rows"), not denoised ("noisy"), dimmed along ("along_it").

    The last only where it is asked for.
    """
    arms = {"rows": list(ARMS), "noisy": [NEITHER]} | ({"along_it": [DIMMED]} if along else {})
    return {name: curves[curves["arm"].isin(those)] for name, those in arms.items()}


def verdict(results: Results) -> str:
    """At which lights a bias helps and hurts, and what the dimmest costs, in two sentences."""
    summary = results.summary[results.summary["arm"] == WITH]
    lights = {word: list(map(setting, rows["light"])) for word, rows in summary.groupby("verdict")}
    parts = [phrase.format(_listed(lights[word])) for word, phrase in PHRASES.items() if word in lights]
    n, dimmest = int(summary["n"].iloc[0]), summary["light"].min()
    with_bias, without, noisy = psnrs_in_words(results.runs, dimmest)
    return (
        f"A bias {'; it '.join(parts)} (margin {setting(MARGIN)} dB, {n} seed{'s' * (n != 1)}). "
        f"At light {setting(dimmest)} the denoiser with bias gives {with_bias}, its twin without, the "
        f"same under every light, {without}, and no denoising {noisy}."
    )


def dimmed_sentence(results: Results) -> str:
    """What becomes of the first twin in the dimmest light once its biases are dimmed along, and beside its twin."""
    dimmest = results.runs["light"].min()
    here = results.runs[results.runs["light"] == dimmest].set_index("arm")
    stays, dimmed, without = (psnr_in_words(here.loc[[arm], "psnr"].to_numpy()) for arm in (WITH, DIMMED, WITHOUT))
    gain = here.loc[DIMMED, "psnr"].to_numpy() - here.loc[WITHOUT, "psnr"].to_numpy()
    return (
        f"Multiply every bias by the light, too, and the denoiser with biases gives {dimmed} at light "
        f"{setting(dimmest)} in place of {stays}, as at light 1; its twin gives {without}, less by "
        f"{psnr_in_words(gain)}. The bias hurts where it stays behind."
    )


def psnrs_in_words(runs: pd.DataFrame, light: float) -> tuple[str, str, str]:
    """Under one light: with bias, without, and not denoised at all, in dB with intervals over the seeds."""
    here = runs[runs["light"] == light].set_index("arm")
    columns = ((WITH, "psnr"), (WITHOUT, "psnr"), (WITH, "psnr_noisy"))
    with_bias, without, noisy = (psnr_in_words(here.loc[[arm], column].to_numpy()) for arm, column in columns)
    return with_bias, without, noisy


def psnr_in_words(values: Sequence[float] | Floats) -> str:
    """The mean of one value a seed, with its interval: tenths of a decibel, as everywhere.

    Examples
    --------
    >>> psnr_in_words([2.0, 2.5, 3.0]), psnr_in_words([26.04])
    ('2.5 dB (95% interval 1.3 to 3.7)', '26.0 dB, 1 seed')
    """
    mean, low, high = mean_interval(values)
    if len(values) == 1:
        return f"{decibels(mean)} dB, 1 seed"
    if low == high:
        return f"{decibels(mean)} dB in every seed"
    return f"{decibels(mean)} dB (95% interval {decibels(low)} to {decibels(high)})"


def train_twin(arm: str, seed: int, n_patches: int = 512, n_epochs: int = 20) -> tuple[Layer, ...]:
    """One arm, trained at light 1."""
    patches = training_patches(n_patches, seed)
    return train_denoiser(patches, bias=arm == WITH, sigma=SIGMA, n_epochs=n_epochs, seed=seed)


def train_pair(seed: int = 0, n_patches: int = 512, n_epochs: int = 20) -> dict[str, list[dict[str, Any]]]:
    """Both twins in records that JSON can hold; `core.studies.dimmer_light.read_denoisers` gives the layers back."""
    with threadpool_limits(1):
        pair = {arm: train_twin(arm, seed, n_patches, n_epochs) for arm in ARMS}
    return {arm: [layer_record(layer) for layer in layers] for arm, layers in pair.items()}


def _one_seed(n_patches: int, n_epochs: int, seed: int) -> list[Row]:
    twins = {arm: train_twin(arm, seed, n_patches, n_epochs) for arm in ARMS}
    return [
        _row(arm, scale_biases(twins[WITH], light) if arm == DIMMED else twins[arm], seed, light)
        for arm in (*ARMS, DIMMED)
        for light in LIGHTS
    ]


def _row(arm: str, layers: Sequence[Layer], seed: int, light: float) -> Row:
    clean = held_out_halves()
    noisy = under_light(clean, light, seed)
    found = {"psnr": psnr(denoise(layers, noisy), clean, light), "psnr_noisy": psnr(noisy, clean, light)}
    return {"arm": arm, "seed": seed, "light": light, **found}


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
