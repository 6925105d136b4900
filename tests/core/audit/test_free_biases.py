"""Which biases are free, exactly: each rule's equation in float64 in torch, beside what the audit says of the printout.

A bias is moved at random. Redundant: the output stays. Absorbed: it stays once the next layer's bias takes it over.
Some of the numbers are free: the output stays when only these are moved.
"""

import pytest

from core.audit import audit_printout

pytestmark = pytest.mark.torch

SAME, MOVED = 1e-12, 1e-3


def draw(*shape, seed=0):
    import torch

    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def change(model, x, name, shift):
    """The largest change of the output when a bias is moved by this."""
    import torch

    bias = model.get_parameter(name)
    with torch.no_grad():
        before = model(x)
        bias += shift
        after = model(x)
        bias -= shift
    return float((after - before).abs().max())


def verdicts(model):
    return {row.layer: row.verdict for row in audit_printout(str(model)).rows}


def reasons(model):
    return {row.layer: row.reason for row in audit_printout(str(model)).rows}


def attention(*, rotary=False, norm=False, sink=False, dropout=0.0):
    import torch
    from torch import nn

    class Rotary(nn.Module):
        def forward(self, x):
            angle = torch.arange(x.shape[1], dtype=x.dtype)[:, None] / 3 ** torch.arange(4, dtype=x.dtype)
            one, two = x[..., :4], x[..., 4:]
            return torch.cat([one * angle.cos() - two * angle.sin(), one * angle.sin() + two * angle.cos()], -1)

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.query, self.key, self.value, self.out = (nn.Linear(8, 8) for _ in range(4))
            if rotary:
                self.rotary = Rotary()
            if norm:
                self.q_norm, self.k_norm = nn.RMSNorm(8), nn.RMSNorm(8)
            if sink:
                self.sink = nn.Identity()
            self.dropout = nn.Dropout(dropout)

        def forward(self, x):
            q, k = self.query(x), self.key(x)
            if norm:
                q, k = self.q_norm(q), self.k_norm(k)
            if rotary:
                q, k = self.rotary(q), self.rotary(k)
            scores = q @ k.transpose(1, 2)
            if sink:
                scores = torch.cat([scores, torch.zeros_like(scores[..., :1])], -1)
            weights = self.dropout(scores.softmax(-1))[..., : x.shape[1]]
            return self.out(weights @ self.value(x))

    torch.manual_seed(0)
    return Attention().double()


def test_key_bias_of_softmax_attention_is_redundant_and_the_query_bias_is_not():
    model, x = attention(), draw(2, 5, 8)
    assert change(model, x, "key.bias", draw(8, seed=1)) < SAME
    assert min(change(model, x, f"{name}.bias", draw(8, seed=1)) for name in ("query", "value")) > MOVED
    assert verdicts(model) == {"query": "in use", "key": "redundant", "value": "absorbed", "out": "in use"}


@pytest.mark.parametrize("what", ["rotary", "norm", "sink"])
def test_what_compares_keys_in_another_way_keeps_their_bias(what):
    model, x = attention(**{what: True}), draw(2, 5, 8)
    assert change(model, x, "key.bias", draw(8, seed=1)) > MOVED
    assert verdicts(model)["key"] == "depends"
    assert f"`{'q_norm' if what == 'norm' else what}` is printed" in reasons(model)["key"]


@pytest.mark.parametrize(("kind", "verdict"), [("Qwen2Attention", "depends"), ("EuropeAttention", "redundant")])
def test_a_family_that_turns_keys_in_forward_is_known_by_its_name(kind, verdict):
    rows = "\n".join(f"  ({one}_proj): Linear(in_features=8, out_features=8, bias=True)" for one in "qkvo")
    assert {row.layer: row.verdict for row in audit_printout(f"{kind}(\n{rows}\n)").rows}["k_proj"] == verdict


@pytest.mark.parametrize("name", ["gate_proj", "g_gate"])
def test_a_gate_after_the_map_leaves_the_value_open(name):
    rows = "\n".join(f"  ({one}_proj): Linear(in_features=8, out_features=8, bias=True)" for one in "qkvo")
    gate = f"  ({name}): Linear(in_features=8, out_features=8, bias=True)"
    found = {row.layer: row.verdict for row in audit_printout(f"Attention(\n{rows}\n{gate}\n)").rows}
    assert (found["k_proj"], found["v_proj"]) == ("redundant", "depends")


def test_value_bias_folds_into_the_output_projection_but_not_past_a_sink():
    import torch

    for sink in (False, True):
        model, x, shift = attention(sink=sink), draw(2, 5, 8), draw(8, seed=1)
        with torch.no_grad():
            before = model(x)
            model.value.bias += shift
            model.out.bias -= model.out.weight @ shift
            assert (float((model(x) - before).abs().max()) < SAME) != sink
        assert verdicts(model)["value"] == ("depends" if sink else "absorbed")


