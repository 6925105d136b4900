"""A small convolutional network as a scikit-learn classifier whose biases can be switched off.

The network is that of `core.models.layers`, trained on mini-batches with softmax cross-entropy and Adam, in float32.
Everything random comes from `random_state` in an order that no switch changes: first the weights, then one permutation
of the pictures per epoch. So a model and its twin without bias start with the same weights and see the same batches.
"""

import math
from collections.abc import Iterator
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ..checks import number, whole
from ..errors import InputError
from .layers import Floats, flatten, start_layers
from .network import Labels, predict_logits, share_right
from .training import Trainer, loss_and_accuracy

Shape: TypeAlias = tuple[int, int, int]
Row: TypeAlias = dict[str, float]
Data: TypeAlias = tuple[Floats, Labels]

COLUMNS = ["epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"]


class ConvNetClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Convolution 3 x 3 "same", (batch norm), ReLU and 2 x 2 max pool per filter count, then a dense layer.

    Parameters
    ----------
    image_shape : (channels, height, width) or None
        What a row of X is, in this order. None: one square channel if n_features is a square number, else one row.
    n_filters : sequence of int
        Filters of each convolution; empty for a dense layer alone.
    conv_bias, dense_bias : bool
        Whether the convolutions, and the dense layer, have a bias.
    batch_norm : bool
        Whether each convolution is followed by a batch norm (whose beta and running mean are biases too).
    n_epochs : int, at least 0
        0 gives the start.
    batch_size : int, at least 1
    learning_rate : float, above 0
    random_state : int, RandomState or None

    Attributes
    ----------
    classes_ : array (n_classes,)
    layers_ : tuple of Layer
        In forward order. Absent bias is None.
    image_shape_ : (channels, height, width)
    history_ : DataFrame
        epoch (from 1), train_loss and train_accuracy (means over the epoch's batches, each before its step), and where
        asked validation_loss and validation_accuracy (after the epoch).
    diverged_at_ : int or None
        The epoch in which the loss grew more than 1000-fold or a number left float32's range, which ends the fit; the
        layers and the history are those before it.
    note_ : str
        That in a sentence; else empty.
    n_features_in_, feature_names_in_
        As in every scikit-learn estimator.

    Examples
    --------
    >>> X = np.repeat([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]], 20, axis=0)
    >>> y = np.repeat(["top left", "bottom right"], 20)
    >>> model = ConvNetClassifier(n_epochs=50, conv_bias=False, random_state=0).fit(X, y)
    >>> model.predict([[0.0, 0.0, 0.0, 2.0]]).tolist(), model.layers_[0].bias
    (['bottom right'], None)
    """

    def __init__(
        self,
        *,
        image_shape: Shape | None = None,
        n_filters: tuple[int, ...] = (8, 16),
        conv_bias: bool = True,
        dense_bias: bool = True,
        batch_norm: bool = False,
        n_epochs: int = 20,
        batch_size: int = 64,
        learning_rate: float = 3e-3,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.image_shape = image_shape
        self.n_filters = n_filters
        self.conv_bias = conv_bias
        self.dense_bias = dense_bias
        self.batch_norm = batch_norm
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, y: ArrayLike, validation: tuple[ArrayLike, ArrayLike] | None = None
    ) -> "ConvNetClassifier":
        """Train for `n_epochs`, or until the fit diverges (`diverged_at_`).

        Parameters
        ----------
        X : array (n_samples, n_features)
        y : array (n_samples,)
            Labels of any kind that scikit-learn takes; one class is enough.
        validation : (X, y) or None
            Measured after every epoch; training never sees it.

        Raises
        ------
        InputError
            A setting breaks its rule, or `image_shape` or `validation` does not fit X and y.
        """
        for _ in self.fit_epochs(X, y, validation):
            pass
        return self

    def fit_epochs(
        self, X: ArrayLike, y: ArrayLike, validation: tuple[ArrayLike, ArrayLike] | None = None
    ) -> Iterator[Row]:
        """Train as `fit` does, one epoch per item: the newest row of `history_`, by column.

        The input is checked and the start is ready at once; after each item the model is one that has been fitted so
        far, and may be used, or left at that.

        Examples
        --------
        >>> model = ConvNetClassifier(n_epochs=2, random_state=0)
        >>> [row["epoch"] for row in model.fit_epochs(np.eye(4), [0, 0, 1, 1])]
        [1, 2]
        """
        rows, y = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(y)
        self._check_settings()
        self.image_shape_ = _image_shape(self.image_shape, self.n_features_in_)
        self.classes_, labels = np.unique(y, return_inverse=True)
        held_out = None if validation is None else self._held_out(*validation)
        random = check_random_state(self.random_state)
        start = start_layers(
            self.image_shape_,
            self.n_filters,
            len(self.classes_),
            conv_bias=self.conv_bias,
            dense_bias=self.dense_bias,
            batch_norm=self.batch_norm,
            random=random,
        )
        self.layers_ = flatten(start, np.float32)[1]
        self.history_ = pd.DataFrame(columns=COLUMNS if held_out else COLUMNS[:3], dtype=float).astype({"epoch": int})
        self.diverged_at_: int | None = None
        self.note_ = ""
        return self._epochs((self._images(rows), labels), held_out, random)

    def decision_function(self, X: ArrayLike) -> Floats:
        """Raw logits (n_samples, n_classes); for two classes their difference, for one its logit, (n_samples,)."""
        logits = self._logits(X)
        if len(self.classes_) > 2:
            return logits
        return logits[:, -1] - logits[:, 0] if len(self.classes_) == 2 else logits[:, 0]

    def predict_proba(self, X: ArrayLike) -> Floats:
        """The softmax of the logits, (n_samples, n_classes)."""
        logits = self._logits(X)
        shares: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class of the largest logit, (n_samples,); the first of equals."""
        best = self._logits(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Accuracy, 0 to 1; a tie of k classes for the largest logit counts as 1 / k (`share_right`)."""
        logits, labels = self._logits(X), np.asarray(y)
        places = np.searchsorted(self.classes_, labels).clip(max=len(self.classes_) - 1)
        right = share_right(logits, places) * (self.classes_[places] == labels)
        return float(np.average(right, weights=None if sample_weight is None else np.asarray(sample_weight)))

    def _logits(self, X: ArrayLike) -> Floats:
        check_is_fitted(self)
        images = self._images(validate_data(self, X, dtype=np.float32, reset=False))
        with np.errstate(all="ignore"):
            logits = predict_logits(self.layers_, images)
        if not np.isfinite(logits).all():
            raise InputError("`X` must hold numbers small enough for the logits to stay in float32's range")
        return logits

    def _images(self, X: Floats) -> Floats:
        return X.reshape(len(X), *self.image_shape_)

    def _held_out(self, X: ArrayLike, y: ArrayLike) -> Data:
        rows, y = validate_data(self, X, y, dtype=np.float32, reset=False)
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise InputError(f"`validation` must hold labels that training has, got {unknown[0]!s}")
        return self._images(rows), np.searchsorted(self.classes_, y)

    def _epochs(self, data: Data, held_out: Data | None, random: np.random.RandomState) -> Iterator[Row]:
        trainer = Trainer(self.layers_, self.learning_rate)
        rows: list[Row] = []
        for epoch in range(1, self.n_epochs + 1):
            order = random.permutation(len(data[0]))
            with np.errstate(all="ignore"):
                row = {"epoch": epoch, **_columns("train", trainer.epoch(*data, order, self.batch_size))}
                if held_out is not None:
                    row |= _columns("validation", loss_and_accuracy(trainer.layers, *held_out))
            if cause := trainer.divergence(*(value for name, value in row.items() if name.endswith("loss"))):
                self.diverged_at_, self.note_ = epoch, _divergence(epoch, cause)
                return
            rows.append(row)
            self.layers_ = tuple(layer.copy() for layer in trainer.layers)
            self.history_ = pd.DataFrame(rows)
            yield dict(row)

    def _check_settings(self) -> None:
        if isinstance(self.n_filters, (str, Integral)):
            raise InputError(f"`n_filters` must be a tuple of whole numbers, got {self.n_filters!r}")
        for filters in self.n_filters:
            whole("n_filters", filters, 1)
        whole("n_epochs", self.n_epochs, 0)
        whole("batch_size", self.batch_size, 1)
        number("learning_rate", self.learning_rate, 0, above=True)


def _columns(part: str, measured: tuple[float, float]) -> Row:
    return {f"{part}_loss": measured[0], f"{part}_accuracy": measured[1]}


def _divergence(epoch: int, cause: str) -> str:
    kept = f"those after epoch {epoch - 1}" if epoch > 1 else "those of the start"
    return f"Training diverged at epoch {epoch}: {cause}. The weights are {kept}."


def _image_shape(shape: Shape | None, n_features: int) -> Shape:
    if shape is None:
        side = math.isqrt(n_features)
        return (1, side, side) if side * side == n_features else (1, 1, n_features)
    for side in shape:
        whole("image_shape", side, 1)
    if len(shape) != 3 or math.prod(shape) != n_features:
        rule = f"(channels, height, width), which multiply to the {n_features} features of X"
        raise InputError(f"`image_shape` must be {rule}, got {shape!r}")
    return shape
