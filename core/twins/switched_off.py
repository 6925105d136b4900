"""A trained network and its twin, opened: any bias switched off, and what that does to its answers.

A bias that is switched off is set to 0 in the trained network and nothing is trained again; so what is seen is what the
other numbers rely on, not what the task needs (`bias_removal` tells these apart). One picture on its way
through both is `core.twins.one_picture`. Networks with batch norm are not opened here.
"""

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arms import ARMS, WITH
from ..errors import InputError
from ..format import percent, say
from ..models.cnn import ConvNetClassifier
from ..models.layers import Floats, Layer
from ..models.network import predict_logits
from .report import TwinReport

Off = frozenset[tuple[str, int]]
"""Biases that are switched off: (layer, filter from 0)."""


def opened(report: TwinReport, off: Collection[tuple[str, int]] = ()) -> "Opened":
    """A trained pair with some biases of the first twin switched off.

    Parameters
    ----------
    report : TwinReport
        The trained pair and its test pictures.
    off : collection of (layer, filter from 0)

    Raises
    ------
    InputError
        The pair has batch norm, or the first twin has no such bias.
    """
    if report.settings.batch_norm:
        raise InputError("`report` must be of a pair without batch norm, got one with it")
    there = {(layer.name, i) for layer in report.twins[WITH].layers for i in range(_n_biases(layer))}
    for name, number in off:
        if (name, number) not in there:
            raise InputError(f"`off` must name biases of the network, got filter {number} of {name!r}")
    return Opened(report, frozenset(off))


@dataclass(frozen=True, eq=False)
class Opened:
    """A trained pair, some of whose biases are switched off; made by `opened`.

    Attributes
    ----------
    report : TwinReport
    off : frozenset of (layer, filter from 0)
    """

    report: TwinReport
    off: Off

    @cached_property
    def networks(self) -> dict[str, ConvNetClassifier]:
        """Name of a twin -> its network; in the first, the biases are switched off."""
        return {
            twin: self._network(twin, _without(self.report.twins[twin].layers, self._off_in(twin))) for twin in ARMS
        }

    @property
    def convolutions(self) -> tuple[str, ...]:
        """The names of the convolutions, in forward order."""
        return tuple(layer.name for layer in self.report.twins[WITH].layers if layer.kind == "conv")

    def biases(self) -> pd.DataFrame:
        """Every bias of the first twin as it was learned: layer, filter (number, or class in words), bias, off."""
        frame = self.report.biases()
        number = frame.groupby("layer", sort=False).cumcount()
        return frame.assign(off=[place in self.off for place in zip(frame["layer"], number, strict=True)])

    @cached_property
    def answers(self) -> NDArray[np.intp]:
        """The first twin's class for every test picture, (n,)."""
        best: NDArray[np.intp] = predict_logits(self.networks[WITH].layers_, self.report.images).argmax(axis=1)
        return best

    @cached_property
    def changed(self) -> NDArray[np.intp]:
        """Which test pictures get another answer than from the network with all its biases."""
        return np.flatnonzero(self.answers != self.report.answers[WITH])

    @property
    def accuracy(self) -> float:
        """Of the first twin on the test pictures, 0 to 1."""
        return float(np.mean(self.answers == self.report.split.y_test))

    @property
    def sentence(self) -> str:
        """How many test pictures change their answer, and what that does to the accuracy."""
        n, right = len(self.answers), self.report.split.y_test
        if not self.off:
            return (
                f"Nothing is switched off: the network gets {percent(self.accuracy)} of {say(n)} test pictures right."
            )
        before = self.report.answers[WITH][self.changed] == right[self.changed]
        after = self.answers[self.changed] == right[self.changed]
        biases = "this bias" if len(self.off) == 1 else f"these {len(self.off)} biases"
        which = "any of its biases" if len(self.off) == len(self.report.biases()) else biases
        ways = {
            "right to wrong": before & ~after,
            "wrong to right": after & ~before,
            "wrong to wrong": ~(before | after),
        }
        told = ", ".join(f"{say(int(np.sum(pictures)))} from {way}" for way, pictures in ways.items() if pictures.any())
        many, of = len(self.changed), f"of {say(n)} test pictures"
        counted = {0: "no test picture changes its answer", 1: f"1 {of} changes its answer, {told[2:]}"}
        changed = counted.get(many, f"{say(many)} {of} change their answer: {told}")
        now, then = percent(self.accuracy), percent(self.report.accuracy[WITH])
        return f"Without {which}, {changed}. {now} are right now, {then} with all biases."

    def words(self, index: int) -> str:
        """What a test picture is, and the answer with all biases and now, in three lines."""
        named = self.report.task.classes
        before = self.report.answers[WITH][index]
        return f"{named[self.report.split.y_test[index]]}\nbefore: {named[before]}\nnow: {named[self.answers[index]]}"

    def _off_in(self, twin: str) -> Off:
        return self.off if twin == WITH else frozenset()

    def _network(self, twin: str, layers: tuple[Layer, ...]) -> ConvNetClassifier:
        """A fitted network of these layers."""
        split = self.report.split
        network = copy(self.report.settings.network(twin, split))
        network.layers_, network.image_shape_ = layers, split.image_shape
        network.classes_ = np.arange(len(self.report.task.classes))
        network.n_features_in_ = split.X_test.shape[1]
        return network


def _without(layers: tuple[Layer, ...], off: Off) -> tuple[Layer, ...]:
    """The layers, with 0 in place of the biases that are switched off."""
    return tuple(replace(layer, bias=_silenced(layer, off)) for layer in layers)


def _silenced(layer: Layer, off: Off) -> Floats | None:
    if layer.bias is None:
        return None
    kept = np.array([(layer.name, i) not in off for i in range(len(layer.bias))])
    return np.where(kept, layer.bias, np.float32(0))


def _n_biases(layer: Layer) -> int:
    return 0 if layer.bias is None else len(layer.bias)
