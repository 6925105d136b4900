"""Is the network with biases better than its twin without? One pair in PyTorch, trained from the same start.

Two small convolutional networks start as the same function and see the same pictures in the same order. One has biases,
its twin has none: `bias=False`. Starting weights and batches are drawn by numpy, as in the program without PyTorch.
Needs torch, numpy, pandas, scikit-learn and altair. Writes twins_torch.html, which any browser opens.
"""

import math
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

# %% Settings
# settings: change them, and run again
# tasks: digits, dim_or_bright, dim_or_bright_corner, dim_or_bright_divided, added_light, own_ink, blank, blank_noisy,
# grey_cards, long_tailed, grey_background, small_50 and small_200
TASK = "digits"
CONV_BIAS = True  # of the first twin; the second has no bias at all
DENSE_BIAS = True
BATCH_NORM = False  # in both, after each convolution; its beta and running mean are biases too
VARIED_CONTRAST = False  # train on pictures times 0.03 to 10
SEED = 0  # of split, starting weights and batches
N_EPOCHS = 20
LEARNING_RATE = 0.003
K = 1.0  # the light: every test picture times K, after training
TEST_PICTURE = 0  # the one that is looked at under this light
# end of settings

BATCH = 64


# %% The pictures
def between(random: np.random.Generator, low: float, high: float, n: int, size: int = 1) -> np.ndarray:
    """Uniform numbers, (n, size): multiples of 2**-16, so that a picture times one is exact in float32."""
    steps = random.integers(int(low * 2**16) + 1, math.ceil(high * 2**16), (n, size))
    return (steps / 2**16).astype(np.float32)


def draw(task: str, seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Pictures (n, 64) and labels, each for training and for testing; all but cards are scikit-learn's digits."""
    digits, names = load_digits(return_X_y=True)
    parts = train_test_split((digits / 16).astype(np.float32), names, test_size=0.2, stratify=names, random_state=seed)
    pictures, labels = parts[:2], parts[2:]
    random = np.random.default_rng(seed)
    median = np.median(pictures[0].sum(axis=1))
    for side, (X, y) in enumerate(zip(pictures, labels, strict=True)):
        n = len(X)
        if task.startswith("dim_or_bright"):
            copies = [X * between(random, 0.2, 0.5, n), X * between(random, 0.6, 1.0, n)]
        elif task == "added_light":
            copies = [X * 0.5 + between(random, 0.0, 0.2, n), X * 0.5 + between(random, 0.3, 0.5, n)]
        elif task.startswith("blank"):
            copies = [X, np.zeros_like(X)]
        elif task == "grey_cards":
            copies = [between(random, low, low + 0.5, (720, 180)[side]).repeat(64, axis=1) for low in (0.0, 0.5)]
        else:
            copies = [0.5 + 0.5 * X if task == "grey_background" else X]
        if len(copies) == 2:  # of the first kind, label 0, and of the second, label 1
            y = np.repeat([0, 1], len(copies[0]))
        elif task == "own_ink":
            y = (X.sum(axis=1) > median).astype(int)
        X = np.concatenate(copies)
        if task == "dim_or_bright_corner":
            X[:, 0] = 1  # a constant in every picture: a bias in disguise
        elif task == "dim_or_bright_divided":
            X = X / X.max(axis=1, keepdims=True)
        elif task == "blank_noisy":
            X = X * 0.9 + between(random, 0.0, 0.1, *X.shape)
        pictures[side], labels[side] = X, y
    if task.startswith("small"):
        rows = np.arange(len(labels[0]))
        rows, _ = train_test_split(rows, train_size=int(task[6:]), stratify=labels[0], random_state=seed)
        pictures[0], labels[0] = pictures[0][rows], labels[0][rows]
    elif task == "long_tailed":
        kept = random.random(len(labels[0])) < 0.6 ** labels[0]
        kept[np.unique(labels[0], return_index=True)[1]] = True  # no class goes missing
        pictures[0], labels[0] = pictures[0][kept], labels[0][kept]
    if VARIED_CONTRAST:
        k = np.exp(np.random.default_rng(seed).spawn(1)[0].uniform(np.log(0.03), np.log(10), (len(pictures[0]), 1)))
        pictures[0] = pictures[0] * k.astype(np.float32)
    return pictures, labels


# %% The network: twice [convolution 3 x 3, (batch norm), ReLU, 2 x 2 max pool], then a dense layer
def network(random: np.random.RandomState, n_classes: int, *, conv_bias: bool, dense_bias: bool) -> nn.Sequential:
    """The net before training: He-normal weights that no switch changes, and biases of 0."""

    def block(channels: int, n_filters: int) -> list[nn.Module]:
        norm: list[nn.Module] = [nn.BatchNorm2d(n_filters)] if BATCH_NORM else []
        conv = nn.Conv2d(channels, n_filters, 3, padding="same", bias=conv_bias)
        return [conv, *norm, nn.ReLU(), nn.MaxPool2d(2)]

    net = nn.Sequential(*block(1, 8), *block(8, 16), nn.Flatten(), nn.Linear(64, n_classes, bias=dense_bias))
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                shape = tuple(layer.weight.shape)
                start = random.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))
                layer.weight.copy_(torch.from_numpy(start))
                if layer.bias is not None:
                    layer.bias.zero_()
    return net


