"""A pytest fixture, there wherever bias-lab is installed: ask for it by name.

def test_every_bias_is_of_use(no_redundant_bias):
    no_redundant_bias(MyModel(), torch.randn(2, 3, 64, 64))
"""

from collections.abc import Callable, Collection
from typing import Any

import pytest

from .model.audit import audit_model

NO_EXAMPLE = ": give an example, no_redundant_bias(model, x), and each is moved"


@pytest.fixture
def no_redundant_bias() -> Callable[..., None]:
    """A check that fails with the layers whose bias is redundant, each with why; `but` names those that may be.

    It fails, too, where none of the biases could be judged.
    """

    def check(model: Any, example: Any = None, *, but: Collection[str] = ()) -> None:
        audit = audit_model(model, example)
        found = [row for row in audit.rows if row.verdict == "redundant" and row.layer not in but]
        if not audit.could_judge:
            pytest.fail(
                f"None of its biases could be judged{'' if example is not None else NO_EXAMPLE}.", pytrace=False
            )
        if found:
            pytest.fail("\n".join(f"{row.layer}: {row.reason} {row.change}" for row in found), pytrace=False)

    return check
