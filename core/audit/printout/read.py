"""What `print(model)` shows in PyTorch as a list of modules, and eight printouts to begin with.

The list is that of `model.named_modules()`: the model itself first, under the name "", then every module before its
children. Nothing of the visitor's is run. What a printout does not tell stays None: parameters of unknown modules, the
in_proj of MultiheadAttention. Bare `nn.Parameter`s of a module are not printed, and not counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...errors import InputError
from ..module import Module
from .grammar import Printed, parse
from .torch_modules import IN_PART, MAX_NUMBERS, count_numbers, name_arguments

MAX_NAME = 1000
EXAMPLE_PRINTOUTS = Path(__file__).with_name("example_printouts")


@dataclass(frozen=True)
class Example:
    """A printout that comes with the dashboard: its title, and its file."""

    title: str
    file: str

    @property
    def text(self) -> str:
        """What print(model) showed, in PyTorch 2.13."""
        return (EXAMPLE_PRINTOUTS / self.file).read_text(encoding="utf-8")


def read_printout(text: str) -> tuple[Module, ...]:
    r"""The modules of a printed model.

    Parameters
    ----------
    text : str
        What `print(model)` shows: at most 1,000,000 characters, 20,000 modules with repeats counted, 100 deep.
        Lines before and after it are passed over; indentation does not matter.

    Returns
    -------
    tuple of Module
        In the order of `named_modules()`; a module that the model holds twice is there twice, as it is printed twice.

    Raises
    ------
    InputError
        No module, more than one, a bracket that does not close, a count that does not fit, too much of anything;
        with line and column.

    Examples
    --------
    >>> modules = read_printout("Net(\n  (conv): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n  (act): ReLU()\n)")
    >>> [(module.name, module.kind, module.parameters, module.bias_parameters) for module in modules]
    [('', 'Net', 0, 0), ('conv', 'Conv2d', 224, 8), ('act', 'ReLU', 0, 0)]
    """
    return tuple(_flatten(parse(text), ""))


def _flatten(printed: Printed, name: str) -> Iterator[Module]:
    """A module, then its children, each repeat on its own."""
    module, above = _module(printed, name), f"{name}." if name else ""
    if len(name) > MAX_NAME:
        raise InputError(
            f"`text` must name modules in at most {MAX_NAME:,} characters, got {len(name):,} on line {module.line}, "
            f"column {module.column}"
        )
    yield module
    for keys, child in printed.children:
        for key in keys:
            yield from _flatten(child, above + key)


def _module(printed: Printed, name: str) -> Module:
    arguments = name_arguments(printed.kind, printed.arguments)
    told = count_numbers(printed.kind, arguments)
    module = partial(Module, name, printed.kind, arguments=arguments, line=printed.line, column=printed.column)
    if told:
        return module(told.weights + told.biases, told.biases, told.inputs, told.channels)
    if printed.bare:
        return module(printed.bare if printed.bare <= MAX_NUMBERS else None)
    if printed.children and printed.kind not in IN_PART:
        return module(0, 0)
    return module()


EXAMPLES = {
    "vgg16": Example("VGG16", "vgg16.txt"),
    "vgg16_bn": Example("VGG16 with batch norm", "vgg16_bn.txt"),
    "resnet18": Example("ResNet-18", "resnet18.txt"),
    "unet": Example("U-Net", "unet.txt"),
    "mobilenet_v2_head": Example("MobileNetV2's head", "mobilenet_v2_head.txt"),
    "transformer_block": Example("A small transformer block", "transformer_block.txt"),
    "dcgan_generator": Example("DCGAN's generator", "dcgan_generator.txt"),
    "detector_head": Example("A detector's head (RetinaNet)", "detector_head.txt"),
}
"""Slug -> example."""
