"""The page of biases alone: nothing trains unasked, then it trains to its end; columns are swapped."""

from core.models.random_network import N_EPOCHS
from tests.pages.test_pages import opened


def sentence(test) -> str:
    return next(entry.value for entry in test.markdown if entry.value.startswith("After "))


def test_biases_learn_once_they_are_asked_to_and_read_more_at_their_end():
    test = opened("only_biases", units="30")
    assert not test.exception
    assert sentence(test).startswith("After 0 epochs")
    next(button for button in test.button if button.label == "Train the biases").click().run()
    looks = 0
    while not sentence(test).startswith(f"After {N_EPOCHS} epochs") and looks < 50:
        test.run()
        looks += 1
    assert not test.exception
    assert sentence(test).startswith(f"After {N_EPOCHS} epochs: **2")
    assert "40 biases learn; all 2,220 weights stay" in sentence(test)


def test_other_biases_in_the_network_answer_another_question():
    test = opened("only_biases", swapped="Odd?")
    assert not test.exception
    assert any(entry.value.startswith("Odd? **") for entry in test.markdown)
