"""One question a page, to be answered before looking: three choices, and which of them the numbers support.

The choice is never written down: it is decided by the numbers of the same calls that the page makes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from core.numbers import say, setting


class Found(NamedTuple):
    """Which choice the numbers support, and these numbers in a sentence."""

    choice: str
    sentence: str


@dataclass(frozen=True)
class Question:
    """A question to a visitor.

    Attributes
    ----------
    text : str
    choices : tuple of str
        Three, in words.
    find : callable, () -> Found
        Works the answer out; its choice is one of `choices`.
    """

    text: str
    choices: tuple[str, str, str]
    find: Callable[[], Found]

    def answered(self, guess: str) -> str:
        """What a visitor who chose `guess` is told; another text than one of the choices is no guess.

        Examples
        --------
        >>> QUESTIONS["threshold"].answered("to the right")
        'You said: to the right. The numbers say: **to the left**. With w = 1 it is at −1 for b = 1, at −2 for b = 2.'
        """
        choice, sentence = self.find()
        if guess not in self.choices:
            return f"The numbers say: **{choice}**. {sentence}"
        if guess == choice:
            return f"You said: {guess}, and so do the numbers. {sentence}"
        return f"You said: {guess}. The numbers say: **{choice}**. {sentence}"


def _overview() -> Found:
    from core.studies.matters import BOTH, NONE
    from core.studies.recorded import recorded
    from core.studies.verdicts import HELPS, HURTS

    study = recorded("digits")
    verdict = study.difference(BOTH, NONE).verdict
    choice = {HELPS: "more", HURTS: "fewer"}.get(verdict, "about as many")
    return Found(choice, study.sentence(BOTH, NONE))


def _threshold() -> Found:
    from core.models.activations import threshold

    first, second = (threshold(1.0, bias) or 0.0 for bias in (1.0, 2.0))
    way = "to the left" if second < first else "to the right" if second > first else "nowhere"
    sentence = f"With w = 1 it is at {setting(first)} for b = 1, at {setting(second)} for b = 2."
    return Found(way, sentence)


def _curves() -> Found:
    from core.models.shallow import ShallowSettings
    from core.studies.one_hidden_layer import WITH, WITHOUT, curve_pair

    few = curve_pair(ShallowSettings(10), "absolute").errors[WITH]
    many = curve_pair(ShallowSettings(100), "absolute").errors[WITHOUT]
    choice = "the ten" if few < 0.9 * many else "the hundred" if many < 0.9 * few else "neither"
    return Found(choice, f"On |x − 1| the ten are off by {say(few)}, the hundred by {say(many)}.")


def _feature_maps() -> Found:
    from core.data.kernels import KERNELS
    from core.data.pictures import SAMPLES
    from core.studies.one_filter import filter_pair

    pair = filter_pair(SAMPLES["temple"].read(), KERNELS["edges_x"].weights, -0.06, "relu")
    before, after = pair.share_active_without, pair.share_active_with
    choice = "they vanish" if after < before else "they get brighter" if after > before else "they stay"
    return Found(
        choice,
        f"On the temple {before:.0%} of the pixels are active without bias, {after:.0%} with b = −0.06: the faint "
        "edges are the ones that go.",
    )


def _regression() -> Found:
    from core.data.tables import NoisyLine
    from core.models.regression import fit_pair

    pairs = []
    for intercept in (2.0, 0.0):
        table = NoisyLine(intercept=intercept).draw().frame
        pairs.append(fit_pair(table[["x"]], table["y"]))
    wins = [pair.with_bias.mse < pair.without_bias.mse for pair in pairs]
    choice = "always the one with" if all(wins) else "it depends" if any(wins) else "always the one without"
    first, second = (f"{say(pair.with_bias.mse)} against {say(pair.without_bias.mse)}" for pair in pairs)
    return Found(
        choice,
        f"Mean squared errors {first}, and {second} where the true intercept is 0: one more number to choose never "
        "fits worse. Which predicts better is another question.",
    )


def _norms() -> Found:
    from core.studies.norm_cancels import NormSettings, norm_table

    verdicts = norm_table(NormSettings()).to_frame()["verdict"]
    count = int((verdicts == "cancelled exactly").sum())
    choice = "two" if count == 2 else "all" if count == len(verdicts) else "five"
    return Found(choice, f"{count} of {len(verdicts)} cancel it exactly: those that subtract each channel's own mean.")


def _when_bias_matters() -> Found:
    from core.studies.matters import overview
    from core.studies.recorded import STUDIES, recorded

    rows = overview({task.title: recorded(name) for name, task in STUDIES.items()})
    helps, n = int((rows["verdict"] == "helps").sum()), len(rows)
    choice = "on most" if helps > 0.6 * n else "on about half" if helps > 0.4 * n else "on a third or fewer"
    return Found(choice, f"It helps on {helps} of {n}.")


def _inside() -> Found:
    from core.studies.opened import opened
    from core.studies.recorded import recorded_twins
    from core.studies.twin_report import report
    from core.studies.twins import WITH, TwinSettings

    pair = report(TwinSettings(), recorded_twins())
    network = opened(
        pair,
        [
            (layer.name, i)
            for layer in pair.twins[WITH].layers
            if layer.bias is not None
            for i in range(len(layer.bias))
        ],
    )
    share = len(network.changed) / len(network.answers)
    choice = "fewer than one" if share < 0.01 else "one to ten" if share <= 0.1 else "more than ten"
    return Found(choice, network.sentence)


def _audit() -> Found:
    from core.data.printouts import EXAMPLES
    from core.studies.audit import audit_printout

    rows = audit_printout(EXAMPLES["vgg16_bn"].text).to_frame()
    redundant = rows[rows["verdict"] == "redundant"]
    share = len(redundant) / len(rows)
    choice = "none" if not share else "nearly half" if share < 0.6 else "most"
    biases = int(redundant["bias_parameters"].sum())
    return Found(
        choice, f"{len(redundant)} of {len(rows)} have a redundant one, {biases:,} numbers: all before a batch norm."
    )


QUESTIONS = {
    "overview": Question(
        "How many new digits does a small network read with its biases, against its twin without any?",
        ("more", "about as many", "fewer"),
        _overview,
    ),
    "threshold": Question(
        "When b grows, which way does the switch move?", ("to the right", "to the left", "nowhere"), _threshold
    ),
    "curves": Question(
        "Which draws |x − 1| better: ten units with biases, or a hundred without?",
        ("the ten", "the hundred", "neither"),
        _curves,
    ),
    "feature_maps": Question(
        "What does a negative b do to the faint edges?",
        ("they get brighter", "they vanish", "they stay"),
        _feature_maps,
    ),
    "regression": Question(
        "Which line is closer to the points that it is fitted to?",
        ("always the one with", "always the one without", "it depends"),
        _regression,
    ),
    "norms": Question("How many of the eight rows cancel the bias exactly?", ("two", "five", "all"), _norms),
    "when_bias_matters": Question(
        "On how many of the tasks does a bias help?",
        ("on most", "on about half", "on a third or fewer"),
        _when_bias_matters,
    ),
    "inside": Question(
        "Without any bias, how many of a hundred test digits change their answer?",
        ("fewer than one", "one to ten", "more than ten"),
        _inside,
    ),
    "audit": Question(
        "In a VGG16 with batch norm, how many layers have a bias that does nothing?",
        ("none", "nearly half", "most"),
        _audit,
    ),
}
"""Page -> its question; `twins` asks one about what is trained there."""
