"""Every question has three choices, one of which the numbers support; the sentences hold these numbers."""

import pytest

from core.studies.predictions import QUESTIONS, Found, Question

EXPECTED = {
    "overview": "about as many",
    "threshold": "to the left",
    "curves": "the ten",
    "feature_maps": "they vanish",
    "regression": "always the one with",
    "norms": "two",
    "when_bias_matters": "on a third or fewer",
    "inside": "one to ten",
    "audit": "nearly half",
}


@pytest.mark.parametrize("page", QUESTIONS)
def test_numbers_support_one_of_the_three_choices(page: str):
    question = QUESTIONS[page]
    choice, sentence = question.find()
    assert len(set(question.choices)) == 3
    assert question.text.endswith("?")
    assert choice == EXPECTED[page] in question.choices
    assert any(character.isdigit() for character in sentence)


def test_who_guessed_right_wrong_or_not_at_all_is_told_so():
    question = Question("Which?", ("a", "b", "c"), lambda: Found("b", "It is 2."))
    assert question.answered("b") == "You said: b, and so do the numbers. It is 2."
    assert question.answered("a") == "You said: a. The numbers say: **b**. It is 2."
    assert question.answered("show me") == "The numbers say: **b**. It is 2."
