"""The lesson: every link opens its page with its settings, and its own claims hold."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pages.shared.frame import PAGES
from tests.pages.test_pages import opened

TEXT = (Path(__file__).parents[1] / "teach.md").read_text(encoding="utf-8")
DEFAULTS = {
    ("threshold", "b", "1"),
    ("feature_maps", "b", "-0.06"),
    ("when_bias_matters", "task", "Handwritten digits"),
}
"""Settings that a link names for people, and that leave no trace: they are the page's own."""
LINKS = re.findall(r"\(http://localhost:8501/([^)]*)\)", TEXT)


def test_lesson_has_seven_steps_each_with_a_link_a_question_what_is_seen_and_a_misconception() -> None:
    steps = re.split(r"^## \d\. ", TEXT, flags=re.M)[1:]
    assert len(steps) == 7
    for step in steps:
        assert "http://localhost:8501/" in step
        for part in ("**Ask:**", "**They will see:**", "**Usual misconception:**"):
            assert part in step


@pytest.mark.parametrize("link", LINKS)
def test_link_opens_its_page_and_keeps_its_settings(link: str) -> None:
    page, query = urlsplit(link).path, {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert page in PAGES
    test = opened(page, **query)
    assert not test.exception
    assert test.title[0].value == PAGES[page].title
    kept = {name: values[-1] if isinstance(values, list) else values for name, values in test.query_params.items()}
    settings = {name: value for name, value in query.items() if (page, name, value) not in DEFAULTS}
    assert kept.items() >= settings.items()
