"""How often our verdicts on biases are right, and how many free biases they find; written to docs/audit.md.

Run it from the root of the project with `python -m benchmarks.free_biases`; it needs torch. The truth is measured here
without any code of the audit: weights are drawn anew three times, all biases of one layer are moved at random, and
where no output changes in training mode, in float64, that layer's bias is free. The profiler's pattern is PyTorch's,
`Conv2dBiasFollowedByBatchNorm2dPattern`, on the real forward run.
"""

import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn
from torch.profiler import profile
from torch.profiler._pattern_matcher import Conv2dBiasFollowedByBatchNorm2dPattern

from benchmarks.networks import CONVOLUTIONAL
from benchmarks.sequence_networks import SEQUENTIAL
from core.audit import audit_checkpoint, audit_model, audit_printout, verdict
from core.audit.printout.attention import VALUE
from core.audit.printout.audit import SUMMED

FREE = 1e-9  # largest change of any output over the largest output
PAGE = Path(__file__).parents[1] / "docs" / "audit.md"
NETWORKS = CONVOLUTIONAL | SEQUENTIAL
METHODS = ("printout alone", "weights alone", "model with an example", "the profiler's pattern")
Found = dict[str, str]  # layer -> verdict


def main() -> None:
    """Measure all networks and write the page."""
    warnings.simplefilter("ignore")
    rows, wrong, totals = [], list[str](), {method: Counter[str]() for method in METHODS}
    for name, make in NETWORKS.items():
        torch.manual_seed(0)
        model, example = make()
        free = truth(model, example)
        found = {method: judge(method, model, example) for method in METHODS}
        cells = [score(found[method], free, totals[method]) for method in METHODS]
        rows.append((name, len(free), sum(free.values()), *cells))
        wrong += [line for method in METHODS[:3] for line in mistakes(name, method, found[method], free)]
        print(rows[-1])
    PAGE.write_text(page(rows, totals, wrong), encoding="utf-8")
    print(f"wrote {PAGE.name}: {len(NETWORKS)} networks")


def truth(model: nn.Module, example: Any) -> dict[str, bool]:
    """Each layer with a bias -> whether moving it changes nothing, whatever the weights."""
    model = model.double().train()
    example = example.double() if example.is_floating_point() else example
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    layers = {name: biases(module) for name, module in model.named_modules() if biases(module)}
    free = dict.fromkeys(layers, True)
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in model.parameters():
                noise = torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)
                parameter += 0.3 * noise
        for name, own in layers.items():
            free[name] &= change(model, example, own, generator) < FREE
    model.load_state_dict(kept)
    model.float()
    return free


def biases(module: nn.Module) -> list[nn.Parameter]:
    return [one for name, one in module.named_parameters(recurse=False) if "bias" in name]


def change(model: nn.Module, example: Any, own: list[nn.Parameter], generator: torch.Generator) -> float:
    outputs, buffers = [], [(one, one.clone()) for one in model.buffers()]
    moves = [torch.randn(one.shape, generator=generator, dtype=one.dtype) for one in own]
    for moved in (False, True):
        torch.manual_seed(5)
        with torch.no_grad():
            for buffer, before in buffers:  # spectral norm goes on from where it was
                buffer.copy_(before)
            for one, move in zip(own, moves, strict=True):
                one += moved * move
            outputs.append(model(example))
            for one, move in zip(own, moves, strict=True):
                one -= moved * move
    return float((outputs[0] - outputs[1]).abs().max() / outputs[0].abs().max())


def judge(method: str, model: nn.Module, example: Any) -> Found:
    return dict(zip(METHODS, (by_printout, by_weights, by_example, by_profiler), strict=True))[method](model, example)


def by_printout(model: nn.Module, _example: Any) -> Found:
    return {row.layer: row.verdict for row in audit_printout(str(model)).rows}


def by_weights(model: nn.Module, _example: Any) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.safetensors")
        save_file({name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}, path)
        return {row.layer: row.verdict for row in audit_checkpoint(path).rows}


def by_example(model: nn.Module, example: Any) -> Found:
    return {row.layer: row.verdict for row in audit_model(model, example).rows}


def by_profiler(model: nn.Module, example: Any) -> Found:
    """The pattern's events, by the order in which convolutions are first called."""
    called: list[str] = []
    names = {id(module): name for name, module in model.named_modules()}
    note: Callable[..., None] = lambda module, _inputs: called.append(names[id(module)])  # noqa: E731
    hooks = [module.register_forward_pre_hook(note) for module in model.modules() if isinstance(module, nn.Conv2d)]
    model.train()(example)
    for hook in hooks:
        hook.remove()
    with profile(with_stack=True, record_shapes=True) as profiled:
        model(example)
    pattern = Conv2dBiasFollowedByBatchNorm2dPattern(profiled)
    events = [pattern.go_up_until(event, is_convolution) for event in pattern.matched_events()]
    order = list(dict.fromkeys(called))
    return {order[int(event.name.rpartition("_")[2])]: "redundant" for event in events}


