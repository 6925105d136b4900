"""Convolution of pictures with kernels, as every deep-learning library means it (cross-correlation).

A filter looks at all channels of a picture at once; its bias is one number, added at every position:

    maps[n, k, y, x] = bias[k] + sum over c, i, j of
        kernels[k, c, i, j] * padded[n, c, y * stride_h + i * dilation_h, x * stride_w + j * dilation_w]

Shapes: images (n, channels, height, width), kernels (n_kernels, channels, kernel_h, kernel_w), bias (n_kernels,),
maps (n, n_kernels, h_out, w_out), where in either direction

    h_out = (height + padding_before + padding_after - dilation_h * (kernel_h - 1) - 1) // stride_h + 1

Source: the definition of `torch.nn.functional.conv2d` with one group
(https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html), which the tests hold it against.

How plain numpy is made fast: each row of the maps is one matrix product, the kernels times all that they see from that
row. A buffer holds the lines of the padded picture once per kernel column, (lines, channels, kernel_w, n, w_out), so
that the kernel_h lines under a row are one matrix already, which overlaps that of the next row: only kernel_w copies
are made, and BLAS adds up over channels and both sides of the kernel. The buffer is refilled for one band of rows, or
of small pictures, after the other, so that it stays in the cache however large the input is. Small pictures stand side
by side in the products, which are put in order afterwards; a single picture's go into the maps at once.
"""

import operator
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

Floats: TypeAlias = NDArray[np.floating]
Pair: TypeAlias = int | tuple[int, int]

BAND = 2**18  # numbers in the buffers of one band: 1 MB of float32, which a second- or third-level cache holds


