"""Is the network with biases better than its twin without? One pair in PyTorch, trained from the same start.

Two small convolutional networks start as the same function and see the same pictures in the same order. One has biases,
its twin has none: `bias=False`. Starting weights and batches are drawn by numpy, as in the program without PyTorch.
Needs torch, numpy, pandas, scikit-learn and altair. Writes twins_torch.html, which any browser opens.
"""

import math
from typing import Any

# fragment: packages
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

# fragment: twin_settings


# fragment: tasks


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


# fragment: share_right


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
        curve.append(float(share_right(predict(net, X_test).T, y_test).mean()))
    return net, curve


torch.set_num_threads(1)  # for so small a network more only get in each other's way
(X_train, X_test), (y_train, y_test) = draw(TASK, SEED)
n_classes = int(y_train.max()) + 1
twins, curves = {}, {}
twins["with bias"], curves["with bias"] = train(conv_bias=CONV_BIAS, dense_bias=DENSE_BIAS)
twins["without bias"], curves["without bias"] = train(conv_bias=False, dense_bias=False)

# fragment: accuracy_curves
chart.save("twins_torch.html")

# %% The numbers
answers = {arm: predict(net, X_test).argmax(axis=1) for arm, net in twins.items()}
rights = {arm: share_right(predict(net, X_test).T, y_test) for arm, net in twins.items()}
said = [f"{arm}: {right.sum():g} of {len(right)} right ({right.mean():.1%})" for arm, right in rights.items()]
said.append(f"they disagree on {np.sum(answers['with bias'] != answers['without bias'])}")
with torch.no_grad():
    for layer in twins["with bias"] if DIM_BIASES else ():
        if isinstance(layer, nn.BatchNorm2d):  # it takes the light out: what comes after it sees what it saw before
            layer.get_buffer("running_mean").mul_(K)
            layer.get_buffer("running_var").mul_(K**2)
            break
        if isinstance(layer, nn.Conv2d | nn.Linear) and layer.bias is not None:
            layer.bias.mul_(K)
for arm, net in twins.items():
    logits = predict(net, X_test * np.float32(K))
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))[TEST_PICTURE]
    top = f"picture {TEST_PICTURE} is class {odds.argmax()} ({odds.max() / odds.sum():.1%})"
    said.append(f"in light {K:g} {arm}: {share_right(logits.T, y_test).mean():.1%} right, {top}")
print("; ".join(said))
