"""A claim about the bias as people say it, and what was found: verdict, number, and the page to touch it."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from ..errors import InputError

HERE = Path(__file__).parent
TABLE = (HERE / "claims.csv").read_text(encoding="utf-8")
CLAIMS = {row["finding"]: row for row in csv.DictReader(TABLE.splitlines())}
"""Name of the function that works out a finding -> the claim's row."""


@dataclass(frozen=True)
class Answer:
    """One claim, as people say it, and our finding."""

    claim: str
    heard: str  # the kind of place where it is heard, in lower case
    verdict: str  # "true", "false" or "depends"
    page: str  # to touch it
    finding: str  # one to three sentences in markdown with the numbers behind the verdict
    on: str  # what it depends on; empty for the other two
    link: dict[str, str]  # parameters of that page's address, as its share link holds them

    @property
    def in_markdown(self) -> str:
        """Verdict and finding."""
        verdict = f"It depends on {self.on}" if self.on else self.verdict.capitalize()
        return f"**{verdict}.** {self.finding}"


def claim(find: Callable[[], str]) -> Callable[[], Answer]:
    """Stand above the function that works out the finding of a row of claims.csv: it then gives the `Answer`."""
    return lambda: _answer(find.__name__, find())


def recorded_points() -> tuple[Answer, ...]:
    """The article's five points as `core.claims.article` works them out, from the file that `python -m core.claims`
    writes: nothing heavy is loaded. An InputError where the file is missing or damaged.
    """
    try:
        found = json.loads((HERE / "article.json").read_text(encoding="utf-8"))
        return tuple(_answer(name, finding) for name, finding in found.items())
    except (OSError, ValueError, KeyError, AttributeError):
        raise InputError(
            "`article` must be a file that can be read", hint=f"python -m {__package__} makes it again."
        ) from None


def _answer(name: str, finding: str) -> Answer:
    row = CLAIMS[name]
    link = dict(parse_qsl(row["link"]))
    return Answer(row["claim"], row["heard"], row["verdict"], row["page"], finding, row["on"], link)
