"""How much there is to read on a page before anything is unfolded, and the words that are explained."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pages.shared.draw import NOTES, term
from pages.shared.frame import MENU, Entry
from tests.pages.test_pages import opened

MOST = 350
PAGES = Path(__file__).parents[2] / "pages"
READ = ("markdown", "text", "caption", "title", "header", "subheader", "warning", "info")


def visible(block: Any) -> Iterator[str]:
    """The texts of a block, those of an expander that is shut left out."""
    for element in block.children.values():
        if element.type == "expander":
            yield element.label
        elif hasattr(element, "children"):
            yield from visible(element)
        elif element.type in READ:
            yield re.sub(r"<[^>]*>|\$[^$]*\$|:[a-z-]+\[|[*#`\]]", " ", element.value)
        elif getattr(element, "label", ""):
            yield element.label


@pytest.mark.parametrize("page", [entry.name for entry in MENU])
def test_page_has_at_most_350_words_before_anything_is_unfolded(page: str) -> None:
    words = [word for text in visible(opened(page).main) for word in re.findall(r"[^\W\d_]{2,}", text)]
    assert len(words) <= MOST, len(words)


@pytest.mark.parametrize("name", NOTES)
def test_term_is_explained_on_some_page_in_one_sentence(name: str) -> None:
    used = [
        path
        for path in PAGES.rglob("*.py")
        if f"term('{name}'" in path.read_text() or f'term("{name}"' in path.read_text()
    ]
    assert used
    assert NOTES[name].endswith(".")
    assert len(NOTES[name].split()) <= 25


def test_note_cannot_end_its_attribute() -> None:
    assert term("logit", "scores").count('"') == 8
    assert "network&#x27;s" in term("logit")


@pytest.mark.parametrize("page", [entry.name for entry in MENU if entry.name != "overview"])
def test_page_ends_with_one_link_that_says_what_is_next(page: str) -> None:
    lines = (PAGES / f"{page}.py").read_text().splitlines()
    last = max(place for place, line in enumerate(lines) if line.startswith("take_away.bar("))
    assert lines[last - 1].startswith("frame.link(")
    assert "Next: " in lines[last - 1]


@pytest.mark.parametrize("entry", [entry for entry in MENU if entry.name != "overview"], ids=lambda entry: entry.name)
def test_menu_and_title_have_the_same_noun(entry: Entry) -> None:
    noun, _, asked = entry.question.partition(" · ")
    assert asked
    assert entry.title.startswith(noun) or (noun, entry.title) == ("When it matters", "When a bias matters")