def predict(net: nn.Sequential, X: np.ndarray) -> np.ndarray:
    """The logits of pictures (n, 64), as an array (n, n_classes)."""
    net.eval()
    with torch.no_grad():
        logits: np.ndarray = net(torch.from_numpy(X).reshape(-1, 1, 8, 8)).double().numpy()
    return logits


# %% Training: softmax cross-entropy, Adam
def train(*, conv_bias: bool, dense_bias: bool) -> tuple[nn.Sequential, list[float]]:
    """A network after N_EPOCHS, each on all pictures in a new order, and its accuracy after each."""
    random = np.random.RandomState(SEED)  # first the weights, then the order of the pictures
    net, curve = network(random, n_classes, conv_bias=conv_bias, dense_bias=dense_bias), []
    adam = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)
    images, labels = torch.from_numpy(X_train).reshape(-1, 1, 8, 8), torch.from_numpy(y_train)
    for _ in range(N_EPOCHS):
        net.train()
        for batch in np.split(random.permutation(len(X_train)), range(BATCH, len(X_train), BATCH)):
            adam.zero_grad()
            loss: Any = nn.functional.cross_entropy(net(images[batch]), labels[batch])
            loss.backward()
            adam.step()
        curve.append(float(np.mean(predict(net, X_test).argmax(axis=1) == y_test)))
    return net, curve


torch.set_num_threads(1)  # for so small a network more only get in each other's way
(X_train, X_test), (y_train, y_test) = draw(TASK, SEED)
n_classes = int(y_train.max()) + 1
twins, curves = {}, {}
twins["with bias"], curves["with bias"] = train(conv_bias=CONV_BIAS, dense_bias=DENSE_BIAS)
twins["without bias"], curves["without bias"] = train(conv_bias=False, dense_bias=False)

# %% The chart
rows = [(epoch, arm, share) for arm, curve in curves.items() for epoch, share in enumerate(curve, 1)]
colours = alt.Scale(domain=list(twins), range=["#00785A", "#E07A00"])
chart = (
    alt.Chart(pd.DataFrame(rows, columns=["epoch", "arm", "accuracy"]))
    .mark_line(strokeWidth=3)
    .encode(
        x="epoch:Q",
        y=alt.Y("accuracy:Q", title="share of the test pictures that is right", scale=alt.Scale(zero=False)),
        color=alt.Color("arm:N", scale=colours, title=None),
        strokeDash=alt.StrokeDash("arm:N", title=None),
    )
    .properties(width=560, height=340)
)
chart.save("twins_torch.html")

# %% The numbers
answers = {arm: predict(net, X_test).argmax(axis=1) for arm, net in twins.items()}
said = [f"{arm}: {np.sum(a == y_test)} of {len(a)} right ({np.mean(a == y_test):.1%})" for arm, a in answers.items()]
said.append(f"they disagree on {np.sum(answers['with bias'] != answers['without bias'])}")
for arm, net in twins.items():
    logits = predict(net, X_test * np.float32(K))
    right, odds = (
        np.mean(logits.argmax(axis=1) == y_test),
        np.exp(logits - logits.max(axis=1, keepdims=True))[TEST_PICTURE],
    )
    top = f"picture {TEST_PICTURE} is class {odds.argmax()} ({odds.max() / odds.sum():.1%})"
    said.append(f"in light {K:g} {arm}: {right:.1%} right, {top}")
print("; ".join(said))
