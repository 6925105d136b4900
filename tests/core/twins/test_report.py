"""The report on a pair: counted by hand on made-up networks, and what must hold for a net without bias."""

import numpy as np
import pytest

from core.arms import ARMS, DIMMED, WITH, WITHOUT
from core.data.tasks import Split, Task
from core.format import percent
from core.models.layers import Layer
from core.twins.report import TwinReport, answer_words, report
from core.twins.training import Twin, TwinSettings, train_twins, twins_from

CLASSES = ("left", "right")


def dense(weights, bias=None):
    return Twin((Layer("dense", "dense", np.array(weights, np.float32), bias),), "")


@pytest.fixture
def by_hand() -> TwinReport:
    """Four pictures of two pixels; with bias always says right, without says the brighter side."""
    X = np.array([[1.0, 0.0], [0.5, 0.25], [0.0, 1.0], [0.75, 1.0]], np.float32)
    split = Split(X, np.array([0, 0, 1, 1]), X, np.array([0, 0, 1, 0]), (1, 1, 2))
    task = Task("hand", "By hand", "Left or right?", 0.01, CLASSES, lambda seed: split)
    twins = {
        WITH: dense([[0.0, 0.0], [0.0, 0.0]], np.array([0.0, 1.0], np.float32)),
        WITHOUT: dense([[1.0, 0.0], [0.0, 1.0]]),
    }
    return TwinReport(TwinSettings(), task, split, twins)


@pytest.fixture(scope="module")
def digits() -> TwinReport:
    settings = TwinSettings(n_epochs=4)
    return report(settings, twins_from(list(train_twins(settings))[-1]["twins"]))


def test_sentence_counts_right_answers_and_disagreements(by_hand):
    assert by_hand.sentence == (
        "Of 4 test pictures the twin with bias gets 1 right (25.0%), the twin without 3 (75.0%). They disagree on 2."
    )
    assert by_hand.disputed_sentence == (
        "On 2 of 4 test pictures: with bias is right on 0 of them, without on 2, neither on 0."
    )
    assert by_hand.words(0) == "left\nwith: right\nwithout: ✓"


@pytest.mark.parametrize(
    ("guess", "answer"),
    [
        (
            "without",
            "You guessed the twin without, and here the twin without is ahead by more than a point. "
            "One pair proves nothing yet.",
        ),
        (
            "tie",
            "You guessed neither, or by less than a point, but here the twin without is ahead by more than a point. "
            "One pair proves nothing yet.",
        ),
    ],
)
def test_guess_is_held_against_this_pair(by_hand, guess, answer):
    assert by_hand.guess_sentence(guess) == answer


def test_decision_is_the_softmax_of_the_dimmed_picture(by_hand):
    frame = by_hand.decision(0, 2.0)
    expected = [1 / (1 + np.e), np.e / (1 + np.e), np.exp(2) / (1 + np.exp(2)), 1 / (1 + np.exp(2))]
    assert frame["probability"].tolist() == pytest.approx(expected)


def test_light_never_changes_the_answers_of_the_twin_without_bias(digits):
    at_1 = digits.accuracy[WITHOUT]
    dimmed = digits.contrast.query("arm == 'without bias'")["accuracy"]
    assert dimmed.to_numpy() == pytest.approx(np.full(37, at_1), abs=1 / 360)


def test_accuracy_at_k_1_is_the_accuracy(digits):
    found = digits.under_light(1.0).set_index("arm")["accuracy"].to_dict()
    assert found == digits.accuracy | {DIMMED: digits.accuracy[WITH]}


def test_biases_that_are_dimmed_along_keep_every_answer(digits):
    curve = digits.contrast[digits.contrast["arm"] == DIMMED]
    assert (curve["accuracy"] - digits.accuracy[WITH]).abs().max() <= 1 / len(digits.images)  # rounding, if any
    said = digits.light_sentence(0.03)
    assert said.endswith(f"0 of {len(digits.images)} answers differ from those at full light.")
    assert f"With every bias times 0.03, too, {percent(digits.accuracy[WITH])}" in said


def test_dimmed_along_the_logits_are_k_times_what_they_were(digits):
    full, dim = (digits.decision(5, k, dimmed=True) for k in (1.0, 0.5))
    logs = [np.log(frame.loc[frame["arm"] == WITH, "probability"].to_numpy()) for frame in (full, dim)]
    np.testing.assert_allclose(logs[1] - logs[1][0], 0.5 * (logs[0] - logs[0][0]), rtol=1e-4, atol=1e-4)


def test_biases_are_those_of_the_first_twin_layer_by_layer(digits):
    frame = digits.biases()
    assert frame.groupby("layer", sort=False)["filter"].count().to_dict() == {"conv1": 8, "conv2": 16, "dense": 10}
    assert frame.query("layer == 'conv1'")["filter"].tolist() == list("12345678")
    assert frame.query("layer == 'dense'")["filter"].tolist() == list(digits.task.classes)
    assert np.array_equal(frame["bias"].to_numpy()[:8], digits.twins[WITH].layers[0].bias)


