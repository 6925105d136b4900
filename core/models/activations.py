r"""Activations: what a unit makes of its pre-activation z = w x + b.

Each is a record in `ACTIVATIONS`: the function f(z) and its derivative f'(z), both element by element over arrays of
any shape, its formula, and two facts that decide what a network without any bias can do:

- `homogeneous`: f(k z) = k f(z) for every k > 0. A bias-free net of such functions answers a picture k times as bright
  with logits k times as large, so that its decision cannot depend on contrast.
- `odd`: f(-z) = -f(z). A bias-free net of such functions answers the negative of a picture with the negative logits.

The bias moves the `threshold`: relu(w x + b) bends at x = -b / w, a step jumps there, and sigmoid and tanh are
steepest there.

At a kink the derivative is the one that PyTorch's autograd uses, the slope on the left: relu'(0) = 0 and
leaky_relu'(0) = 0.01. (ELU has no kink: its alpha is 1, and elu'(0) = 1.) A step is 1 where z > 0, so 0 at z = 0
itself: a blank input leaves a unit without bias inactive. Its derivative is given as 0 everywhere.

float32 and float64 are kept; anything else is computed in float64. No finite z, however large, gives a warning: each
exponential is taken of a number that is not positive, and what is too small to be represented becomes 0.

Sources: Nair and Hinton 2010 (ReLU), Maas et al. 2013 (leaky ReLU), Clevert et al. 2016 (ELU), Hendrycks and Gimpel
2016 (GELU, here exact, and SiLU), Dugas et al. 2001 (softplus). Names and defaults as in torch.nn.functional.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.floating]

LEAK = 0.01  # slope of leaky ReLU for z < 0

_tiny_is_zero = np.errstate(under="ignore", over="ignore")  # exp(-huge) is 0, also where huge itself overflows


@dataclass(frozen=True)
class Activation:
    """One activation function and what is known about it.

    Parameters
    ----------
    name : str
        As a reader writes it, "ReLU".
    function, derivative : callable
        f and f', from an array of any shape to one of the same shape.
    formula : str
        f in LaTeX, of z.
    homogeneous : bool
        Whether f(k z) = k f(z) for every z and every k > 0.
    odd : bool
        Whether f(-z) = -f(z) for every z.

    Examples
    --------
    >>> relu = ACTIVATIONS["relu"]
    >>> relu.function(np.array([-2.0, 0.0, 3.0])), relu.derivative(np.array([-2.0, 0.0, 3.0]))
    (array([0., 0., 3.]), array([0., 0., 1.]))
    >>> relu.name, relu.homogeneous, relu.odd
    ('ReLU', True, False)
    """

    name: str
    function: Callable[[ArrayLike], Floats]
    derivative: Callable[[ArrayLike], Floats]
    formula: str
    homogeneous: bool
    odd: bool


def threshold(weight: float, bias: float | None) -> float | None:
    """Where the unit weight * x + bias switches: the x at which its pre-activation is 0.

    Parameters
    ----------
    weight : float
        Slope of the pre-activation. A negative one makes the unit active to the left of the threshold.
    bias : float or None
        None: there is no bias, and the threshold of every weight is 0.

    Returns
    -------
    float or None
        -bias / weight, in units of x; None where the weight is 0 and the input does not matter.

    Examples
    --------
    >>> threshold(2.0, 3.0), threshold(-2.0, 3.0), threshold(2.0, None), threshold(0.0, 3.0)
    (-1.5, 1.5, 0.0, None)
    """
    if weight == 0:
        return None
    if bias is None or bias == 0:
        return 0.0  # never -0.0
    return -float(bias) / float(weight)


def _floats(z: ArrayLike) -> Floats:
    array = np.asarray(z)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def _relu(z: ArrayLike) -> Floats:
    return np.maximum(_floats(z), 0)


def _leaky_relu(z: ArrayLike) -> Floats:
    z = _floats(z)
    return np.where(z > 0, z, LEAK * z)


def _leaky_relu_slope(z: ArrayLike) -> Floats:
    z = _floats(z)
    return np.where(z > 0, np.ones_like(z), LEAK)


@_tiny_is_zero
def _elu(z: ArrayLike) -> Floats:
    z = _floats(z)
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


@_tiny_is_zero
def _elu_slope(z: ArrayLike) -> Floats:
    return np.exp(np.minimum(_floats(z), 0))


@_tiny_is_zero
def _sigmoid(z: ArrayLike) -> Floats:
    z = _floats(z)
    decay: Floats = np.exp(-np.abs(z))
    share: Floats = np.where(z > 0, 1, decay) / (1 + decay)
    return share


@_tiny_is_zero
def _sigmoid_slope(z: ArrayLike) -> Floats:
    decay: Floats = np.exp(-np.abs(_floats(z)))
    slope: Floats = decay / (1 + decay) ** 2
    return slope


@_tiny_is_zero
def _tanh(z: ArrayLike) -> Floats:
    return np.tanh(_floats(z))


@_tiny_is_zero
def _tanh_slope(z: ArrayLike) -> Floats:
    slope: Floats = 1 / np.cosh(_floats(z)) ** 2  # 1 - tanh(z)^2 would lose its digits for large z
    return slope


@_tiny_is_zero
def _gelu(z: ArrayLike) -> Floats:
    z = _floats(z)
    return z * _normal_share_below(z)


@_tiny_is_zero
def _gelu_slope(z: ArrayLike) -> Floats:
    z = _floats(z)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return _normal_share_below(z) + z * density


def _normal_share_below(z: Floats) -> Floats:
    from scipy.special import ndtr  # here, since importing scipy takes a while

    share: Floats = ndtr(z)
    return share


@_tiny_is_zero
def _silu(z: ArrayLike) -> Floats:
    z = _floats(z)
    return z * _sigmoid(z)


@_tiny_is_zero
def _silu_slope(z: ArrayLike) -> Floats:
    z = _floats(z)
    return _sigmoid(z) + z * _sigmoid_slope(z)


@_tiny_is_zero
def _softplus(z: ArrayLike) -> Floats:
    z = _floats(z)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _step(z: ArrayLike) -> Floats:
    return np.heaviside(_floats(z), 0)


def _step_slope(z: ArrayLike) -> Floats:
    return np.zeros_like(_floats(z))


def _identity(z: ArrayLike) -> Floats:
    return np.positive(_floats(z))  # a copy, as the others give


def _identity_slope(z: ArrayLike) -> Floats:
    return np.ones_like(_floats(z))


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation("ReLU", _relu, _step, r"\max(0, z)", homogeneous=True, odd=False),
    "leaky_relu": Activation(
        "Leaky ReLU", _leaky_relu, _leaky_relu_slope, rf"\max({LEAK}\,z, z)", homogeneous=True, odd=False
    ),
    "elu": Activation(
        "ELU",
        _elu,
        _elu_slope,
        r"\begin{cases} z & z > 0 \\ e^{z} - 1 & z \le 0 \end{cases}",
        homogeneous=False,
        odd=False,
    ),
    "sigmoid": Activation("Sigmoid", _sigmoid, _sigmoid_slope, r"\frac{1}{1 + e^{-z}}", homogeneous=False, odd=False),
    "tanh": Activation("tanh", _tanh, _tanh_slope, r"\tanh z", homogeneous=False, odd=True),
    "gelu": Activation(
        "GELU",
        _gelu,
        _gelu_slope,
        r"\frac{z}{2} \left(1 + \operatorname{erf} \frac{z}{\sqrt{2}}\right)",
        homogeneous=False,
        odd=False,
    ),
    "silu": Activation("SiLU", _silu, _silu_slope, r"\frac{z}{1 + e^{-z}}", homogeneous=False, odd=False),
    "softplus": Activation("Softplus", _softplus, _sigmoid, r"\ln\left(1 + e^{z}\right)", homogeneous=False, odd=False),
    "step": Activation(
        "Step",
        _step,
        _step_slope,
        r"\begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}",
        homogeneous=False,
        odd=False,
    ),
    "identity": Activation("Identity", _identity, _identity_slope, "z", homogeneous=True, odd=True),
}
