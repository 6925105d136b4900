"""Decay is PyTorch's AdamW, none is the network as it was, and the study says what its runs say."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from core.data.tasks import TASKS
from core.models.layers import Layer
from core.models.training import Trainer
from core.studies.experiments.by_epoch import epochs
from core.studies.experiments.experiment import Results
from core.studies.experiments.weight_decay import DECAYED_BIASES, TRAININGS, experiment, parameter_sizes
from core.studies.paired import NetSettings

TASK = TASKS["small_50"]
QUICK = NetSettings(n_filters=(3, 4), n_epochs=2, learning_rate=0.01)


@pytest.mark.torch
@pytest.mark.parametrize("decay", [(0.0, 0.0), (0.5, 0.0), (0.0, 2.0), (0.5, 2.0)])
def test_steps_with_decay_are_those_of_pytorchs_adamw(decay):
    import torch

    random = np.random.default_rng(0)
    weights, bias = random.normal(size=(3, 4)).astype(np.float32), random.normal(size=3).astype(np.float32)
    images, labels = random.random((8, 1, 2, 2)).astype(np.float32), random.integers(0, 3, 8)
    trainer = Trainer((Layer("dense", "dense", weights, bias),), 0.1, decay)
    theirs = torch.nn.Linear(4, 3)
    with torch.no_grad():
        theirs.weight.copy_(torch.from_numpy(weights.copy()))
        theirs.bias.copy_(torch.from_numpy(bias.copy()))
    groups = [
        {"params": [theirs.weight], "weight_decay": decay[0]},
        {"params": [theirs.bias], "weight_decay": decay[1]},
    ]
    adam = torch.optim.AdamW(groups, lr=0.1)
    for _ in range(20):
        trainer.step(images, labels)
        adam.zero_grad()
        logits = theirs(torch.from_numpy(images.reshape(8, 4)))
        torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels)).backward()
        adam.step()
    (ours,) = trainer.layers
    np.testing.assert_allclose(ours.weights, theirs.weight.detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(ours.bias, theirs.bias.detach().numpy(), atol=1e-5)


def test_parameter_without_gradient_keeps_the_share_that_the_decay_leaves_it():
    dense = Layer("dense", "dense", np.ones((2, 64), np.float32), np.ones(2, np.float32))
    trainer = Trainer((dense,), 3e-3, (1.0, 0.01))
    for _ in range(450):  # one class at blank pictures: no gradient of the weights
        trainer._shrink()
    assert trainer.layers[0].weights == pytest.approx((1 - 3e-3) ** 450, rel=1e-4)
    assert 0.24 < trainer.layers[0].weights.max() < 0.27
    assert trainer.layers[0].bias == pytest.approx(0.986, abs=1e-3)


def test_decay_of_each_arm_is_what_its_name_says():
    assert {arm: training.decay for arm, training in TRAININGS.items()} == {
        "no decay": (0, 0),
        "weights 0.01": (0.01, 0),
        "weights and biases 0.01": (0.01, 0.01),
        "weights 0.01, biases 1": (0.01, 1),
        "weights 1": (1, 0),
        "weights and biases 1": (1, 1),
        "weights 0.01, biases 10": (0.01, 10),
        "weights 0.01, biases 100": (0.01, 100),
    }


def test_decays_of_the_biases_lie_beside_the_same_decay_of_the_weights_up_to_a_hundred():
    assert {arm: (0.01, strength) for strength, arm in DECAYED_BIASES.items()} == {
        arm: training.decay for arm, training in TRAININGS.items() if training.decay[0] == 0.01 and training.decay[1]
    }
    assert list(DECAYED_BIASES) == [0.01, 1, 10, 100]


def test_each_arm_is_its_decay_and_all_begin_as_one():
    runs = pd.DataFrame(experiment(TASK, QUICK).run(3))
    assert list(runs[["arm", "epoch"]].itertuples(index=False, name=None)) == list(product(TRAININGS, range(3)))
    split, last = TASK.draw(3), runs[runs["epoch"] == 2].set_index("arm")
    for arm, training in TRAININGS.items():
        *_, layers = epochs(split, 3, QUICK, training)
        assert last.loc[arm, ["weight_size", "bias_size", "largest_bias"]].to_dict() == parameter_sizes(layers)
    first = runs[runs["epoch"] == 0].drop(columns=["arm", "seed"])
    assert len(first.drop_duplicates()) == 1
    assert (first["bias_size"] == 0).all()
    assert last.loc["weights 1", "weight_size"] < last.loc["no decay", "weight_size"]
    assert last.loc["weights 0.01, biases 1", "bias_size"] < last.loc["weights 0.01", "bias_size"]


def test_sentences_say_what_each_decay_does_and_what_that_of_biases_adds():
    rows = [
        {"arm": arm, "seed": seed, "epoch": 1, "test_accuracy": 0.85 if arm == "weights 0.01, biases 1" else 0.9}
        for arm in TRAININGS
        for seed in range(6)
    ]
    results = Results(experiment(TASK), pd.DataFrame(rows))
    assert len(results.sentences) == 10
    assert results.sentence(arm="weights and biases 0.01", other="weights 0.01") == (
        "Decaying the biases too, by 0.01 like the weights, leaves it the same in every seed: "
        "0.0 points in each of 6 seeds."
    )
    assert results.sentence(arm="weights 0.01, biases 1", other="weights 0.01") == (
        "Decaying the biases too, by 1 beside weights by 0.01, hurts: −5.0 points in each of 6 seeds."
    )
    assert results.sentence(arm="weights and biases 1", other="weights 1").startswith(
        "Decaying the biases too, by 1 like the weights, leaves it the same in every seed: "
    )
