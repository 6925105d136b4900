r"""What each norm makes of a bias that arrives at it.

A norm lets go of b where the mean that it subtracts is taken over one channel alone, over the axes where b is constant

    BatchNorm, InstanceNorm, GroupNorm of one channel a group, LayerNorm of each map

and only if b arrives as it left: with as many channels as the norm has, and nothing unseen on its way.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from .. import verdict as verdicts
from ..module import Module
from ..verdict import CANNOT_SEE, IN_USE, REDUNDANT, Verdict, kind_and_name
from .order import CERTAIN, HIDDEN
from .torch_modules import BATCH_NORMS, INSTANCE_NORMS, whole_numbers

ANY_DIMS = (0, 1, 2, 3, None)
BATCH_NORM_DIMS = {"BatchNorm1d": (0, 1, None), "BatchNorm2d": (2, None), "BatchNorm3d": (3, None)}


@dataclass(frozen=True)
class BiasState:
    """A bias on its way: `channels` numbers, with `dims` axes of places after the channels.

    dims is 0 where the channels are the last axis (features), and None where it is not told; flat where places were
    flattened into the channels; doubt is CERTAIN, PRINTED or HIDDEN. A norm does not undo a dropout, pool on the way.
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
        return whole_numbers(module.arguments, name)
    except LookupError:
        return ()


def weaken(verdict: Verdict, state: BiasState) -> Verdict:
    """A norm's verdict after what the bias passed on its way."""
    if verdict.answer != REDUNDANT:
        return verdict
    if state.dropout:
        return verdicts.dropout_decides(verdict, state.dropout)
    return verdicts.padded_pool_decides(verdict, state.pool) if state.pool else verdict


def cannot_see_before(module: Module) -> Verdict:
    """Nobody can tell what the module gets."""
    name = kind_and_name(module)
    why = f"Whether something runs between it and {name} is not printed: a sum, a branch or a reshape."
    return Verdict(CANNOT_SEE, why)


def _if_it_fits(norm: Module, state: BiasState, dims: tuple[int | None, ...], verdict: Verdict) -> Verdict:
    """The verdict of a norm that takes each channel's mean, if it is there that the bias arrives."""
    if state.doubt >= HIDDEN:
        return cannot_see_before(norm)
    name = kind_and_name(norm)
    if state.dims not in dims:
        return Verdict(
            CANNOT_SEE, f"{name} follows, but takes another shape than this layer gives: a reshape is not printed."
        )
    if not _has_its_channels(norm, state):
        told = "not told" if norm.channels is None else norm.channels
        return Verdict(
            CANNOT_SEE, f"{name} follows, but its channels ({told}) are not those of this layer ({state.channels})."
        )
    return weaken(verdict, state)


def _has_its_channels(norm: Module, state: BiasState) -> bool:
    if not state.channels or norm.channels is None:
        return False
    return norm.channels % state.channels == 0 if state.flat else norm.channels == state.channels


def _batch_norm(norm: Module, state: BiasState) -> Verdict:
    dims = BATCH_NORM_DIMS.get(norm.kind, ANY_DIMS)
    return _if_it_fits(norm, state, dims, verdicts.batch_mean_takes_it(norm))


def _instance_norm(norm: Module, state: BiasState) -> Verdict:
    if state.dims == 0 and state.doubt < HIDDEN and not state.flat and (state.channels or 0) > 1:
        return verdicts.part_stays(norm, "a row of features", "layer_norm", free=_free(1, state))
    tracked = norm.arguments.get("track_running_stats") is not False
    verdict = verdicts.batch_mean_takes_it(norm) if tracked else verdicts.channel_mean_takes_it(norm)
    return _if_it_fits(norm, state, (int(norm.kind[-2]), None), verdict)


def _frozen_norm(norm: Module, state: BiasState) -> Verdict:
    return _if_it_fits(norm, state, (2, None), verdicts.mean_never_moves(norm))


def _group_norm(norm: Module, state: BiasState) -> Verdict:
    groups = norm.arguments.get("num_groups")
    if norm.channels is None or not isinstance(groups, int) or state.flat or state.channels == 1:
        return cannot_see_before(norm)
    if groups == norm.channels:
        return _if_it_fits(norm, state, (1, 2, 3, None), verdicts.channel_mean_takes_it(norm))
    over = f"the {norm.channels // max(groups, 1)} channels of a group"
    return verdicts.part_stays(norm, over, "group_norm", free=_free(groups, state))


def _layer_norm(norm: Module, state: BiasState) -> Verdict:
    shape, verdict = sides(norm, "normalized_shape"), verdicts.channel_mean_takes_it(norm)
    if not shape or state.channels is None or state.dims is None:
        return cannot_see_before(norm)
    if state.channels == 1:
        return _if_it_fits(replace(norm, channels=1), state, (state.dims,), verdict)
    if state.dims == 0 or len(shape) > state.dims:
        return _norm_of_all_channels(norm, state)
    if shape[-1] == state.channels:
        return verdicts.last_axis_decides(norm)
    return weaken(verdict, state) if state.doubt == CERTAIN else cannot_see_before(norm)


def _norm_of_all_channels(norm: Module, state: BiasState) -> Verdict:
    return verdicts.part_stays(norm, "all channels", "layer_norm", free=_free(1, state))


def _free(count: int, state: BiasState) -> int:
    """How many numbers of b are free: none is said to be where something may stand between."""
    return count if state.doubt == CERTAIN and not state.dropout and not state.pool else 0


def _dividing_norm(norm: Module, _state: BiasState) -> Verdict:
    why = f"{kind_and_name(norm)} subtracts no mean: b is part of what it divides, and of what it divides by."
    return Verdict(IN_USE, why, verdicts.DIVIDED, proof="rms_norm" if norm.kind == "RMSNorm" else "")


NORM_RULES: dict[str, Callable[[Module, BiasState], Verdict]] = {
    **dict.fromkeys(BATCH_NORMS, _batch_norm),
    **dict.fromkeys(INSTANCE_NORMS, _instance_norm),
    "FrozenBatchNorm2d": _frozen_norm,
    "GroupNorm": _group_norm,
    "LayerNorm": _layer_norm,
    "LayerNorm2d": _norm_of_all_channels,
    **dict.fromkeys(("RMSNorm", "LocalResponseNorm", "CrossMapLRN2d"), _dividing_norm),
}
"""Kind of norm -> its rule."""
