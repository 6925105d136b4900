r"""How far rounding alone carries: every operation of a run rounds once more, at random, at its own precision.

    y = op(x) (1 + eps r),    r ~ N(0, 1),    eps of the type of y

A bias that does nothing changes the output as much as this, in float64 or in a part that a model runs in float32, in a
net of two layers or of a hundred; a bias at work by far more. What is exact (whole numbers, halves, a mask of 0 and 1)
or only chosen, copied or reshaped is not rounded.

Source: stochastic arithmetic (CESTAC, Vignes 1993).
"""

import re
import sys
from typing import Any

ROUNDS = re.compile(r"add|sub|mul|div|mm|conv|norm|sum|mean|var|softmax|attention|exp|_to_copy|rnn|lstm|gru|linear|pow")
EXACT = 1024.0  # numbers that are whole times one over this are taken for exact
FEW = 64  # numbers that are looked at before all
ROW = 2**18


def rounding(torch: Any, seed: int) -> Any:
    """A context within which operations round once more; torch is the module, which is not imported here."""
    draws = Draws(torch, seed)

    class Rounding(torch.utils._python_dispatch.TorchDispatchMode):  # type: ignore[misc]
        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return "torch._dynamo" in sys.modules  # to load it takes seconds, and only a compiled model needs it

        def __torch_dispatch__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
            given = function(*args, **(kwargs or {}))
            if not ROUNDS.search(function._schema.name.partition("::")[2]):
                return given
            many = isinstance(given, tuple | list)
            aliases = [one.alias_info for one in function._schema.returns]
            results = list(given) if many else [given]
            if len(results) != len(aliases):  # a list of tensors: parts of one that is there
                return given
            found = [_round(torch, one, alias, draws) for one, alias in zip(results, aliases, strict=True)]
            return type(given)(found) if many else found[0]

    return Rounding()


class Draws:
    """Normal numbers for any shape, out of one row of them that begins elsewhere every time: drawing costs more."""

    def __init__(self, torch: Any, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.row, self.torch = torch.randn(ROW, generator=self.generator), torch

    def like(self, tensor: Any) -> Any:
        """As many as the tensor has, in its shape and of its type."""
        start = int(self.torch.randint(ROW, (1,), generator=self.generator))
        row = self.row.repeat((start + tensor.numel()) // ROW + 1)
        return row[start : start + tensor.numel()].view(tensor.shape).to(tensor.device, tensor.dtype)


def _round(torch: Any, tensor: Any, alias: Any, draws: Draws) -> Any:
    """The same tensor where an operation wrote into one, another where it made one, nothing new of a mere view."""
    if not isinstance(tensor, torch.Tensor) or not (tensor.is_floating_point() or tensor.is_complex()):
        return tensor
    if (alias is not None and not alias.is_write) or _is_exact(tensor):
        return tensor
    factor = 1 + torch.finfo(tensor.dtype).eps * draws.like(tensor)
    return tensor * factor if alias is None else tensor.mul_(factor)


def _is_exact(tensor: Any) -> bool:
    parts = (tensor.real, tensor.imag) if tensor.is_complex() else (tensor,)
    few = all(_is_whole(one.reshape(-1)[:FEW]) for one in parts)
    return few and (tensor.numel() <= FEW or all(map(_is_whole, parts)))


def _is_whole(tensor: Any) -> bool:
    return bool((tensor * EXACT == (tensor * EXACT).round()).all())
