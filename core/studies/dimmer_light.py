"""The recorded denoiser and its twin over one photograph in dimmer light, its biases left as they are or dimmed along.

A bias has the unit of the picture ::

    f(k x; W, k b) = k f(x; W, b)    for every k > 0

so that biases that are dimmed along give the picture of light 1, only dimmer, and no bias at all does, too. What is
shown is divided by the light. The photograph is the temple's left half, on which neither was trained.

What `python -m core.studies.recorded` writes is read here without pandas: the first page stands on this.
"""

import csv
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..arms import DIMMED, WITH, WITHOUT
from ..checks import number
from ..data.noisy_photographs import held_out_halves, psnr, under_light
from ..errors import InputError
from ..format import MINUS, setting
from ..models.denoiser import denoise
from ..models.layers import Floats, Layer, layer_from

RECORDED = Path(__file__).with_name("recorded")
SUMMARY = "dimmer_light_summary"
"""Of every arm under every light over the seeds: arm, light, mean, low95, high95 (in dB), n."""
Made = TypeVar("Made")


@dataclass(frozen=True)
class DimmedPicture:
    """The photograph under a light from 0.001 to 1,000, and what both make of it; pictures are (171, 128), not clipped.

    `along`: whether every bias is multiplied by the light, too.
    """

    light: float
    along: bool = False

    def __post_init__(self) -> None:
        number("light", self.light, 0.001, 1000)

    @property
    def noisy(self) -> Floats:
        """The picture as it came, divided by the light: the same under every light."""
        noisy: Floats = noisy_photograph()[0, 0]
        return noisy

    @property
    def without_bias(self) -> Floats:
        """What the twin without biases makes of it: the same under every light."""
        return denoised(WITHOUT)

    @cached_property
    def with_bias(self) -> Floats:
        """What the denoiser with biases makes of it; dimmed along, that of light 1."""
        return denoised(WITH, 1.0 if self.along else self.light)

    @property
    def sentence(self) -> str:
        """What the three are worth, in markdown."""
        clean = held_out_halves()[0, 0]
        pictures = (self.with_bias, self.without_bias, self.noisy)
        with_bias, without, noisy = (decibels(psnr(picture, clean, light=1.0)) for picture in pictures)
        biases = "every bias times *k*" if self.along else "its biases as they were trained"
        again = (
            " It is the picture of light 1 again: *f*(*kx*; *W*, *kb*) = *k f*(*x*; *W*, *b*)." if self.along else ""
        )
        return (
            f"At light **{setting(self.light)}** the denoiser with {biases} gives **{with_bias} dB**, its twin without "
            f"biases **{without}**, no denoising {noisy} (more is better).{again}"
        )

    @property
    def seeds_sentence(self) -> str:
        """What many pairs give under the nearest light that they were tried under; in dB, over two photographs."""
        summary = recorded_summary()
        lights = [light for arm, light in summary if arm == WITH]
        nearest = min(lights, key=lambda light: abs(math.log(light / self.light)))
        with_bias, n = summary[DIMMED if self.along else WITH, nearest]
        without, _ = summary[WITHOUT, nearest]
        return f"Over {n} such pairs, at light {setting(nearest)}: {with_bias} with, {without} without."


def read_denoisers(folder: Path = RECORDED) -> dict[str, tuple[Layer, ...]]:
    """The denoiser of seed 0 and its twin, trained: arm -> layers."""
    record = json.loads((folder / "dimmer_light.json").read_text(encoding="utf-8"))
    return {arm: tuple(map(layer_from, layers)) for arm, layers in record.items()}


@lru_cache(maxsize=1)
def recorded_summary() -> dict[tuple[str, float], tuple[str, str]]:
    """Arm and light -> the mean with its 95% interval in words, and the number of seeds."""
    return read_recorded(SUMMARY, _summary)


@lru_cache(maxsize=64)
def denoised(arm: str, light: float = 1.0) -> Floats:
    """What one arm makes of the photograph under a light, divided by the light; read-only (171, 128)."""
    picture: Floats = denoise(_pair()[arm], np.float32(light) * noisy_photograph())[0, 0] / np.float32(light)
    picture.setflags(write=False)
    return picture


@lru_cache(maxsize=1)
def noisy_photograph() -> Floats:
    """The photograph with its noise at light 1, float32 (1, 1, 171, 128)."""
    return under_light(held_out_halves()[:1], 1.0, seed=0)


@lru_cache(maxsize=1)
def _pair() -> dict[str, tuple[Layer, ...]]:
    return read_recorded("dimmer_light", read_denoisers)


def _summary() -> dict[tuple[str, float], tuple[str, str]]:
    lines = (RECORDED / f"{SUMMARY}.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {(row["arm"], float(row["light"])): (_interval(row), row["n"]) for row in rows}


def _interval(row: dict[str, str]) -> str:
    mean, low, high = (decibels(float(row[name])) for name in ("mean", "low95", "high95"))
    return f"{mean} dB (95% interval {low} to {high})"


def decibels(value: float) -> str:
    """A PSNR with one decimal.

    Examples
    --------
    >>> decibels(25.049), decibels(-0.01), decibels(-3.0)
    ('25.0', '0.0', '−3.0')
    """
    return f"{round(value, 1) + 0.0:.1f}".replace("-", MINUS)


def read_recorded(name: str, make: Callable[[], Made]) -> Made:
    """What is made of a recorded file, or one sentence where the file is missing or damaged."""
    try:
        return make()
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"`name` must be a study whose file can be read, got {name!r}",
            hint=f"python -m {__package__}.recorded makes the files again.",
        ) from None
