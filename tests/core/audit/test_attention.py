"""Attention that is not plain: what is printed inside keeps the audit from calling its biases free; truth in torch."""

import re
import time

import pytest

from core.audit import audit_printout
from core.audit.printout.attention_names import TURNS

LINEAR = "Linear(in_features=8, out_features=8, bias=True)"
QKV = "".join(f"  ({one}_proj): {LINEAR}\n" for one in "qkv")
CONV_1X1 = "Conv2d(8, 8, kernel_size=(1, 1), stride=(1, 1))"
NORM = "LayerNorm((8,), eps=1e-05, elementwise_affine=True)"


def rows(text):
    return {row.layer: row for row in audit_printout(text).rows}


def verdicts(kind, inside="", layers=QKV, output="out_proj"):
    return {name: row.verdict for name, row in rows(f"{kind}(\n{layers}{inside}  ({output}): {LINEAR}\n)").items()}


def is_free(found):
    return found["k_proj"] == "redundant" or found["v_proj"] == "absorbed"


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "  (softmax): Softmax(dim=-1)\n  (attn_drop): Dropout(p=0.0, inplace=False)\n  (norm): Identity()\n",
        "  (attention): DotProductAttention(\n    (dropout): Dropout(p=0.5, inplace=False)\n  )\n",
        "  (attention): ScaleDotProductAttention(\n    (softmax): Softmax(dim=-1)\n  )\n",
        "  (inner): FullAttention(\n    (dropout): Dropout(p=0.5, inplace=False)\n  )\n",
        "  (dropout_module): FairseqDropout()\n",
    ],
)
def test_projections_dropout_softmax_and_identities_leave_key_and_value_as_they_are(inside):
    found = verdicts("Attention", inside)
    assert (found["q_proj"], found["k_proj"], found["v_proj"]) == ("in use", "redundant", "absorbed")


@pytest.mark.parametrize(
    "stranger",
    [
        "(leaky_relu): LeakyReLU(negative_slope=0.2)",
        "(dwk): Conv1d(8, 8, kernel_size=(3,), stride=(1,), padding=(1,), groups=8)",
        "(kernel_fn): ReLU()",
        f"(norm): {NORM}",
        f"(inner_attn_ln): {NORM}",
        "(get_v): Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=8)",
        "(act): SiLU()",
        "(scores_bn): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        "(compare): CosineSimilarity()",
        "(softmax): Softmax(dim=1)",
        "(pos): Linear(in_features=8, out_features=8, bias=False)",
        "(mixer): SomethingNew(3)",
        f"(k_gate): {LINEAR}",
        f"(score_proj): {LINEAR}",
        "(fc): Linear(in_features=8, out_features=1, bias=True)",
        "(score_fc): Linear(in_features=8, out_features=1, bias=True)",
        "(proj_l): Linear(in_features=2, out_features=2, bias=True)",
    ],
)
def test_anything_else_inside_makes_both_depend_and_is_named(stranger):
    found = rows(f"Attention(\n{QKV}  {stranger}\n  (out_proj): {LINEAR}\n)")
    name = re.match(r"\((\w+)\)", stranger)[1]
    for layer in ("k_proj", "v_proj"):
        assert found[layer].verdict == "depends"
        assert f"`{name}`" in found[layer].reason


@pytest.mark.parametrize(
    "kind", ["FullAttention()", "LinearDropout(8, 8, p=0.1)", "ProbAttention(\n    (a): Dropout()\n  )"]
)
def test_an_attention_inside_that_is_not_seen_may_do_anything(kind):
    assert verdicts("AttentionLayer", f"  (inner_attention): {kind}\n")["k_proj"] == "depends"


def test_a_gate_of_the_result_leaves_the_key_alone():
    found = verdicts("Attention", f"  (out_gate): {LINEAR}\n")
    assert (found["k_proj"], found["v_proj"]) == ("redundant", "depends")
    assert verdicts("TalkingHeadAttention")["v_proj"] == "depends"
    assert verdicts("Attention", output="w_concat")["v_proj"] == "absorbed"


@pytest.mark.parametrize(
    ("name", "norm", "verdict"),
    [
        ("group_norm", "GroupNorm(4, 8, eps=1e-05, affine=True)", "redundant"),
        ("layernorm1", NORM, "redundant"),
        ("q_norm", NORM, "depends"),
        ("norm", NORM.replace("8", "4"), "depends"),  # of one head
    ],
)
def test_a_norm_before_query_key_and_value_is_one_of_what_they_take(name, norm, verdict):
    assert verdicts("Attention", layers=f"  ({name}): {norm}\n{QKV}")["k_proj"] == verdict


