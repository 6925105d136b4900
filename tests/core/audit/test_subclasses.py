"""Classes that are not torch's own: none vanishes, and what is known of them is used."""

import pytest

from core.audit import audit_printout

CONV, BN = "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))", "BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True)"


def rows(text):
    return {row.layer: row for row in audit_printout(text).rows}


def with_children(kind, arguments, children, after=""):
    inside = "\n".join(f"    {child}" for child in children)
    return f"Net(\n  (a): {kind}(\n    {arguments}\n{inside}\n  )\n{after})"


@pytest.mark.parametrize(
    ("kind", "arguments", "children", "numbers"),
    [
        ("BatchNormAct2d", "64, eps=1e-05, momentum=0.1, affine=True", ["(act): ReLU()"], (128, 64)),
        ("GroupNormAct", "32, 64, eps=1e-05, affine=True", ["(act): ReLU()"], (128, 64)),
        ("ConvBnReLU2d", "3, 8, kernel_size=(3, 3), stride=(1, 1)", [f"(bn): {BN}"], (224, 8)),
        ("LinearReLU", "in_features=3, out_features=8, bias=True", ["(weight_fake_quant): FakeQuantize()"], (32, 8)),
        ("MyConv2d", "3, 8, kernel_size=(3, 3), stride=(1, 1)", ["(act): ReLU()"], (224, 8)),
        ("Block", "dim=4", ["(act): ReLU()"], (None, None)),
        ("Odd2d", "3, 8", ["(act): ReLU()"], (None, None)),
    ],
)  # fmt: skip
def test_a_module_with_arguments_and_children_has_a_row(kind, arguments, children, numbers):
    row = rows(with_children(kind, arguments, children))["a"]
    assert (row.parameters, row.bias_parameters) == numbers


@pytest.mark.parametrize(
    "module",
    [
        f"EncoderSequential(\n    dim=8\n    (0): {CONV}\n  )",
        f"ResidualModuleList(\n    n=3\n    (0): {CONV}\n  )",
        f"Sequential(\n    dim=8\n    (0): {CONV}\n  )",
        "ConvGLU(3, 8, kernel_size=3)",
        "SwiGLU(in_features=8, hidden_features=16)",
        "LinearDropout(8, 8, p=0.1)",
        "ConvUpsample(8, 8, scale_factor=2)",
        "GatedReLU(dim=8)",
        "DynamicTanh(normalized_shape=8, alpha_init_value=0.5)",
        "GatedReLU()",
        "LoRALinear(in_features=3, out_features=8, bias=True, r=4)",
        "GatedConv2d(3, 8, 4, kernel_size=(3, 3), stride=(1, 1))",
    ],
)
def test_a_class_that_is_not_known_never_counts_as_nothing(module):
    row = rows(f"Net(\n  (a): {module}\n  (fc): Linear(in_features=1, out_features=1)\n)")["a"]
    assert (row.parameters, row.bias_parameters, row.verdict) == (None, None, "cannot see")


