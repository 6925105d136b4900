"""Forward and backward steps of a small convolutional network, on arrays whose last axis is the mini-batch.

With the batch innermost, shape (channels, height, width, n), every slice of rows or columns is made of long runs of
contiguous numbers, which is what makes plain numpy fast here. A convolution is one matrix product per row of the maps:
the lines under it, copied once per kernel column, are one matrix already (as in `core.models.convolution`). Its step
back to the input is the same with the kernels turned round.

Each backward step takes the gradient of the loss with respect to what its forward step gave. Steps write into arrays
that they are handed, and work in float32 and float64.

Source: the chain rule; batch norm as in Ioffe and Szegedy, "Batch normalization" (2015), with PyTorch's constants.
The tests hold every step against finite differences and PyTorch.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .layers import KERNEL, Floats, Layer

EPSILON = 1e-5  # added to a norm's variance
MOMENTUM = 0.1  # the share of the newest batch in a norm's running statistics


class Convolution(NamedTuple):
    """The arrays that a 3 x 3 "same" convolution works in."""

    inputs: Floats  # (channels, height, width, n): a view of `lines`
    lines: Floats  # (height + 2, channels, 3, width, n): the padded picture, per kernel column; padding stays 0
    windows: Floats  # (height, 3 * channels * 3, width * n): what the kernels see from each row, a view of `lines`


def convolution(shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Convolution:
    """Arrays for inputs of this shape (channels, height, width, n)."""
    channels, height, width, n = shape
    lines: Floats = np.zeros((height + KERNEL - 1, channels, KERNEL, width, n), dtype)
    strides = lines.strides[0], lines.strides[2], lines.itemsize
    windows: Floats = np.ndarray((height, KERNEL * channels * KERNEL, width * n), dtype, lines, strides=strides)
    return Convolution(lines[1:-1, :, 1].swapaxes(0, 1), lines, windows)


def convolve(work: Convolution, kernels: Floats, maps: Floats) -> None:
    """Put the sums of input times kernel into maps (n_kernels, height, width, n)."""
    left, middle, right = work.lines.transpose(2, 0, 1, 3, 4)
    left[:, :, 1:] = middle[:, :, :-1]
    right[:, :, :-1] = middle[:, :, 1:]
    weights = kernels.transpose(0, 2, 1, 3).reshape(len(kernels), -1)
    np.matmul(weights, work.windows, out=_per_row(maps))


def convolve_back(work: Convolution, gradient: Floats, d_kernels: Floats) -> None:
    """Put the gradient of the kernels into d_kernels, from that of the maps."""
    products = work.windows @ _per_row(gradient).transpose(0, 2, 1)  # this way round OpenBLAS is faster
    d_kernels[...] = products.sum(axis=0).reshape(KERNEL, -1, KERNEL, len(d_kernels)).transpose(3, 1, 0, 2)


def convolve_back_to_input(work: Convolution, kernels: Floats, gradient: Floats, d_inputs: Floats) -> None:
    """Put the gradient of the input into d_inputs; `work` is for pictures of the shape of the maps here."""
    work.inputs[...] = gradient
    convolve(work, kernels[:, :, ::-1, ::-1].swapaxes(0, 1), d_inputs)


def add_bias(maps: Floats, bias: Floats | None) -> None:
    """Add each channel's bias in place, where there is one."""
    if bias is not None:
        rows = _rows(maps)
        rows += bias[:, None]


def add_bias_back(gradient: Floats, d_bias: Floats | None) -> None:
    """Put the gradient of the bias into d_bias, where there is one."""
    if d_bias is not None:
        _rows(gradient).sum(axis=1, out=d_bias)


def halve(values: Floats, axis: int, out: Floats) -> None:
    """Put the larger of each pair along an axis into out; a last odd one is left out.

    A 2 x 2 max pool is this along the width, then along the height.
    """
    first, second = _pairs(values, axis)
    np.maximum(first, second, out=out)


def halve_back(gradient: Floats, axis: int, values: Floats) -> None:
    """Overwrite values with their gradient: all of it goes to the larger of a pair, or the first of two equals."""
    first, second = _pairs(values, axis)
    np.multiply(gradient, first >= second, out=first)
    np.subtract(gradient, first, out=second)
    values[(slice(None),) * axis + (slice(2 * gradient.shape[axis], None),)] = 0


def normalize(maps: Floats, norm: Layer, out: Floats, *, training: bool) -> Floats:
    """Batch norm; maps become (maps - mean) / std, and out gamma times that plus beta.

    In training, mean and variance are the batch's, and the norm's running statistics move towards them in place.

    Returns
    -------
    array (channels, 1)
        1 / std.
    """
    if norm.mean is None or norm.variance is None:
        raise ValueError(f"{norm.name} has no running statistics")
    rows = _rows(maps)
    mean = rows.mean(axis=1) if training else norm.mean
    rows -= mean[:, None]
    if training:
        variance = np.einsum("ci,ci->c", rows, rows) / rows.shape[1]
        _move(norm.mean, mean)
        _move(norm.variance, variance * (rows.shape[1] / max(rows.shape[1] - 1, 1)))
    else:
        variance = norm.variance
    inverse: Floats = 1 / np.sqrt(variance + EPSILON)[:, None]
    rows *= inverse
    np.multiply(rows, norm.weights[:, None], out=_rows(out))
    add_bias(out, norm.bias)
    return inverse


def normalize_back(gradient: Floats, norm: Layer, inverse: Floats, d_norm: Layer, maps: Floats) -> None:
    """Overwrite maps, normalized, with the gradient of what they were before; fill d_norm."""
    rows, given = _rows(maps), _rows(gradient)
    size = rows.shape[1]
    d_gamma, d_beta = np.einsum("ci,ci->c", rows, given), given.sum(axis=1)
    d_norm.weights[...] = d_gamma
    if d_norm.bias is not None:
        d_norm.bias[...] = d_beta
    rows *= (d_gamma / size)[:, None]
    rows += (d_beta / size)[:, None]
    np.subtract(given, rows, out=rows)
    rows *= inverse * norm.weights[:, None]


def cross_entropy(logits: Floats, labels: NDArray[np.intp]) -> tuple[float, Floats]:
    """Mean softmax cross-entropy of logits (n_classes, n), and its gradient.

    Examples
    --------
    >>> loss, gradient = cross_entropy(np.zeros((2, 1)), np.array([1]))
    >>> round(loss, 4), gradient.tolist()
    (0.6931, [[0.5], [-0.5]])
    """
    columns = np.arange(len(labels))
    shifted = logits - logits.max(axis=0)
    gradient: Floats = np.exp(shifted)
    totals = gradient.sum(axis=0)
    loss = float((np.log(totals) - shifted[labels, columns]).sum() / len(labels))
    gradient /= totals
    gradient[labels, columns] -= 1
    gradient /= len(labels)
    return loss, gradient


def _rows(maps: Floats) -> Floats:
    """The array as a matrix with a row per channel."""
    return maps.reshape(len(maps), -1)


def _per_row(maps: Floats) -> Floats:
    """The maps as a matrix (n_kernels, width * n) per row."""
    return maps.reshape(*maps.shape[:2], -1).swapaxes(0, 1)


def _pairs(values: Floats, axis: int) -> tuple[Floats, Floats]:
    """Every first and every second number along an axis, a last odd one left out."""
    size = values.shape[axis] // 2 * 2
    before = (slice(None),) * axis
    return values[(*before, slice(0, size, 2))], values[(*before, slice(1, size, 2))]


def _move(running: Floats, newest: Floats) -> None:
    running *= 1 - MOMENTUM
    running += MOMENTUM * newest