def test_each_three_has_its_own_layers():
    layers = "".join(f"({name}): {LINEAR}\n" for name in "qkvo")
    one = f"    (0-1): 2 x ModuleDict(\n{layers}    )\n"
    for kind in ("Net", "Attention"):
        found = {name: row.verdict for name, row in rows(f"{kind}(\n  (blocks): ModuleList(\n{one}  )\n)").items()}
        for at in "01":
            free = found[f"blocks.{at}.k"], found[f"blocks.{at}.v"]
            assert free == ("redundant", "absorbed")


@pytest.mark.parametrize(("kind", "more"), [("ModuleList", ""), ("ModuleDict", "(d{}): Dropout(p=0.1)\n")])
def test_many_threes_take_time_in_proportion(kind, more):
    times = []
    for n_threes in (500, 2000):
        three = f": {kind}(\n{QKV})\n"
        text = "Attention(\n" + "".join(f"(l{at}){three}{more.format(at)}" for at in range(n_threes)) + ")"
        start = time.process_time()
        audit_printout(text)
        times.append(time.process_time() - start)
    assert times[1] < 8 * times[0] + 0.5  # seconds: a square would be 16 times


@pytest.mark.parametrize(
    "text",
    [
        "AttentionUNet(\n  (pool): MaxPool2d(kernel_size=2)\n  (Conv_1x1): Conv2d(8, 1, kernel_size=(1, 1))\n)",
        f"ConvAttnBlock(\n  (conv1): {CONV_1X1}\n  (conv2): {CONV_1X1}\n  (final): {CONV_1X1}\n)",
        f"AttentionPool(\n  (post): {LINEAR}\n)",
    ],
)
def test_a_layer_is_not_doubted_for_the_name_of_its_class(text):
    assert {row.verdict for row in rows(text).values()} == {"in use"}


def test_an_s_for_several_heads_makes_no_other_part():
    layers = "".join(f"  (w_{one}s): {LINEAR}\n" for one in "qkv")
    found = verdicts("MultiHeadAttention", layers=layers, output="fc")
    assert list(found.values()) == ["in use", "redundant", "absorbed", "in use"]


def test_a_dict_of_query_key_and_value_is_part_of_the_class_that_holds_it():
    dict_of_three = f"  (p): ModuleDict(\n{QKV}  )\n"
    for stranger, verdict in (("", "redundant"), ("  (key_act): ReLU()\n", "depends")):
        found = rows(f"Attention(\n{dict_of_three}{stranger}  (out_proj): {LINEAR}\n)")
        assert found["p.k_proj"].verdict == verdict
    assert rows(f"ModuleDict(\n{QKV})")["k_proj"].verdict == "redundant"


@pytest.mark.parametrize(
    "kind",
    ["SigmoidAttention", "AdditiveAttention", "LinearAttention", "CosineAttention", "Swinv2Attention", "SlotAttention"],
)
def test_a_class_that_says_it_compares_otherwise_makes_all_depend(kind):
    found = verdicts(kind)
    assert {found[f"{one}_proj"] for one in "qkv"} == {"depends"}


@pytest.mark.parametrize(
    "kind",
    ["GptOss", "Falcon", "Persimmon", "Nemotron", "Granite", "SmolLM3", "Qwen2", "Mistral", "StableLm", "DeepseekV3",
     "Helium", "Ernie4_5"],
)  # fmt: skip
def test_a_family_with_rotary_position_is_known_when_its_attention_is_printed_alone(kind):
    assert verdicts(f"{kind}Attention", output="o_proj")["k_proj"] == "depends"


@pytest.mark.parametrize("kind", ["EuropeAttention", "BartAttention", "CLIPAttention", "DiagonalAttention"])
def test_other_families_are_not(kind):
    assert not TURNS.search(kind)


def test_only_rotary_position_leaves_the_value_to_the_output_projection():
    assert verdicts("FalconAttention")["v_proj"] == "absorbed"
    assert verdicts("GptOssAttention")["v_proj"] == "depends"  # its sink takes part of the weights


