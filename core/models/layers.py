"""The layers of a small convolutional network as plain records, and their state before training.

The network, for `n_filters` = (f1, f2, ...): per filter count

    convolution 3 x 3 "same"  ->  (batch norm)  ->  ReLU  ->  max pool 2 x 2 while it fits

and then one dense layer that gives a logit per class. A pool leaves out a last odd row or column, as PyTorch's does,
and does not pool along a side that is down to 1.

Every weight starts He-normal, standard deviation sqrt(2 / fan_in) (He et al., "Delving deep into rectifiers", 2015),
every bias at 0 and every norm at (gamma, beta, mean, variance) = (1, 0, 0, 1). Biases and norms draw nothing, so that
twins, drawn from one seed, start with the same weights, and without a norm as the same function.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ..checks import number
from ..errors import InputError

Floats = NDArray[np.floating]

KERNEL = 3


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer that holds numbers.

    Attributes
    ----------
    name : str
        For example "conv1", "norm1", "dense".
    kind : str
        In `ConvNetClassifier`: "conv", "norm" or "dense".
    weights : array
        (n_kernels, channels, 3, 3) of a convolution, (n_classes, n_inputs) of a dense layer whose inputs are in the
        order (channel, row, column), gamma (channels,) of a norm.
    bias : array or None
        (n_kernels,) or (n_classes,), beta (channels,) of a norm; None where there is no bias.
    mean, variance : array (channels,) or None
        The running statistics of a norm; None elsewhere.

    Examples
    --------
    >>> layer = Layer("dense", "dense", np.ones((10, 64)), None)
    >>> {name: array.shape for name, array in layer.arrays().items()}
    {'weights': (10, 64)}
    """

    name: str
    kind: str
    weights: Floats
    bias: Floats | None
    mean: Floats | None = None
    variance: Floats | None = None

    def arrays(self) -> dict[str, Floats]:
        """The arrays that are there, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)[2:]}
        return {name: value for name, value in values.items() if value is not None}

    def copy(self) -> "Layer":
        """The same layer with arrays of its own."""
        copies: dict[str, Any] = {name: array.copy() for name, array in self.arrays().items()}
        return replace(self, **copies)


def start_layers(
    image_shape: tuple[int, int, int],
    n_filters: Sequence[int],
    n_classes: int,
    *,
    conv_bias: bool = True,
    dense_bias: bool = True,
    batch_norm: bool = False,
    random: np.random.RandomState,
) -> tuple[Layer, ...]:
    """The network before training: layers in forward order, float64, their weights drawn in this order.

    `n_filters` are the filters of each convolution, none for a dense layer alone. No switch changes what is drawn.

    Examples
    --------
    >>> layers = start_layers((1, 8, 8), (8,), 10, conv_bias=False, random=np.random.RandomState(0))
    >>> [(layer.name, layer.weights.shape, layer.bias is None) for layer in layers]
    [('conv1', (8, 1, 3, 3), True), ('dense', (10, 128), False)]
    """
    layers: list[Layer] = []
    sizes = map_shapes(image_shape, n_filters)
    for place, (count, (channels, _, _)) in enumerate(zip(n_filters, sizes[:-1], strict=True), 1):
        kernels = he_normal((count, channels, KERNEL, KERNEL), random)
        layers.append(Layer(f"conv{place}", "conv", kernels, np.zeros(count) if conv_bias else None))
        if batch_norm:
            ones, zeros = np.ones(count), np.zeros(count)
            layers.append(Layer(f"norm{place}", "norm", ones, zeros, mean=zeros.copy(), variance=ones.copy()))
    weights = he_normal((n_classes, math.prod(sizes[-1])), random)
    return (*layers, Layer("dense", "dense", weights, np.zeros(n_classes) if dense_bias else None))


def map_shapes(image_shape: tuple[int, int, int], n_filters: Iterable[int]) -> list[tuple[int, int, int]]:
    """The shape (channels, height, width) of the picture and of what each block gives after its pool.

    Examples
    --------
    >>> map_shapes((1, 28, 28), (8, 16, 32))
    [(1, 28, 28), (8, 14, 14), (16, 7, 7), (32, 3, 3)]
    >>> map_shapes((1, 1, 5), (8, 16, 32))
    [(1, 1, 5), (8, 1, 2), (16, 1, 1), (32, 1, 1)]
    """
    shapes = [image_shape]
    for count in n_filters:
        _, height, width = shapes[-1]
        shapes.append((count, max(height // 2, 1), max(width // 2, 1)))
    return shapes


def flatten(layers: Sequence[Layer], dtype: DTypeLike) -> tuple[Floats, tuple[Layer, ...]]:
    """All trained numbers in one array, and the layers as views into it: weights first, biases last.

    So weights lie at the same place in twins. Running statistics are copied.

    Examples
    --------
    >>> parameters, (layer,) = flatten([Layer("dense", "dense", np.ones((1, 2)), np.zeros(1))], np.float32)
    >>> parameters += 1
    >>> layer.weights.tolist(), layer.bias.tolist()
    ([[2.0, 2.0]], [1.0])
    """
    biases = [layer.bias for layer in layers if layer.bias is not None]
    arrays = [*(layer.weights for layer in layers), *biases]
    flat = np.concatenate([array.ravel() for array in arrays]).astype(dtype)
    ends = np.cumsum([array.size for array in arrays])
    views = [part.reshape(array.shape) for part, array in zip(np.split(flat, ends[:-1]), arrays, strict=True)]
    of_weights, of_biases = iter(views[: len(layers)]), iter(views[len(layers) :])
    found = []
    for layer in layers:
        own: dict[str, Any] = {name: array.astype(dtype) for name, array in layer.arrays().items()}
        own |= {"weights": next(of_weights)} | ({} if layer.bias is None else {"bias": next(of_biases)})
        found.append(replace(layer, **own))
    return flat, tuple(found)


def scale_biases(layers: Sequence[Layer], k: float) -> tuple[Layer, ...]:
    """The layers with every bias times k, so that they follow a light k: a bias has the unit of the picture. ::

        f(k x; W, k b) = k f(x; W, b)    for every k > 0

    It holds exactly where all between the layers is positively homogeneous (ReLU, leaky ReLU, max and average pooling)
    and pictures are not clipped; not for sigmoid, tanh or GELU. Weights stay. The first norm takes the light out: its
    running mean goes times k, its running variance times k squared, and its beta and all layers behind it, which see
    what they saw before, stay. So f(k x) = f(x) there, up to the norm's eps, which does not dim.

    Parameters
    ----------
    layers : sequence of Layer
        In forward order.
    k : float, above 0

    Raises
    ------
    InputError
        Where k is not above 0, or a norm has no running statistics.

    Examples
    --------
    >>> (dense,) = scale_biases([Layer("dense", "dense", np.ones((1, 2)), np.array([3.0]))], 0.5)
    >>> dense.weights.tolist(), dense.bias.tolist()
    ([[1.0, 1.0]], [1.5])
    """
    number("k", k, 0, above=True)
    norm = next((place for place, layer in enumerate(layers) if layer.kind == "norm"), len(layers))
    before = (replace(layer, bias=None if layer.bias is None else layer.bias * k) for layer in layers[:norm])
    return (*before, *(_dimmed_norm(layer, k) for layer in layers[norm : norm + 1]), *layers[norm + 1 :])


def light_of(pictures: ArrayLike, reference: ArrayLike) -> float:
    """The light k of some pictures as seen beside others: the ratio of their means. No labels are needed.

    Parameters
    ----------
    pictures, reference : arrays of any shape
        Under the light that is asked for, and under light 1, best of the same kind; where 0 is black.

    Raises
    ------
    InputError
        Where there are no pictures, or their mean is not above 0: what is black tells no light.

    Examples
    --------
    >>> light_of([[0.05, 0.15]], [[0.5, 1.0], [1.0, 1.5]])
    0.1
    """
    means = []
    for name, pixels in (("pictures", pictures), ("reference", reference)):
        values = np.asarray(pixels, dtype=np.float64)
        mean = float(values.mean()) if values.size else 0.0
        if not 0 < mean < math.inf:
            raise InputError(f"`{name}` must be pictures whose mean is above 0, got {mean}")
        means.append(mean)
    return means[0] / means[1]


def layer_record(layer: Layer) -> dict[str, Any]:
    """A layer as JSON can hold it; `layer_from` gives it back, to the last bit of float32."""
    arrays = {name: array.astype(float).tolist() for name, array in layer.arrays().items()}
    return {"name": layer.name, "kind": layer.kind} | arrays


def layer_from(record: dict[str, Any]) -> Layer:
    """The layer of a `layer_record`, in float32."""
    arrays: dict[str, Any] = {
        name: np.asarray(record[name], np.float32) for name in ("weights", "bias", "mean", "variance") if name in record
    }
    return Layer(record["name"], record["kind"], **({"bias": None} | arrays))


def _dimmed_norm(norm: Layer, k: float) -> Layer:
    if norm.mean is None or norm.variance is None:
        raise InputError(f"`layers` must have running statistics in every norm, got none in {norm.name}")
    return replace(norm, mean=norm.mean * k, variance=norm.variance * k**2)


def he_normal(shape: tuple[int, ...], random: np.random.RandomState) -> Floats:
    """Weights before training: normal, standard deviation sqrt(2 / fan_in), where fan_in is all but the first size."""
    return random.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))
