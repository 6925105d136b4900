"""A pytest fixture, there wherever bias-lab is installed: ask for it by name.

def test_every_bias_is_of_use(no_redundant_bias):
    no_redundant_bias(MyModel(), torch.randn(2, 3, 64, 64))
"""

from collections.abc import Callable, Collection
from typing import Any

import pytest

from .model.audit import audit_model


@pytest.fixture
def no_redundant_bias() -> Callable[..., None]:
    """A check that fails with the layers whose bias is redundant, each with why; `but` names those that may be."""

    def check(model: Any, example: Any = None, *, but: Collection[str] = ()) -> None:
        rows = audit_model(model, example).rows
        found = [row for row in rows if row.verdict == "redundant" and row.layer not in but]
        if found:
            pytest.fail("\n".join(f"{row.layer}: {row.reason} {row.change}" for row in found), pytrace=False)

    return check
