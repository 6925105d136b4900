"""A claim about the bias as people say it, and what was found: verdict, number, and the page to touch it."""

from dataclasses import dataclass
from typing import Literal

TRUE, FALSE, DEPENDS = "true", "false", "depends"


@dataclass(frozen=True)
class Answer:
    """One claim and our finding.

    Attributes
    ----------
    claim : str
        As people say it.
    heard : str
        The kind of place where it is heard, in lower case.
    verdict : "true", "false" or "depends"
    on : str
        What it depends on; empty for the other two.
    finding : str
        One to three sentences in markdown with the numbers behind the verdict.
    page : str
        File name of the page to touch it.
    link : dict
        Parameters of that page's address, as its share link holds them: a choice by the title that is shown.

    Examples
    --------
    >>> Answer("It is big.", "a story", "depends", "the ruler", "It is 3.", "norms", {}).said
    '**It depends on the ruler.** It is 3.'
    """

    claim: str
    heard: str
    verdict: Literal["true", "false", "depends"]
    on: str
    finding: str
    page: str
    link: dict[str, str]

    @property
    def said(self) -> str:
        """Verdict and finding in markdown."""
        verdict = f"It depends on {self.on}" if self.verdict == DEPENDS else self.verdict.capitalize()
        return f"**{verdict}.** {self.finding}"
