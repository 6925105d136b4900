"""What is said of a layer when its bias was moved: the numbers in place of what a printout could only assume."""

import re
from collections.abc import Sequence

from ...format import say
from ..module import Module
from ..report import Row
from ..verdict import (
    ABSORBED,
    ADDED,
    CANNOT_SEE,
    DROP_BIAS,
    HOLDS_IF,
    IN_USE,
    KEY,
    ONE_FREE,
    PART_STAYS,
    REDUNDANT,
    quoted_name,
)
from .measure import ALWAYS, CUT_OFF, MOVES, NEVER, NOISY, STAYS, TRAINED, UNREACHED, ZEROED, Asked, Move

IN_ITS_OWN = "in its own precision, since it does not run in float64,"
ONLY_NEARBY = "With these weights it changes nothing, with others near them it does: "
WHY_NOT = {
    NOISY: "",
    UNREACHED: "Neither its bias nor its weights change the output: with this example nothing of it gets there.",
    ZEROED: f"{ONLY_NEARBY}a weight after it is 0.",
    CUT_OFF: f"{ONLY_NEARBY}what it is part of is cut off here, as by a ReLU that is never on.",
}
_FUSED = re.compile(r"(?:^|_)q?kv(?:_|$)")  # several of query, key and value in one layer


def what_to_ask(row: Row, modules: Sequence[Module]) -> Asked:
    """What is claimed of a layer that moving all of its bias does not tell."""
    taken_by = [one.name for one in modules if row.change.endswith(f" {quoted_name(one)}.") and one.name != row.layer]
    fused = row.verdict == IN_USE and row.equation == KEY
    return Asked(
        row.layer,
        absorber=taken_by[0] if row.verdict == ABSORBED and taken_by else "",
        mean=row.verdict == IN_USE and row.equation in (ONE_FREE, PART_STAYS),
        parts=fused or bool(_FUSED.search(row.layer.rpartition(".")[2])),
    )


def decide(row: Row, move: Move) -> Row:
    """The row with what the numbers say."""
    assumed = row.reason.partition(f" {HOLDS_IF}")[0]  # what it holds if: the numbers have it in
    figure = f"Moved at random, it changes the output by {say(move.change)} of its size at most"
    if move.found == STAYS:
        same = row.verdict == REDUNDANT
        why = f"{figure}: that is rounding.{f' {assumed}' if same else ''}"
        return row._replace(verdict=REDUNDANT, reason=why, change=row.change if same else DROP_BIAS)
    if move.found in (NOISY, UNREACHED):
        drowned = f"{figure}, and rounding alone changes it by {say(move.noise)}: too near to tell."
        return row._replace(verdict=CANNOT_SEE, reason=WHY_NOT[move.found] or drowned, equation="", change="", proof="")
    if move.found in WHY_NOT:
        return _in_use(row, WHY_NOT[move.found])
    if move.change == float("inf"):
        figure = "Moved at random, it changes the shape of the output, or the model no longer runs"
    return _moves(row, move, f"{figure}.", assumed)


def _moves(row: Row, move: Move, figure: str, assumed: str) -> Row:
    """A bias at work: with what was found of its parts, or of the next layer."""
    if move.idle:
        return _in_use(row, f"{figure} {_say_idle(move)}")
    if move.still is not None:
        return _in_use(row, f"{figure} {_say_still(move)}", KEY if move.still else ADDED)
    if row.verdict == ABSORBED:
        return _absorbed(row, move, figure, assumed)
    if row.verdict != IN_USE:
        return _in_use(row, figure)
    if move.mean == MOVES:
        return _in_use(row, f"{figure} The same number added to all of b moves it too: the mean of b is not free.")
    return row._replace(reason=f"{figure} {assumed if move.mean == STAYS else row.reason}")


def _absorbed(row: Row, move: Move, figure: str, assumed: str) -> Row:
    if move.folds == NEVER:
        left = f"Once the next layer's bias takes it over, the change is still {say(move.left)}: nothing absorbs it."
        return _in_use(row, f"{figure} {left}")
    told = {ALWAYS: assumed, TRAINED: f"{assumed} That is so after training; in training it is not, as with dropout."}
    return row._replace(reason=f"{figure} {told.get(move.folds, row.reason)}")


def _in_use(row: Row, reason: str, equation: str = ADDED) -> Row:
    return row._replace(verdict=IN_USE, reason=reason, equation=equation, change="", proof="")


def _say_idle(move: Move) -> str:
    names = " and ".join(f"`{name}`" for name in move.idle)
    one = len(move.idle) == 1
    return f"On {'its' if one else 'their'} own {names} {'changes' if one else 'change'} nothing: " + (
        f"{say(sum(move.idle.values()))} numbers are redundant."
    )


def _say_still(move: Move) -> str:
    if not move.still:
        return f"None of its {say(move.numbers)} numbers is free: what all keys have in common moves it too."
    return (
        f"{say(move.still)} of its {say(move.numbers)} numbers change nothing when only they are moved: those of the "
        "key, since the softmax takes what all keys have in common."
    )
