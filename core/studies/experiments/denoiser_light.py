"""A denoiser under dimmer light: trained under one light, tried under others, with and without bias.

Light k only scales the problem (`core.data.noisy_photographs`). Exactly: a denoiser without bias has f(k x) = k f(x),
and so the same PSNR under every light. A bias is a constant that does not dim with the light; what that costs, or
gains, is measured here. Both twins have the same patches, starting weights, batches and noise.

Source: Mohan, Kadkhodaie, Simoncelli and Fernandez-Granda, "Robust and interpretable blind image denoising via
bias-free convolutional neural networks" (2020), where the level of the noise changes instead of the light.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from scipy import stats
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ...arms import ARMS, WITH, WITHOUT
from ...data.noisy_photographs import SIGMA, held_out_halves, psnr, training_patches, under_light
from ...errors import InputError
from ...format import say, setting
from ...models.denoiser import denoise, train_denoiser
from ...models.layers import Floats, Layer
from ...twins.training import layer_from, layer_record
from ..paired import as_seeds
from ..verdicts import HELPS, HURTS, IDENTICAL, OPEN, SAME, TOO_FEW, corrected, difference

NEITHER = "no denoising"
LIGHTS = (2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.03)
MARGIN = 0.5  # dB
COLUMNS = ["arm", "seed", "light", "psnr", "psnr_noisy"]

PHRASES = {
    HELPS: "helps at light {}",
    SAME: "makes no difference that matters at light {}",
    IDENTICAL: "changes nothing in any seed at light {}",
    OPEN: "may help or hurt, one cannot tell, at light {}",
    HURTS: "hurts at light {}",
    TOO_FEW: "has too few seeds to be judged at light {}",
}


@dataclass(frozen=True)
class DenoiserSettings:
    """What every denoiser of a study has.

    Attributes
    ----------
    n_patches : int
        For training, 24 x 24 pixels each; from batch_size to 10,000.
    n_epochs : int
        0 to 200.
    batch_size : int
        1 to 256.
    learning_rate : float
        Above 0, at most 0.03.

    Raises
    ------
    InputError
        A setting outside its range.
    """

    n_patches: int = 512
    n_epochs: int = 20
    batch_size: int = 16
    learning_rate: float = 3e-3

    def __post_init__(self) -> None:
        ranges = {"batch_size": (1, 256), "n_patches": (self.batch_size, 10_000), "n_epochs": (0, 200)}
        for name, (least, most) in ranges.items():
            value = getattr(self, name)
            if not _is_whole(value, least, most):
                raise InputError(f"`{name}` must be a whole number from {least:,} to {most:,}, got {value!r}")
        if not (isinstance(self.learning_rate, Real) and 0 < self.learning_rate <= 0.03):
            raise InputError(f"`learning_rate` must be above 0 and at most 0.03, got {self.learning_rate!r}")


@dataclass(frozen=True, eq=False)
class DenoiserStudy:
    """Both twins' PSNR with every seed, under every light; made by `run_denoiser`, or from runs that were kept.

    Attributes
    ----------
    runs : DataFrame
        One row per arm, seed and light: arm ("with bias", "without bias"), seed, light, psnr, psnr_noisy (of the
        picture that is not denoised), both in dB over all test pixels.
    """

    runs: pd.DataFrame

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per light, the brightest first: PSNR with bias minus without, in dB.

        Columns: light; n, mean, low95, high95, low90, high90, p_zero, p_margin, verdict and note, as in
        `core.studies.verdicts.Difference`. The lights are one family: their p values and verdicts are corrected
        together (Holm). The margin is 0.5 dB.
        """
        tables = self.runs.pivot_table("psnr", "seed", ["light", "arm"])
        lights = sorted(self.runs["light"].unique().tolist(), reverse=True)
        found = corrected([difference(tables[light, WITH] - tables[light, WITHOUT], margin=MARGIN) for light in lights])
        return pd.DataFrame([{"light": light, **asdict(one)} for light, one in zip(lights, found, strict=True)])

    def curves(self) -> pd.DataFrame:
        """PSNR against the light of each arm, and of the picture as it came ("no denoising").

        Columns: arm, light, mean, low95, high95 (t interval over the seeds; missing for a single seed).
        """
        noisy = self.runs.drop_duplicates(["seed", "light"]).assign(arm=NEITHER, psnr=lambda runs: runs["psnr_noisy"])
        of_light = (
            pd.concat([self.runs, noisy])
            .groupby(["arm", "light"], as_index=False)["psnr"]
            .agg(["mean", "sem", "count"])
        )
        half = stats.t.ppf(0.975, of_light.pop("count") - 1) * of_light.pop("sem")
        return of_light.assign(low95=of_light["mean"] - half, high95=of_light["mean"] + half)

    @property
    def verdict(self) -> str:
        """At which lights a bias helps and hurts, and what the dimmest costs, in two sentences."""
        lights = {verdict: list(map(setting, rows["light"])) for verdict, rows in self.summary.groupby("verdict")}
        parts = [phrase.format(_listed(lights[verdict])) for verdict, phrase in PHRASES.items() if verdict in lights]
        n, dimmest = int(self.summary["n"].iloc[0]), self.summary["light"].min()
        here = self.runs[self.runs["light"] == dimmest]
        psnr, noisy = here.groupby("arm")["psnr"].mean(), here["psnr_noisy"].mean()
        return (
            f"A bias {'; it '.join(parts)} (margin {setting(MARGIN)} dB, {n} seed{'s' * (n != 1)}). "
            f"At light {setting(dimmest)} the denoiser with bias gives {say(psnr[WITH])} dB, its twin without, the "
            f"same under every light, {say(psnr[WITHOUT])}, and no denoising {say(noisy)}."
        )


