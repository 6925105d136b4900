"""A question before the answer: which of its choices the numbers support, and what a visitor who chose is told.

The choice is never written down: the module that has the numbers decides it, by the calls that the page makes.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Found(NamedTuple):
    """Which choice the numbers support, and these numbers in a sentence."""

    choice: str
    sentence: str

    def told(self, guess: str, choices: Sequence[str]) -> str:
        """What a visitor who chose `guess` is told; another text than one of the choices is no guess.

        Examples
        --------
        >>> Found("fewer", "It is 2.").told("more", ("more", "fewer"))
        'You said: more. The numbers say: **fewer**. It is 2.'
        """
        if guess not in choices:
            return f"The numbers say: **{self.choice}**. {self.sentence}"
        if guess == self.choice:
            return f"You said: {guess}, and so do the numbers. {self.sentence}"
        return f"You said: {guess}. The numbers say: **{self.choice}**. {self.sentence}"
