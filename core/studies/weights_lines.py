"""The lines of Python that load a changed file of weights in PyTorch."""

from collections.abc import Iterable, Mapping, Sequence

STRIPPED = """from safetensors.torch import load_file

model = MyModel()  # as before; from now on you can build these layers with bias=False
for layer in {layers}:
    model.get_submodule(layer).register_parameter("bias", None)
model.load_state_dict(load_file({file!r}))
"""

FOLDED = """from safetensors.torch import load_file
from torch import nn

model = MyModel()  # as before
for layer, norm in {norms}.items():
    convolution = model.get_submodule(layer)
    convolution.bias = nn.Parameter(convolution.weight.new_zeros(len(convolution.weight)))
    parent, _, name = norm.rpartition(".")
    setattr(model.get_submodule(parent), name, nn.Identity())
model.load_state_dict(load_file({file!r}))
model.eval()  # folded norms cannot be trained
"""


def stripped_lines(file: str, layers: Sequence[str]) -> str:
    """For a file whose layers lost their bias.

    Examples
    --------
    >>> print(stripped_lines("new.safetensors", ["conv1"]).splitlines()[3])
    for layer in ['conv1']:
    """
    return STRIPPED.format(layers=_listed(map(repr, layers), "[]"), file=file)


def folded_lines(file: str, norms: Mapping[str, str]) -> str:
    """For a file whose norms, by layer, were folded."""
    pairs = (f"{layer!r}: {norm!r}" for layer, norm in norms.items())
    return FOLDED.format(norms=_listed(pairs, "{}"), file=file)


def _listed(items: Iterable[str], brackets: str) -> str:
    """One line, or one a line where that would be long."""
    words = list(items)
    line = brackets[0] + ", ".join(words) + brackets[1]
    if len(line) <= 80:
        return line
    return brackets[0] + "".join(f"\n    {word}," for word in words) + f"\n{brackets[1]}"