def run_denoiser(
    seeds: Iterable[int] = range(20), *, settings: DenoiserSettings | None = None, n_jobs: int | None = None
) -> DenoiserStudy:
    """Train both twins with every seed, and try them under every light.

    Parameters
    ----------
    seeds : whole numbers, 0 to 2**32 - 1
        Each gives the patches, the starting weights, the batches and all noise.
    settings : DenoiserSettings or None
        None: the defaults.
    n_jobs : int or None
        Processes, as joblib counts them.

    Raises
    ------
    InputError
        There is no seed, one is no whole number in the range, or one is there twice.

    Examples
    --------
    >>> study = run_denoiser([0], settings=DenoiserSettings(n_patches=32, n_epochs=1))
    >>> list(study.runs), len(study.runs), study.summary["verdict"].iloc[0]
    (['arm', 'seed', 'light', 'psnr', 'psnr_noisy'], 14, 'too few seeds')
    """
    asked = product(as_seeds(seeds), ARMS)
    runs = Parallel(n_jobs)(delayed(one_run)(arm, seed, settings or DenoiserSettings()) for seed, arm in asked)
    return DenoiserStudy(pd.DataFrame([row for run in runs for row in run], columns=COLUMNS))


def one_run(arm: str, seed: int, settings: DenoiserSettings) -> list[dict[str, str | int | float]]:
    """Train one arm with one seed, and try it under every light: a row for each, with the columns of `runs`."""
    clean = held_out_halves()
    with threadpool_limits(1):  # the last digits depend on the number of threads
        layers = train_twin(arm, seed, settings)
        rows: list[dict[str, str | int | float]] = []
        for light in LIGHTS:
            noisy = under_light(clean, light, seed)
            found = {"psnr": psnr(denoise(layers, noisy), clean, light), "psnr_noisy": psnr(noisy, clean, light)}
            rows.append({"arm": arm, "seed": seed, "light": light, **found})
    return rows


def train_twin(arm: str, seed: int, settings: DenoiserSettings) -> tuple[Layer, ...]:
    """One arm, trained at light 1."""
    patches = training_patches(settings.n_patches, seed)
    return train_denoiser(
        patches,
        bias=arm == WITH,
        sigma=SIGMA,
        n_epochs=settings.n_epochs,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        seed=seed,
    )


def train_pair(settings: DenoiserSettings | None = None, *, seed: int = 0) -> dict[str, list[dict[str, Any]]]:
    """Both twins in records that JSON can hold; `trained_pair` gives the layers back, to the last bit.

    Examples
    --------
    >>> pair = trained_pair(train_pair(DenoiserSettings(n_epochs=0)))
    >>> {arm: layers[0].bias is None for arm, layers in pair.items()}
    {'with bias': False, 'without bias': True}
    """
    with threadpool_limits(1):
        pair = {arm: train_twin(arm, seed, settings or DenoiserSettings()) for arm in ARMS}
    return {arm: [layer_record(layer) for layer in layers] for arm, layers in pair.items()}


def trained_pair(record: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, tuple[Layer, ...]]:
    """The layers of both twins from a record of `train_pair`."""
    return {arm: tuple(map(layer_from, layers)) for arm, layers in record.items()}


@dataclass(frozen=True, eq=False)
class DenoisedPictures:
    """One test patch under one light, before and after; all are divided by the light, to be shown on one scale.

    Attributes
    ----------
    clean, noisy, with_bias, without_bias : float32 array (96, 96)
        1 is white; not clipped.
    light : float
    """

    clean: Floats
    noisy: Floats
    with_bias: Floats
    without_bias: Floats
    light: float

    def psnr(self, picture: Floats) -> float:
        """PSNR of one of them in dB."""
        return psnr(picture, self.clean, light=1.0)

    @property
    def sentence(self) -> str:
        """The three PSNRs of this patch."""
        noisy, with_bias, without = (
            say(self.psnr(picture)) for picture in (self.noisy, self.with_bias, self.without_bias)
        )
        return (
            f"At light {setting(self.light)} this patch has {noisy} dB before, {with_bias} after the denoiser with "
            f"bias, {without} after its twin without."
        )


def pictures(twins: Mapping[str, Sequence[Layer]], light: float, *, seed: int = 0) -> DenoisedPictures:
    """One patch of the temple, which neither was trained on, under a light, and what both twins make of it.

    Parameters
    ----------
    twins : {"with bias": layers, "without bias": layers}
        As `train_twin` gives them.
    light : float
        From 0.001 to 1,000.
    seed : int
        Of the noise.

    Raises
    ------
    InputError
        A light outside its range.

    Examples
    --------
    >>> twins = {arm: train_twin(arm, 0, DenoiserSettings(n_epochs=0)) for arm in ("with bias", "without bias")}
    >>> shown = pictures(twins, 0.5)
    >>> shown.noisy.shape, round(shown.psnr(shown.noisy), 1)
    ((96, 96), 20.0)
    """
    if not (isinstance(light, Real) and 0.001 <= light <= 1_000):
        raise InputError(f"`light` must be from 0.001 to 1,000, got {light!r}")
    clean = held_out_halves()[:1, :, 28:124, 28:124]
    noisy = under_light(clean, light, seed)
    shown = [noisy, *(denoise(twins[arm], noisy) for arm in ARMS)]
    return DenoisedPictures(clean[0, 0], *(picture[0, 0] / np.float32(light) for picture in shown), light)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most


def _listed(words: Sequence[str]) -> str:
    """ "2, 1 and 0.5"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
