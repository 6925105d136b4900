"""What a claim, a task or a page may not say, and what must stand beside a measured number."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.claims.article import article_points
from core.claims.claim import Answer
from core.claims.popular_exact import popular_answers
from core.claims.popular_trained import MEASURED
from core.data.tasks import TASKS

PAGES = Path(__file__).parents[3] / "pages"
FALSE = ("only where a norm", "safe for certain", "around 0 alone", "changes nothing in any seed")
INTERVAL = re.compile(r"95% interval|in every seed|in each of")
NUMBER = re.compile(r"(?<!\w)[−+]?\d[\d.,]*(?:%(?! interval)| dB| points)")
MARGIN = re.compile(r"\(margin [^)]*\)")
MEASURED_ANSWERS = [found() for found in MEASURED]


def measured_sentences(finding: str) -> list[str]:
    """Those which hold a measured number with its unit; a margin was not measured."""
    sentences = re.split(r"(?<=[.?!*]) (?=[*A-Z])", MARGIN.sub("", finding))
    return [sentence for sentence in sentences if NUMBER.search(sentence)]


def texts(path: Path) -> Iterator[str]:
    """All text of a module as it is said, whatever lines it is written over."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


# Measured numbers


@pytest.mark.parametrize("one", MEASURED_ANSWERS, ids=lambda one: one.claim)
def test_finding_names_an_interval_and_the_number_of_seeds(one: Answer) -> None:
    assert INTERVAL.search(one.finding)
    assert "20 seeds" in one.finding


@pytest.mark.parametrize("one", MEASURED_ANSWERS, ids=lambda one: one.claim)
def test_each_measured_number_has_its_interval_in_its_own_sentence(one: Answer) -> None:
    for sentence in measured_sentences(one.finding):
        assert len(INTERVAL.findall(sentence)) >= len(NUMBER.findall(sentence)), sentence


def test_sentences_with_measured_numbers_are_found() -> None:
    finding = (
        "It is −0.4 points, 95% interval −1.0 to +0.2, 20 seeds (margin 2 points). At 0.1 it is 3.2 dB. No number."
    )
    first, second = measured_sentences(finding)
    assert NUMBER.findall(first) == ["−0.4 points"]
    assert INTERVAL.findall(first) == ["95% interval"]
    assert NUMBER.findall(second) == ["3.2 dB"]
    assert not INTERVAL.search(second)
    assert sum(len(measured_sentences(one.finding)) for one in MEASURED_ANSWERS) >= len(MEASURED_ANSWERS)


# False words


@pytest.mark.parametrize("phrase", FALSE)
def test_no_claim_says_what_is_false(phrase: str) -> None:
    said = [f"{one.claim} {one.in_markdown}" for one in (*popular_answers(), *article_points())]
    assert not [words for words in said if phrase in words]


@pytest.mark.parametrize("phrase", FALSE)
def test_no_task_says_what_is_false(phrase: str) -> None:
    assert not [name for name, task in TASKS.items() if phrase in task.argument]


@pytest.mark.parametrize("phrase", FALSE)
def test_no_page_says_what_is_false(phrase: str) -> None:
    files = sorted(PAGES.rglob("*.py"))
    assert len(files) > 10
    said = [(path.name, words) for path in files for words in texts(path)]
    assert not [(name, words) for name, words in said if phrase in " ".join(words.split())]


def test_text_over_several_lines_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "page.py"
    path.write_text(
        'draw.text(\n    f"It is {word} safe for "\n    "certain only here.", "changes nothing "\n    "in any seed")\n'
    )
    found = list(texts(path))
    assert "It is … safe for certain only here." in found
    assert "changes nothing in any seed" in found
