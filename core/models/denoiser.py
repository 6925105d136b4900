"""A small denoiser in plain numpy: three 3 x 3 "same" convolutions, trained to give the clean picture.

    noisy  ->  16 filters, ReLU  ->  16 filters, ReLU  ->  1 filter  ->  clean

Trained with Adam, in float32, to the mean squared error of its output from the clean picture. Twins draw the same from
one seed: weights, then per epoch one permutation, then the noise of each batch. Without bias f(k x) = k f(x) for k > 0:
a dimmer noisy picture gives the same picture, dimmer. Source: Mohan, Kadkhodaie, Simoncelli and Fernandez-Granda,
"Robust and interpretable blind image denoising via bias-free convolutional neural networks" (2020).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count

import numpy as np

from . import backprop
from .adam import adam_step, start_moments
from .layers import Floats, Layer, flatten, start_layers

N_FILTERS = (16, 16, 1)
BATCH, LEARNING_RATE = 16, 3e-3


def train_denoiser(
    patches: Floats, *, bias: bool, sigma: float, n_epochs: int = 20, seed: int = 0
) -> tuple[Layer, ...]:
    """A denoiser trained on clean grey patches (n, 1, height, width), to which noise of deviation sigma is added.

    `bias` says whether the three convolutions have one. The layers are float32, in forward order. A last batch that is
    not full is left out of its epoch.

    Examples
    --------
    >>> flat = np.full((64, 1, 4, 4), 0.5, np.float32)
    >>> layers = train_denoiser(flat, bias=False, sigma=0.1, n_epochs=40)
    >>> [layer.weights.shape for layer in layers], layers[0].bias
    ([(16, 1, 3, 3), (16, 16, 3, 3), (1, 16, 3, 3)], None)
    >>> bool(np.abs(denoise(layers, flat[:1]) - 0.5).max() < 0.1)
    True
    """
    random = np.random.RandomState(seed)
    parameters, layers = flatten(start_denoiser(bias=bias, random=random), np.float32)
    gradient, gradients = flatten(layers, np.float32)
    moments, numbers = start_moments(parameters), count(1)
    stages = _stages(layers, patches.shape, BATCH)
    for _ in range(n_epochs):
        order = random.permutation(len(patches))
        for start in range(0, len(patches) - BATCH + 1, BATCH):
            clean = patches[order[start : start + BATCH]].transpose(1, 2, 3, 0)
            _forward(layers, stages, clean + sigma * random.standard_normal(clean.shape))
            _backward(layers, gradients, stages, clean)
            adam_step(parameters, gradient, moments, next(numbers), LEARNING_RATE)
    return layers


def start_denoiser(*, bias: bool, random: np.random.RandomState) -> tuple[Layer, ...]:
    """The denoiser before training, float64: weights He-normal, biases at 0."""
    *convolutions, _ = start_layers((1, 1, 1), N_FILTERS, 1, conv_bias=bias, random=random)
    return tuple(convolutions)


def denoise(layers: Sequence[Layer], pictures: Floats) -> Floats:
    """What the net, 3 x 3 convolutions in forward order, makes of noisy pictures (n, 1, height, width); not clipped.

    All are run at once, with about 0.6 kB a pixel in float32, and come back in the type of the layers' numbers.

    Examples
    --------
    >>> kernel = np.zeros((1, 1, 3, 3))
    >>> kernel[0, 0, 1, 1] = 2
    >>> denoise([Layer("conv1", "conv", kernel, np.array([0.5]))], np.array([[[[1.0, -3.0]]]])).tolist()
    [[[[2.5, -5.5]]]]
    """
    stages = _stages(layers, pictures.shape, len(pictures))
    return _forward(layers, stages, pictures.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)


@dataclass(frozen=True, eq=False)
class _Stage:
    """The arrays of one convolution, for one shape of batch."""

    convolution: backprop.Convolution
    maps: Floats  # (n_kernels, height, width, n)

    @cached_property
    def back(self) -> backprop.Convolution:
        return backprop.convolution(self.maps.shape, self.maps.dtype)


def _stages(layers: Sequence[Layer], shape: tuple[int, ...], n: int) -> list[_Stage]:
    """For n pictures of shape (..., height, width)."""
    height, width = shape[-2:]
    stages = []
    for layer in layers:
        n_kernels, channels = layer.weights.shape[:2]
        work = backprop.convolution((channels, height, width, n), layer.weights.dtype)
        stages.append(_Stage(work, np.zeros((n_kernels, height, width, n), layer.weights.dtype)))
    return stages


def _forward(layers: Sequence[Layer], stages: Sequence[_Stage], pictures: Floats) -> Floats:
    """Pictures (1, height, width, n) in, the same out; they are the last stage's maps."""
    stages[0].convolution.inputs[...] = pictures
    for place, (layer, stage) in enumerate(zip(layers, stages, strict=True)):
        backprop.convolve(stage.convolution, layer.weights, stage.maps)
        backprop.add_bias(stage.maps, layer.bias)
        if place + 1 < len(stages):
            np.maximum(stage.maps, 0, out=stages[place + 1].convolution.inputs)
    return stages[-1].maps


def _backward(layers: Sequence[Layer], gradients: Sequence[Layer], stages: Sequence[_Stage], clean: Floats) -> None:
    """Fill `gradients`; uses up the maps that `_forward` left."""
    error = stages[-1].maps
    error -= clean
    error *= 2 / error.size
    for place in reversed(range(len(layers))):
        work, maps = stages[place].convolution, stages[place].maps
        backprop.add_bias_back(maps, gradients[place].bias)
        backprop.convolve_back(work, maps, gradients[place].weights)
        if place:
            before = stages[place - 1].maps
            backprop.convolve_back_to_input(stages[place].back, layers[place].weights, maps, before)
            np.multiply(before, work.inputs > 0, out=before)
