"""One module of a network, however it was read: from a printout, from a file of weights, from memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "int | float | bool | str | tuple[int | float | bool | str | None, ...] | None"


@dataclass(frozen=True)
class Module:
    """One module of a network, as a printout or a file of weights tells of it.

    Attributes
    ----------
    name : str
        As in `named_modules()`, "features.0"; "" for the model itself.
    kind : str
        Its class, "Conv2d".
    parameters : int or None
        Its own trained numbers, those of its children not among them. None: not told.
    bias_parameters : int or None
        How many of them are biases (a norm's offset beta is one); 0 where it has no bias.
    inputs, channels : int or None
        Channels or features that it takes and gives. Of LayerNorm and RMSNorm the last axis.
    arguments : mapping of str to int, float, bool, str, tuple or None
        As PyTorch names them: groups, affine, track_running_stats, padding, ... Missing means not told.
    line, column : int
        Where it is printed, from 1; 0 where it is not from a printout.

    Examples
    --------
    >>> Module("conv", "Conv2d", parameters=896, bias_parameters=32, inputs=3, channels=32).has_bias
    True
    """

    name: str
    kind: str
    parameters: int | None = None
    bias_parameters: int | None = None
    inputs: int | None = None
    channels: int | None = None
    arguments: Mapping[str, Value] = field(default_factory=dict, hash=False)
    line: int = 0
    column: int = 0

    @property
    def has_bias(self) -> bool | None:
        """None where it is not told."""
        return None if self.bias_parameters is None else self.bias_parameters > 0
