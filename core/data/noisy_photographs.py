"""Photographs under less or more light, with the noise of a camera that scales with it.

Under light k the clean photograph x is k x, and its noise is k * 0.1 * N(0, 1): k scales the whole problem, and it is
no easier or harder than at k = 1. Quality is the peak signal-to-noise ratio with the light as its peak ::

    PSNR = 10 log10(k**2 / mean((picture - k x)**2))        in dB

so that the noisy picture itself has 20 dB under every light.

The photographs are scikit-learn's two, in grey, 256 pixels wide. What trains is cut from their right halves; the left
halves, with the temple in one and most of the flower in the other, are the test.
"""

import math
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .digits import Floats
from .pictures import SAMPLES, to_grey

SIGMA = 0.1  # of the noise at light 1, where white is 1
PATCH = 24  # pixels a side, in training
HALF = 128


def training_patches(n: int, seed: int) -> Floats:
    """Clean patches from random places of the right halves, float32 (n, 1, 24, 24); every other one of each photograph.

    Examples
    --------
    >>> training_patches(5, seed=0).shape
    (5, 1, 24, 24)
    """
    random = np.random.default_rng((seed, 1))
    halves = _photographs()[:, :, :, HALF:]
    tops, lefts = (random.integers(side - PATCH + 1, size=n) for side in halves.shape[2:])
    windows = sliding_window_view(halves, (PATCH, PATCH), axis=(2, 3))
    return np.ascontiguousarray(windows[np.arange(n) % 2, :, tops, lefts])


def held_out_halves() -> Floats:
    """The clean left halves, float32 (2, 1, 171, 128)."""
    return _photographs()[:, :, :, :HALF]


def under_light(clean: Floats, light: float, seed: int) -> Floats:
    """The noisy pictures under a light, not clipped; the seed gives the grains, the same under every light.

    Examples
    --------
    >>> dim, bright = (under_light(np.ones((1, 1, 2, 2), np.float32), light, 0) for light in (0.5, 1.0))
    >>> bool(np.all(dim == bright / 2)), dim.dtype.name
    (True, 'float32')
    """
    grains = np.random.default_rng((seed, 2)).standard_normal(clean.shape, np.float32)
    return np.float32(light) * (clean + np.float32(SIGMA) * grains)


def psnr(pictures: Floats, clean: Floats, light: float) -> float:
    """PSNR in dB of pictures taken under a light, from those that are clean at light 1.

    Examples
    --------
    >>> round(psnr(np.full((2, 2), 0.55), np.ones((2, 2)), light=0.5), 6)
    20.0
    """
    error = np.asarray(pictures, np.float64) / light - clean
    return -10 * math.log10(np.mean(error**2))


@cache
def _photographs() -> Floats:
    """Both in grey, float32 (2, 1, 171, 256)."""
    temple, flower = (SAMPLES[name].read().pixels for name in ("temple", "flower"))
    return np.stack([temple, to_grey(flower)]).astype(np.float32)
