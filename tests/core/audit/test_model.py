"""A model in memory: what its modules say, what moving each bias says, and that it stays as it is to the last bit."""

import random
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.audit import audit_model, audit_printout
from core.errors import InputError

ROOT = Path(__file__).parents[3]


def verdicts(audit):
    return {row.layer: row.verdict for row in audit.rows}


def draw(*shape):
    import torch

    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def module(forward, **parts):
    """A model of these parts with this forward."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    made = type("Net", (nn.Module,), {"forward": forward})()
    for name, make in parts.items():
        setattr(made, name, make(nn))
    return made


def test_what_is_no_model_is_refused_without_loading_torch():
    with pytest.raises(InputError, match=r"^`model` must be a torch\.nn\.Module in memory, got str$") as caught:
        audit_model("Linear(2, 3)")
    assert "audit_printout" in caught.value.hint
    program = (
        "import sys, core.audit\ntry: core.audit.audit_model(3)\nexcept ValueError: pass\nprint('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"


# By its modules


@pytest.mark.torch
def test_without_an_example_it_is_judged_as_its_printout():
    from torch import nn

    block = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
    model = nn.Sequential(block, nn.Flatten(), nn.Linear(64, 5), nn.LayerNorm(5), nn.LSTM(5, 3), nn.Embedding(3, 2))
    assert audit_model(model).rows == audit_printout(str(model)).rows
    assert audit_model(model).to_frame().equals(audit_printout(str(model)).to_frame())


@pytest.mark.torch
def test_classes_are_known_by_what_they_inherit():
    from torch import nn

    class Stack(nn.Sequential):
        pass

    class Own(nn.Conv2d):
        def extra_repr(self):
            return "nothing is told"

    class Rectified(nn.Conv2d):
        def forward(self, x):
            return super().forward(x).relu()

    model = Stack(Own(3, 4, 3), nn.BatchNorm2d(4), Rectified(4, 4, 3), nn.BatchNorm2d(4))
    rows = {row.layer: row for row in audit_model(model).rows}
    assert (rows["0"].kind, rows["0"].verdict, rows["0"].bias_parameters) == ("Own", "redundant", 4)
    assert (rows["2"].kind, rows["2"].verdict, rows["2"].bias_parameters) == ("Rectified", "cannot see", 4)
    assert verdicts(audit_model(model, draw(2, 3, 8, 8)))["2"] == "in use"


@pytest.mark.torch
def test_tied_weights_count_once_and_numbers_are_those_there_are():
    from torch import nn

    model = module(
        lambda self, x: self.head(self.table(x)), table=lambda nn: nn.Embedding(7, 4), head=lambda nn: nn.Linear(4, 7)
    )
    model.head.weight = model.table.weight
    assert sum(row.parameters for row in audit_model(model).rows) == 7 * 4 + 7
    pair = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    pair[2].bias = pair[0].bias
    rows = audit_model(pair, draw(3, 4)).rows
    assert [row.bias_parameters for row in rows] == [4, 0]
    assert rows[1].reason == "Its bias is that of `0`, and is judged and counted there."
    attention = audit_model(nn.MultiheadAttention(8, 2)).rows[0]
    assert (attention.parameters, attention.bias_parameters, attention.verdict) == (8 * 24 + 24, 24, "in use")


# By numbers


@pytest.mark.torch
def test_a_sum_a_second_activation_and_the_order_in_forward_are_seen():
    def forward(self, x):
        y = self.late(self.norm(self.early(x)))  # printed the other way round
        y = self.act(self.inner(self.act(y)))
        return self.after(y + self.shortcut(y))

    model = module(
        forward,
        late=lambda nn: nn.Conv2d(4, 4, 3, padding=1),
        early=lambda nn: nn.Conv2d(3, 4, 3),
        norm=lambda nn: nn.BatchNorm2d(4),
        act=lambda nn: nn.ReLU(),
        inner=lambda nn: nn.Conv2d(4, 4, 1),
        shortcut=lambda nn: nn.Conv2d(4, 4, 1),
        after=lambda nn: nn.InstanceNorm2d(4),
    )
    audit = audit_model(model, draw(4, 3, 8, 8))
    expected = {"late": "in use", "early": "redundant", "norm": "in use", "inner": "in use", "shortcut": "redundant"}
    assert verdicts(audit) == expected
    assert audit.rows[0].reason.startswith("Moved at random, it changes the output by ")
    assert re.search(
        r"by \S+ × 10⁻\S+ of its size at most: that is rounding. BatchNorm2d `norm` ", audit.rows[1].reason
    )
    assert "This holds if" not in audit.rows[1].reason


@pytest.mark.torch
def test_a_scale_of_zero_hides_no_bias_and_what_is_not_reached_is_not_judged():
    from torch import nn

    def forward(self, x):
        return x + self.scale(self.conv(x).relu())

    model = module(
        forward,
        conv=lambda nn: nn.Conv2d(3, 3, 1),
        scale=lambda nn: nn.BatchNorm2d(3),
        spare=lambda nn: nn.Linear(2, 2),
    )
    nn.init.zeros_(model.scale.weight)
    audit = audit_model(model, draw(4, 3, 5, 5))
    assert verdicts(audit) == {"conv": "in use", "scale": "in use", "spare": "cannot see"}
    assert "a weight after it is 0" in audit.rows[0].reason


@pytest.mark.torch
@pytest.mark.parametrize(("turned", "verdict"), [(False, "redundant"), (True, "in use")])
def test_key_bias_is_decided_where_no_module_shows_what_turns_it(turned, verdict):
    import torch

    def forward(self, x):
        q, k, v = self.q(x), self.k(x), self.v(x)
        if turned:
            angle = torch.arange(x.shape[1], dtype=x.dtype)[:, None]
            q, k = q * angle.cos() - q.flip(-1) * angle.sin(), k * angle.cos() - k.flip(-1) * angle.sin()
        return self.o((q @ k.transpose(1, 2)).softmax(-1) @ v)

    model = module(forward, **dict.fromkeys("qkvo", lambda nn: nn.Linear(8, 8)))
    assert verdicts(audit_model(model))["k"] == "redundant"  # as its modules say
    found = verdicts(audit_model(model, draw(2, 5, 8)))
    assert found == {"q": "in use", "k": verdict, "v": "absorbed", "o": "in use"}


@pytest.mark.torch
def test_dropout_lazy_layers_packed_outputs_and_named_arguments():
    from torch import nn

    model = module(
        lambda self, x, *, scale: {"y": (self.norm(self.drop(self.first(x))) * scale, [3])},
        first=lambda nn: nn.LazyConv2d(4, 3),
        drop=lambda nn: nn.Dropout(0.5),
        norm=lambda nn: nn.BatchNorm2d(4),
    )
    given = {"x": draw(4, 3, 8, 8), "scale": 2.0}
    assert audit_model(model).rows[0].reason.endswith("Run it once, model(example), and audit it then.")
    with pytest.raises(InputError, match=r"^`model` must hold all its numbers, got LazyConv2d `first`, which makes "):
        audit_model(model, given)
    model(**given)
    assert verdicts(audit_model(model, given)) == {"first": "in use", "norm": "in use"}
    model.drop = nn.Identity()
    assert verdicts(audit_model(model, given))["first"] == "redundant"


@pytest.mark.torch
def test_weights_that_are_computed_are_no_obstacle():
    import torch
    from torch import nn
    from torch.nn.utils import parametrizations

    new = parametrizations.spectral_norm(nn.Conv2d(3, 4, 3))
    assert verdicts(audit_model(nn.Sequential(new, nn.BatchNorm2d(4)), draw(3, 3, 6, 6)))["0"] == "redundant"
    computed = nn.Conv2d(3, 4, 3)
    computed.copy_of_it = computed.weight * 2  # no leaf: deepcopy alone refuses it
    assert isinstance(computed.copy_of_it, torch.Tensor)
    assert verdicts(audit_model(computed, draw(3, 3, 6, 6))) == {"": "in use"}


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_scripted_complex_and_differentiating_models_run_too():
    import torch
    from torch import nn

    block = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    assert verdicts(audit_model(torch.jit.script(block), draw(4, 3, 8, 8))) == {"0": "redundant", "1": "in use"}
    complex_ = nn.Linear(3, 3, dtype=torch.complex64)
    assert verdicts(audit_model(complex_, draw(2, 3).to(torch.complex64))) == {"": "in use"}

    def forces(self, x):
        x = x.requires_grad_(True)
        return torch.autograd.grad((self.energy(x).tanh() + self.offset(x)).sum(), x, create_graph=True)[0]

    model = module(forces, energy=lambda nn: nn.Linear(3, 1), offset=lambda nn: nn.Linear(3, 1))
    assert verdicts(audit_model(model, draw(5, 3))) == {"energy": "in use", "offset": "redundant"}  # a derivative


# As it was


def state(model):
    import torch

    tensors = [one.detach().clone() for one in (*model.parameters(), *model.buffers())]
    modes = [one.training for one in model.modules()]
    return tensors, modes, torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()


def same(one, other):
    import torch

    pairs = zip(one[0], other[0], strict=True)
    tensors = all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)
    return tensors and one[1] == other[1] and torch.equal(one[2], other[2]) and one[3:] == other[3:]


@pytest.mark.torch
@pytest.mark.parametrize("shape", [(4, 3, 8, 8), (4, 2, 8, 8)])
def test_the_model_and_all_draws_are_as_they_were_also_when_forward_raises(shape):
    import torch
    from torch import nn

    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.3), nn.Conv2d(4, 2, 1))
    model[1].eval()
    model.seen = []
    x = draw(*shape)
    ids, kept, before = [id(one) for one in model.parameters()], x.clone(), state(model)
    if shape[1] == 3:
        audit_model(model, x)
    else:
        with pytest.raises(
            InputError, match=r"^`example` must be an input that the model takes in training mode, got "
        ):
            audit_model(model, x)
    assert same(before, state(model))
    assert ids == [id(one) for one in model.parameters()]
    assert torch.equal(x, kept)
    assert all(one.grad is None and one.requires_grad for one in model.parameters())


@pytest.mark.torch
def test_what_does_not_repeat_or_gives_no_numbers_is_refused():
    from torch import nn

    count = iter(range(1000))
    model = module(lambda self, x: self.fc(x) * next(count), fc=lambda nn: nn.Linear(2, 2))
    with pytest.raises(InputError, match=r"^`model` must give the same output for the same example and draws"):
        audit_model(model, draw(2, 2))
    model = module(lambda self, x: self.fc(x).argmax(1), fc=lambda nn: nn.Linear(2, 2))
    with pytest.raises(InputError, match=r"^`model` must give a tensor of floats for `example`, got none$"):
        audit_model(model, draw(2, 2))
    with pytest.raises(InputError, match=r"^`model` must give finite numbers for `example`, got none$"):
        audit_model(nn.Linear(2, 2), draw(2, 2) * float("nan"))
    with pytest.raises(InputError, match=r"^`example` must be an input that the model takes"):
        audit_model(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), draw(1, 2))


@pytest.mark.torch
def test_progress_is_told():
    from torch import nn

    told = []
    audit_model(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), draw(3, 2), progress=lambda *step: told.append(step))
    assert told == [(1, 2), (2, 2)]


def resnet(expansion, counts):
    """ResNet-18 (expansion 1) or ResNet-50 (4), written out."""
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, inputs, width, stride):
            super().__init__()
            outputs = width * expansion
            sizes = [(inputs, width, 3, stride), (width, width, 3, 1)]
            if expansion == 4:
                sizes = [(inputs, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1)]
            self.count = len(sizes)
            for at, (i, o, kernel, step) in enumerate(sizes, start=1):
                setattr(self, f"conv{at}", nn.Conv2d(i, o, kernel, step, kernel // 2, bias=False))
                setattr(self, f"bn{at}", nn.BatchNorm2d(o))
            self.relu = nn.ReLU(inplace=True)
            if stride > 1 or inputs != outputs:
                self.downsample = nn.Sequential(
                    nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
                )

        def forward(self, x):
            y = x
            for at in range(1, self.count + 1):
                y = getattr(self, f"bn{at}")(getattr(self, f"conv{at}")(y))
                y = self.relu(y) if at < self.count else y
            return self.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))

    torch.manual_seed(0)
    layers, inputs = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
    for at, (count, width) in enumerate(zip(counts, (64, 128, 256, 512), strict=True)):
        for number in range(count):
            layers.append(Block(inputs, width, 2 if at and not number else 1))
            inputs = width * expansion
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


@pytest.mark.release
@pytest.mark.torch
def test_resnet18_at_64_pixels_is_decided_soon():
    model, x = resnet(1, (2, 2, 2, 2)), draw(2, 3, 64, 64)
    start = time.process_time()
    audit = audit_model(model, x)
    assert time.process_time() - start < 20  # seconds of both cores; 2 measured
    assert list(verdicts(audit).values()).count("in use") == 21


@pytest.mark.torch
@pytest.mark.release
def test_what_cannot_be_seen_of_resnet50_is_decided():
    model = resnet(4, (3, 4, 6, 3))
    assert list(verdicts(audit_model(model)).values()).count("cannot see") == 20
    assert "cannot see" not in verdicts(audit_model(model, draw(2, 3, 64, 64))).values()
