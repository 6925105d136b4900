"""A small convolutional network run forward and backward: layers and pictures in, logits and gradients out.

Per block: the lines of the pictures are multiplied with the kernels; then come max pool, bias and ReLU.
Pooling first changes nothing, since adding a constant and ReLU keep the order of numbers, and leaves a quarter of them
to touch. A norm's gamma may be negative and would turn the order round, so with a norm bias and norm come before the
pool. All arrays are allocated once per batch size, in a `Workspace`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from . import backprop
from .layers import Floats, Layer, map_shapes

LINES = 2**23  # bytes of lines that a batch may take while predicting
BATCH = 128  # pictures predicted at once, at most

Labels = NDArray[np.intp]


def predict_logits(layers: Sequence[Layer], images: Floats) -> Floats:
    """The logits of every picture.

    Pictures are run in batches of one size, the last one filled up with blanks: a picture's logits are the same
    to the last bit whatever stands beside it.

    Parameters
    ----------
    layers : sequence of Layer
        In forward order.
    images : array (n, channels, height, width)

    Returns
    -------
    array (n, n_classes)
        In the type of the layers' numbers.

    Examples
    --------
    >>> dense = Layer("dense", "dense", np.array([[1.0, -1.0]]), np.array([10.0]))
    >>> predict_logits([dense], np.array([[[[3.0, 1.0]]]])).tolist()
    [[12.0]]
    """
    n_filters = [len(layer.weights) for layer in layers if layer.kind == "conv"]
    work = workspace(layers, images.shape[1:], _batch(images.shape[1:], n_filters))
    size = work.inputs.shape[-1]
    logits = np.empty((len(images), len(layers[-1].weights)), work.inputs.dtype)
    for start in range(0, len(images), size):
        part = images[start : start + size]
        work.inputs[..., : len(part)] = part.transpose(1, 2, 3, 0)
        work.inputs[..., len(part) :] = 0
        logits[start : start + size] = forward(layers, work, training=False)[:, : len(part)].T
    return logits


def share_right(logits: Floats, labels: Labels) -> Floats:
    """1 for a picture whose largest logit is its class's, 1 / k where k classes share the largest, else 0 -> (n,).

    A tie cannot tell classes apart, while argmax would take the one that is listed first.

    Parameters
    ----------
    logits : array (n, n_classes)
    labels : array of int (n,)

    Examples
    --------
    >>> share_right(np.array([[2.0, 1.0], [0.0, 0.0], [0.0, 3.0]]), np.array([0, 0, 0])).tolist()
    [1.0, 0.5, 0.0]
    """
    best = logits == logits.max(axis=1, keepdims=True)
    shares: Floats = best[np.arange(len(labels)), labels] / best.sum(axis=1)
    return shares


@dataclass(frozen=True, eq=False)
class Block:
    """The arrays of one convolution and what follows it, for one batch size."""

    convolution: backprop.Convolution
    maps: Floats  # (n_kernels, height, width, n)
    normed: Floats  # the same shape with a norm, else the maps themselves
    pooled: list[tuple[int, Floats]]  # axis that was halved, and what came of it
    inverse_std: list[Floats] = field(default_factory=list)  # 1 / std of the norm's last batch

    @property
    def last(self) -> Floats:
        """What the pools leave."""
        return self.pooled[-1][1] if self.pooled else self.normed

    @cached_property
    def back(self) -> backprop.Convolution:
        """For the step from the maps back to the input, which only training takes."""
        return backprop.convolution(self.maps.shape, self.maps.dtype)


@dataclass(frozen=True, eq=False)
class Workspace:
    """All arrays that a network of given shapes needs for one batch size."""

    inputs: Floats  # (channels, height, width, n)
    blocks: tuple[Block, ...]
    outputs: tuple[Floats, ...]  # of each block, after ReLU: the inputs of the next one
    features: Floats  # (channels, height, width, n) before the dense layer


def workspace(layers: Sequence[Layer], image_shape: tuple[int, ...], n: int) -> Workspace:
    """Arrays for n pictures of this shape."""
    dtype = layers[-1].weights.dtype
    convs, norms = _kinds(layers)
    channels, height, width = image_shape
    shapes = map_shapes((channels, height, width), [len(conv.weights) for conv in convs])
    blocks = tuple(
        _block(shape, len(conv.weights), n, dtype, normed=norm is not None)
        for shape, conv, norm in zip(shapes[:-1], convs, norms, strict=True)
    )
    features = np.zeros((*shapes[-1], n), dtype)
    stages = (*(block.convolution.inputs for block in blocks), features)
    return Workspace(stages[0], blocks, stages[1:], features)


def forward(layers: Sequence[Layer], work: Workspace, *, training: bool) -> Floats:
    """The logits (n_classes, n) of the pictures in `work.inputs`."""
    for block, output, conv, norm in zip(work.blocks, work.outputs, *_kinds(layers), strict=True):
        _block_forward(block, conv, norm, output, training=training)
    dense = layers[-1]
    logits = dense.weights @ _flat(work.features)
    backprop.add_bias(logits, dense.bias)
    return logits


def backward(layers: Sequence[Layer], gradients: Sequence[Layer], work: Workspace, gradient: Floats) -> None:
    """Fill `gradients` from the gradient of the logits (n_classes, n); uses up what `forward` left in `work`."""
    dense, d_dense = layers[-1], gradients[-1]
    np.matmul(gradient, _flat(work.features).T, out=d_dense.weights)
    backprop.add_bias_back(gradient, d_dense.bias)
    if not work.blocks:
        return
    np.matmul(dense.weights.T, gradient, out=_flat(work.blocks[-1].last))
    rows = list(zip(work.blocks, work.outputs, *_kinds(layers), *_kinds(gradients), strict=True))
    for place in reversed(range(len(rows))):
        block, output, conv, norm, d_conv, d_norm = rows[place]
        _block_backward(block, output, norm, d_conv, d_norm)
        if place:
            backprop.convolve_back_to_input(block.back, conv.weights, block.maps, work.blocks[place - 1].last)


def _block_forward(block: Block, conv: Layer, norm: Layer | None, output: Floats, *, training: bool) -> None:
    backprop.convolve(block.convolution, conv.weights, block.maps)
    if norm is not None:
        backprop.add_bias(block.maps, conv.bias)
        block.inverse_std[:] = [backprop.normalize(block.maps, norm, block.normed, training=training)]
    values = block.normed
    for axis, pooled in block.pooled:
        backprop.halve(values, axis, pooled)
        values = pooled
    if norm is None:
        backprop.add_bias(values, conv.bias)
    np.maximum(values, 0, out=output)


def _block_backward(block: Block, output: Floats, norm: Layer | None, d_conv: Layer, d_norm: Layer | None) -> None:
    """From the gradient of a block's output, in `last`, to that of its maps, which takes the maps' place."""
    np.multiply(block.last, output > 0, out=block.last)
    if norm is None:
        backprop.add_bias_back(block.last, d_conv.bias)
    stages = [block.normed, *(pooled for _, pooled in block.pooled)]
    for (axis, pooled), values in reversed(list(zip(block.pooled, stages[:-1], strict=True))):
        backprop.halve_back(pooled, axis, values)
    if norm is not None and d_norm is not None:
        backprop.normalize_back(block.normed, norm, block.inverse_std[0], d_norm, block.maps)
        backprop.add_bias_back(block.maps, d_conv.bias)
    backprop.convolve_back(block.convolution, block.maps, d_conv.weights)


def _block(shape: tuple[int, int, int], n_kernels: int, n: int, dtype: np.dtype[np.floating], *, normed: bool) -> Block:
    _, height, width = shape
    maps = np.zeros((n_kernels, height, width, n), dtype)
    pooled: list[tuple[int, Floats]] = []
    size = [n_kernels, height, width, n]
    for axis in (2, 1):  # width, then height
        if size[axis] > 1:
            size[axis] //= 2
            pooled.append((axis, np.zeros(size, dtype)))
    return Block(backprop.convolution((*shape, n), dtype), maps, np.zeros_like(maps) if normed else maps, pooled)


def _kinds(layers: Sequence[Layer]) -> tuple[list[Layer], list[Layer | None]]:
    """The convolutions, and the norm after each or None."""
    convs = [layer for layer in layers if layer.kind == "conv"]
    norms: list[Layer | None] = [layer for layer in layers if layer.kind == "norm"]
    return convs, norms or [None] * len(convs)


def _flat(features: Floats) -> Floats:
    return features.reshape(-1, features.shape[-1])


def _batch(image_shape: tuple[int, ...], n_filters: Sequence[int]) -> int:
    """How many pictures to predict at once: a power of two, from the shapes alone."""
    shapes = map_shapes((image_shape[0], image_shape[1], image_shape[2]), n_filters)
    largest = max((3 * 4 * math.prod(shape) for shape in shapes[:-1]), default=1)  # bytes of lines of one picture
    size = BATCH
    while size > 1 and size * largest > LINES:
        size //= 2
    return size
