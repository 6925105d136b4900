"""A claim about the bias as people say it, and what was found: verdict, number, and the page to touch it."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

TABLE = Path(__file__).with_name("claims.csv").read_text(encoding="utf-8")
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
    row = CLAIMS[find.__name__]
    link = dict(parse_qsl(row["link"]))
    return lambda: Answer(row["claim"], row["heard"], row["verdict"], row["page"], find(), row["on"], link)
