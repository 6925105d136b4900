"""A claim about the bias as people say it, and what was found: verdict, number, and the page to touch it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["true", "false", "depends"]


@dataclass(frozen=True)
class Answer:
    """One claim, as people say it, and our finding."""

    claim: str
    heard: str  # the kind of place where it is heard, in lower case
    verdict: Verdict
    page: str  # to touch it
    finding: str  # one to three sentences in markdown with the numbers behind the verdict
    on: str  # what it depends on; empty for the other two
    link: dict[str, str]  # parameters of that page's address, as its share link holds them

    @property
    def in_markdown(self) -> str:
        """Verdict and finding."""
        verdict = f"It depends on {self.on}" if self.on else self.verdict.capitalize()
        return f"**{verdict}.** {self.finding}"


def claim(
    words: str, heard: str, verdict: Verdict, page: str, *, on: str = "", **link: str
) -> Callable[[Callable[[], str]], Callable[[], Answer]]:
    """Put a claim above the function that works out its finding: what stands there then gives the `Answer`.

    Examples
    --------
    >>> @claim("It is big.", "a story", "depends", "norms", on="the ruler", b="2")
    ... def size():
    ...     return "It is 3."
    >>> size().link, size().in_markdown
    ({'b': '2'}, '**It depends on the ruler.** It is 3.')
    """

    def answered(find: Callable[[], str]) -> Callable[[], Answer]:
        return lambda: Answer(words, heard, verdict, page, find(), on, link)

    return answered
