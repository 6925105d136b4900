"""Is `bias=False` safe in this network? Each layer's bias judged, from a printout or from a file of weights."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..question import Found
from .printout.audit import audit_modules
from .printout.read import EXAMPLES, read_printout
from .report import Audit
from .verdict import REDUNDANT

if TYPE_CHECKING:
    from .weights.audit import WeightsAudit

__all__ = ["Audit", "audit_checkpoint", "audit_printout"]


def audit_printout(text: str) -> Audit:
    """Audit what `print(model)` shows.

    Parameters
    ----------
    text : str
        `str(model)`, or a copy of what a terminal or notebook printed; limits as in `read_printout`.

    Raises
    ------
    InputError
        Where the text is no printout, with line and column.

    Examples
    --------
    >>> audit = audit_printout('''Sequential(
    ...   (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))
    ...   (1): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    ...   (2): ReLU()
    ... )''')
    >>> audit.redundant
    ('0',)
    >>> audit.to_frame()["verdict"].tolist()
    ['redundant', 'in use']
    >>> audit.sentence
    '2 layers with 240 parameters, 16 of them biases. **1 layer has a redundant bias** (8 numbers); 1 in use.'
    """
    return audit_modules(read_printout(text))


def audit_checkpoint(
    path: str | os.PathLike[str], pairs: Mapping[str, str] | None = None, *, eps: float = 1e-5
) -> "WeightsAudit":
    """Audit a .safetensors file; see `weights.audit.audit_weights`."""
    from .weights.audit import audit_weights  # with pandas and safetensors, which a printout does not need

    return audit_weights(path, pairs, eps=eps)


def answer() -> Found:
    """What the page asks first, answered by its own numbers."""
    rows = audit_printout(EXAMPLES["vgg16_bn"].text).rows
    redundant = [row for row in rows if row.verdict == REDUNDANT]
    share = len(redundant) / len(rows)
    choice = "none" if not share else "nearly half" if share < 0.6 else "most"
    biases = sum(row.bias_parameters or 0 for row in redundant)
    return Found(
        choice, f"{len(redundant)} of {len(rows)} have a redundant one, {biases:,} numbers: all before a batch norm."
    )