def is_convolution(event: Any) -> bool:
    return str(event.name).startswith("nn.Module: Conv2d")


def score(found: Found, free: dict[str, bool], total: Counter[str]) -> str:
    """How many free biases are found, and how many are called free that are not."""
    right = sum(free[name] and found.get(name) == "redundant" for name in free)
    false = sum(not free[name] and found.get(name) == "redundant" for name in free)
    total.update(right=right, false=false, free=sum(free.values()))
    return f"{right}" + (f", {false} wrong" if false else "")


def mistakes(network: str, method: str, found: Found, free: dict[str, bool]) -> list[str]:
    """What is called free and is not; what is called in use and is free."""
    lines = []
    for name, is_free in free.items():
        verdict = found.get(name, "not listed")
        if (verdict == "redundant" and not is_free) or (verdict in ("in use", "absorbed") and is_free):
            truth_is = "free" if is_free else "in use"
            lines.append(f"{network}, {method}: `{name}` is called {verdict}, and is {truth_is}.")
    return lines


HEAD = """## How often the audit is right

{n} architectures, written out in plain torch (`benchmarks/networks.py`, `benchmarks/sequence_networks.py`) with a bias
wherever one can be. A bias is free where nothing changes when it is moved: that was measured, with three draws of all
weights, in float64 and training mode, without any code of the audit. `python -m benchmarks.free_biases` writes this
page.

A cell tells how many of the free biases are found, and how many are called free that are not. Only the bias of a whole
layer counts: half of an LSTM's, or one number of ten, is told by the audit, and is not in this table. The profiler's
pattern is PyTorch's `Conv2dBiasFollowedByBatchNorm2dPattern` on the real forward run: a Conv2d, then a BatchNorm2d.

"""
RULES = """# The audit

## What is free, exactly

| where | why | verdict |
| --- | --- | --- |
| before a norm that subtracts each channel's own mean | ${cancelled}$ | redundant |
| key of a softmax attention; not with rotary position, norms of query and key, a sink | ${key}$ | redundant, depends |
| one channel before a softmax; a softmax over places | ${shifted}$ | redundant |
| K channels before a softmax or cross-entropy | ${one_free}$ | in use, one of K is free |
| before LayerNorm, GroupNorm | ${part}$ | in use, one number a group is free |
| before a linear layer that pads nothing | ${folded}$ | absorbed |
| value of a softmax attention | ${value}$ | absorbed by the output projection |
| LSTM and RNN | ${summed}$ | in use, half is redundant |

"""
FOOT = """
Precision is how many of those that are called free are free, recall how many of the free are called so.
What is not called free is not therefore called in use: of a printout, "cannot see" and "depends" are the honest
answers where sums, branches and reshapes stand in `forward`, and a file of weights shows no activation at all.

### Where it is wrong

"""


def page(rows: list[tuple[Any, ...]], totals: dict[str, Counter[str]], wrong: list[str]) -> str:
    head = ("network", "layers with a bias", "free", *METHODS)
    all_layers, all_free = (sum(row[at] for row in rows) for at in (1, 2))
    lines = [line(head), line(["---", *["---:"] * (len(head) - 1)]), *map(line, rows)]
    lines.append(line([f"**all {len(rows)}**", all_layers, all_free, *(totals[m]["right"] for m in METHODS)]))
    lines.append(line(["**precision**", "", "", *(share(totals[m]["right"], totals[m]["false"]) for m in METHODS)]))
    missed = {method: totals[method]["free"] - totals[method]["right"] for method in METHODS}
    lines.append(line(["**recall**", "", "", *(share(totals[m]["right"], missed[m]) for m in METHODS)]))
    told = [f"- {one}" for one in wrong] or ["Nowhere in these networks."]
    return rules() + HEAD.format(n=len(rows)) + "\n".join(lines) + "\n" + FOOT + "\n".join(told) + "\n"


def rules() -> str:
    return RULES.format(
        cancelled=verdict.CANCELLED, key=verdict.KEY, shifted=verdict.SHIFTED, one_free=verdict.ONE_FREE,
        part=verdict.PART_STAYS, folded=verdict.FOLDED, value=VALUE, summed=SUMMED,
    )  # fmt: skip


def line(cells: Any) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def share(part: int, rest: int) -> str:
    return f"{100 * part / (part + rest):.0f}%" if part + rest else ""


if __name__ == "__main__":
    main()