ADDITIVE = (
    f"(\n  (W_k): {LINEAR}\n  (W_q): {LINEAR}\n  (w_v): Linear(in_features=8, out_features=1, bias=True)\n  (last): "
)


@pytest.mark.parametrize("kind", ["AdditiveAttention", "Attention"])
def test_one_score_of_query_and_key_is_free_only_where_a_softmax_is_seen(kind):
    found = rows(f"{kind}{ADDITIVE}Dropout(p=0.1, inplace=False)\n)")
    assert [row.verdict for row in found.values()] == ["depends"] * 3
    found = rows(f"{kind}{ADDITIVE}Softmax(dim=-1)\n)")
    assert [row.verdict for row in found.values()] == ["depends", "depends", "redundant"]
    assert f"This holds if `{kind}` runs the two one after the other" in found["w_v"].reason


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        (f"MultiHeadedAttention(\n  (linears): ModuleList(\n    (0-3): 4 x {LINEAR}\n  )\n)", "linears.1"),
        (f"Attention(\n  (attn): {LINEAR}\n  (v): Linear(in_features=8, out_features=1, bias=True)\n)", "v"),
        (
            "NonLocalBlock(\n"
            + "".join(
                f"  ({one}): Conv2d(8, 8, kernel_size=(1, 1), stride=(1, 1))\n" for one in ("g", "theta", "phi", "W")
            )
            + ")",
            "phi",
        ),
    ],
)  # fmt: skip
def test_a_layer_whose_name_does_not_tell_its_part_is_not_called_in_use(text, unknown):
    found = rows(text)
    assert found[unknown].verdict == "depends"
    assert "a softmax over the places takes b away" in found[unknown].reason
    assert found.get("W", found[unknown]).verdict in ("in use", "depends")


def test_one_layer_for_key_and_value_has_a_half_that_is_redundant():
    pair = "  (q): Linear(in_features=8, out_features=8, bias=True)\n  (kv): Linear(in_features=8, out_features=16)\n"
    row = rows(f"Attention(\n{pair}  (proj): {LINEAR}\n)")["kv"]
    assert row.verdict == "in use"
    assert "`kv` gives key and value: its 8 numbers of the key are redundant" in row.reason
    row = rows(f"Attention(\n{pair}  (norm): {NORM}\n  (proj): {LINEAR}\n)")["kv"]
    assert "whether its 8 numbers of the key are redundant depends: LayerNorm `norm` is printed" in row.reason
    assert "whether those of the value can go into the output projection's bias depends on LayerNorm" in row.reason


@pytest.mark.torch
@pytest.mark.parametrize("how", ["plain", "sigmoid", "leaky", "norm", "gated"])
def test_what_is_called_free_is_free_in_torch(how):
    """The key's bias moved; the value's moved, and taken over by the output projection."""
    import torch
    from torch import nn

    def run(self, x):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(1, 2)
        if how == "leaky":
            scores = self.leaky_relu(scores)
        y = (scores.sigmoid() if how == "sigmoid" else scores.softmax(-1)) @ v
        return self.out_proj(self.norm(y) if how == "norm" else self.act(y) if how == "gated" else y)

    model = type("SigmoidAttention" if how == "sigmoid" else "Attention", (nn.Module,), {"forward": run})()
    torch.manual_seed(0)
    for name in ("q_proj", "k_proj", "v_proj"):
        model.add_module(name, nn.Linear(8, 8))
    more = {"leaky": ("leaky_relu", nn.LeakyReLU(0.2)), "norm": ("norm", nn.LayerNorm(8)), "gated": ("act", nn.SiLU())}
    if how in more:
        model.add_module(*more[how])
    model.add_module("out_proj", nn.Linear(8, 8))
    model.double()
    x, shift = torch.randn(2, 5, 8, dtype=torch.float64), torch.randn(8, dtype=torch.float64)
    found = {name: row.verdict for name, row in rows(str(model)).items()}
    with torch.no_grad():
        before = model(x)
        model.k_proj.bias += shift
        key = float((model(x) - before).abs().max())
        model.k_proj.bias -= shift
        model.v_proj.bias += shift
        model.out_proj.bias -= model.out_proj.weight @ shift
        value = float((model(x) - before).abs().max())
    assert is_free(found) == (how == "plain")
    assert max(key, value) > 1e-3 or found["k_proj"] == "redundant"
    assert max(key, value) < 1e-12 or not is_free(found)
