"""Is `bias=False` safe in this network? Each layer's bias judged, from a printout, a file of weights or in memory."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..question import Found
from .model.audit import audit_model
from .printout.audit import audit_printout
from .printout.read import example_text
from .report import Audit
from .verdict import REDUNDANT

if TYPE_CHECKING:
    from .weights.audit import WeightsAudit

__all__ = ["Audit", "audit_checkpoint", "audit_model", "audit_printout"]


def audit_checkpoint(
    path: str | os.PathLike[str], pairs: Mapping[str, str] | None = None, *, eps: float = 1e-5
) -> "WeightsAudit":
    """Audit a .safetensors file; see `weights.audit.audit_weights`."""
    from .weights.audit import audit_weights  # with pandas and safetensors, which a printout does not need

    return audit_weights(path, pairs, eps=eps)


def answer() -> Found:
    """What the page asks first, answered by its own numbers."""
    rows = audit_printout(example_text("vgg16_bn")).rows
    redundant = [row for row in rows if row.verdict == REDUNDANT]
    share = len(redundant) / len(rows)
    choice = "none" if not share else "nearly half" if share < 0.6 else "most"
    biases = sum(row.bias_parameters or 0 for row in redundant)
    return Found(
        choice, f"{len(redundant)} of {len(rows)} have a redundant one, {biases:,} numbers: all before a batch norm."
    )
