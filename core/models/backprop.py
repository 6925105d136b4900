"""Forward and backward steps of a small convolutional network, on arrays whose last axis is the mini-batch.

With the batch innermost, shape (channels, height, width, n), every slice of rows or columns is made of long runs of
contiguous numbers, which is what makes plain numpy fast here. Each backward step takes the gradient of the loss with
respect to what its forward step gave. Steps write into arrays that they are handed, and work in float32 and float64.

Source: the chain rule; batch norm as in Ioffe and Szegedy, "Batch normalization" (2015), with PyTorch's constants.
The tests hold every step against finite differences and PyTorch.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .layers import KERNEL, Floats, Layer

EPSILON = 1e-5  # added to a norm's variance
MOMENTUM = 0.1  # the share of the newest batch in a norm's running statistics


class Convolution(NamedTuple):
    """The arrays that a 3 x 3 "same" convolution works in."""

    padded: Floats  # (channels, height + 2, width + 2, n); the rim stays 0
    windows: Floats  # (channels, 3, 3, height, width, n): a view of `padded`
    patches: Floats  # the same, copied


def convolution(channels: int, height: int, width: int, n: int, dtype: np.dtype[np.floating]) -> Convolution:
    """Arrays for n pictures of this shape."""
    padded: Floats = np.zeros((channels, height + KERNEL - 1, width + KERNEL - 1, n), dtype)
    windows = sliding_window_view(padded, (height, width), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    return Convolution(padded, windows, np.zeros(windows.shape, dtype))


def inside(padded: Floats) -> Floats:
    """The picture without its rim, as a view."""
    return padded[:, 1:-1, 1:-1]


def convolve(work: Convolution, kernels: Floats, maps: Floats) -> None:
    """Put the sums of input times kernel into maps (n_kernels, height, width, n)."""
    np.copyto(work.patches, work.windows)
    np.matmul(kernels.reshape(len(kernels), -1), _rows(work.patches, KERNEL), out=_rows(maps))


def convolve_back(work: Convolution, gradient: Floats, d_kernels: Floats) -> None:
    """Put the gradient of the kernels into d_kernels, from that of the maps."""
    products = _rows(work.patches, KERNEL) @ _rows(gradient).T  # this way round OpenBLAS is faster
    d_kernels[...] = products.T.reshape(d_kernels.shape)


def convolve_back_to_input(work: Convolution, kernels: Floats, gradient: Floats) -> Floats:
    """The gradient of the convolution's input; it takes the place of patches and padded picture."""
    height, width = gradient.shape[1:3]
    np.matmul(kernels.reshape(len(kernels), -1).T, _rows(gradient), out=_rows(work.patches, KERNEL))
    total = np.zeros_like(work.padded)
    for i in range(KERNEL):
        for j in range(KERNEL):
            total[:, i : i + height, j : j + width] += work.patches[:, i, j]
    return inside(total)


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
    np.moveaxis(values, axis, 0)[2 * gradient.shape[axis] :] = 0


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
    loss = float(np.mean(np.log(totals) - shifted[labels, columns]))
    gradient /= totals
    gradient[labels, columns] -= 1
    gradient /= len(labels)
    return loss, gradient


def _rows(maps: Floats, n_axes: int = 1) -> Floats:
    """The array as a matrix; its first axes are the rows."""
    return maps.reshape(int(np.prod(maps.shape[:n_axes])), -1)


def _pairs(values: Floats, axis: int) -> tuple[Floats, Floats]:
    """Every first and every second number along an axis, a last odd one left out."""
    size = values.shape[axis] // 2 * 2
    before = (slice(None),) * axis
    return values[(*before, slice(0, size, 2))], values[(*before, slice(1, size, 2))]


def _move(running: Floats, newest: Floats) -> None:
    running *= 1 - MOMENTUM
    running += MOMENTUM * newest
