"""Where to start the biases before ReLU: at 0.1 or at 0, and how many filters are dead.

Older advice starts them a little above 0, so that "the rectified linear units will be initially active for most inputs"
(Goodfellow, Bengio and Courville, "Deep learning", 2016, section 6.3.1). A filter is dead here when it gives 0 at every
place of every training picture: it then has no gradient, and stays as it is. Only the convolutions' biases differ; the
last one starts at 0 in both arms.
"""

from dataclasses import replace

import numpy as np

from ...data.tasks import Split, Task
from ...format import say, setting
from ...models.network import forward, workspace
from ..paired import NetSettings
from ..verdicts import mean_in_words, mean_interval
from .by_epoch import Layers, Training, experiment_by_epoch
from .experiment import Comparison, Experiment, Results

TENTH = 0.1
AT_TENTH, AT_ZERO = "0.1", "0"
GAIN = f"starting the biases before ReLU at {setting(TENTH)} and not at 0"


def experiment(task: Task, settings: NetSettings | None = None) -> Experiment:
    """Both starts; the rows have share_dead too, the share of dead filters, from 0 to 1."""
    trainings = {AT_TENTH: Training(begin=start_at_tenth), AT_ZERO: Training()}
    comparison = Comparison(AT_TENTH, AT_ZERO, GAIN, task.margin)
    return experiment_by_epoch("first_hidden", task, trainings, share_dead, (comparison,), settings)


def dead_sentence(results: Results) -> str:
    """The shares of dead filters, before and after training, and what the second differ by."""
    first, last = (results.table("share_dead", epoch) * 100 for epoch in (0, None))
    before, after = ([mean_in_words(shares[arm], "%") for arm in (AT_TENTH, AT_ZERO)] for shares in (first, last))
    mean, low, high = mean_interval(last[AT_TENTH] - last[AT_ZERO])
    tells = (
        "the seeds cannot tell which has more"
        if low <= 0 <= high
        else f"the start at {setting(TENTH)} has " + ("more" if mean > 0 else "fewer")
    )
    return (
        f"Of all filters {before[0]} are dead before any step where biases start at {setting(TENTH)}, and {before[1]} "
        f"where they start at 0; after training {after[0]} and {after[1]}. The difference is {say(mean)} points "
        f"(95% interval {say(low)} to {say(high)}, {len(last)} seeds): {tells}."
    )


def start_at_tenth(layers: Layers, _: Split) -> Layers:
    """The layers, the convolutions' biases at 0.1."""
    return tuple(
        replace(layer, bias=np.full(len(layer.weights), TENTH)) if layer.kind == "conv" else layer for layer in layers
    )


def share_dead(layers: Layers, split: Split) -> dict[str, float]:
    """The share of filters, from 0 to 1, that give 0 at every place of every training picture."""
    images = split.X_train.reshape(-1, *split.image_shape)
    work = workspace(layers, split.image_shape, len(images))
    work.inputs[...] = images.transpose(1, 2, 3, 0)
    forward(layers, work, training=False)
    largest = np.concatenate([maps.max(axis=(1, 2, 3)) for maps in work.outputs])
    return {"share_dead": float(np.mean(largest <= 0))}
