r"""Is `bias=False` safe in this model? Asked of a torch.nn.Module in memory; torch itself is never imported here.

Without an example its modules are judged as those of a printout are, from what they hold. With one each bias is moved
at random in a copy of the model, in float64 and in training mode, and the outputs f are compared:

    max |f(x; b + d) - f(x; b)| / max |f(x; b)|

A printout does not show sums, an activation that is used twice, or the order in `forward`; numbers have them all in.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import InputError
from ...format import say
from ..printout.audit import ASSUMES, judge_modules
from ..report import Audit, Row
from ..verdict import ABSORBED, ADDED, CANNOT_SEE, DROP_BIAS, HOLDS_IF, IN_USE, REDUNDANT
from .measure import STAYS, UNREACHED, ZEROED, Move, measure
from .read import read_model, tied_biases

Progress = Callable[[int, int], None]
DECIDED = (
    "Decided by numbers: in a copy of the model, in float64 and in training mode with the statistics of its batches, "
    "each bias was moved at random, random draws held fixed, and the output compared. A bias is redundant where "
    "nothing changes, neither with these weights nor with others near them; it holds for the way that this example "
    "takes."
)


def audit_model(model: Any, example: Any = None, *, progress: Progress | None = None) -> Audit:
    """Audit a torch.nn.Module in memory, which stays as it is to the last bit.

    `example` is an input: a tensor, a tuple of all arguments, or a dict of arguments by name. `progress` is called with
    how many biases are done and how many there are. InputError where the model is none, cannot be copied, or does not
    run on the example.

    Examples
    --------
    >>> audit_model("Linear(2, 3)")
    Traceback (most recent call last):
    core.errors.InputError: `model` must be a torch.nn.Module in memory, got str
    """
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        raise InputError(
            f"`model` must be a torch.nn.Module in memory, got {type(model).__name__}",
            hint="Give what print(model) shows to audit_printout, a file of weights to audit_checkpoint.",
        )
    modules, judged = read_model(model)
    tied = tied_biases(model)
    rows = tuple(_say_tie(row, tied) for row in judge_modules(modules, judged))
    if example is None:
        return Audit(modules, rows, ASSUMES)
    names = [row.layer for row in rows if row.bias_parameters]
    moves = measure(torch, model, example, names, progress)
    return Audit(modules, _decide(rows, moves), DECIDED)


def _say_tie(row: Row, tied: Mapping[str, str]) -> Row:
    """A bias that is shared is judged where it stands first."""
    if row.layer not in tied or row.bias_parameters:
        return row
    why = f"Its bias is that of `{tied[row.layer]}`, and is judged and counted there."
    return row._replace(reason=why, equation="", change="", proof="")


def _decide(rows: Sequence[Row], moves: dict[str, Move]) -> tuple[Row, ...]:
    """Each row with what the numbers say in place of what is only assumed."""
    return tuple(_decide_one(row, moves[row.layer]) if row.layer in moves else row for row in rows)


def _decide_one(row: Row, move: Move) -> Row:
    assumed = row.reason.partition(f" {HOLDS_IF}")[0]  # what it holds if: the numbers have it in
    figure = f"Moved at random, it changes the output by {say(move.change)} of its size at most"
    if move.found == STAYS:
        same = row.verdict == REDUNDANT
        why = f"{figure}: that is rounding.{f' {assumed}' if same else ''}"
        return row._replace(verdict=REDUNDANT, reason=why, change=row.change if same else DROP_BIAS)
    if move.found == UNREACHED:
        why = "Neither its bias nor its weights change the output: with this example nothing of it gets there."
        return row._replace(verdict=CANNOT_SEE, reason=why, equation="", change="", proof="")
    if move.found == ZEROED:
        why = "With these weights it changes nothing, with others near them it does: a weight after it is 0."
        return row._replace(verdict=IN_USE, reason=why, equation=ADDED, change="", proof="")
    keeps = row.verdict in (ABSORBED, IN_USE)
    reason = f"{figure}.{f' {assumed}' if keeps else ''}"
    if keeps:
        return row._replace(reason=reason)
    return row._replace(verdict=IN_USE, reason=reason, equation=ADDED, change="", proof="")
