"""One picture on its way through a trained network and its twin, layer by layer, down to a single number.

Per block ``maps = max(0, sum of products + b)``, then the larger of each 2 x 2, as in `core.models.layers`. Maps
and parts are computed in float64 from the trained float32 numbers; logits come from the network itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..arms import ARMS, WITH
from ..exact.one_pixel import PixelSum
from ..format import exactly
from ..models.convolution import conv2d
from ..models.layers import Floats, Layer, scale_biases
from ..models.network import predict_logits
from .attribution import INPUT, LOGIT, running_sum, waterfall
from .report import answer_words, decision_frame
from .switched_off import AblatedPair

SOURCES = {INPUT: "data", LOGIT: "rest"}
"""Step -> where it comes from, as charts colour it; every other step of a logit is a layer's biases."""


class Stage(NamedTuple):
    """One convolution: what comes in (channels, height, width), its maps (n_filters, height, width) before the pool."""

    inputs: Floats
    maps: Floats


def trace(network: AblatedPair, picture: Floats, *, light: float = 1.0) -> "Trace":
    """One picture (channels, height, width) in both twins, every bias of the first times the light, above 0."""
    return Trace(network, picture.astype(np.float32), light)


@dataclass(frozen=True, eq=False)
class Trace:
    """One picture (channels, height, width), in float32, in both twins; made by `trace`."""

    network: AblatedPair
    picture: Floats
    light: float = 1.0  # what the biases of the first twin are multiplied by

    @cached_property
    def networks(self) -> dict[str, tuple[Layer, ...]]:
        """Name of a twin -> its layers, those of the first with their biases dimmed along."""
        networks = self.network.networks
        return networks if self.light == 1 else networks | {WITH: scale_biases(networks[WITH], self.light)}

    @cached_property
    def stages(self) -> dict[str, dict[str, Stage]]:
        """Name of a twin -> name of a convolution -> `Stage`."""
        return {twin: dict(_stages(layers, self.picture)) for twin, layers in self.networks.items()}

    def scale(self, layer: str) -> tuple[float, float]:
        """The one colour scale of both twins' maps of a layer: from 0 to the largest value in either."""
        most = max(float(stages[layer].maps.max()) for stages in self.stages.values())
        return 0.0, most or 1.0

    @cached_property
    def logits(self) -> dict[str, Floats]:
        """Each twin's logits (n_classes,)."""
        return {twin: predict_logits(layers, self.picture[None])[0] for twin, layers in self.networks.items()}

    def decision(self) -> pd.DataFrame:
        """Both twins' softmax: arm, class (in words), probability."""
        return decision_frame(self.network.report.task.classes, self.logits)

    @property
    def answer(self) -> int:
        """The class that the first twin answers."""
        return int(self.logits[WITH].argmax())

    @property
    def sentence(self) -> str:
        """What each twin answers; a tie is named as one."""
        return " ".join(f"{twin[:1].upper()}{twin[1:]}: {self._answered(twin)}." for twin in ARMS)

    def shares(self, label: int) -> pd.DataFrame:
        """The steps from 0 to the logit of a class in each twin, as `waterfall` gives them, with network and source.

        The source of a step is "data" (from the picture), "bias" or "rest" (the logit itself).
        """
        if label not in self._shares:
            tables = [
                waterfall(layers, self.picture, label).assign(network=twin) for twin, layers in self.networks.items()
            ]
            frame = pd.concat(tables, ignore_index=True)
            self._shares[label] = frame.assign(source=frame["layer"].map(SOURCES).fillna(WITH))
        return self._shares[label]

    @cached_property
    def _shares(self) -> dict[int, pd.DataFrame]:
        """Those that were asked for: the chart and the sentence ask for the same."""
        return {}

    def share_sentence(self, label: int) -> str:
        """The logit of a class, in words: so much from the picture, so much from the biases."""
        frame = self.shares(label)
        sums = []
        for twin in ARMS:
            steps = frame[frame["network"] == twin].set_index("layer")["share"]
            biases = steps.drop([INPUT, LOGIT]).sum()
            sign = "−" if biases < 0 else "+"
            added = f"{exactly(steps[INPUT], 4)} {sign} {exactly(abs(biases), 4)}"
            sums.append(f"{twin} {exactly(steps[LOGIT], 4)} = {added}")
        name = self.network.report.task.classes[label]
        return f"Logit of {name}, picture + biases: {'; '.join(sums)}."

    def pixel_sum(self, twin: str, layer: str, number: int, row: int, column: int) -> PixelSum:
        """How one number of one map comes about: filter `number` (from 0) of a convolution, at one pixel."""
        inputs, maps = self.stages[twin][layer]
        (found,) = (entry for entry in self.networks[twin] if entry.name == layer)
        margins = ((1, 1), (1, 1))
        window = (slice(row, row + 3), slice(column, column + 3))
        patch = np.pad(inputs.astype(float), ((0, 0), *margins))[:, *window]
        padding = np.pad(np.zeros(maps.shape[1:], dtype=bool), margins, constant_values=True)[window]
        bias = 0.0 if found.bias is None else float(found.bias[number])
        return PixelSum(found.weights[number].astype(float), patch, padding, bias, "relu")

    def _answered(self, twin: str) -> str:
        logits, classes = self.logits[twin], self.network.report.task.classes
        if np.all(logits == logits[0]):
            return f"all logits are {exactly(float(logits[0]), 3)}, a tie between all classes"
        return answer_words(classes, logits)


def pixel_sentence(pixel: PixelSum) -> str:
    """The sum, the bias and what ReLU makes of both; four digits.

    Examples
    --------
    >>> pixel_sentence(PixelSum(np.ones((1, 1, 1)), np.full((1, 1, 1), 0.5), np.zeros((1, 1), bool), -0.25, "relu"))
    'Products 0.5000, bias −0.2500: ReLU(0.2500) = **0.2500**, the number on the map.'
    """
    products, bias = exactly(pixel.pre_activation, 4), exactly(pixel.bias, 4)
    total, shown = exactly(pixel.shifted, 4), exactly(pixel.output, 4)
    return f"Products {products}, bias {bias}: ReLU({total}) = **{shown}**, the number on the map."


def channel_steps(pixel: PixelSum) -> pd.DataFrame:
    """From 0 to z + b: one step per channel that comes in, one for the bias: layer, share, start, end, source."""
    sums = (pixel.weights * pixel.patch).sum(axis=(1, 2)).tolist()
    names = [f"channel {i}" for i in range(1, len(sums) + 1)]
    steps = running_sum([*names, "bias", "sum"], [*sums, pixel.bias])
    return steps.assign(source=[*["data"] * len(sums), WITH, "rest"])


def _stages(layers: tuple[Layer, ...], picture: Floats) -> Iterator[tuple[str, Stage]]:
    inputs = picture.astype(float)
    for layer in layers:
        if layer.kind == "conv":
            bias = None if layer.bias is None else layer.bias.astype(float)
            sums = conv2d(inputs[None], layer.weights.astype(float), bias, padding="same")[0]
            maps = np.maximum(sums, 0)
            yield layer.name, Stage(inputs, maps)
            inputs = _pooled(maps)


def _pooled(maps: Floats) -> Floats:
    """The larger of each pair along the height and the width, while there is a pair."""
    for axis in (1, 2):
        size = maps.shape[axis]
        if size > 1:
            first, second = (maps.take(range(start, size // 2 * 2, 2), axis) for start in (0, 1))
            maps = np.maximum(first, second)
    return maps
