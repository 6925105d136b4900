"""The table of a network, from what `print(model)` shows of it."""

from dataclasses import replace

from ..module import Module
from ..report import Audit, row_of
from ..verdict import BENT, CANNOT_SEE, IN_USE, NO_BIAS, Verdict, kind_and_name, without_bias
from .judge import LINEAR_MAPS, judge
from .order import network
from .read import read_printout
from .torch_modules import IN_PART, KINDS, RECURRENT

HOMOGENEOUS = r"f(k x) = k f(x), \quad f(0) = 0"
ASSUMES = (
    "Assumed: modules run in the order printed, each once, and nothing that is not printed (a ReLU in `forward`, a "
    "sum, a reshape) stands between neighbours; a Linear before a BatchNorm1d gets one row of features per sample; a "
    "BatchNorm is trained with the statistics of its batches. Inside `Sequential` the order is certain. Not printed, "
    "so not counted: parameters that a module holds besides its layers; a layer used twice is printed, and counted, "
    "twice."
)


def audit_printout(text: str) -> Audit:
    """Audit what `print(model)` shows: `str(model)`, or a copy of what a terminal or notebook printed.

    InputError, with line and column, where the text is no printout; limits as in `read_printout`.

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
    modules = read_printout(text)
    net = network(modules)
    last = max((at for at, module in enumerate(modules) if module.kind in LINEAR_MAPS), default=-1)
    rows = [
        row_of(module, _explain(module, verdict, is_last=at == last))
        for at, (module, verdict) in enumerate(zip(modules, judge(net), strict=True))
        if module.parameters or (module.parameters is None and _may_hold_some(module, net.is_leaf(at)))
    ]
    return Audit(modules, tuple(rows), ASSUMES)


def _may_hold_some(module: Module, is_leaf: bool) -> bool:
    """Whether what is not told may be parameters of its own."""
    return is_leaf or module.kind in IN_PART or module.kind in KINDS


def _explain(module: Module, verdict: Verdict | None, *, is_last: bool) -> Verdict:
    """What the table says of a layer."""
    if module.bias_parameters is None:
        return Verdict(CANNOT_SEE, _why_not_told(module))
    if module.kind in RECURRENT and module.bias_parameters:
        return Verdict(IN_USE, "b is added at every step, before the gates' sigmoid and tanh.", BENT, proof="none")
    if not module.bias_parameters:
        return _explain_none(module, verdict, is_last=is_last)
    if verdict is None:
        return Verdict(CANNOT_SEE, f"What {kind_and_name(module)} does with the modules inside it is not printed.")
    if verdict.change and module.kind not in LINEAR_MAPS | {"Bilinear"}:
        return replace(verdict, change="Its offset beta can go, where your PyTorch takes `bias=False` here.")
    return verdict


def _why_not_told(module: Module) -> str:
    if module.kind in IN_PART:
        return "Only its out_proj is printed: in_proj_weight and in_proj_bias, of query, key and value, are not."
    return f"What {kind_and_name(module)} holds and does is not printed in a form that is known here."


def _explain_none(module: Module, verdict: Verdict | None, *, is_last: bool) -> Verdict:
    """A layer that has no bias: whether that is right, and what it then cannot do."""
    if module.kind not in LINEAR_MAPS or verdict is None:
        return Verdict(NO_BIAS, "It has weights that multiply or are looked up, and nothing that is added.")
    if verdict.answer != IN_USE:
        return without_bias(verdict)
    if is_last:
        why = (
            "The last layer has no bias: where all that it gets is 0 it gives 0 for every output, so it cannot hold a "
            "prior, such as how frequent each class is."
        )
        change = "Where outputs have no reason to centre on 0: pass `bias=True`, and start it at the log prior."
        return Verdict(NO_BIAS, why, HOMOGENEOUS, change, "none")
    why = (
        "No norm that subtracts its mean would cancel a bias here. Without one this layer gives k times as much for k "
        "times its input, and 0 for 0."
    )
    return Verdict(NO_BIAS, why, HOMOGENEOUS, proof="none")
