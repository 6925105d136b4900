"""Weight decay on biases: none, on weights alone, on all, and strong to very strong on the biases.

Decoupled, as AdamW does it: each step first multiplies a parameter by ``1 - rate * decay``, and then takes Adam's step
with the gradient of the loss alone. 0.01 is PyTorch's default; in 450 steps of 0.003, a parameter that no gradient
moves keeps 99% of its size under 0.01, a quarter under 1, and nothing that counts under 10.
Sources: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization" (2019); that biases need no decay: for
example Goodfellow, Bengio and Courville, "Deep learning" (2016), section 7.1.
"""

import numpy as np

from ...data.tasks import Split, Task
from ..paired import NetSettings
from .by_epoch import Layers, Training, experiment_by_epoch
from .experiment import Comparison, Experiment

USUAL, STRONG = 0.01, 1.0
NO_DECAY, WEIGHTS, WEIGHTS_AND_BIASES = "no decay", "weights 0.01", "weights and biases 0.01"
BIASES_STRONG, WEIGHTS_STRONG, BOTH_STRONG = "weights 0.01, biases 1", "weights 1", "weights and biases 1"
BIASES_10, BIASES_100 = "weights 0.01, biases 10", "weights 0.01, biases 100"

TRAININGS = {
    NO_DECAY: Training(),
    WEIGHTS: Training(decay=(USUAL, 0.0)),
    WEIGHTS_AND_BIASES: Training(decay=(USUAL, USUAL)),
    BIASES_STRONG: Training(decay=(USUAL, STRONG)),
    WEIGHTS_STRONG: Training(decay=(STRONG, 0.0)),
    BOTH_STRONG: Training(decay=(STRONG, STRONG)),
    BIASES_10: Training(decay=(USUAL, 10 * STRONG)),
    BIASES_100: Training(decay=(USUAL, 100 * STRONG)),
}
DECAYED_BIASES = {USUAL: WEIGHTS_AND_BIASES, STRONG: BIASES_STRONG, 10 * STRONG: BIASES_10, 100 * STRONG: BIASES_100}
"""Decay of the biases, beside weights decayed by `USUAL` -> its arm."""
GAINS = {
    (WEIGHTS, NO_DECAY): "decay of the weights by 0.01",
    (WEIGHTS_AND_BIASES, NO_DECAY): "decay of weights and biases by 0.01",
    (BIASES_STRONG, NO_DECAY): "decay of the weights by 0.01 and of the biases by 1",
    (WEIGHTS_STRONG, NO_DECAY): "decay of the weights by 1",
    (BOTH_STRONG, NO_DECAY): "decay of weights and biases by 1",
    (WEIGHTS_AND_BIASES, WEIGHTS): "decaying the biases too, by 0.01 like the weights,",
    (BIASES_STRONG, WEIGHTS): "decaying the biases too, by 1 beside weights by 0.01,",
    (BIASES_10, WEIGHTS): "decaying the biases too, by 10 beside weights by 0.01,",
    (BIASES_100, WEIGHTS): "decaying the biases too, by 100 beside weights by 0.01,",
    (BOTH_STRONG, WEIGHTS_STRONG): "decaying the biases too, by 1 like the weights,",
}


def experiment(task: Task, settings: NetSettings | None = None) -> Experiment:
    """Eight ways to decay; the rows have `parameter_sizes` too."""
    comparisons = tuple(Comparison(*arms, gain, task.margin) for arms, gain in GAINS.items())
    return experiment_by_epoch("decay", task, TRAININGS, parameter_sizes, comparisons, settings)


def parameter_sizes(layers: Layers, _: Split | None = None) -> dict[str, float]:
    """The root mean square of all weights and of all biases, and the largest bias in size."""
    weights = np.concatenate([layer.weights.ravel() for layer in layers]).astype(float)
    biases = np.concatenate([layer.bias for layer in layers if layer.bias is not None]).astype(float)
    return {
        "weight_size": float(np.sqrt(np.mean(weights**2))),
        "bias_size": float(np.sqrt(np.mean(biases**2))),
        "largest_bias": float(np.abs(biases).max()),
    }
