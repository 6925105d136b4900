"""What a trained pair of twins does: right and wrong, where they disagree, what the biases became, under other light.

Brightness k multiplies every test picture; nothing is clipped. Without any bias the logits are then k times what they
were, f(k x) = k f(x), so no decision changes; the softmax does. The same holds of the first twin where its biases are
dimmed along, f(k x; W, k b) = k f(x; W, b) (`core.models.layers.scale_biases`).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arms import ARMS, DIMMED, WITH, WITHOUT
from ..data.tasks import POINT, Split, Task
from ..format import percent, say, setting
from ..models.layers import Floats, Layer, scale_biases
from ..models.network import predict_logits, share_right
from .training import Twin, TwinSettings, named, watched

DARKEST, BRIGHTEST = 0.03, 10.0
LEVELS = tuple(float(k) for k in np.geomspace(DARKEST, BRIGHTEST, 37))
GUESSES = {"with": "the twin with bias", "without": "the twin without", "tie": "neither, or by less than a point"}
FOUND = {
    "with": "here the twin with bias is ahead by more than a point",
    "without": "here the twin without is ahead by more than a point",
    "tie": "here they are within a point of each other",
}


@dataclass(frozen=True, eq=False)
class TwinReport:
    """A pair of twins, by name, and the test pictures of their task."""

    settings: TwinSettings
    task: Task
    split: Split
    twins: dict[str, Twin]

    @cached_property
    def images(self) -> Floats:
        """The test pictures (n, channels, height, width)."""
        return self.split.X_test.reshape(-1, *self.split.image_shape)

    @cached_property
    def logits(self) -> dict[str, Floats]:
        """Each twin's logits for every test picture, (n, n_classes)."""
        return {twin: self._logits(twin, self.images) for twin in ARMS}

    @cached_property
    def answers(self) -> dict[str, NDArray[np.intp]]:
        """Each twin's class for every test picture, (n,)."""
        return {twin: logits.argmax(axis=1) for twin, logits in self.logits.items()}

    @cached_property
    def accuracy(self) -> dict[str, float]:
        """The share of test pictures that each twin gets right; a tie of k classes is 1 / k right."""
        return {twin: float(np.mean(right)) for twin, right in self._right.items()}

    @cached_property
    def _right(self) -> dict[str, Floats]:
        return {twin: share_right(logits, self.split.y_test) for twin, logits in self.logits.items()}

    @property
    def sentence(self) -> str:
        """Both accuracies, and on how many pictures the twins disagree."""
        with_bias, without = (setting(float(self._right[twin].sum())) for twin in ARMS)
        return (
            f"Of {say(len(self.images))} test pictures the twin with bias gets {with_bias} right "
            f"({percent(self.accuracy[WITH])}), the twin without {without} ({percent(self.accuracy[WITHOUT])}). "
            f"They disagree on {say(len(self.disputed))}."
        )

    def guess_sentence(self, guess: str) -> str:
        """What became of a visitor's guess, one of `GUESSES`."""
        gap = self.accuracy[WITH] - self.accuracy[WITHOUT]
        found = "tie" if abs(gap) <= POINT else "with" if gap > 0 else "without"
        link = "and" if guess == found else "but"
        return f"You guessed {GUESSES[guess]}, {link} {FOUND[found]}. One pair proves nothing yet."

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of this pair: not trained, diverged, or one answer to every picture."""
        if self.settings.n_epochs == 0:
            return ("Not trained: both are still the same function, and all biases are 0.",)
        diverged = [f"The twin {name}: {twin.note}" for name, twin in self.twins.items() if twin.note]
        stuck = [
            f"The twin {name} gives the same answer to every picture, whatever it shows."
            for name, answer in self.answers.items()
            if len(np.unique(answer)) == 1
        ]
        return (*diverged, *stuck)

    @cached_property
    def disputed(self) -> NDArray[np.intp]:
        """Which test pictures the twins disagree on."""
        return np.flatnonzero(self.answers[WITH] != self.answers[WITHOUT])

    @property
    def disputed_sentence(self) -> str:
        """Of the pictures that the twins disagree on, how many each gets right."""
        if not len(self.disputed):
            return "On none: they give the same answer to every test picture."
        right = {twin: found[self.disputed] for twin, found in self._right.items()}
        wins = {twin: setting(float(found.sum())) for twin, found in right.items()}
        neither = int(np.sum(right[WITH] + right[WITHOUT] == 0))
        return (
            f"On {say(len(self.disputed))} of {say(len(self.images))} test pictures: with bias is right on "
            f"{wins[WITH]} of them, without on {wins[WITHOUT]}, neither on {say(neither)}."
        )

    def shown_disputed(self, most: int = 8) -> list[int]:
        """Some of the disputed pictures: the classes in turn, no two alike with the same answers."""
        seen = {(self.images[i].tobytes(), self.words(i)): int(i) for i in self.disputed[::-1]}
        places = pd.Series(sorted(seen.values()), dtype=int)
        turn = places.groupby(self.split.y_test[places]).cumcount()
        return places.iloc[np.lexsort((places, turn))][:most].tolist()

    def words(self, index: int) -> str:
        """What a test picture is, and what each twin says it is, in three lines."""
        answers = {twin: named(logits[[index]])[0] for twin, logits in self.logits.items()}
        return picture_words(self.task.classes, self.split.y_test[index], answers)

    @cached_property
    def watched(self) -> NDArray[np.intp]:
        """The test pictures that are watched while both learn, and then under other light."""
        return watched(self.split)

    def words_in_light(self, k: float, *, dimmed: bool = False) -> list[str]:
        """The words of the watched pictures times k; `dimmed` multiplies the first twin's biases by k, too."""
        images, first = self.images[self.watched], DIMMED if dimmed else WITH
        found = {twin: named(self._in_light(arm, images, k)) for twin, arm in ((WITH, first), (WITHOUT, WITHOUT))}
        return [
            picture_words(
                self.task.classes, self.split.y_test[i], {twin: answers[n] for twin, answers in found.items()}
            )
            for n, i in enumerate(self.watched)
        ]

    def biases(self) -> pd.DataFrame:
        """Every bias of the first twin: `layer`, `filter` ("1", ..., or the class in words), `bias`, `off` (False)."""
        tables = [
            pd.DataFrame({"layer": layer.name, "filter": self._names(layer), "bias": layer.bias, "off": False})
            for layer in self.twins[WITH].layers
            if layer.bias is not None
        ]
        return pd.concat(tables, ignore_index=True)

    @cached_property
    def bias_axes(self) -> dict[str, Any]:
        """The layers that have biases, in order, and the largest size of a bias."""
        frame = self.biases()
        reach = float(frame["bias"].abs().max()) or 1.0
        return {"layers": tuple(frame["layer"].unique()), "reach": reach}

    @cached_property
    def largest_logit(self) -> float:
        """The largest logit that either twin gives to a test picture."""
        return max(float(self._logits(twin, self.images).max()) for twin in ARMS)

    @cached_property
    def contrast(self) -> pd.DataFrame:
        """Test accuracy under other light: `arm` (both twins, and the first with its biases dimmed along), `k`,
        `accuracy`.
        """
        return self.under_light(*LEVELS)

    def dial(self, k: float) -> dict[str, pd.DataFrame]:
        """What the chart of the dial draws: `contrast` of both twins ("rows") and dimmed along ("along_it"), and both
        twins at the dial's k ("marks").
        """
        curve, here = self.contrast, self.under_light(k)
        apart = curve["arm"] == DIMMED
        return {"rows": curve[~apart], "along_it": curve[apart], "marks": here[here["arm"] != DIMMED]}

    def under_light(self, *levels: float) -> pd.DataFrame:
        """The same at some k."""
        labels = self.split.y_test
        logits = ((arm, k, self._in_light(arm, self.images, k)) for arm in (*ARMS, DIMMED) for k in levels)
        rows = [(arm, k, share_right(found, labels).mean()) for arm, k, found in logits]
        return pd.DataFrame(rows, columns=["arm", "k", "accuracy"])

    def decision(self, index: int, k: float, *, dimmed: bool = False) -> pd.DataFrame:
        """Both twins' softmax for one test picture times k: `arm`, `class`, `probability`.

        `dimmed` multiplies the first twin's biases by k, too.
        """
        return decision_frame(self.task.classes, self._one(index, k, dimmed))

    def picture_sentence(self, index: int, k: float, *, dimmed: bool = False) -> str:
        """What both twins make of one test picture times k."""
        found = self._one(index, k, dimmed)
        each = [f"{twin}: {answer_words(self.task.classes, logits)}" for twin, logits in found.items()]
        return f"Times {setting(k)}, this picture is, {each[0]}; {each[1]}."

    def light_sentence(self, k: float) -> str:
        """What both twins get right of all test pictures times k, and the first with its biases dimmed along."""
        right = self.under_light(k).set_index("arm")["accuracy"]
        found = (
            f"Of all test pictures times {setting(k)}, {percent(right[WITH])} are right with bias, "
            f"{percent(right[WITHOUT])} without."
        )
        if k == 1:
            return found
        along = self._in_light(DIMMED, self.images, k).argmax(axis=1)
        changed = int(np.sum(along != self.answers[WITH]))
        return (
            f"{found} With every bias times {setting(k)}, too, {percent(right[DIMMED])}: {say(changed)} of "
            f"{say(len(along))} answers differ from those at full light."
        )

    def _one(self, index: int, k: float, dimmed: bool) -> dict[str, Floats]:
        """Each twin's logits (n_classes,) of one test picture times k."""
        image = self.images[[index]]
        return {
            WITH: self._in_light(DIMMED if dimmed else WITH, image, k)[0],
            WITHOUT: self._in_light(WITHOUT, image, k)[0],
        }

    def _names(self, layer: Layer) -> list[str]:
        return list(self.task.classes) if layer.kind == "dense" else [str(i + 1) for i in range(len(layer.weights))]

    def _logits(self, twin: str, images: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return predict_logits(self.twins[twin].layers, images)

    def _in_light(self, arm: str, images: Floats, k: float) -> Floats:
        """An arm's logits of pictures times k; `DIMMED` is the first twin, its biases times k."""
        layers = scale_biases(self.twins[WITH].layers, k) if arm == DIMMED else self.twins[arm].layers
        with np.errstate(all="ignore"):
            return predict_logits(layers, images * np.float32(k))


def decision_frame(classes: tuple[str, ...], logits: dict[str, Floats]) -> pd.DataFrame:
    """The softmax of each twin's logits (n_classes,): arm, class (in words), probability."""
    tables = [
        pd.DataFrame({"arm": twin, "class": classes, "probability": _softmax(row)}) for twin, row in logits.items()
    ]
    return pd.concat(tables, ignore_index=True)


def picture_words(classes: tuple[str, ...], true: int, answers: dict[str, int]) -> str:
    """What a picture is, and below it a mark for a twin that says so, or else its answer (-1 is a tie); three lines.

    Examples
    --------
    >>> picture_words(("dark", "light"), 1, {WITH: 1, WITHOUT: -1}).splitlines()
    ['light', 'with: ✓', 'without: a tie']
    """
    said = {
        twin: "a tie" if answer < 0 else "✓" if answer == true else classes[answer] for twin, answer in answers.items()
    }
    return f"{classes[true]}\nwith: {said[WITH]}\nwithout: {said[WITHOUT]}"


def answer_words(classes: tuple[str, ...], logits: Floats) -> str:
    """The class of the largest logit, and its softmax; a tie is none.

    Examples
    --------
    >>> answer_words(("dark", "light"), np.array([0.0, np.log(3)])), answer_words(("dark", "light"), np.zeros(2))
    ('light (75.0%)', 'a tie of 2 classes')
    """
    best, n_best = int(logits.argmax()), int((logits == logits.max()).sum())
    if n_best > 1:
        return f"a tie of {n_best} classes"
    return f"{classes[best]} ({percent(float(_softmax(logits)[best]))})"


def _softmax(logits: Floats) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.exp(logits.astype(float) - logits.max())
    shares /= shares.sum()
    return shares


def report(settings: TwinSettings, twins: dict[str, Twin]) -> TwinReport:
    """The report on a pair that `train_twins` gave."""
    task = settings.the_task
    return TwinReport(settings, task, task.draw(settings.seed), twins)
