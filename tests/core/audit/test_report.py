"""What is said of each layer's bias, worked by hand from printouts and module by module."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audit import audit_printout
from core.audit.printout.read import EXAMPLES, example_text
from core.audit.report import VERDICTS
from core.errors import InputError
from core.exact.norms import NormSettings, norm_table

ROOT = Path(__file__).parents[3]
CONV = "Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1))"
POINTWISE = "Conv2d(8, 8, kernel_size=(1, 1), stride=(1, 1))"
PADDED = "Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))"
BN = "BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=False, track_running_stats=True)"
BN_1D = BN.replace("2d", "1d")
LINEAR = "Linear(in_features=4, out_features=8, bias=True)"
IN = "InstanceNorm2d(8, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)"
MAX_POOL = "MaxPool2d(kernel_size=2, stride=2, padding=1, dilation=1, ceil_mode=False)"
FLATTEN = "Flatten(start_dim=1, end_dim=-1)"


def sequence(*parts, kind="Sequential"):
    return f"{kind}(\n" + "\n".join(f"  ({number}): {part}" for number, part in enumerate(parts)) + "\n)"


def block(**parts):
    return "Block(\n" + "\n".join(f"  ({name}): {part}" for name, part in parts.items()) + "\n)"


def rows_of(text):
    return audit_printout(text).to_frame().set_index("layer")


def first(*parts):
    """The verdict on the first of a Sequential."""
    return rows_of(sequence(*parts)).iloc[0]


@pytest.mark.parametrize(
    ("parts", "verdict", "proof"),
    [
        ((CONV, BN, "ReLU()"), "redundant", "batch_norm"),
        ((CONV, BN.replace("track_running_stats=True", "track_running_stats=False")), "redundant", "batch_norm"),
        ((CONV, IN), "redundant", "instance_norm"),
        ((CONV, IN.replace("track_running_stats=False", "track_running_stats=True")), "redundant", "instance_norm"),
        ((CONV, "GroupNorm(8, 8, eps=1e-05, affine=False)"), "redundant", "instance_norm"),
        ((CONV, "GroupNorm(4, 8, eps=1e-05, affine=False)"), "in use", "group_norm"),
        ((CONV, "GroupNorm(1, 8, eps=1e-05, affine=False)"), "in use", "group_norm"),
        ((CONV, "LayerNorm((8, 5, 5), eps=1e-05, elementwise_affine=False)"), "in use", "layer_norm"),
        ((CONV, "LayerNorm((5, 5), eps=1e-05, elementwise_affine=False)"), "redundant", "instance_norm"),
        ((CONV, "LayerNorm((8,), eps=1e-05, elementwise_affine=False)"), "depends", "layer_norm"),
        ((CONV, "LayerNorm2d((8,), eps=1e-06, elementwise_affine=True)"), "in use", "layer_norm"),
        ((CONV, "RMSNorm((8, 5, 5), eps=None, elementwise_affine=False)"), "in use", "rms_norm"),
        ((CONV, "LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)", BN), "in use", ""),
        ((CONV, "GroupNorm(4, 8, eps=1e-05, affine=True)", IN), "cannot see", ""),
        ((CONV, "FrozenBatchNorm2d(8, eps=1e-05)"), "depends", "batch_norm_fixed"),
        ((CONV, "ReLU()", BN), "in use", "relu_batch_norm"),
        ((CONV, "ReLU()", POINTWISE, BN), "in use", "none"),
        ((CONV, "LeakyReLU(negative_slope=0.1)", BN), "in use", "none"),
        ((CONV,), "in use", "none"),
        ((CONV, "Dropout(p=0.5, inplace=False)", BN), "depends", "batch_norm"),
        ((CONV, "Dropout(p=0.0, inplace=False)", BN), "redundant", "batch_norm"),
        ((CONV, MAX_POOL, BN), "redundant", "batch_norm"),
        ((CONV, "AvgPool2d(kernel_size=2, stride=2, padding=0)", BN), "redundant", "batch_norm"),
        ((CONV, "AvgPool2d(kernel_size=2, stride=2, padding=1)", BN), "depends", "batch_norm"),
        ((CONV, "AdaptiveAvgPool2d(output_size=(2, 2))", "Identity()", BN), "redundant", "batch_norm"),
        ((CONV, "Upsample(scale_factor=2.0, mode='bilinear')", BN), "redundant", "batch_norm"),
        ((CONV, "ReflectionPad2d((1, 1, 1, 1))", BN), "redundant", "batch_norm"),
        ((CONV, "ZeroPad2d((1, 1, 1, 1))", BN), "in use", ""),
        ((CONV, "ZeroPad2d((1, 1, 1, 1))", FLATTEN, BN_1D.replace("8", "80")), "cannot see", ""),
        ((CONV, "PixelShuffle(upscale_factor=2)", BN), "cannot see", ""),
        ((CONV, BN.replace("8", "16")), "cannot see", ""),
        ((CONV, "MyNorm(8)"), "cannot see", ""),
        ((CONV, POINTWISE, BN), "redundant", "batch_norm"),
        ((CONV, PADDED, BN), "in use", ""),
        ((CONV, PADDED.replace("(1, 1))", "(1, 1), padding_mode=circular)"), BN), "redundant", "batch_norm"),
        ((CONV, PADDED, "AdaptiveAvgPool2d(output_size=1)", BN), "cannot see", ""),
        ((CONV, PADDED, BN, FLATTEN, BN_1D.replace("(8", "(72")), "cannot see", ""),
        ((CONV, PADDED, "ZeroPad2d((1, 1, 1, 1))", FLATTEN, BN_1D.replace("(8", "(200")), "cannot see", ""),
        ((CONV, FLATTEN, BN_1D.replace("(8", "(72")), "redundant", "batch_norm"),
        ((CONV, FLATTEN, BN_1D.replace("(8", "(73")), "cannot see", ""),
        ((CONV, FLATTEN, "LayerNorm((72,), eps=1e-05, elementwise_affine=False)"), "in use", "layer_norm"),
        ((CONV, "Dropout(p=0.5, inplace=False)", POINTWISE, BN), "depends", "batch_norm"),
        ((CONV.replace("Conv", "ConvTranspose"), BN), "redundant", "batch_norm"),
        ((POINTWISE, CONV.replace("Conv", "ConvTranspose").replace("(4", "(8"), BN), "in use", ""),
        ((LINEAR, BN_1D), "redundant", "batch_norm"),
        ((LINEAR, BN), "cannot see", ""),
        ((LINEAR, IN.replace("2d", "1d")), "in use", "layer_norm"),
        ((LINEAR, "LayerNorm((8,), eps=1e-05, elementwise_affine=False)"), "in use", "layer_norm"),
        ((LINEAR, "RMSNorm((8,), eps=None, elementwise_affine=False)"), "in use", "rms_norm"),
        ((LINEAR, LINEAR.replace("=4", "=8"), BN_1D), "redundant", "batch_norm"),
        ((LINEAR.replace("=8", "=1"), "LayerNorm((1,), eps=1e-05)"), "redundant", "instance_norm"),
        ((LINEAR, "Unflatten(dim=1, unflattened_size=(2, 2, 2))", BN.replace("8", "2")), "cannot see", ""),
        ((LINEAR, "Sigmoid()"), "in use", "none"),
    ],
)  # fmt: skip
def test_verdict_in_a_sequence(parts, verdict, proof):
    row = first(*parts)
    assert (row["verdict"], row["proof"]) == (verdict, proof), row["reason"]


def test_offset_of_a_norm_is_a_bias_too():
    affine = BN.replace("affine=False", "affine=True")
    rows = rows_of(sequence(affine, IN))
    assert rows.loc["0", ["bias_parameters", "verdict"]].tolist() == [8, "redundant"]


def test_every_proof_is_a_row_of_norm_cancels():
    rows = set(norm_table(NormSettings()).rows["norm"])
    for name in EXAMPLES:
        assert set(audit_printout(example_text(name)).to_frame()["proof"]) <= rows | {""}


def test_bias_that_passes_linear_layers_is_told_with_their_number():
    wide = LINEAR.replace("=4", "=8")
    row = first(LINEAR, wide, wide, BN_1D)
    assert row["reason"].startswith(
        "Linear `1` and 1 more after it make of b another constant per channel. BatchNorm1d"
    )
    assert row["change"].endswith("subtract from the norm's `running_mean` what the layers between make of b.")
    assert first(LINEAR, BN_1D)["change"].endswith("subtract b from the norm's `running_mean` too.")


def test_what_leaves_the_verdict_open_is_named_behind_any_number_of_linear_layers():
    wide = LINEAR.replace("=4", "=8")
    for between in ([], [wide], [wide, wide]):
        row = first(LINEAR, "Dropout(p=0.5, inplace=False)", *between, BN_1D)
        assert row["verdict"] == "depends"
        assert "It depends on Dropout `1`, which stands before the norm" in row["reason"]
        assert row["change"] == ""


# Classes of one's own


def test_order_of_a_class_is_assumed_and_said():
    row = rows_of(block(conv1=CONV, conv2=PADDED, bn=BN)).loc["conv2"]
    assert row["verdict"] == "redundant"
    assert row["reason"].endswith("This holds if `Block` runs the two one after the other, as printed.")
    assert "as printed" not in first(CONV, BN)["reason"]


def test_names_with_numbers_belie_an_order_by_kind():
    rows = rows_of(block(conv1=CONV, conv2=PADDED, bn1=BN, bn2=BN))
    assert rows["verdict"].tolist() == ["cannot see", "cannot see"]
    assert rows.loc["conv1", "reason"] == "The names pair it with BatchNorm2d `bn1`, the printed order does not."
    expected = "The names pair it with BatchNorm2d `bn2`, the printed order does not."
    assert rows.loc["conv2", "reason"] == expected


def test_norm_first_and_norm_last_are_both_paired_by_place():
    assert rows_of(block(bn1=BN.replace("8", "4"), conv1=CONV, bn2=BN)).loc["conv1", "verdict"] == "redundant"
    assert (
        rows_of(block(conv1=CONV, bn1=BN, relu="ReLU()", conv2=PADDED, bn2=BN))["verdict"].tolist() == ["redundant"] * 2
    )


@pytest.mark.parametrize(
    "text",
    [
        sequence(block(conv=CONV), BN),  # what the block does after conv is not printed
        sequence(CONV, block(bn=BN)),  # nor what it does beside bn
        block(conv=CONV, downsample=sequence(POINTWISE, BN), bn=BN),  # a branch lies between
        block(a=CONV, b=POINTWISE, bn=BN),  # an activation may be called between a and b
        block(convs=f"ModuleList(\n(0): {CONV}\n(1): {BN}\n)"),
    ],
)
def test_what_is_not_printed_is_not_seen(text):
    assert rows_of(text).iloc[0]["verdict"] == "cannot see"


def test_residual_block_calls_no_offset_redundant():
    rows = audit_printout(example_text("resnet18")).to_frame()
    norms = rows[rows["kind"] == "BatchNorm2d"]
    assert set(norms["verdict"]) == {"in use"}


# The table


def test_layers_without_bias_are_confirmed_explained_or_named_as_the_last():
    bare = [part.replace("))", "), bias=False)").replace("bias=True", "bias=False") for part in (CONV, POINTWISE)]
    last = "Linear(in_features=8, out_features=3, bias=False)"
    rows = rows_of(sequence(bare[0], BN, "ReLU()", bare[1], "ReLU()", FLATTEN, last))
    assert rows["verdict"].tolist() == ["no bias"] * 3
    assert rows["reason"].str.startswith(("Right as it is", "No norm that subtracts", "The last layer has no")).all()
    assert rows["equation"].tolist()[1:] == [r"f(k x) = k f(x), \quad f(0) = 0"] * 2
    assert rows["change"].tolist() == [
        "",
        "",
        "Where outputs have no reason to centre on 0: pass `bias=True`, and start it at the log prior.",
    ]


def test_numbers_and_shares_add_up():
    rows = rows_of(sequence(CONV, BN, "MyLayer(3)"))
    assert rows.loc["0", ["parameters", "bias_parameters"]].tolist() == [296, 8]
    assert rows.loc["0", "share"] == pytest.approx(8 / 296)
    assert rows.loc["2", ["parameters", "bias_parameters", "share"]].isna().all()
    assert rows.loc["2", "verdict"] == "cannot see"
    assert list(rows.reset_index()) == [
        "layer", "kind", "parameters", "bias_parameters", "share", "verdict", "reason", "equation", "change", "proof",
    ]  # fmt: skip


def test_table_of_a_network_without_parameters_is_empty():
    found = audit_printout("ReLU()")
    assert found.to_frame().empty
    assert found.sentence == "0 layers with 0 parameters, 0 of them biases. **No bias is found redundant**."


def test_table_is_a_copy():
    found = audit_printout(CONV)
    frame = found.to_frame()
    frame["verdict"] = "?"
    assert found.to_frame()["verdict"].tolist() == ["in use"]


def test_summary_says_the_numbers():
    assert audit_printout(example_text("vgg16_bn")).sentence == (
        "29 layers with 138,365,992 parameters, 17,640 of them biases. **13 layers have a redundant bias** "
        "(4,224 numbers); 16 in use."
    )
    assert audit_printout(example_text("transformer_block")).sentence == (
        "5 layers with 592,384 parameters, 2,048 of them biases; of 1 module more they are not printed. "
        "**No bias is found redundant**; 5 in use, 1 cannot see."
    )


def test_batch_norm_with_deliberate_biases_is_found_by_name():
    assert audit_printout(example_text("vgg16_bn")).redundant[:3] == ("features.0", "features.3", "features.7")
    assert audit_printout(example_text("resnet18")).redundant == ()


@pytest.mark.parametrize("slug", EXAMPLES)
def test_every_row_has_a_verdict_and_a_reason(slug):
    rows = audit_printout(example_text(slug)).to_frame()
    assert set(rows["verdict"]) <= set(VERDICTS)
    assert rows["reason"].str.fullmatch(r"[A-Zb].*\.").all()
    assert not rows.drop(columns=["parameters", "bias_parameters", "share"]).isna().any(axis=None)


def test_recurrent_layers_use_their_biases_and_tables_have_none():
    rows = rows_of(sequence("Embedding(10, 3)", "LSTM(3, 4)", "GRU(4, 4, bias=False)"))
    assert rows["verdict"].tolist() == ["no bias", "in use", "no bias"]


# What is loaded


def test_a_printout_is_audited_without_pandas_and_safetensors():
    text = sequence(CONV, BN)
    program = (
        "import sys\n"
        "import core.audit\n"
        f"print(core.audit.audit_printout({text!r}).sentence)\n"
        "heavy = {'pandas', 'scipy', 'sklearn', 'safetensors'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines() == [audit_printout(text).sentence, "[]"]


# Size and damage


def test_thousand_modules_are_read_and_judged_soon():
    text = sequence(*[PADDED, BN, "ReLU()"] * 333)
    start = time.process_time()
    assert len(audit_printout(text).redundant) == 333
    assert time.process_time() - start < 2  # seconds; 0.1 measured


@pytest.mark.parametrize("part", [LINEAR.replace("=4", "=8"), "Identity()", "Dropout(p=0.5, inplace=False)"])
def test_long_chains_take_time_in_proportion(part):
    text = sequence(LINEAR, *[part] * 5000, BN_1D)
    start = time.process_time()
    assert rows_of(text)["reason"].str.len().max() < 500  # characters
    assert time.process_time() - start < 5  # seconds


odd = [
    "Odd(1)",
    "S()",
    "Conv2d()",
    "LayerNorm()",
    "GroupNorm(0, 8)",
    "GroupNorm(x, 8, affine=True)",
    "BatchNorm2d(8)",
    "Conv2d(1, 0, kernel_size=())",
    "Linear(in_features=0, out_features=0, bias=True)",
    "MultiheadAttention(a=1)",
    "AvgPool2d(kernel_size=None, padding=?)",
]
parts = st.sampled_from([CONV, POINTWISE, PADDED, BN, BN_1D, LINEAR, IN, FLATTEN, "ReLU()", *odd])
nested = st.recursive(
    parts,
    lambda inner: st.lists(inner, max_size=5).flatmap(
        lambda chosen: st.sampled_from(["Sequential", "Net", "ModuleList", "MultiheadAttention", "Linear"]).map(
            lambda kind: sequence(*chosen, kind=kind)
        )
    ),
    max_leaves=15,
)


@given(nested)
@settings(max_examples=200)
def test_whatever_is_nested_gets_one_of_five_verdicts(text):
    rows = audit_printout(text).to_frame()
    assert set(rows["verdict"]) <= set(VERDICTS)
    assert isinstance(rows["parameters"].dtype, pd.Int64Dtype)


def test_text_that_is_no_printout_is_refused():
    message = "`text` must hold a printed module that begins like `Net(`, got none"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        audit_printout("hello")