def test_sentences_say_both_answers_to_a_picture_and_both_shares(by_hand):
    assert by_hand.picture_sentence(0, 1.0) == (
        "Times 1, this picture is, with bias: right (73.1%); without bias: left (73.1%)."
    )
    assert by_hand.light_sentence(1.0) == "Of all test pictures times 1, 25.0% are right with bias, 75.0% without."


def test_watched_pictures_are_one_of_each_class_and_keep_their_words_without_bias(digits):
    true = digits.split.y_test[digits.watched]
    assert true.tolist() == sorted(set(true)) == list(range(8))
    bright, dim = (digits.words_in_light(k) for k in (1.0, 0.03))
    assert bright == [digits.words(i) for i in digits.watched]
    assert [words.splitlines()[2] for words in bright] == [words.splitlines()[2] for words in dim]
    assert digits.words_in_light(0.03, dimmed=True) == bright != dim


def test_both_twins_are_in_every_frame(digits):
    assert set(digits.decision(0, 1.0)["arm"]) == set(ARMS)
    assert set(digits.contrast["arm"]) == {*ARMS, DIMMED}


def test_twin_with_one_answer_to_every_picture_is_said_to_be_stuck(by_hand):
    assert by_hand.notes == ("The twin with bias gives the same answer to every picture, whatever it shows.",)


def test_untrained_pair_is_said_to_be_untrained():
    settings = TwinSettings(task="small_50", n_epochs=0)
    untrained = report(settings, twins_from(list(train_twins(settings))[-1]["twins"]))
    assert untrained.notes == ("Not trained: both are still the same function, and all biases are 0.",)
    assert untrained.disputed_sentence == "On none: they give the same answer to every test picture."


@pytest.fixture(scope="module")
def blank() -> TwinReport:
    """On blanks the twin without bias has a tie, and the other is right."""
    settings = TwinSettings(task="blank", n_epochs=3)
    return report(settings, twins_from(list(train_twins(settings))[-1]["twins"]))


def test_answer_in_words_says_a_tie_of_those_that_share_the_largest_logit():
    classes = ("a", "b", "c")
    assert answer_words(classes, np.zeros(3)) == "a tie of 3 classes"
    assert answer_words(classes, np.array([2.0, 1.0, 2.0])) == "a tie of 2 classes"
    assert answer_words(classes, np.array([0.0, 0.0, np.log(2)])) == "c (50.0%)"


def test_blank_is_said_to_be_a_tie_without_bias_and_counts_half(blank):
    assert blank.accuracy == {WITH: 1.0, WITHOUT: 0.75}
    assert blank.under_light(0.1).set_index("arm")["accuracy"][WITHOUT] == 0.75
    assert "gets 720 right (100.0%), the twin without 540 (75.0%)" in blank.sentence
    assert blank.picture_sentence(719, 1.0).endswith("; without bias: a tie of 2 classes.")


def test_ties_among_disputed_pictures_count_half_and_neither_counts_those_that_both_get_wrong(blank):
    assert blank.disputed_sentence == (
        "On 360 of 720 test pictures: with bias is right on 360 of them, without on 180, neither on 0."
    )


def test_half_a_right_answer_is_said_as_a_half(by_hand):
    tied = dense([[1.0, 0.0], [1.0, 0.0]])
    pair = TwinReport(by_hand.settings, by_hand.task, by_hand.split, by_hand.twins | {WITHOUT: tied})
    assert pair.accuracy[WITHOUT] == 0.5
    X = np.array([[1.0, 0.0]] * 3, np.float32)
    three = Split(X, np.array([0, 1, 0]), X, np.array([0, 1, 0]), (1, 1, 2))
    pair = TwinReport(by_hand.settings, by_hand.task, three, pair.twins)
    assert pair.sentence.startswith(
        "Of 3 test pictures the twin with bias gets 1 right (33.3%), the twin without 1.5 (50.0%). "
    )


def test_disputed_pictures_are_shown_class_by_class_and_none_twice():
    X = np.array([[1.0, 0.0]] * 3 + [[0.5, 0.0], [1.0, 0.5], [0.75, 0.5]], np.float32)
    split = Split(X, np.zeros(6, int), X, np.array([0, 0, 0, 0, 1, 1]), (1, 1, 2))
    task = Task("hand", "By hand", "Left or right?", 0.01, CLASSES, lambda seed: split)
    always_right = dense([[0.0, 0.0], [0.0, 0.0]], np.array([0.0, 1.0], np.float32))
    twins = {WITH: always_right, WITHOUT: dense([[1.0, 0.0], [0.0, 1.0]])}
    pair = TwinReport(TwinSettings(), task, split, twins)
    assert pair.disputed.tolist() == [0, 1, 2, 3, 4, 5]
    assert pair.shown_disputed() == [0, 4, 3, 5]
    assert pair.shown_disputed(2) == [0, 4]


def test_a_tie_is_named_as_one_beside_a_picture():
    settings = TwinSettings(task="blank", n_epochs=0)
    *_, end = train_twins(settings)
    pair = report(settings, twins_from(end["twins"]))
    index = int(np.flatnonzero(pair.split.y_test == pair.task.classes.index("blank"))[0])
    assert pair.words(index).splitlines() == ["blank", "with: a tie", "without: a tie"]