@pytest.mark.parametrize(
    "module",
    [
        "LazyConv2d(0, 8, kernel_size=(3, 3), stride=(1, 1))",
        "LazyBatchNorm2d(0, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        "LazyInstanceNorm1d(0, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        "LazyLinear(in_features=0, out_features=3, bias=True)",
    ],
)
def test_a_lazy_module_says_what_to_do(module):
    row = rows(f"Net(\n  (a): {module}\n)")["a"]
    assert (row.parameters, row.verdict) == (None, "cannot see")
    assert row.reason.endswith("`a` gets its numbers with its first input: run the model once, and print it again.")


@pytest.mark.torch
def test_parameters_without_an_axis_count_as_torch_prints_them():
    import torch
    from torch import nn

    scale = nn.Parameter(torch.tensor(1.0))
    found = rows(str(nn.ParameterDict({"a": nn.Parameter(torch.zeros(3, 2)), "scale": scale})))
    assert found[""].parameters == 7
    assert rows(str(nn.ParameterList([scale])))[""].parameters == 1


NORM_OF_8, FC = (
    "LayerNorm((8,), eps=1e-05, elementwise_affine=True)",
    "Linear(in_features=8, out_features=16, bias=True)",
)
DEPTHWISE = "Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=8)"
POINTWISE = "Conv2d(8, 16, kernel_size=(1, 1), stride=(1, 1))"


@pytest.mark.parametrize(
    "layers",
    [
        {"norm": NORM_OF_8, "fc1": FC, "act": "GELU(approximate='none')"},  # also what is added, in decoders
        {"norm": NORM_OF_8, "gate": FC},  # and experts take it
        {"dwconv": DEPTHWISE, "f1": POINTWISE},  # StarNet multiplies two
        {"conv0": DEPTHWISE, "conv1": POINTWISE},  # LSKNet takes it twice
    ],
)
def test_in_a_class_of_ones_own_no_other_layer_is_said_to_hold_a_bias(layers):
    found = rows("Block(\n" + "".join(f"  ({name}): {layer}\n" for name, layer in layers.items()) + ")")
    assert found[next(iter(layers))].verdict == "in use"
    within = rows("Sequential(\n" + "".join(f"  ({name}): {layer}\n" for name, layer in layers.items()) + ")")
    assert within[next(iter(layers))].verdict == "absorbed"


def parametrized(kind, arguments, how):
    return with_children(
        kind, arguments, ["(parametrizations): ModuleDict(\n(weight): ParametrizationList(\n(0): " + how + "()\n)\n)"],
        after="  (bn): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True)\n",
    )  # fmt: skip


def test_weights_that_are_computed_leave_the_bias_as_it_is():
    found = rows(parametrized("ParametrizedConv2d", "3, 8, kernel_size=(3, 3), stride=(1, 1)", "_SpectralNorm"))
    assert (found["a"].parameters, found["a"].bias_parameters, found["a"].verdict) == (224, 8, "redundant")
    assert set(found) == {"a", "bn"}
    found = rows(parametrized("ParametrizedLinear", "in_features=3, out_features=8, bias=True", "_WeightNorm"))
    assert (found["a"].parameters, found["a"].bias_parameters) == (40, 8)  # 8 lengths, of weight norm


def test_a_norm_runs_what_it_holds_after_itself():
    norm = "BatchNormAct2d(\n8, eps=1e-05, momentum=0.1, affine=True\n(drop): Identity()\n(act): ReLU()\n)"
    found = rows(f"Net(\n  (conv): {CONV}\n  (bn): {norm}\n)")
    assert (found["conv"].verdict, found["bn"].verdict) == ("redundant", "in use")
    assert found["bn"].reason == "ReLU `bn.act` follows: b decides which values it sets to 0, those with z ≤ −b."


@pytest.mark.parametrize(
    ("text", "parameters", "biases"),
    [
        ("Conv3DSimple(3, 4, kernel_size=(3, 3, 3), stride=(1, 1, 1))", 328, 4),
        ("Conv1D(nf=6, nx=2)", 18, 6),
        ("Linear4bit(in_features=3, out_features=2, bias=True)", 8, 2),
        ("ScaledStdConv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))", 224, 8),
        ("LlamaRMSNorm((16,), eps=1e-05)", 16, 0),
        ("Qwen2RMSNorm((16,), eps=1e-06)", 16, 0),
        ("MistralRMSNorm()", None, 0),
        ("T5LayerNorm()", None, 0),
        ("RmsNorm()", None, 0),
        ("RMSNorm2d()", None, 0),
        ("SimpleNorm((8,), eps=1e-06, elementwise_affine=True)", 8, 0),
        ("Linear(3, 2)", 8, 2),
    ],
)
def test_subclass_that_prints_as_its_base_is_read_as_it(text, parameters, biases):
    row = rows(text)[""]
    assert (row.parameters, row.bias_parameters) == (parameters, biases)


@pytest.mark.parametrize("kind", ["RMSNorm((8,), eps=None)", "LlamaRMSNorm((8,), eps=1e-05)", "T5LayerNorm()"])
def test_every_rms_norm_keeps_the_bias_before_it(kind):
    text = f"Sequential(\n  (0): Linear(in_features=4, out_features=8, bias=True)\n  (1): {kind}\n)"
    assert rows(text)["0"].verdict == "in use"


@pytest.mark.parametrize(
    ("between", "verdict"),
    [
        ("StochasticDepth(p=0.1, mode=row)", "depends"),
        ("StochasticDepth(p=0.0, mode=row)", "redundant"),
        ("DropPath(drop_prob=0.100)", "depends"),
        ("BeitDropPath(p=0.1)", "depends"),
        ("LinearActivation()", "redundant"),
        ("Permute()", "cannot see"),
        ("NewGELUActivation()", "in use"),
        ("FastGELUActivation()", "in use"),
    ],
)
def test_known_kind_between_a_convolution_and_its_norm(between, verdict):
    assert rows(f"Sequential(\n  (0): {CONV}\n  (1): {between}\n  (2): {BN}\n)")["0"].verdict == verdict


def test_in_use_is_never_said_across_children_of_a_module_list():
    layer, norm = (
        "Linear(in_features=4, out_features=4, bias=True)",
        "BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True)",
    )
    found = rows(
        f"Net(\n  (l): ModuleList(\n    (0): {layer}\n    (1): ReLU()\n    (2): {layer}\n    (3): {norm}\n  )\n)"
    )
    assert (found["l.0"].verdict, found["l.2"].verdict) == ("cannot see", "cannot see")
    assert "ReLU" not in found["l.0"].reason


def test_heads_in_a_module_list_are_judged_each_by_its_own_order():
    head = "Sequential(\n(0): Linear(in_features=4, out_features=1, bias=True)\n(1): Softmax(dim=1)\n)"
    assert audit_printout(f"Net(\n  (heads): ModuleList(\n    (0-1): 2 x {head}\n  )\n)").redundant == (
        "heads.0.0",
        "heads.1.0",
    )


def test_scripted_modules_are_called_by_their_own_class_and_empty_dicts_hold_nothing():
    script = "RecursiveScriptModule(original_name={})"
    inside = f"  (a): {script.format('Conv2d')}\n  (b): {script.format('ReLU')}"
    found = rows(f"RecursiveScriptModule(\n  original_name=Net\n{inside}\n)")
    assert {name: (row.kind, row.verdict) for name, row in found.items()} == {"a": ("Conv2d", "cannot see")}
    assert rows("Net(\n  (a): ParameterDict()\n  (b): Linear(in_features=1, out_features=1)\n)").keys() == {"b"}


def test_numbers_are_called_free_only_where_the_order_is_certain():
    layer, norm = (
        "Linear(in_features=4, out_features=4, bias=True)",
        "LayerNorm((4,), eps=1e-05, elementwise_affine=True)",
    )
    for kind, free in (("Sequential", True), ("Block", False)):
        assert ("free" in rows(f"{kind}(\n  (0): {layer}\n  (1): {norm}\n)")["0"].reason) == free
        reason = rows(f"{kind}(\n  (0): {layer}\n  (1): Softmax(dim=-1)\n)")["0"].reason
        assert ("This holds if" in reason) != free


def test_a_fixed_layer_gets_no_advice():
    fixed = "DFL(\n    (conv): Conv2d(16, 1, kernel_size=(1, 1), stride=(1, 1), bias=False)\n  )"
    found = rows(f"Net(\n  (fc): Linear(in_features=4, out_features=2, bias=False)\n  (dfl): {fixed}\n)")
    assert found["dfl.conv"].change == ""
    assert "bias=True" in found["fc"].change  # still the last that is trained


@pytest.mark.torch
def test_parametrized_layers_have_torchs_numbers():
    from torch import nn
    from torch.nn.utils.parametrizations import spectral_norm, weight_norm

    for wrap in (spectral_norm, weight_norm):
        for layer in (nn.Conv2d(3, 8, 3), nn.Linear(3, 8), nn.Conv1d(2, 4, 3, bias=False)):
            wrapped = wrap(layer)
            (row,) = audit_printout(str(wrapped)).rows
            assert row.parameters == sum(tensor.numel() for tensor in wrapped.parameters()), str(wrapped)
