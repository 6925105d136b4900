r"""Is `bias=False` safe in this model? Asked of a torch.nn.Module in memory; torch itself is never imported here.

Without an example its modules are judged as those of a printout are, from what they hold. With one each bias is moved
at random in a copy of the model, in float64 and in training mode, and the outputs f are compared:

    max_i |f_i(x; b + d) - f_i(x; b)| / max(|f_i(x; b)|, S),    S the size of what the weights move

A printout does not show sums, an activation that is used twice, or the order in `forward`; numbers have them all in.
What a printout claims on a condition, that another layer's bias takes b over, or that the key's numbers or the mean of
b are free, is measured too, or keeps its condition.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import InputError
from ..printout.audit import ASSUMES, judge_modules
from ..report import Audit, Row
from .copies import RUN_IT_FIRST
from .decide import IN_ITS_OWN, decide, what_to_ask
from .measure import measure
from .read import lazy_modules, read_model, tied_biases

Progress = Callable[[int, int], None]
DECIDED = (
    "Decided by numbers: in a copy of the model, in float64 and in training mode with the statistics of its batches, "
    "each bias was moved at random, random draws held fixed, and the output compared. A bias is redundant where "
    "nothing changes but by rounding, which is measured too, neither with these weights nor with others near them; it "
    "holds for the way that this example takes."
)


def audit_model(model: Any, example: Any = None, *, progress: Progress | None = None) -> Audit:
    """Audit a torch.nn.Module in memory, which stays as it is to the last bit.

    `example` is an input: a tensor, a tuple of all arguments, or a dict of arguments by name. `progress` is called with
    how many biases are done and how many there are. InputError where the model is none, cannot be copied, is lazy and
    has not run yet, or does not run on the example.

    A copy runs, several times for each bias. The model's hooks are part of what it does, so they run with it, and get
    the copy's modules; what one writes into the model itself (tensors, attributes) is put back at the end, what it
    writes elsewhere, such as a count in a list of yours, stays.

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
    tied, lazy = tied_biases(model), lazy_modules(model)
    rows = tuple(_say_lazy(_say_tie(row, tied), lazy) for row in judge_modules(modules, judged))
    if example is None:
        return Audit(modules, rows, ASSUMES)
    asked = [what_to_ask(row, modules) for row in rows if row.bias_parameters]
    moves, in_float64 = measure(torch, model, example, asked, progress)
    decided = tuple(decide(row, moves[row.layer]) if row.layer in moves else row for row in rows)
    return Audit(modules, decided, DECIDED if in_float64 else DECIDED.replace("in float64", IN_ITS_OWN))


def _say_tie(row: Row, tied: Mapping[str, str]) -> Row:
    """A bias that is shared is judged where it stands first."""
    if row.layer not in tied or row.bias_parameters:
        return row
    why = f"Its bias is that of `{tied[row.layer]}`, and is judged and counted there."
    return row._replace(reason=why, equation="", change="", proof="")


def _say_lazy(row: Row, lazy: Mapping[str, str]) -> Row:
    """A layer that holds no numbers yet."""
    return row._replace(reason=f"It makes its numbers when it first runs. {RUN_IT_FIRST}") if row.layer in lazy else row
