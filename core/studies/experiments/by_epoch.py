"""A training followed epoch by epoch: other starts and other rules of learning than the estimator offers.

With nothing changed, split, starting weights and batches are those of `core.models.cnn.ConvNetClassifier`, and the
layers are the same to the last bit (a test holds them against each other).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from ...data.tasks import Split, Task
from ...models.layers import Layer, start_layers
from ...models.training import Learns, Trainer, loss_and_accuracy
from ..paired import NetSettings
from ..switches import Arm
from .experiment import Comparison, Experiment, Row

Layers: TypeAlias = tuple[Layer, ...]
Measure: TypeAlias = Callable[[Layers, Split], dict[str, float]]


class Training(NamedTuple):
    """How an arm is trained; as it stands here, as the estimator does it."""

    switches: tuple[bool, ...] = (True, True)  # of an `Arm`
    begin: Callable[[Layers, Split], Layers] | None = None  # changes the start
    decay: tuple[float, float] = (0.0, 0.0)  # of weights, of biases; decoupled, as in AdamW
    learns: Learns | None = None  # what is not frozen; all, without a rule


def experiment_by_epoch(
    name: str,
    task: Task,
    arms: Mapping[str, Training],
    measure: Measure,
    comparisons: tuple[Comparison, ...],
    settings: NetSettings | None = None,
) -> Experiment:
    """An experiment whose rows have arm, seed, epoch (0 is before any step), what `measures` gives and `measure` adds.

    Without settings they are the defaults, with the task's own `n_epochs`.
    """
    settings = settings or NetSettings(n_epochs=task.n_epochs)
    return Experiment(f"{name}_{task.name}", partial(_one_seed, task, settings, arms, measure), comparisons)


def epochs(split: Split, seed: int, settings: NetSettings, training: Training | None = None) -> Iterator[Layers]:
    """Train a network, and give its layers before any step and then after each epoch.

    They are always the same arrays, which the next epoch changes. The training side of the split holds every class from
    0 on; the seed is that of starting weights and batches.
    """
    switches, begin, decay, learns = training or Training()
    random = np.random.RandomState(seed)
    n_classes = int(split.y_train.max()) + 1
    start = start_layers(split.image_shape, settings.n_filters, n_classes, **Arm(*switches)._asdict(), random=random)
    trainer = Trainer(begin(start, split) if begin else start, settings.learning_rate, decay, learns)
    images = split.X_train.reshape(-1, *split.image_shape)
    yield trainer.layers
    for _ in range(settings.n_epochs):
        order = random.permutation(len(images))
        trainer.epoch(images, split.y_train, order, settings.batch_size)
        yield trainer.layers


def measures(layers: Layers, split: Split) -> dict[str, float]:
    """Mean loss and accuracy on the training and on the test pictures."""
    sides = {"train": (split.X_train, split.y_train), "test": (split.X_test, split.y_test)}
    found = {side: loss_and_accuracy(layers, X.reshape(-1, *split.image_shape), y) for side, (X, y) in sides.items()}
    return {f"{side}_{name}": found[side][at] for at, name in enumerate(("loss", "accuracy")) for side in sides}


def _one_seed(
    task: Task, settings: NetSettings, arms: Mapping[str, Training], measure: Measure, seed: int
) -> list[Row]:
    split = task.draw(seed)
    return [
        {"arm": arm, "seed": seed, "epoch": epoch, **measures(layers, split), **measure(layers, split)}
        for arm, training in arms.items()
        for epoch, layers in enumerate(epochs(split, seed, settings, training))
    ]
