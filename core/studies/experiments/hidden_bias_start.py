"""Where to start the biases before ReLU: at 0.1 or at 0, and how many filters are dead.

Older advice starts them a little above 0, so that "the rectified linear units will be initially active for most inputs"
(Goodfellow, Bengio and Courville, "Deep learning", 2016, section 6.3.1). A filter is dead here when it gives 0 at every
place of every training picture: it then has no gradient, and stays as it is. Only the convolutions' biases differ; the
last one starts at 0 in both arms.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ...data.digits import Split
from ...data.tasks import Task
from ...format import percent, setting
from ...models.network import forward, workspace
from ..paired import NetSettings
from .experiment import EpochStudy, Layers, Row, epochs, measures, run_epochs

TENTH = 0.1
AT_TENTH, AT_ZERO = "0.1", "0"


@dataclass(frozen=True, eq=False)
class FirstHiddenStudy(EpochStudy):
    """Two starts of the convolutions' biases; made by `run_first_hidden`, or from runs that were kept.

    Attributes
    ----------
    task : Task
    runs : DataFrame
        As in `EpochStudy`, with arm "0.1" or "0"; and share_dead, the share of all filters that give 0 at every place
        of every training picture.

    Examples
    --------
    >>> from core.data.tasks import TASKS
    >>> study = run_first_hidden(TASKS["small_50"], seeds=[0], settings=NetSettings(n_epochs=1))
    >>> study.runs["arm"].tolist()
    ['0.1', '0.1', '0', '0']
    """

    COLUMNS: ClassVar[list[str]] = [*EpochStudy.COLUMNS, "share_dead"]
    GAINS: ClassVar[dict[tuple[str, str], str]] = {
        (AT_TENTH, AT_ZERO): f"starting the biases before ReLU at {setting(TENTH)} and not at 0"
    }

    @property
    def dead_sentence(self) -> str:
        """The shares of dead filters, before and after training."""
        first, last = (
            [percent(self.mean("share_dead", arm, epoch)) for arm in (AT_TENTH, AT_ZERO)] for epoch in (0, None)
        )
        return (
            f"Of all filters {first[0]} are dead before any step where biases start at {setting(TENTH)}, and "
            f"{first[1]} where they start at 0; after training {last[0]} and {last[1]}."
        )

    @property
    def popular(self) -> str:
        """What came of "start ReLU biases at 0.1"."""
        return f"{self.sentence(AT_TENTH, AT_ZERO)} {self.dead_sentence}"


def run_first_hidden(
    task: Task, *, seeds: Iterable[int] = range(20), n_jobs: int | None = None, settings: NetSettings | None = None
) -> FirstHiddenStudy:
    """Train from both starts with every seed; parameters and errors as in `weight_decay.run_decay`."""
    return run_epochs(FirstHiddenStudy, one_seed, task, seeds, n_jobs, settings)


def one_seed(task: Task, seed: int, settings: NetSettings) -> list[Row]:
    """Both arms with one seed: a row per arm and epoch, with the columns of `runs`."""
    split = task.draw(seed)
    networks = {
        AT_TENTH: epochs(split, seed, settings, begin=with_tenths),
        AT_ZERO: epochs(split, seed, settings),
    }
    return [
        {"arm": arm, "seed": seed, "epoch": epoch, **measures(layers, split), "share_dead": share_dead(layers, split)}
        for arm, trained in networks.items()
        for epoch, layers in enumerate(trained)
    ]


def with_tenths(layers: Layers) -> Layers:
    """The layers, the convolutions' biases at 0.1."""
    return tuple(
        replace(layer, bias=np.full(len(layer.weights), TENTH)) if layer.kind == "conv" else layer for layer in layers
    )


def share_dead(layers: Layers, split: Split) -> float:
    """The share of filters, from 0 to 1, that give 0 at every place of every training picture."""
    images = split.X_train.reshape(-1, *split.image_shape)
    work = workspace(layers, split.image_shape, len(images))
    work.inputs[...] = images.transpose(1, 2, 3, 0)
    forward(layers, work, training=False)
    largest = np.concatenate([maps.max(axis=(1, 2, 3)) for maps in work.outputs])
    return float(np.mean(largest <= 0))
