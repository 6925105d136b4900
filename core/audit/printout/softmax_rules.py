r"""What a softmax leaves of a bias: what all the numbers that it compares have in common, it takes away.

    softmax(z + c)_i = exp(z_i + c) / sum_j exp(z_j + c) = softmax(z)_i

so that b is redundant where the softmax runs over places, or where there is one channel alone; over K channels it takes
the mean of b, one number of K. Cross-entropy has the softmax in it.
"""

from .. import verdict as verdicts
from ..module import Module
from ..verdict import DEPENDS, SHIFTED, Verdict, kind_and_name
from .norm_rules import BiasState, cannot_see_before
from .order import HIDDEN
from .torch_modules import SOFTMAXES

SOFTMAX_LIKE = SOFTMAXES | {"CrossEntropyLoss"}
CHANNELS, PLACES = "channels", "places"


def meet_softmax(softmax: Module, state: BiasState) -> Verdict:
    """What becomes of a bias at a softmax, or at a loss with one inside.

    Examples
    --------
    >>> meet_softmax(Module("s", "Softmax", arguments={"dim": -1}), BiasState(channels=10, dims=0)).answer
    'in use'
    >>> meet_softmax(Module("s", "Softmax", arguments={"dim": -1}), BiasState(channels=10, dims=2)).answer
    'redundant'
    """
    if not state.channels or state.doubt >= HIDDEN:
        return cannot_see_before(softmax)
    axis = _axis(softmax, state)
    if state.channels == 1 or axis == PLACES:
        return _take(softmax, state)
    if axis == CHANNELS:
        return verdicts.softmax_takes_mean(softmax, state.channels)
    why = (
        f"It depends on how many axes arrive at {kind_and_name(softmax)}: over the channels it takes the mean of b, "
        "over places or samples all of b."
    )
    return Verdict(DEPENDS, why, SHIFTED)


def _take(softmax: Module, state: BiasState) -> Verdict:
    between = state.dropout or state.pool
    if between:
        why = f"It depends on {kind_and_name(between)}, which may set values to 0 without b before the softmax takes b."
        return Verdict(DEPENDS, why, SHIFTED)
    what = "b, one number, is" if state.channels == 1 else "b is, at all places,"
    return verdicts.softmax_takes_it(softmax, f"{what} the same in all that it compares")


def _axis(softmax: Module, state: BiasState) -> str:
    """Whether a softmax runs over channels or places; "" where it is not told."""
    if softmax.kind in ("Softmax2d", "CrossEntropyLoss"):
        return CHANNELS
    dim = softmax.arguments.get("dim")
    if state.dims == 0:  # features are last; of a row of them per sample they are axis 1 too
        return CHANNELS if dim in (-1, 1, None) else PLACES if isinstance(dim, int) and dim < 0 else ""
    if state.dims is None or not isinstance(dim, int) or dim == 0:
        return ""
    return CHANNELS if dim % (state.dims + 2) == 1 else PLACES