def test_dropout_on_the_map_is_said():
    assert "after training: dropout on the map" in reasons(attention(dropout=0.1))["value"]
    assert "after training" not in reasons(attention())["value"]


def test_a_norm_that_does_nothing_leaves_no_doubt():
    from torch import nn

    model = attention()
    model.q_norm = nn.Identity()
    assert verdicts(model)["key"] == "redundant"


def test_one_layer_for_query_key_and_value_has_a_third_that_is_redundant():
    import torch
    from torch import nn

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.qkv, self.proj = nn.Linear(8, 24), nn.Linear(8, 8)

        def forward(self, x):
            q, k, v = self.qkv(x).chunk(3, -1)
            return self.proj((q @ k.transpose(1, 2)).softmax(-1) @ v)

    model, x, zero = Attention().double(), draw(2, 5, 8), torch.zeros(8, dtype=torch.float64)
    shift = draw(8, seed=1)
    assert change(model, x, "qkv.bias", torch.cat([zero, shift, zero])) < SAME
    assert change(model, x, "qkv.bias", torch.cat([shift, zero, zero])) > MOVED
    assert verdicts(model)["qkv"] == "in use"
    assert "its 8 numbers of the key are redundant" in reasons(model)["qkv"]


@pytest.mark.parametrize(("kind", "gates", "free"), [("LSTM", 4, 24), ("RNN", 1, 6), ("GRU", 3, 12)])
def test_of_two_recurrent_biases_only_the_sum_counts(kind, gates, free):
    import torch
    from torch import nn

    torch.manual_seed(0)
    cell, x, shift = getattr(nn, kind)(5, 6, batch_first=True).double(), draw(2, 4, 5), draw(6 * gates, seed=1)
    if kind == "GRU":
        whole = shift.clone()
        shift[12:] = 0  # the gates of reset and update alone
    outputs = []
    for at in (torch.zeros_like(shift), shift, whole if kind == "GRU" else shift):
        with torch.no_grad():
            cell.bias_ih_l0 += at
            cell.bias_hh_l0 -= at
            outputs.append(cell(x)[0])
            cell.bias_ih_l0 -= at
            cell.bias_hh_l0 += at
    assert float((outputs[1] - outputs[0]).abs().max()) < SAME
    assert (float((outputs[2] - outputs[0]).abs().max()) > MOVED) == (kind == "GRU")
    assert verdicts(cell)[""] == "in use"
    assert f"{free} numbers" in reasons(cell)[""]


def layers(*names):
    import torch
    from torch import nn

    torch.manual_seed(0)
    return nn.Sequential(*(eval(f"nn.{name}", {"nn": nn}) for name in names)).double()


@pytest.mark.parametrize("softmax", ["Softmax(dim=-1)", "LogSoftmax(dim=1)", "Softmin(dim=1)"])
def test_one_of_k_is_free_before_a_softmax(softmax):
    model, x = layers("Linear(3, 5)", softmax), draw(4, 3)
    assert change(model, x, "0.bias", 1.7) < SAME
    assert change(model, x, "0.bias", draw(5, seed=1)) > MOVED
    assert verdicts(model)["0"] == "in use"
    assert "one of 5 is free" in reasons(model)["0"]


def test_one_of_k_is_free_before_cross_entropy():
    from torch import nn

    model, x = layers("Linear(3, 5)"), draw(4, 3)
    logits, classes = model(x).detach(), draw(4, 5).softmax(-1)
    losses = [float(nn.functional.cross_entropy(logits + shift, classes)) for shift in (0, 1.7)]
    assert losses[0] == pytest.approx(losses[1], abs=SAME)
    assert "one of 5 is free" in reasons(nn.Sequential(nn.Linear(3, 5), nn.CrossEntropyLoss()))["0"]
    assert "Before a softmax or cross-entropy their mean is free: one of 5." in reasons(model)["0"]


REDUNDANT = {
    "one channel before softmax": (("Linear(3, 1)", "Softmax(dim=1)"), (4, 3)),
    "one channel of tokens": (("Linear(3, 1)", "Softmax(dim=1)"), (4, 6, 3)),
    "softmax over tokens": (("Linear(3, 5)", "Softmax(dim=-2)"), (4, 6, 3)),
    "softmax over rows": (("Conv2d(3, 5, 3)", "Softmax(dim=2)"), (4, 3, 6, 6)),
    "softmax over columns": (("Conv2d(3, 5, 3)", "Softmax(dim=-1)"), (4, 3, 6, 6)),
    "softmax over a flat map": (("Conv2d(3, 1, 1)", "Flatten()", "Softmax(dim=-1)"), (4, 3, 6, 6)),
    "two layers before it": (("Linear(3, 4)", "Linear(4, 1)", "Softmax(dim=0)"), (4, 3)),
}


@pytest.mark.parametrize("case", REDUNDANT)
def test_what_a_softmax_takes_is_redundant(case):
    names, shape = REDUNDANT[case]
    model, x = layers(*names), draw(*shape)
    bias = model.get_parameter("0.bias")
    assert change(model, x, "0.bias", draw(*bias.shape, seed=1)) < SAME
    assert verdicts(model)["0"] == "redundant"


