"""One bias per filter, or one per position ("untied"): the maps' biases, and what each choice costs.

A convolution adds the same b everywhere, b[r, c] = b, so a picture that is moved gives a map that is moved and nothing
else (translation equivariance). With a bias of its own at each position,

    output[r, c] = activation(z[r, c] + b[r, c]),

the same pattern gets another answer in another place, and the number of biases grows with the picture.

Source: "untied biases" are a switch of older libraries (`sharedBiases=0` in cuda-convnet, `untie_biases=True` in
Lasagne); today's Conv2d layers have one bias per filter.
"""

import numpy as np
from numpy.typing import NDArray


def position_biases(bias: float, shape: tuple[int, int]) -> NDArray[np.float64]:
    """An example of one bias per position: from 0 at the left edge to 2 b at the right, so that their mean is b.

    Examples
    --------
    >>> position_biases(0.5, (1, 3)).tolist()
    [[0.0, 0.5, 1.0]]
    """
    ramp = np.linspace(0.0, 2.0, shape[1]) if shape[1] > 1 else np.ones(1)
    return np.tile(bias * ramp, (shape[0], 1))


def parameter_count(
    kernel_shape: tuple[int, int], channels: int, map_shape: tuple[int, int], *, per_position: bool
) -> int:
    """Weights and biases of one filter, with one bias in all or one for each position of the map.

    Examples
    --------
    >>> parameter_count((3, 3), 1, (171, 256), per_position=True)
    43785
    """
    weights = channels * kernel_shape[0] * kernel_shape[1]
    return weights + (map_shape[0] * map_shape[1] if per_position else 1)


def parameter_sentence(kernel_shape: tuple[int, int], channels: int, map_shape: tuple[int, int]) -> str:
    """What the two choices cost, and why libraries take the first."""
    one, many = (
        parameter_count(kernel_shape, channels, map_shape, per_position=per_position) for per_position in (False, True)
    )
    weights = one - 1
    plural = "s" if weights > 1 else ""
    return (
        f"One bias per filter: {weights:,} weight{plural} + 1 bias = {one:,} parameters. "
        f"One per position: {weights:,} weight{plural} + {many - weights:,} biases = {many:,} parameters, "
        "and the same pattern gets another answer in another place: "
        "the map no longer moves along when the picture is moved."
    )
