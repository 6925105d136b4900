"""What the biases of each layer add to a logit, exactly.

Once ReLU and max pool have chosen for a picture, all that is left is linear, and its logits are a sum ::

    logit = gradient . x  +  one part per layer, what its biases come to by the time they reach the logit

A norm in evaluation is a scale, gamma / std, and a constant, beta - scale * running mean, which is its part. A part is
the slope of the logit in the size of that bias, not what the logit loses where the bias is taken away (`bias_removal`).
Source: Srinivas and Fleuret, "Full-gradient representation for neural network visualization" (2019), who go back from
the logit, where this goes forward from each bias, in float64.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..checks import choice
from ..models.backprop import EPSILON
from ..models.cnn import ConvNetClassifier
from ..models.convolution import conv2d
from ..models.layers import Floats, Layer

INPUT, LOGIT = "input", "logit"


def bias_shares(model: ConvNetClassifier, X: ArrayLike) -> pd.DataFrame:
    """The input's part of every logit and that of each layer's biases; together they are the logit.

    Parameters
    ----------
    model : ConvNetClassifier
        Fitted.
    X : array (n_samples, n_features)

    Returns
    -------
    DataFrame
        One row per sample, class and layer, in this order: sample (from 0), class (as in `model.classes_`), layer
        ("input", then the layers' names in forward order), share (0 for a layer that has no bias).

    Examples
    --------
    >>> X = np.repeat([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]], 20, axis=0)
    >>> model = ConvNetClassifier(random_state=0, dense_bias=False).fit(X, np.repeat([0, 1], 20))
    >>> shares = bias_shares(model, X[:1])
    >>> shares["layer"].unique().tolist(), shares["share"].tolist()[3]
    (['input', 'conv1', 'conv2', 'dense'], 0.0)
    >>> logits = shares.groupby("class")["share"].sum()
    >>> bool(abs(logits[1] - logits[0] - model.decision_function(X[:1])[0]) < 1e-5)
    True
    """
    model.decision_function(X)  # says what is wrong with X
    parts = logit_parts(model.layers_, np.asarray(X, np.float32).reshape(-1, *model.image_shape_))
    names = [INPUT, *(layer.name for layer in model.layers_)]
    index = pd.MultiIndex.from_product(
        [range(parts.shape[1]), model.classes_, names], names=["sample", "class", "layer"]
    )
    return pd.DataFrame({"share": parts.transpose(1, 2, 0).ravel()}, index).reset_index()


def waterfall(layers: Sequence[Layer], picture: Floats, label: int) -> pd.DataFrame:
    """The steps from 0 to one logit, of the class `label` (from 0), of one picture (channels, height, width).

    One row per layer, as `bias_shares` has them, and a last one named "logit": layer, share, start, end (a step begins
    where the one before it ends; the logit begins at 0). An InputError where the layers have no such class.
    """
    choice("label", label, range(len(layers[-1].weights)))
    return running_sum(
        [INPUT, *(layer.name for layer in layers), LOGIT], logit_parts(layers, picture[None])[:, 0, label]
    )


def running_sum(names: Sequence[str], shares: ArrayLike) -> pd.DataFrame:
    """Shares (n,) as steps from 0 to their sum, and the sum as a last one; n + 1 names.

    Columns: layer (the name), share, start, end.

    Examples
    --------
    >>> running_sum(["a", "b", "sum"], [2.0, -0.5])[["start", "end"]].values.tolist()
    [[0.0, 2.0], [2.0, 1.5], [0.0, 1.5]]
    """
    steps = np.asarray(shares, dtype=float)
    ends = np.cumsum(steps)
    columns = {"share": [*steps, ends[-1]], "start": [0.0, *ends[:-1], 0.0], "end": [*ends, ends[-1]]}
    return pd.DataFrame({"layer": names} | columns)


def logit_parts(layers: Sequence[Layer], images: Floats) -> NDArray[np.float64]:
    """The parts of every logit, (1 + n_layers, n, n_classes): the input's, and that of each layer's biases.

    The images (n, channels, height, width) are as the network sees them, in float32.

    Examples
    --------
    >>> dense = Layer("dense", "dense", np.array([[1.0, -1.0]]), np.array([10.0]))
    >>> logit_parts([dense], np.array([[[[3.0, 1.0]]]])).tolist()
    [[[2.0]], [[10.0]]]
    """
    parts: NDArray[np.float64] = np.zeros((1 + len(layers), *images.shape))
    parts[0] = images
    followers = [*(layer.kind for layer in layers[1:]), None]
    for place, (layer, follower) in enumerate(zip(layers, followers, strict=True), 1):
        parts = _linear(layer, parts)
        parts[place] += _constant(layer)
        if layer.kind != "dense" and follower != "norm":
            parts = _let_through(_pooled(parts))
    return parts


def _linear(layer: Layer, parts: Floats) -> NDArray[np.float64]:
    weights = layer.weights.astype(float)
    if layer.kind == "norm":
        return np.asarray(parts * _scale(layer)[:, None, None])
    if layer.kind == "dense":
        return np.asarray(parts.reshape(*parts.shape[:2], -1) @ weights.T)
    maps = conv2d(parts.reshape(-1, *parts.shape[2:]), weights, padding="same")
    return np.asarray(maps.reshape(*parts.shape[:2], *maps.shape[1:]))


def _constant(layer: Layer) -> Floats:
    """What a layer adds to its outputs whatever comes in; shape as its outputs need it."""
    constant = np.zeros(len(layer.weights)) if layer.bias is None else layer.bias.astype(float)
    if layer.mean is not None:
        constant = constant - _scale(layer) * layer.mean
    return constant if layer.kind == "dense" else constant[:, None, None]


def _scale(norm: Layer) -> Floats:
    """gamma / std of a norm in evaluation, (channels,)."""
    if norm.variance is None:
        raise ValueError(f"{norm.name} has no running statistics")
    scale: Floats = norm.weights.astype(float) / np.sqrt(norm.variance.astype(float) + EPSILON)
    return scale


def _pooled(parts: Floats) -> Floats:
    """The parts of the numbers that win the max pool: of each pair along the width, then along the height."""
    for axis in (-1, -2):
        if parts.shape[axis] > 1:
            parts = _winners(parts, axis)
    return parts


def _winners(parts: Floats, axis: int) -> Floats:
    """The parts of the larger number of each pair along an axis; a last odd one is left out."""
    pairs = np.moveaxis(parts, axis, -1)[..., : parts.shape[axis] // 2 * 2]
    first, second = pairs[..., ::2], pairs[..., 1::2]
    wins = first.sum(axis=0) >= second.sum(axis=0)
    return np.moveaxis(np.where(wins, first, second), -1, axis)


def _let_through(parts: Floats) -> NDArray[np.float64]:
    return np.asarray(parts * (parts.sum(axis=0) > 0))