@pytest.mark.parametrize(
    ("names", "shape", "verdict"),
    [
        (("Conv2d(3, 5, 3)", "Softmax(dim=1)"), (4, 3, 6, 6), "in use"),
        (("Conv2d(3, 5, 3)", "Softmax2d()"), (4, 3, 6, 6), "in use"),
        (("Conv2d(3, 1, 3)", "ReLU()", "Softmax(dim=-1)"), (4, 3, 6, 6), "in use"),
        (("Linear(3, 5)", "Softmax(dim=2)"), (4, 6, 3), "depends"),
        (("Conv2d(3, 1, 3)", "Dropout(0.5)", "Softmax(dim=-1)"), (4, 3, 6, 6), "depends"),
    ],
)
def test_what_a_softmax_leaves_is_not_called_redundant(names, shape, verdict):
    model, x = layers(*names), draw(*shape)
    assert (
        change(model, x, "0.bias", draw(*model.get_parameter("0.bias").shape, seed=1)) > MOVED or verdict == "depends"
    )
    assert verdicts(model)["0"] == verdict


@pytest.mark.parametrize(
    ("names", "shape", "free"),
    [
        (("Linear(3, 6)", "LayerNorm(6)"), (4, 3), "one number of b is free"),
        (("Conv2d(3, 6, 1)", "LayerNorm([6, 5, 5])"), (4, 3, 5, 5), "one number of b is free"),
        (("Conv2d(3, 6, 1)", "GroupNorm(1, 6)"), (4, 3, 5, 5), "one number of b is free"),
        (("Conv2d(3, 6, 1)", "GroupNorm(2, 6)"), (4, 3, 5, 5), "2 numbers of b are free"),
    ],
)
def test_the_mean_of_b_is_free_before_a_norm_over_several_channels(names, shape, free):
    model, x = layers(*names), draw(*shape)
    assert change(model, x, "0.bias", 1.7) < SAME
    if "GroupNorm(2" in names[1]:
        assert change(model, x, "0.bias", draw(2, seed=1).repeat_interleave(3)) < SAME
    assert change(model, x, "0.bias", draw(6, seed=1)) > MOVED
    assert verdicts(model)["0"] == "in use"
    assert free in reasons(model)["0"]


ABSORBED = {
    "layer norm, linear": (("LayerNorm(3)", "Linear(3, 5)"), (4, 3)),
    "linear, linear": (("Linear(3, 4)", "Linear(4, 5)", "ReLU()"), (4, 3)),
    "depthwise, pointwise": (("Conv2d(3, 3, 3, padding=1, groups=3)", "Conv2d(3, 5, 1)", "SiLU()"), (4, 3, 6, 6)),
    "reflected border": (("Conv2d(3, 4, 1)", "Conv2d(4, 5, 3, padding=1, padding_mode='reflect')"), (4, 3, 6, 6)),
    "pooled and flat": (("Conv2d(3, 4, 1)", "AvgPool2d(3)", "Flatten()", "Linear(16, 5)"), (4, 3, 6, 6)),
    "batch norm, pointwise": (("BatchNorm2d(3)", "Conv2d(3, 5, 1)", "ReLU()"), (4, 3, 6, 6)),
    "before a group norm": (("Linear(3, 4)", "Linear(4, 6)", "LayerNorm(6)"), (4, 3)),
}


@pytest.mark.parametrize("case", ABSORBED)
def test_what_a_linear_layer_takes_over_is_absorbed(case):
    import torch

    names, shape = ABSORBED[case]
    model, x = layers(*names), draw(*shape)
    bias, after = model[0].bias, next(layer for layer in list(model)[1:] if hasattr(layer, "weight"))
    shift = draw(*bias.shape, seed=1)
    with torch.no_grad():
        before = model(x)
        bias += shift
        moved = model(x)
        weights = after.weight.flatten(1) if after.weight.ndim > 2 else after.weight
        after.bias -= weights @ shift.repeat_interleave(weights.shape[1] // len(shift))
        assert float((model(x) - before).abs().max()) < SAME
    assert float((moved - before).abs().max()) > MOVED
    assert verdicts(model)["0"] == "absorbed"
    assert f"add W b to the bias of {type(after).__name__}" in audit_printout(str(model)).rows[0].change


@pytest.mark.parametrize(
    "names",
    [
        ("Conv2d(3, 4, 1)", "Conv2d(4, 5, 3, padding=1)"),
        ("Conv2d(3, 4, 1)", "ConvTranspose2d(4, 5, 3)"),
        ("LayerNorm(3)", "Dropout(0.5)", "Linear(3, 5)"),
        ("LayerNorm(3)", "GELU()", "Linear(3, 5)"),
    ],
)
def test_zeros_dropout_and_activations_keep_it_from_the_next_layer(names):
    assert verdicts(layers(*names))["0"] == "in use"
