"""One module of a network, however it was read: from a printout, from a file of weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "int | float | bool | str | tuple[int | float | bool | str | None, ...] | None"


@dataclass(frozen=True)
class Module:
    """One module of a network, as a printout or a file of weights tells of it; None where that is not told.

    The name is as in `named_modules()`, "" for the model itself; the kind is its class, "Conv2d". Parameters are its
    own trained numbers, without those of its children, and bias_parameters how many of them are biases (a norm's offset
    beta is one). It takes `inputs` channels or features and gives `channels`; of LayerNorm and RMSNorm that is the last
    axis. Arguments are called as in PyTorch; those that are not told are missing.
    """

    name: str
    kind: str
    parameters: int | None = None
    bias_parameters: int | None = None
    inputs: int | None = None
    channels: int | None = None
    arguments: Mapping[str, Value] = field(default_factory=dict, hash=False)
