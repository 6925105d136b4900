r"""What each norm makes of a bias that arrives at it.

A norm lets go of b where the mean that it subtracts is taken over one channel alone, over the axes where b is constant

    BatchNorm, InstanceNorm, GroupNorm of one channel a group, LayerNorm of each map

and only if b arrives as it left: with as many channels as the norm has, and nothing unseen on its way.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from .. import verdict as fates
from ..module import Module
from ..verdict import REDUNDANT, Fate, called, unseen
from .order import CERTAIN, HIDDEN
from .torch_modules import BATCH_NORMS, INSTANCE_NORMS, wholes

DIVIDERS = frozenset({"RMSNorm", "LocalResponseNorm", "CrossMapLRN2d"})
NOT_TOLD = "Whether something runs between it and {} is not printed: a sum, a branch or a reshape."


@dataclass(frozen=True)
class Way:
    """A bias on its way.

    Attributes
    ----------
    channels : int or None
        How many numbers b has.
    dims : int or None
        Axes of places after the channels; 0 where the channels are the last axis (features); None: not told.
    flat : bool
        Places were flattened into the channels.
    doubt : int
        CERTAIN, PRINTED or HIDDEN.
    dropout, pool : Module or None
        What it passed that a norm does not undo.
    """

    channels: int | None
    dims: int | None
    flat: bool = False
    doubt: int = CERTAIN
    dropout: Module | None = None
    pool: Module | None = None


def sides(module: Module, name: str) -> tuple[int, ...]:
    """Whole numbers of an argument; none where they are not told."""
    try:
        return wholes(module.arguments, name)
    except LookupError:
        return ()


def despite(fate: Fate, way: Way) -> Fate:
    """A norm's verdict after what the bias passed on its way."""
    if fate.verdict != REDUNDANT:
        return fate
    if way.dropout:
        return fates.with_dropout(fate, way.dropout)
    return fates.with_padded_pool(fate, way.pool) if way.pool else fate


def _cancelled(norm: Module, way: Way, dims: tuple[int | None, ...], fate: Fate) -> Fate:
    """A norm that takes each channel's mean, if it is there that the bias arrives."""
    if way.doubt == HIDDEN:
        return unseen(NOT_TOLD.format(called(norm)))
    if way.dims not in dims:
        return unseen(
            f"{called(norm)} follows, but takes another shape than this layer gives: a reshape is not printed."
        )
    if not way.channels or norm.channels is None or norm.channels % way.channels:
        return _mismatch(norm, way)
    if norm.channels != way.channels and not way.flat:
        return _mismatch(norm, way)
    return despite(fate, way)


def _mismatch(norm: Module, way: Way) -> Fate:
    told = "not told" if norm.channels is None else norm.channels
    return unseen(f"{called(norm)} follows, but its channels ({told}) are not those of this layer ({way.channels}).")


def _batch_norm(norm: Module, way: Way) -> Fate:
    dims = {"BatchNorm1d": (0, 1, None), "BatchNorm2d": (2, None), "BatchNorm3d": (3, None)}
    return _cancelled(norm, way, dims.get(norm.kind, (0, 1, 2, 3, None)), fates.cancelled_by_batch(norm))


def _instance_norm(norm: Module, way: Way) -> Fate:
    if way.dims == 0 and way.doubt != HIDDEN and not way.flat and (way.channels or 0) > 1:
        return fates.part_stays(norm, "a row of features", "layer_norm")
    tracked = norm.arguments.get("track_running_stats") is not False
    fate = fates.cancelled_by_batch(norm) if tracked else fates.cancelled_at_once(norm)
    return _cancelled(norm, way, (int(norm.kind[-2]), None), fate)


def _group_norm(norm: Module, way: Way) -> Fate:
    groups = norm.arguments.get("num_groups")
    if norm.channels is None or not isinstance(groups, int) or way.flat or way.channels == 1:
        return unseen(NOT_TOLD.format(called(norm)))
    if groups == norm.channels:
        return _cancelled(norm, way, (1, 2, 3, None), fates.cancelled_at_once(norm))
    return fates.part_stays(norm, f"the {norm.channels // max(groups, 1)} channels of a group", "group_norm")


def _layer_norm(norm: Module, way: Way) -> Fate:
    shape, fate = sides(norm, "normalized_shape"), fates.cancelled_at_once(norm)
    if not shape or way.channels is None or way.dims is None:
        return unseen(NOT_TOLD.format(called(norm)))
    if way.channels == 1:
        return _cancelled(replace(norm, channels=1), way, (way.dims,), fate)
    if way.dims == 0 or len(shape) > way.dims:
        return fates.part_stays(norm, "all channels", "layer_norm")
    if shape[-1] == way.channels:
        return fates.which_axis(norm)
    if way.doubt != CERTAIN:
        return unseen(NOT_TOLD.format(called(norm)))
    return despite(fate, way)


NORM_RULES: tuple[tuple[frozenset[str], Callable[[Module, Way], Fate]], ...] = (
    (BATCH_NORMS, _batch_norm),
    (INSTANCE_NORMS, _instance_norm),
    (frozenset({"GroupNorm"}), _group_norm),
    (frozenset({"LayerNorm"}), _layer_norm),
    (frozenset({"LayerNorm2d"}), lambda norm, _way: fates.part_stays(norm, "all channels", "layer_norm")),
    (frozenset({"FrozenBatchNorm2d"}), lambda norm, way: _cancelled(norm, way, (2, None), fates.frozen(norm))),
    (DIVIDERS, lambda norm, _way: fates.divided(norm)),
)
"""Kinds of norms -> their rule."""
