"""A trained network and its twin, any bias of the first switched off, and what that does to its answers.

A bias that is switched off is set to 0 in the trained network and nothing is trained again; so what is seen is what the
other numbers rely on, not what the task needs (`bias_removal` tells these apart). One picture on its way through both
is `core.twins.one_picture`. Networks with batch norm are not opened here.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arms import ARMS, WITH
from ..format import percent, say
from ..models.layers import Floats, Layer
from ..models.network import predict_logits, share_right
from .report import TwinReport

Off = frozenset[tuple[str, int]]
"""Biases that are switched off: (layer, filter from 0)."""


def every_bias(report: TwinReport) -> Off:
    """All biases of the first twin."""
    layers = report.twins[WITH].layers
    return frozenset((layer.name, i) for layer in layers if layer.bias is not None for i in range(len(layer.bias)))


def switch_off(report: TwinReport, off: Collection[tuple[str, int]] = ()) -> "AblatedPair":
    """A trained pair without batch norm, some biases, (layer, filter from 0), of the first twin switched off."""
    return AblatedPair(report, frozenset(off))


@dataclass(frozen=True, eq=False)
class AblatedPair:
    """A trained pair, some of whose biases are switched off; made by `switch_off`."""

    report: TwinReport
    off: Off

    @cached_property
    def networks(self) -> dict[str, tuple[Layer, ...]]:
        """Name of a twin -> its layers; in the first, 0 stands in place of the biases that are switched off."""
        networks = {twin: self.report.twins[twin].layers for twin in ARMS}
        return networks | {WITH: tuple(replace(layer, bias=self._bias(layer)) for layer in networks[WITH])}

    @property
    def convolutions(self) -> tuple[str, ...]:
        """The names of the convolutions, in forward order."""
        return tuple(layer.name for layer in self.networks[WITH] if layer.kind == "conv")

    def biases(self) -> pd.DataFrame:
        """Every bias of the first twin as it was learned: layer, filter (number, or class in words), bias, off."""
        frame = self.report.biases()
        number = frame.groupby("layer", sort=False).cumcount()
        return frame.assign(off=[place in self.off for place in zip(frame["layer"], number, strict=True)])

    @cached_property
    def answers(self) -> NDArray[np.intp]:
        """The first twin's class for every test picture, (n,)."""
        best: NDArray[np.intp] = self._logits.argmax(axis=1)
        return best

    @cached_property
    def _logits(self) -> Floats:
        return predict_logits(self.networks[WITH], self.report.images)

    @cached_property
    def changed(self) -> NDArray[np.intp]:
        """Which test pictures get another answer than from the network with all its biases."""
        return np.flatnonzero(self.answers != self.report.answers[WITH])

    @property
    def accuracy(self) -> float:
        """Of the first twin on the test pictures, 0 to 1; a tie of k classes is 1 / k right."""
        return float(share_right(self._logits, self.report.split.y_test).mean())

    @property
    def sentence(self) -> str:
        """How many test pictures change their answer, and what that does to the accuracy."""
        now, n = percent(self.accuracy), len(self.answers)
        if not self.off:
            return f"Nothing is switched off: at full light the network gets {now} of {say(n)} test pictures right."
        biases = "this bias" if len(self.off) == 1 else f"these {len(self.off)} biases"
        which = "any of its biases" if self.off == every_bias(self.report) else biases
        then = percent(self.report.accuracy[WITH])
        return f"At full light, without {which}, {self._changes}. {now} are right now, {then} with all biases."

    def words(self, index: int) -> str:
        """What a test picture is, and the answer with all biases and now, in three lines."""
        named = self.report.task.classes
        before = self.report.answers[WITH][index]
        return f"{named[self.report.split.y_test[index]]}\nbefore: {named[before]}\nnow: {named[self.answers[index]]}"

    @property
    def _changes(self) -> str:
        right = self.report.split.y_test[self.changed]
        before, after = (answers[self.changed] == right for answers in (self.report.answers[WITH], self.answers))
        ways = {
            "from right to wrong": int(np.sum(before & ~after)),
            "from wrong to right": int(np.sum(after & ~before)),
            "from wrong to wrong": int(np.sum(~before & ~after)),
        }
        happened = {way: count for way, count in ways.items() if count}
        of = f"of {say(len(self.answers))} test pictures"
        match len(self.changed):
            case 0:
                return "no test picture changes its answer"
            case 1:
                return f"1 {of} changes its answer, {next(iter(happened))}"
            case many:
                told = ", ".join(f"{say(count)} {way}" for way, count in happened.items())
                return f"{say(many)} {of} change their answer: {told}"

    def _bias(self, layer: Layer) -> Floats | None:
        """A layer's biases, 0 in place of those that are switched off."""
        if layer.bias is None:
            return None
        kept = np.array([(layer.name, i) not in self.off for i in range(len(layer.bias))])
        return np.where(kept, layer.bias, np.float32(0))
