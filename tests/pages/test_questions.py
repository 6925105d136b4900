"""Every page's question has three choices, one of which the numbers support; the sentences hold these numbers."""

import ast
from pathlib import Path

import pytest

from core import audit
from core.claims import article, only_biases
from core.exact import curves, feature_maps, intercept_tradeoff, norms, threshold
from core.question import Found
from core.studies import recorded

ROOT = Path(__file__).parents[2]
EXPECTED = {
    "overview": (article.overview_answer, "about as many"),
    "threshold": (threshold.answer, "to the left"),
    "curves": (curves.answer, "the ten"),
    "feature_maps": (feature_maps.answer, "they vanish"),
    "regression": (intercept_tradeoff.answer, "never the one without"),
    "norms": (norms.answer, "two"),
    "when_bias_matters": (article.matters_answer, "on a third or fewer"),
    "inside": (recorded.answer, "one to ten"),
    "only_biases": (only_biases.width_answer, "about 90"),
    "only_biases, tasks": (only_biases.tasks_answer, "for all five"),
    "only_biases, dark": (only_biases.dark_answer, "the biases alone"),
    "only_biases, rounding": (only_biases.rounding_answer, "most of it"),
    "audit": (audit.answer, "nearly half"),
}


def asked() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Page, and part where it is one of a part -> question and choices, as they stand in the page's file."""
    found = {}
    for path in sorted((ROOT / "pages").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "question.ask":
                text, choices = (ast.literal_eval(argument) for argument in node.args[:2])
                part = "".join(ast.literal_eval(word.value) for word in node.keywords if word.arg == "part")
                found[path.stem + ("," + part if part else "")] = (text, choices)
    return found


@pytest.mark.parametrize("page", EXPECTED)
def test_numbers_support_one_of_the_three_choices(page: str):
    answer, expected = EXPECTED[page]
    text, choices = asked()[page]
    choice, sentence = answer()
    assert len(set(choices)) == 3
    assert text.endswith("?")
    assert choice == expected in choices
    assert any(character.isdigit() for character in sentence)


def test_every_page_but_twins_asks_which_asks_about_what_is_trained_there():
    assert set(asked()) == set(EXPECTED)


def test_who_guessed_right_wrong_or_not_at_all_is_told_so():
    found, choices = Found("b", "It is 2."), ("a", "b", "c")
    assert found.told("b", choices) == "You said: b, and so do the numbers. It is 2."
    assert found.told("a", choices) == "You said: a. The numbers say: **b**. It is 2."
    assert found.told("show me", choices) == "The numbers say: **b**. It is 2."
