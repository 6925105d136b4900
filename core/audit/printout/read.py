"""What `print(model)` shows in PyTorch as a list of modules, and nine printouts to begin with.

The list is that of `model.named_modules()`: the model itself first, under the name "", then every module before its
children. Nothing of the visitor's is run. What a printout does not tell stays None: parameters of unknown modules, the
in_proj of MultiheadAttention. Bare `nn.Parameter`s of a module are not printed, and not counted.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ...errors import InputError
from ..module import Module, Value
from .grammar import Printed, parse
from .subclasses import is_built_from, is_lazy, works_as
from .torch_modules import CONTAINERS, IN_PART, MAX_NUMBERS, count_numbers, has_arguments_of, name_arguments

MAX_NAME = 1000
EXAMPLE_PRINTOUTS = Path(__file__).with_name("example_printouts")
EXAMPLES = {
    "vgg16": "VGG16",
    "vgg16_bn": "VGG16 with batch norm",
    "resnet18": "ResNet-18",
    "unet": "U-Net",
    "mobilenet_v2_head": "MobileNetV2's head",
    "transformer_block": "A small transformer block",
    "bert_layer": "A layer of BERT",
    "dcgan_generator": "DCGAN's generator",
    "detector_head": "A detector's head (RetinaNet)",
}
"""Name of a printout that comes with the dashboard -> its title."""


def example_text(name: str) -> str:
    """What print(model) showed of an example, in PyTorch 2.13 and transformers 4."""
    return (EXAMPLE_PRINTOUTS / f"{name}.txt").read_text(encoding="utf-8")


def read_printout(text: str) -> tuple[Module, ...]:
    r"""The modules of a printed model, in the order of `named_modules()`; one that it holds twice is there twice.

    Limits, and what is refused, as in `grammar.parse`; names of at most 1000 characters.

    Examples
    --------
    >>> modules = read_printout("Net(\n  (conv): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n  (act): ReLU()\n)")
    >>> [(module.name, module.kind, module.parameters, module.bias_parameters) for module in modules]
    [('', 'Net', 0, 0), ('conv', 'Conv2d', 224, 8), ('act', 'ReLU', 0, 0)]
    """
    return tuple(_flatten(parse(text), ""))


def _flatten(printed: Printed, name: str) -> Iterator[Module]:
    """A module, then its children, each repeat on its own."""
    if len(name) > MAX_NAME:
        raise InputError(
            f"`text` must name modules in at most {MAX_NAME:,} characters, got {len(name):,} on {printed.place}"
        )
    yield _module(printed, name)
    above = f"{name}." if name else ""
    for keys, child in printed.children:
        for key in keys:
            yield from _flatten(child, above + key)


def _module(printed: Printed, name: str) -> Module:
    kind = _class_name(printed)
    given = printed.arguments if kind == printed.kind else ()
    base = is_built_from(kind)
    arguments = name_arguments(base, given)
    module = partial(Module, name, kind, arguments=arguments)
    if printed.bare:
        return module(printed.bare if printed.bare <= MAX_NUMBERS else None)
    if _is_read_as(base, kind, given) and (told := count_numbers(base, arguments)):
        parameters, biases, inputs, channels = told
        scales = (channels or 0) * _holds(printed, "_WeightNorm")  # a length of its own for every filter
        return module(parameters + scales, biases, inputs, channels)
    if base == "RMSNorm":
        return module(None, 0)
    empty = printed.children and not given and kind not in IN_PART
    return module(0, 0) if empty else module()


def _is_read_as(base: str, kind: str, given: tuple[tuple[str, Value], ...]) -> bool:
    """Whether what a module holds is that of its base: it works as it, or has its arguments and no others."""
    if is_lazy(kind) or (kind in CONTAINERS and given):
        return False
    return works_as(kind) == base or has_arguments_of(base, given)


def _class_name(printed: Printed) -> str:
    """The class; of a scripted module the one that it was made of, which it prints."""
    names = [str(value) for name, value in printed.arguments if name == "original_name"]
    return names[0] if names and printed.kind == "RecursiveScriptModule" else printed.kind


def _holds(printed: Printed, kind: str) -> bool:
    """Whether a module of a kind is printed inside, two levels down: where a parametrized module keeps its own."""
    return any(
        child.kind == kind for _, one in printed.children for _, two in one.children for _, child in two.children
    )
