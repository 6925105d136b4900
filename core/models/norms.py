r"""Norms, as they stand between a convolution and what follows: which of them cancel a bias that was added before?

All but one standardise: they divide what they are given by its root mean square over some axes, most after subtracting
the mean over the same axes,

    c = x - mean(x) (or c = x),    y = c / sqrt(mean(c^2) + eps)

and for a function with gradient u at y, the gradient at x is, with s = sqrt(mean(c^2) + eps),

    g = (u - y mean(u y)) / s,    minus mean(g) where a mean was subtracted.

A bias per channel, x + b, is cancelled where every mean is taken over one channel alone: b is then part of the mean
that is subtracted, whatever eps is. The scale gamma and offset beta that follow a norm are left out here: they come
after it, and change no answer. x is (n, channels, height, width), in float64.

Sources: Ioffe and Szegedy 2015 (batch norm, also the folding), Ulyanov et al. 2016 (instance norm), Wu and He 2018
(group norm), Ba et al. 2016 (layer norm), Zhang and Sennrich 2019 (RMS norm); eps as in torch.nn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import whole
from ..errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Forward: TypeAlias = Callable[[Floats, int], Floats]
Backward: TypeAlias = Callable[[Floats, Floats, int], Floats]

EPS = 1e-5


@dataclass(frozen=True)
class Norm:
    """One norm and what it does to a bias before it.

    Parameters
    ----------
    title : str
        As a reader writes it, "BatchNorm (training)".
    forward : callable
        (x, groups) -> y of the shape of x; all but GroupNorm leave `groups` unread.
    backward : callable
        (x, upstream, groups) -> gradient of sum(upstream * y) with respect to x.
    axes : str
        What the mean that is subtracted is taken over.
    cancels : bool
        Whether y does not depend on a number per channel that is added to x; GroupNorm's answer is that for groups of
        two and more channels.
    reason : str
        Why, in a sentence.
    """

    title: str
    forward: Forward
    backward: Backward
    axes: str
    cancels: bool
    reason: str


def bias_gradient(norm: Norm, x: Floats, upstream: Floats, *, groups: int = 1) -> Floats:
    """The gradient of sum(upstream * y) with respect to a bias per channel that was added to x.

    Parameters
    ----------
    norm : Norm
    x, upstream : float64 array (n, channels, height, width)
        x as the norm gets it, with the bias in it.
    groups : int
        Of GroupNorm; must divide the number of channels.

    Returns
    -------
    float64 array (channels,)

    Examples
    --------
    >>> x, upstream = np.random.default_rng(0).normal(size=(2, 2, 4, 3, 3))
    >>> np.abs(bias_gradient(NORMS["batch_norm"], x, upstream)) < 1e-13
    array([ True,  True,  True,  True])
    """
    return np.asarray(norm.backward(x, upstream, groups).sum(axis=(0, 2, 3)))


def fold(
    weights: ArrayLike,
    bias: ArrayLike | None,
    gamma: ArrayLike,
    beta: ArrayLike,
    mean: ArrayLike,
    variance: ArrayLike,
    eps: float = EPS,
) -> tuple[Floats, Floats]:
    """A convolution and the BatchNorm with fixed statistics right after it, as one convolution.

    With k = gamma / sqrt(variance + eps): weights' = k weights, bias' = beta + k (bias - mean).

    Parameters
    ----------
    weights : array (n_kernels, channels, kernel_h, kernel_w)
    bias : array (n_kernels,) or None
        The convolution's own.
    gamma, beta, mean, variance : array (n_kernels,)
        The norm's scale and offset, and its fixed statistics; no variance below 0.
    eps : float, above 0

    Returns
    -------
    weights, bias : float64 arrays of the shapes of `weights` and `beta`
        There is always a bias, also where the convolution had none.

    Raises
    ------
    InputError
        Where a vector has not one number per kernel, or a variance is below 0.

    Examples
    --------
    A scale of 6 / sqrt(4) = 3, so that the bias becomes 1 + 3 * (0 - 2).

    >>> weights, bias = fold([[[[0.5]]]], None, [6.0], [1.0], [2.0], [4.0], eps=0.0)
    >>> weights.item(), bias.item()
    (1.5, -5.0)
    """
    kernels = np.asarray(weights, dtype=np.float64)
    vectors = {"gamma": gamma, "beta": beta, "mean": mean, "variance": variance}
    vectors |= {} if bias is None else {"bias": bias}
    arrays = {name: np.asarray(vector, dtype=np.float64) for name, vector in vectors.items()}
    for name, array in arrays.items():
        if array.shape != kernels.shape[:1]:
            raise InputError(
                f"`{name}` must be one number per kernel, got {name} {array.shape} and weights {kernels.shape}"
            )
    if arrays["variance"].min(initial=0) < 0:
        raise InputError(f"`variance` must not be below 0, got {arrays['variance'].min()}")
    scale = arrays["gamma"] / np.sqrt(arrays["variance"] + eps)
    offset = arrays["bias"] - arrays["mean"] if bias is not None else -arrays["mean"]
    return kernels * scale[:, None, None, None], arrays["beta"] + scale * offset


def quantise(array: ArrayLike, bits: int = 8) -> Floats:
    """Round every number to the nearest of 2**bits - 1 even steps from -m to m, where m is the largest size.

    Symmetric, with one step size for the whole array; 0 stays 0.

    Parameters
    ----------
    array : array of any shape
        Finite.
    bits : int, from 2 to 32

    Returns
    -------
    float64 array of the same shape

    Raises
    ------
    InputError
        Where bits lies outside its range.

    Examples
    --------
    With 3 bits the steps are -3/3, -2/3, ... 3/3 of the largest size.

    >>> quantise([-3.0, 0.4, 1.6], bits=3).tolist()
    [-3.0, 0.0, 2.0]
    """
    whole("bits", bits, 2, 32)
    values = np.asarray(array, dtype=np.float64)
    step = np.abs(values).max(initial=0.0) / (2 ** (bits - 1) - 1)
    return np.asarray(np.rint(values / step) * step) if step > 0 else values.copy()


def fixed_statistics(n_channels: int, *, seed: int = 0) -> tuple[Floats, Floats]:
    """Mean and variance per channel that no batch moves, drawn from a seed: means around 0, variances 0.5 to 1.5."""
    random = np.random.default_rng(seed)
    return random.normal(0.0, 0.25, n_channels), random.uniform(0.5, 1.5, n_channels)


def _standardise(x: Floats, axes: tuple[int, ...], centred: bool) -> tuple[Floats, Floats]:
    """The outputs y, and the s that they were divided by."""
    c = x - x.mean(axis=axes, keepdims=True) if centred else x
    scale = np.sqrt(np.mean(c * c, axis=axes, keepdims=True) + EPS)
    return c / scale, scale


def _back(x: Floats, upstream: Floats, axes: tuple[int, ...], centred: bool) -> Floats:
    y, scale = _standardise(x, axes, centred)
    gradient: Floats = (upstream - y * np.mean(upstream * y, axis=axes, keepdims=True)) / scale
    return gradient - gradient.mean(axis=axes, keepdims=True) if centred else gradient


def _over(*axes: int, centred: bool = True) -> tuple[Forward, Backward]:
    """A norm whose statistics are taken over these axes of x."""
    return (
        lambda x, _groups: _standardise(x, axes, centred)[0],
        lambda x, upstream, _groups: _back(x, upstream, axes, centred),
    )


def _split_groups(x: Floats, groups: int) -> Floats:
    """x as (n, groups, channels / groups, height, width)."""
    n, channels, *sides = x.shape
    if groups < 1 or channels % groups:
        raise InputError(f"`groups` must divide the number of channels, got {groups} groups and {channels} channels")
    return x.reshape(n, groups, channels // groups, *sides)


def _group_forward(x: Floats, groups: int) -> Floats:
    return _standardise(_split_groups(x, groups), (2, 3, 4), True)[0].reshape(x.shape)


def _group_backward(x: Floats, upstream: Floats, groups: int) -> Floats:
    return _back(_split_groups(x, groups), _split_groups(upstream, groups), (2, 3, 4), True).reshape(x.shape)


def _fixed_forward(x: Floats, _groups: int) -> Floats:
    mean, variance = (vector[:, None, None] for vector in fixed_statistics(x.shape[1]))
    y: Floats = (x - mean) / np.sqrt(variance + EPS)
    return y


def _fixed_backward(x: Floats, upstream: Floats, _groups: int) -> Floats:
    gradient: Floats = upstream / np.sqrt(fixed_statistics(x.shape[1])[1] + EPS)[:, None, None]
    return gradient


_BATCH = _over(0, 2, 3)


def _relu_forward(x: Floats, groups: int) -> Floats:
    return _BATCH[0](np.maximum(x, 0), groups)


def _relu_backward(x: Floats, upstream: Floats, groups: int) -> Floats:
    return _BATCH[1](np.maximum(x, 0), upstream, groups) * (x > 0)


_OWN_MEAN = "Each channel's own mean is subtracted, and b is part of it."

NORMS = {
    "batch_norm": Norm(
        "BatchNorm (training)", *_BATCH, "all pictures, rows and columns of one channel", True, _OWN_MEAN
    ),
    "batch_norm_fixed": Norm(
        "BatchNorm (fixed statistics)",
        _fixed_forward,
        _fixed_backward,
        "nothing now: it was fixed before",
        False,
        "The mean that is subtracted does not move with b.",
    ),
    "instance_norm": Norm(
        "InstanceNorm", *_over(2, 3), "all rows and columns of one channel of one picture", True, _OWN_MEAN
    ),
    "group_norm": Norm(
        "GroupNorm",
        _group_forward,
        _group_backward,
        "all rows, columns and channels of one group of one picture",
        False,
        "Only the mean of b over a group's channels is subtracted; what differs between them stays.",
    ),
    "layer_norm": Norm(
        "LayerNorm",
        *_over(1, 2, 3),
        "all rows, columns and channels of one picture",
        False,
        "Only the mean of b over all channels is subtracted; what differs between them stays.",
    ),
    "rms_norm": Norm(
        "RMSNorm",
        *_over(1, 2, 3, centred=False),
        "nothing: no mean is subtracted",
        False,
        "Nothing is subtracted, and b is part of what all is divided by.",
    ),
    "relu_batch_norm": Norm(
        "ReLU, then BatchNorm (training)",
        _relu_forward,
        _relu_backward,
        "all pictures, rows and columns of one channel, after ReLU",
        False,
        "b decides which values ReLU sets to 0, before a mean is taken.",
    ),
    "none": Norm(
        "No norm",
        lambda x, _groups: x,
        lambda _x, upstream, _groups: upstream,
        "nothing: there is no norm",
        False,
        "Nothing is subtracted.",
    ),
}
"""Name -> norm."""