def conv2d(
    images: ArrayLike,
    kernels: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: Pair = 1,
    padding: Pair | Literal["valid", "same"] = 0,
    dilation: Pair = 1,
) -> Floats:
    """Slide every kernel over every picture, and add each kernel's bias where there is one.

    Parameters
    ----------
    images : array, (n, channels, height, width)
        Real numbers of any range; nothing may be empty. NaN and infinity spread as arithmetic has it, unannounced.
    kernels : array, (n_kernels, channels, kernel_h, kernel_w)
        One block of weights per filter. Not flipped: this is cross-correlation.
    bias : array, (n_kernels,), or None
        One number per filter, added at all positions. None: nothing is added.
    stride, dilation : int or (int, int), at least 1
        Steps, in pixels, of the kernel over the picture and between the kernel's own weights; a pair is (down, right).
    padding : int or (int, int), at least 0, or "valid" or "same"
        Zeros, in pixels, put around the picture. "valid" is none. "same" keeps height and width and needs stride 1;
        where an odd number of zeros is needed, the extra one stands at the bottom or right.

    Returns
    -------
    maps : array, (n, n_kernels, h_out, w_out)
        float32 where all arrays are float32, float64 in every other case.

    Raises
    ------
    InputError
        Where the arrays' shapes do not fit each other, the kernels reach beyond the padded picture, something is empty
        or not a real number, or stride, padding or dilation is none of the above.

    Examples
    --------
    The kernel takes the right neighbour's value minus one's own; the bias of 10 lifts every position.

    >>> picture = [[[[0.0, 1.0, 3.0],
    ...              [5.0, 5.0, 4.0]]]]
    >>> edges = [[[[-1.0, 1.0]]]]
    >>> conv2d(picture, edges)
    array([[[[ 1.,  2.],
             [ 0., -1.]]]])
    >>> conv2d(picture, edges, [10.0])
    array([[[[11., 12.],
             [10.,  9.]]]])

    "same" puts the missing column of zeros on the right:

    >>> conv2d(picture, edges, padding="same")
    array([[[[ 1.,  2., -3.],
             [ 0., -1., -4.]]]])
    """
    arrays = _floats(images=images, kernels=kernels, bias=bias)
    pictures, weights, offsets = arrays["images"], arrays["kernels"], arrays.get("bias")
    _check_shapes(pictures, weights, offsets)
    rows, columns = _axes(pictures.shape, weights.shape, stride, padding, dilation)
    maps = np.empty((len(pictures), len(weights), rows.places, columns.places), pictures.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        _fill(maps, pictures, weights, offsets, rows, columns)
    return maps


class _Axis(NamedTuple):
    """How kernel and picture meet in one direction, down or right; in pixels."""

    size: int  # of the picture, without padding
    kernel: int
    stride: int
    dilation: int
    before: int  # zeros above, or to the left
    places: int  # that the kernel takes, one after the other; below 1 where it does not fit

    @property
    def step(self) -> int:
        """By how many lines of the buffer two neighbouring places are apart: they share lines unless dilated."""
        return self.stride if self.dilation == 1 else self.kernel

    def lines(self, places: int) -> int:
        """How many lines of the buffer the kernel sees from so many places in a row."""
        return self.step * (places - 1) + self.kernel


def _fill(maps: Floats, images: Floats, kernels: Floats, bias: Floats | None, rows: _Axis, columns: _Axis) -> None:
    """Compute the maps, band by band."""
    n_kernels, channels, _, kernel_w = kernels.shape
    weights = kernels.transpose(0, 2, 1, 3).reshape(n_kernels, -1)  # in the order of the buffer
    size = 0
    for pictures, places in _bands(maps.shape, channels * kernel_w * rows.step + n_kernels):
        part = maps[pictures, :, places].transpose(1, 2, 0, 3)  # (n_kernels, height, n, w_out)
        _, height, n, width = part.shape
        if n != size:  # of as many pictures, the first band is the highest
            size = n
            buffer = _zeros((rows.lines(height), channels, kernel_w, n, width), maps.dtype)
            scratch = part if n == 1 else _zeros(part.shape, maps.dtype)
        lines = buffer[: rows.lines(height)]
        _unroll(images[pictures], rows, columns, places.start, lines)
        products = part if n == 1 else scratch
        np.matmul(weights, _seen(lines, rows, height), out=_merged(products).transpose(1, 0, 2))
        if bias is not None:
            products += bias[:, None, None, None]
        if n > 1:
            part[...] = products


def _bands(shape: tuple[int, ...], depth: int) -> Iterator[tuple[slice, slice]]:
    """Cut maps of this shape into (pictures, rows) whose buffers, `depth` numbers per position, fit BAND."""
    n, _, height, width = shape
    n_rows = _share(height, depth * width)
    n_pictures = _share(n, depth * width * height)
    for picture in range(0, n, n_pictures):
        for row in range(0, height, n_rows):
            yield slice(picture, min(picture + n_pictures, n)), slice(row, min(row + n_rows, height))


def _share(count: int, size: int) -> int:
    """How many of `count` things of this size to take at once: as equal parts as fit BAND."""
    return -(-count // -(-count // max(BAND // size, 1)))


def _zeros(shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Floats:
    """Zeros of shape (..., n, width); pictures lie innermost where that makes the longer runs of numbers."""
    *outer, n, width = shape
    return np.zeros((*outer, width, n), dtype).swapaxes(-1, -2) if n > 2 * width else np.zeros(shape, dtype)


def _merged(values: Floats) -> Floats:
    """A view with the last two axes as one, in the order of memory."""
    ordered = values.swapaxes(-1, -2) if values.strides[-1] > values.strides[-2] else values
    return ordered.reshape(*values.shape[:-2], -1)


def _unroll(images: Floats, rows: _Axis, columns: _Axis, place: int, out: Floats) -> None:
    """Copy the lines seen from `place` on into out (n_lines, channels, kernel_w, n, w_out), per kernel column.

    Padding at the sides is what is never written: `out` comes in as zeros, or as an earlier band left it.
    """
    pixels = images.transpose(2, 1, 0, 3)
    start, shared = place * rows.stride - rows.before, rows.dilation == 1
    for i in range(1 if shared else rows.kernel):
        part = out if shared else out[i :: rows.kernel]
        step = 1 if shared else rows.stride
        inside, taken = _overlap(start + i * rows.dilation, step, len(part), rows.size)
        part[: inside.start] = 0
        part[inside.stop :] = 0
        for j in range(columns.kernel):
            start_j = j * columns.dilation - columns.before
            inside_j, taken_j = _overlap(start_j, columns.stride, columns.places, columns.size)
            part[inside, :, j, :, inside_j] = pixels[taken, :, :, taken_j]


def _overlap(start: int, step: int, count: int, size: int) -> tuple[slice, slice]:
    """Which of `count` positions start, start + step, ... lie in range(size), and where they lie there."""
    first = max(-(start // step), 0)  # ceil(-start / step)
    last = max(min(-((start - size) // step), count), first)
    return slice(first, last), slice(start + first * step, start + last * step, step)


def _seen(lines: Floats, rows: _Axis, height: int) -> Floats:
    """What the kernel sees from each row, as overlapping matrices (height, kernel_h * channels * kernel_w, n * w_out).

    A view: the lines of a place lie one after the other, so that their rows are as far apart as those of one line.
    """
    merged = _merged(lines)
    _, channels, kernel_w, width = merged.shape
    shape = height, rows.kernel * channels * kernel_w, width
    return np.ndarray(shape, lines.dtype, merged, strides=(rows.step * merged.strides[0], *merged.strides[2:]))


def _floats(**values: ArrayLike | None) -> dict[str, Floats]:
    """The arrays that are there, as float32 where all of them are, else as float64."""
    arrays = {name: _real(name, value) for name, value in values.items() if value is not None}
    single = all(array.dtype == np.float32 for array in arrays.values())
    return {name: array.astype(np.float32 if single else np.float64, copy=False) for name, array in arrays.items()}


def _real(name: str, value: ArrayLike) -> NDArray[np.generic]:
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError(f"`{name}` must be one array of numbers, got rows of unequal lengths") from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"`{name}` must hold real numbers, got {array.dtype}")
    return array


def _check_shapes(images: Floats, kernels: Floats, bias: Floats | None) -> None:
    if images.ndim != 4 or kernels.ndim != 4:
        axes = "(n, channels, height, width) and `kernels` (n_kernels, channels, kernel_h, kernel_w)"
        raise InputError(f"`images` must be {axes}, {_got(images, kernels)}")
    if 0 in images.shape + kernels.shape:
        raise InputError(f"`images` and `kernels` must not be empty, {_got(images, kernels)}")
    if images.shape[1] != kernels.shape[1]:
        raise InputError(f"`kernels` must have as many channels as `images`, {_got(images, kernels)}")
    if bias is not None and bias.shape != kernels.shape[:1]:
        raise InputError(f"`bias` must be one number per kernel, got bias {bias.shape} and kernels {kernels.shape}")


def _got(images: Floats, kernels: Floats) -> str:
    return f"got images {images.shape} and kernels {kernels.shape}"


def _axes(
    images: tuple[int, ...],
    kernels: tuple[int, ...],
    stride: Pair,
    padding: Pair | Literal["valid", "same"],
    dilation: Pair,
) -> tuple[_Axis, _Axis]:
    """The direction down and the direction right, from the shapes and the visitor's settings."""
    steps = _pair("stride", stride, least=1)
    gaps = _pair("dilation", dilation, least=1)
    rims = _rims(padding, kernels[2:], steps, gaps)
    rows, columns = (_axis(images[d + 2], kernels[d + 2], steps[d], gaps[d], *rims[d]) for d in (0, 1))
    if min(rows.places, columns.places) < 1:
        raise InputError(
            f"`kernels` must fit into the padded images, got kernels {kernels} with dilation {dilation} "
            f"and images {images} with padding {padding}"
        )
    return rows, columns


def _axis(size: int, kernel: int, stride: int, dilation: int, before: int, after: int) -> _Axis:
    free = size + before + after - dilation * (kernel - 1) - 1  # by which the padded picture outreaches the kernel
    return _Axis(size, kernel, stride, dilation, before, free // stride + 1)


def _rims(
    padding: Pair | Literal["valid", "same"], kernel: tuple[int, ...], steps: tuple[int, int], gaps: tuple[int, int]
) -> tuple[tuple[int, int], ...]:
    """The zeros (before, after) in each direction."""
    if padding == "same":
        if steps != (1, 1):
            raise InputError(f'`stride` must be 1 where `padding` is "same", got {steps}')
        totals = [gap * (size - 1) for gap, size in zip(gaps, kernel, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    if padding == "valid":
        return (0, 0), (0, 0)
    if isinstance(padding, str):
        raise InputError(f'`padding` must be "valid", "same" or a number of pixels, got "{padding}"')
    return tuple((rim, rim) for rim in _pair("padding", padding, least=0))


def _pair(name: str, value: Pair, *, least: int) -> tuple[int, int]:
    try:
        down, right = map(operator.index, value if isinstance(value, (tuple, list)) else (value, value))
        if min(down, right) >= least:
            return down, right
    except (TypeError, ValueError):
        pass
    raise InputError(f"`{name}` must be a whole number of at least {least}, or a pair of them, got {value!r}")
