"""The page of biases alone: nothing trains unasked, then it trains to its end; columns are swapped."""

import pytest

from core.models.random_network import N_EPOCHS
from core.studies.experiments.five_tasks import FIVE
from core.studies.recorded import recorded_columns
from tests.pages.test_dimmed import gallery_words
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


@pytest.mark.parametrize("task", FIVE)
def test_ten_digits_get_the_answers_of_the_column_that_is_in_the_network(task):
    test = opened("only_biases", swapped=FIVE[task].title)
    assert not test.exception
    assert any(entry.value.startswith(f"{FIVE[task].title} **") for entry in test.markdown)
    expected = [str(answer) for answer in recorded_columns().answers(task, slice(10))]
    shown = gallery_words(test)
    assert shown[-10:] == expected
    assert len({tuple(recorded_columns().answers(name, slice(10))) for name in FIVE}) == len(FIVE)


def test_swapping_the_column_changes_the_ten_answers_and_back():
    test = opened("only_biases")
    before = gallery_words(test)[-10:]
    test.selectbox(key="swapped").select("odd").run()
    assert set(gallery_words(test)[-10:]) <= {"even", "odd"}
    test.selectbox(key="swapped").select("digit").run()
    assert gallery_words(test)[-10:] == before


def test_link_has_the_width_as_a_plain_number():
    test = opened("only_biases", units="10000")
    assert test.select_slider(key="units").value == 10_000
    assert "10,010 biases learn" in sentence(test)


@pytest.mark.parametrize("link", ["77", "", "10,000", "²", "10.0"])
def test_link_to_another_width_opens_the_standard_one(link):
    test = opened("only_biases", units=link)
    assert not test.exception
    assert test.select_slider(key="units").value == 1000


def test_page_says_what_was_chosen_and_what_was_not():
    said = " ".join(entry.value for entry in opened("only_biases").markdown)
    assert "Not so 0.0001 and 0.0003: they were added when the rivals were best at the lower end." in said
    assert "Kernels alone are enough here; biases alone only where there are many kernels to choose from." in said
