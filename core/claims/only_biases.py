"""What biases do alone: the questions of the page of that name, and the article's first sentence, from the record."""

from ..question import Found
from ..studies.experiments import five_tasks, only_biases, rounded_weights, ten_pictures
from ..studies.recorded import recorded_results
from ..studies.verdicts import HELPS, HURTS, mean_in_words
from .claim import claim

ASKED_UNITS, ENOUGH = 3000, 0.75
"""Hidden units that the first question is about, and the share right that counts as having learned a task."""


@claim
def as_crucial() -> str:
    """A bias as crucial as a kernel?"""
    return f"{only_biases.ANSWER} {only_biases.sentence(recorded_results('only_biases'))}"


def width_answer() -> Found:
    """How many of a hundred digits biases alone get right."""
    shares = recorded_results("only_biases").values("accuracy", net=only_biases.HIDDEN, n_units=ASKED_UNITS)
    nearest = min((10, 50, 90), key=lambda percent: abs(percent - 100 * shares.mean()))
    return Found(f"about {nearest}", f"{mean_in_words(100 * shares, '%')} over {len(shares)} seeds.")


def tasks_answer() -> Found:
    """How many of the five tasks one set of weights learns by its biases."""
    rows = five_tasks.task_rows(recorded_results("five_tasks"))
    learned = int((rows["mean"] > 100 * ENOUGH).sum())
    choice = "for all five" if learned == len(rows) else "for the digits alone" if learned <= 1 else "for some"
    n, worst = len(rows), rows["mean"].min()
    return Found(choice, f"On {learned} of {n} tasks more than three in four are right; on the hardest {worst:.0f}%.")


def dark_answer() -> Found:
    """What is best moved to adapt to the dark, beside the best rival."""
    results = recorded_results("ten_pictures")
    rival = ten_pictures.best_arms(results, ten_pictures.DARK)[-1]
    verdict = results.difference(weather=ten_pictures.DARK, other=rival).verdict
    choice = {HELPS: "the biases alone", HURTS: "all weights and biases"}.get(verdict, "it makes no difference")
    return Found(choice, results.sentence(weather=ten_pictures.DARK, other=rival))


def rounding_answer() -> Found:
    """How much of what rounding to three bits cost comes back by shifting biases."""
    results, bits = recorded_results("rounded_weights"), min(rounded_weights.BITS)
    full, coarse, mended = (
        results.values(state, trained="with bias", bits=bits).mean()
        for state in (rounded_weights.FULL, rounded_weights.ROUNDED, rounded_weights.MENDED)
    )
    back = (mended - coarse) / (full - coarse)
    choice = "most of it" if back > 0.5 else "a part" if back > 0.1 else "nothing"
    return Found(choice, results.sentence(trained="with bias", bits=bits))
