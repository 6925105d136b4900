def pairs(maps: np.ndarray, axis: int) -> np.ndarray:
    """Every first and every second number along an axis."""
    shape = (*maps.shape[:axis], -1, 2, *maps.shape[axis + 1 :])
    return np.moveaxis(maps.reshape(shape), axis + 1, 0)


def unpooled(gradient: np.ndarray, maps: np.ndarray, axis: int) -> np.ndarray:
    """The gradient before a max pool: all of it goes to the larger of a pair."""
    first, second = pairs(maps, axis)
    taken = gradient * (first >= second)
    return np.stack([taken, gradient - taken], axis=axis + 1).reshape(maps.shape)
