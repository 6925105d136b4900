"""The table of a network, from what `print(model)` shows of it."""

from collections.abc import Sequence
from dataclasses import replace

from ..module import Module
from ..report import Audit, Row, row_of
from ..verdict import (
    ABSORBED,
    BENT,
    CANNOT_SEE,
    IN_USE,
    KEY,
    NO_BIAS,
    NOTHING_SUBTRACTS,
    Verdict,
    kind_and_name,
    quoted_name,
    without_bias,
)
from .gaps import GAP
from .judge import LINEAR_MAPS, judge
from .order import Network, network
from .read import read_printout
from .subclasses import is_lazy, works_as
from .torch_modules import CONTAINERS, IN_PART, KINDS, RECURRENT

FIXED = frozenset({"DFL", "Integral"})  # of detectors: the mean of a distribution, by weights 0, 1, 2, ...
SUMMED = r"g(W x + b_{ih} + V h + b_{hh})"
THIRDS = "Of in_proj_bias the key's third is redundant, the softmax takes it; the value's can go into out_proj's."
HOMOGENEOUS = r"f(k x) = k f(x), \quad f(0) = 0"
ASSUMES = (
    "Assumed: modules run in the order printed, each once, and nothing that is not printed (a ReLU in `forward`, a "
    "sum, a reshape) stands between neighbours; a Linear before a BatchNorm1d, or a softmax over axis 1, gets one row "
    "of features per sample; a BatchNorm is trained with the statistics of its batches. Inside `Sequential` the order "
    "is certain. Not printed, so not counted: parameters that a module holds besides its layers; a layer used twice is "
    "printed, and counted, twice."
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
    return Audit(modules, judge_modules(modules, modules), ASSUMES)


def judge_modules(modules: Sequence[Module], judged: Sequence[Module]) -> tuple[Row, ...]:
    """A row of each module that holds parameters, or may; each is judged as what stands in its place in `judged`."""
    net = network(judged)
    last = max((at for at, module in enumerate(net.modules) if _is_free_map(net, at)), default=-1)
    rows = (
        row_of(module, _explain(net.modules[at], verdict, is_last=at == last, fixed=net.kind_above(at) in FIXED))
        for at, (module, verdict) in enumerate(zip(modules, judge(net), strict=True))
        if module.parameters or (module.parameters is None and _may_hold_some(module, net.is_leaf(at)))
    )
    return tuple(rows)


def _is_free_map(net: Network, at: int) -> bool:
    """A linear layer whose weights are trained."""
    return net.modules[at].kind in LINEAR_MAPS and net.kind_above(at) not in FIXED


def _may_hold_some(module: Module, is_leaf: bool) -> bool:
    """Whether what is not told may be parameters of its own."""
    return is_leaf or module.kind in IN_PART or module.bias_parameters is None


def _explain(module: Module, verdict: Verdict | None, *, is_last: bool, fixed: bool) -> Verdict:
    """What the table says of a layer."""
    if module.bias_parameters is None:
        return Verdict(CANNOT_SEE, _why_not_told(module))
    if module.kind in RECURRENT and module.bias_parameters:
        return _explain_recurrent(module)
    if module.kind in IN_PART and module.bias_parameters:
        return Verdict(IN_USE, f"b is added to query, key and value. {THIRDS}", KEY)
    if not module.bias_parameters:
        return _explain_none(module, verdict, is_last=is_last, fixed=fixed)
    if verdict is None:
        return Verdict(CANNOT_SEE, f"What {kind_and_name(module)} does with what it holds is not printed.")
    if verdict is NOTHING_SUBTRACTS and is_last and (module.channels or 0) > 1:
        why = f"{verdict.why} Before a softmax or cross-entropy their mean is free: one of {module.channels}."
        return replace(verdict, why=why)
    if verdict.change and verdict.answer != ABSORBED and module.kind not in LINEAR_MAPS | {"Bilinear"}:
        return replace(verdict, change="Its offset beta can go, where your PyTorch takes `bias=False` here.")
    return verdict


def _explain_recurrent(module: Module) -> Verdict:
    """It adds two biases at every step, b_ih with the input and b_hh with the state."""
    why = "b is added at every step, before the gates' sigmoid and tanh."
    half = (module.bias_parameters or 0) // 2
    if module.kind.startswith("GRU"):
        more = (
            f"Of the reset and update gates only the sum b_ih + b_hh counts, so {2 * half // 3} numbers are free; the "
            "new gate multiplies its b_hh by the reset gate, and uses both."
        )
        return Verdict(IN_USE, f"{why} {more}", BENT, proof="none")
    more = (
        f"Only the sum b_ih + b_hh counts: half, {half} numbers, is redundant, but that two biases take twice the step "
        "in training."
    )
    return Verdict(IN_USE, f"{why} {more}", SUMMED, proof="none")


def _why_not_told(module: Module) -> str:
    if module.kind == GAP:
        return "Layers are left out of the printout here; nothing is certain from those before to those after."
    if module.kind in IN_PART:
        return (
            "Only its out_proj is printed: in_proj_weight and in_proj_bias, of query, key and value, are not. " + THIRDS
        )
    if module.parameters:
        return "Its numbers are printed; what becomes of them is not."
    if is_lazy(module.kind):
        name = kind_and_name(module)
        return f"{name} gets its numbers with its first input: run the model once, and print it again."
    if works_as(module.kind) in KINDS and module.kind not in CONTAINERS:
        return f"The arguments of {kind_and_name(module)} do not tell what it holds."
    name = quoted_name(module) if module.name else "it"
    return f"{module.kind} is not known here, so nothing is claimed of what {name} holds and does."


def _explain_none(module: Module, verdict: Verdict | None, *, is_last: bool, fixed: bool) -> Verdict:
    """A layer that has no bias: whether that is right, and what it then cannot do."""
    if fixed:
        return Verdict(NO_BIAS, "Its weights are fixed numbers that compute an average: a bias has no place in it.")
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
