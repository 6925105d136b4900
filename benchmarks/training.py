"""Our network's training and prediction against PyTorch's eager loop: the same net, data, batches and optimiser.

Run it from the root of the project with `python -m benchmarks.training`. One thread each; the two take turns, so that
whatever else the machine is doing slows both. A ratio is the median of ours over the median of theirs, below 1 where
ours is faster. Memory is the peak that tracemalloc sees during one fit, above the data.

The default study (digits, two arms, twenty seeds, twenty epochs) runs whole, on two processes, their start included;
torch's loop runs four of its forty fits before it and four after it.

To reach: a ratio of at most 0.32 at 8 x 8, 0.48 at 28 x 28, 0.65 at 32 x 32 in colour and 0.5 in predicting; at most
200 MB; the study at most 0.3.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read once, when numpy loads

import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import torch

from core.data.tasks import TASKS
from core.models.cnn import ConvNetClassifier
from core.studies.paired import run_study

CASES = [  # pictures, their shape, batch size, batch norm
    (1437, (1, 8, 8), 64, False),
    (1437, (1, 8, 8), 64, True),
    (640, (1, 28, 28), 32, False),
    (320, (3, 32, 32), 32, False),
]
SECONDS = 6.0  # per case, both libraries together
RATE = 3e-3


def main() -> None:
    """Print a row per case."""
    torch.set_num_threads(1)
    print(f"numpy {np.__version__}, torch {torch.__version__}, milliseconds an epoch")
    print(f"{'pictures':<34}{'ours':>9}{'torch':>9}{'ratio':>8}{'peak, MB':>10}{'difference':>12}")
    for case in CASES:
        training(*case)
    predicting()
    studying()


def training(n: int, shape: tuple[int, int, int], batch: int, batch_norm: bool) -> None:
    """One epoch of each per turn; the difference is that of the first epoch's loss."""
    X, y = data(n, shape)
    settings = {"image_shape": shape, "batch_size": batch, "batch_norm": batch_norm, "random_state": 0}
    mine = ConvNetClassifier(n_epochs=10**6, **settings).fit_epochs(X, y)
    start = ConvNetClassifier(n_epochs=0, **settings).fit(X, y)
    random = np.random.RandomState(0)
    for layer in start.layers_:
        if layer.kind != "norm":
            random.standard_normal(layer.weights.shape)  # what our fit drew before its first permutation
    theirs = torch_epochs(torch_net(start), X.reshape(-1, *shape), y, batch, random)
    losses = next(mine)["train_loss"], next(theirs)
    ours, torchs = medians(lambda: next(mine), lambda: next(theirs))
    label = f"{n} of {'x'.join(map(str, shape))}, batch {batch}{', norm' if batch_norm else ''}"
    most = peak(lambda: ConvNetClassifier(n_epochs=1, **settings).fit(X, y)) / 1e6
    gap = abs(losses[0] - losses[1])
    print(f"{label:<34}{ours * 1e3:>9.2f}{torchs * 1e3:>9.2f}{ours / torchs:>8.2f}{most:>10.1f}{gap:>12.0e}")


def predicting() -> None:
    """Classes of 10,000 digits, from a table in float32."""
    X, y = data(10_000, (1, 8, 8))
    model = ConvNetClassifier(n_epochs=1, random_state=0).fit(X, y)
    net, tensor = torch_net(model).eval(), torch.from_numpy(X.reshape(-1, 1, 8, 8))

    def theirs() -> torch.Tensor:
        with torch.no_grad():
            return torch.cat([net(part) for part in tensor.split(128)]).argmax(1)

    gap = np.mean(model.predict(X) != theirs().numpy())
    ours, torchs = medians(lambda: model.predict(X), theirs)
    most = peak(lambda: model.predict(X)) / 1e6
    print(
        f"{'predicting 10,000 digits':<34}{ours * 1e3:>9.2f}{torchs * 1e3:>9.2f}{ours / torchs:>8.2f}{most:>10.1f}"
        f"{gap:>12.0e}"
    )


def studying() -> None:
    """The default study on two processes against torch's loop on one."""
    split = TASKS["digits"].draw(0)
    start = ConvNetClassifier(n_epochs=0, random_state=0).fit(split.X_train, split.y_train)
    images = split.X_train.reshape(-1, 1, 8, 8)

    def torch_fits() -> None:
        for seed in range(4):
            epochs = torch_epochs(torch_net(start), images, split.y_train, 64, np.random.RandomState(seed))
            for _ in range(20):
                next(epochs)

    times = []
    for call in (torch_fits, study_on_two_processes, torch_fits):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    ours, torchs = times[1], (times[0] + times[2]) / 8 * 40
    print(f"default study, ours on two processes {ours:.1f} s, torch's fits on one {torchs:.1f} s: {ours / torchs:.2f}")


def study_on_two_processes() -> None:
    run_study(TASKS["digits"], arms=[(True, True), (False, False)], n_jobs=2, stresses=[("none", 0)])


def data(n: int, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Noise with a pattern per class, in [0, 1], float32."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, n)
    patterns = rng.random((10, int(np.prod(shape))))
    return ((patterns[y] + rng.random((n, patterns.shape[1]))) / 2).astype(np.float32), y


def torch_net(model: ConvNetClassifier) -> torch.nn.Sequential:
    """The same network with the same weights."""
    modules: list[torch.nn.Module] = []
    for layer in model.layers_:
        if layer.kind == "conv":
            n_kernels, channels = layer.weights.shape[:2]
            modules += [torch.nn.Conv2d(channels, n_kernels, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
        elif layer.kind == "norm":
            modules.insert(-2, torch.nn.BatchNorm2d(len(layer.weights)))
        else:
            modules += [torch.nn.Flatten(), torch.nn.Linear(*layer.weights.shape[::-1])]
    holders = [module for module in modules if hasattr(module, "weight")]
    with torch.no_grad():
        for module, layer in zip(holders, model.layers_, strict=True):
            module.weight.copy_(torch.from_numpy(layer.weights))
            module.bias.copy_(torch.from_numpy(layer.bias))
    return torch.nn.Sequential(*modules)


def torch_epochs(
    net: torch.nn.Sequential, images: np.ndarray, y: np.ndarray, batch: int, random: np.random.RandomState
):
    """The plain eager loop; yields each epoch's mean loss."""
    X, labels = torch.from_numpy(images), torch.from_numpy(y)
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE)
    while True:
        total = 0.0
        for rows in torch.from_numpy(random.permutation(len(y))).split(batch):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(X[rows]), labels[rows])
            loss.backward()
            optimiser.step()
            total += loss.item() * len(rows)
        yield total / len(y)


def medians(*calls: Callable[[], object]) -> list[float]:
    """Seconds per call, the calls taking turns until the time is up."""
    times: list[list[float]] = [[] for _ in calls]
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for call, taken in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return [float(np.median(taken)) for taken in times]


def peak(call: Callable[[], object]) -> int:
    """Bytes allocated at once, at most, during the call."""
    tracemalloc.start()
    call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


if __name__ == "__main__":
    main()
