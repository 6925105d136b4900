r"""Activations: what a unit makes of its pre-activation z = w x + b.

Each is a record in `ACTIVATIONS`: the function f(z) and its derivative f'(z), both element by element over arrays of
any shape, its formula, and three facts that decide what a network without any bias can do:

- `homogeneous`: f(k z) = k f(z) for every k > 0. A bias-free net of such functions answers a picture k times as bright
  with logits k times as large, so that its decision cannot depend on contrast.
- `odd`: f(-z) = -f(z). A bias-free net of such functions answers the negative of a picture with the negative logits.
- `even_but_for_a_line`: f(z) - f(-z) = c z. One bias-free hidden layer of such functions gives an even function plus
  a straight line, so that it bends at -x as it does at x.

The bias moves the `threshold`: relu(w x + b) bends at x = -b / w, a step jumps there, and sigmoid and tanh are
steepest there.

At a kink the derivative is the one that PyTorch's autograd uses, the slope on the left: relu'(0) = 0 and
leaky_relu'(0) = 0.01. (ELU has no kink: its alpha is 1, and elu'(0) = 1.) A step is 1 where z > 0, so 0 at z = 0
itself: a blank input leaves a unit without bias inactive. Its derivative is given as 0 everywhere.

float32 and float64 are kept; anything else is computed in float64. No finite z, however large, gives a warning.

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
Function: TypeAlias = Callable[[Floats], Floats]

LEAK = 0.01  # slope of leaky ReLU for z < 0


@dataclass(frozen=True)
class Activation:
    """One activation function and what is known about it.

    Examples
    --------
    >>> relu = ACTIVATIONS["relu"]
    >>> relu.function(np.array([-2.0, 0.0, 3.0])), relu.derivative(np.array([-2.0, 0.0, 3.0]))
    (array([0., 0., 3.]), array([0., 0., 1.]))
    >>> relu.name, relu.homogeneous, relu.odd
    ('ReLU', True, False)
    """

    name: str  # as a reader writes it
    function: Callable[[ArrayLike], Floats]  # from an array of any shape to one of the same shape
    derivative: Callable[[ArrayLike], Floats]
    formula: str  # in LaTeX, of z
    homogeneous: bool = False  # f(k z) = k f(z) for every z and every k > 0
    odd: bool = False  # f(-z) = -f(z) for every z
    even_but_for_a_line: bool = False  # f(z) - f(-z) = c z for every z, with one number c


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


def _of_any_array(function: Function) -> Callable[[ArrayLike], Floats]:
    """The function in float32 or float64, of whatever numpy makes an array of."""

    def computed(z: ArrayLike) -> Floats:
        array = np.asarray(z)
        floats = array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
        with np.errstate(under="ignore", over="ignore"):  # exp(-huge) is 0, also where huge itself overflows
            return function(floats)

    return computed


def _activation(name: str, function: Function, derivative: Function, formula: str, **known: bool) -> Activation:
    return Activation(name, _of_any_array(function), _of_any_array(derivative), formula, **known)


def _sigmoid(z: Floats) -> Floats:
    decay: Floats = np.exp(-np.abs(z))
    share: Floats = np.where(z > 0, 1, decay) / (1 + decay)
    return share


def _sigmoid_slope(z: Floats) -> Floats:
    decay: Floats = np.exp(-np.abs(z))
    slope: Floats = decay / (1 + decay) ** 2
    return slope


def _gelu_slope(z: Floats) -> Floats:
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return _normal_share_below(z) + z * density


def _normal_share_below(z: Floats) -> Floats:
    from scipy.special import ndtr  # here, since importing scipy takes a while

    share: Floats = ndtr(z)
    return share


def _softplus(z: Floats) -> Floats:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _step(z: Floats) -> Floats:
    return np.heaviside(z, 0)


ACTIVATIONS: dict[str, Activation] = {
    "relu": _activation(
        "ReLU", lambda z: np.maximum(z, 0), _step, r"\max(0, z)", homogeneous=True, even_but_for_a_line=True
    ),
    "leaky_relu": _activation(
        "Leaky ReLU",
        lambda z: np.where(z > 0, z, LEAK * z),
        lambda z: np.where(z > 0, np.ones_like(z), LEAK),
        rf"\max({LEAK}\,z, z)",
        homogeneous=True,
        even_but_for_a_line=True,
    ),
    "elu": _activation(
        "ELU",
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda z: np.exp(np.minimum(z, 0)),
        r"\begin{cases} z & z > 0 \\ e^{z} - 1 & z \le 0 \end{cases}",
    ),
    "sigmoid": _activation("Sigmoid", _sigmoid, _sigmoid_slope, r"\frac{1}{1 + e^{-z}}"),
    "tanh": _activation(
        "tanh",
        np.tanh,
        lambda z: 1 / np.cosh(z) ** 2,  # 1 - tanh(z)^2 would lose its digits for large z
        r"\tanh z",
        odd=True,
    ),
    "gelu": _activation(
        "GELU",
        lambda z: z * _normal_share_below(z),
        _gelu_slope,
        r"\frac{z}{2} \left(1 + \operatorname{erf} \frac{z}{\sqrt{2}}\right)",
        even_but_for_a_line=True,
    ),
    "silu": _activation(
        "SiLU",
        lambda z: z * _sigmoid(z),
        lambda z: _sigmoid(z) + z * _sigmoid_slope(z),
        r"\frac{z}{1 + e^{-z}}",
        even_but_for_a_line=True,
    ),
    "softplus": _activation("Softplus", _softplus, _sigmoid, r"\ln\left(1 + e^{z}\right)", even_but_for_a_line=True),
    "step": _activation("Step", _step, np.zeros_like, r"\begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}"),
    "identity": _activation(
        "Identity", np.positive, np.ones_like, "z", homogeneous=True, odd=True, even_but_for_a_line=True
    ),
}
