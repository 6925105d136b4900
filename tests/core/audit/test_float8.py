"""Floats of eight bits: by hand and against torch; their biases compared, found to be zero, and moved."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.audit import audit_checkpoint
from core.audit.weights.difference import compare_checkpoints
from core.audit.weights.float8 import decode_float8, encode_float8
from core.audit.weights.safetensors_file import Checkpoint
from core.audit.weights.write import NewTensor, write_checkpoint

NORM = ("bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")


def write(path, tensors):
    """Tensors as (type, numbers), in any type that the writer knows."""
    nothing = path.with_name("nothing")
    nothing.write_bytes((8).to_bytes(8, "little") + b"{}      ")
    changed = {}
    for name, (dtype, numbers) in tensors.items():
        array = np.asarray(numbers, float)
        changed[name] = NewTensor(dtype, array.shape, lambda array=array: [array])
    write_checkpoint(path, Checkpoint(nothing, {}, {}), changed=changed)
    return path


@pytest.mark.parametrize(
    ("dtype", "codes", "numbers"),
    [
        ("F8_E4M3", [0x00, 0x01, 0x08, 0x38, 0xB9, 0x7E], [0, 2**-9, 2**-6, 1, -1.125, 448]),
        ("F8_E5M2", [0x00, 0x01, 0x04, 0x3C, 0xBD, 0x7B, 0x7C], [0, 2**-16, 2**-14, 1, -1.25, 57344, np.inf]),
    ],
)
def test_codes_and_numbers_by_hand(dtype, codes, numbers):
    assert decode_float8(bytes(codes), dtype).tolist() == numbers
    assert encode_float8(np.array(numbers, float), dtype) == bytes(codes)


@pytest.mark.parametrize(("dtype", "code"), [("F8_E4M3", 0x7F), ("F8_E5M2", 0x7C)])
def test_what_is_too_large_is_no_number_of_the_type(dtype, code):
    assert encode_float8(np.array([1e9, -1e9]), dtype) == bytes([code, code | 0x80])
    assert np.isnan(decode_float8(encode_float8(np.array([np.nan]), dtype), dtype)).all()


@pytest.mark.torch
@pytest.mark.parametrize(
    ("dtype", "name", "largest"), [("F8_E4M3", "float8_e4m3fn", 464), ("F8_E5M2", "float8_e5m2", 57344)]
)
def test_numbers_and_rounding_are_torchs(dtype, name, largest):
    import torch

    codes = torch.arange(256, dtype=torch.uint8)
    numbers = codes.view(getattr(torch, name)).double()
    np.testing.assert_array_equal(decode_float8(bytes(range(256)), dtype), numbers.numpy())
    finite = numbers[numbers.isfinite()].sort().values
    middles = (finite[1:] + finite[:-1]) / 2  # ties, exact in float32
    x = torch.cat([middles, torch.randn(999, generator=torch.Generator().manual_seed(0)) * 20, -middles]).float()
    x = x[x.abs() <= largest]
    written = decode_float8(encode_float8(x.double().numpy(), dtype), dtype)
    np.testing.assert_array_equal(written, x.to(getattr(torch, name)).double().numpy())


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2", "F16"])
@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([1.0, -2.0], [1.0, -2.0], []),
        ([0.1, -2.0], [0.1, -2.0], ["rounded"]),
        ([1.0, -2.0], [0.0, 0.0], ["zero"]),
        ([0.0, 0.0], [0.0, 0.0], []),
        ([1.0, -2.0], [1.0, 3.0], ["changed"]),
        ([1.0, 1e6], [1.0, 448.0], ["changed"]),
        ([1.0, 1e6], [1.0, np.inf], ["changed"]),
    ],
)
def test_a_conversion_to_eight_bits_is_told_by_what_it_did(tmp_path, dtype, before, after, found):
    one = write(tmp_path / "1.safetensors", {"a.bias": ("F32", before)})
    other = write(tmp_path / "2.safetensors", {"a.bias": (dtype, after)})
    assert [change.found for change in compare_checkpoints(one, other).changes] == found


@pytest.mark.parametrize(("number", "found"), [(0.0, []), (1.0, ["zero"])])
def test_zero_is_zero_in_a_type_that_cannot_be_read(tmp_path, number, found):
    one = write(tmp_path / "1.safetensors", {"a.bias": ("F32", [number, 0.0])})
    save_file({"a.bias": np.array([False, False])}, tmp_path / "2.safetensors")
    assert [change.found for change in compare_checkpoints(one, tmp_path / "2.safetensors").changes] == found
    assert bool(compare_checkpoints(tmp_path / "2.safetensors", one).changes) == bool(found)


def test_a_scale_alone_is_no_norm(tmp_path):
    """LayerScale: ls1.gamma in DINOv2, gamma in ConvNeXt."""
    layer = {"norm.weight": np.ones(4), "norm.bias": np.ones(4), "fc.weight": np.ones((4, 4)), "fc.bias": np.ones(4)}
    save_file(layer | {"ls1.gamma": np.ones(4), "blocks.gamma": np.ones(4)}, tmp_path / "1.safetensors")
    rows = {row.layer: row for row in audit_checkpoint(tmp_path / "1.safetensors").rows}
    assert {rows[name].kind for name in ("ls1", "blocks")} == {"unknown"}


def test_an_offset_that_is_called_beta_is_a_bias(tmp_path):
    norm = {"LayerNorm.gamma": np.ones(4), "LayerNorm.beta": np.ones(4)}
    save_file(norm, tmp_path / "1.safetensors")
    save_file(norm | {"LayerNorm.beta": np.zeros(4)}, tmp_path / "2.safetensors")
    found = compare_checkpoints(tmp_path / "1.safetensors", tmp_path / "2.safetensors")
    assert found.sentence == "Of 1 bias: 1 zero."
    (row,) = audit_checkpoint(tmp_path / "1.safetensors").rows
    assert (row.parameters, row.bias_parameters, row.kind) == (8, 4, "norm without statistics")


def network(path, bias_dtype, bias):
    norm = {name: ("F32", np.ones(4)) for name in NORM}
    kernel = ("F8_E4M3", np.ones((4, 3, 3, 3)))
    counter = ("I64", np.array(1.0))
    return write(
        path, {"conv.weight": kernel, "conv.bias": (bias_dtype, bias), **norm, "bn.num_batches_tracked": counter}
    )


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2", "F16", "F32"])
def test_a_redundant_bias_of_any_float_is_moved(tmp_path, dtype):
    audit = audit_checkpoint(network(tmp_path / "m.safetensors", dtype, [1.0, -2.0, 0.5, 4.0]))
    assert audit.redundant == ("conv",)
    made = audit.without_redundant(tmp_path / "new.safetensors")
    new = audit_checkpoint(made.path).weights.checkpoint
    assert "conv.bias" not in new.tensors
    assert new.read("bn.running_mean").tolist() == [0.0, 3.0, 0.5, -3.0]
    assert made.proof[["evaluation", "training"]].max(axis=None) < 1e-6


def test_a_bias_that_is_of_no_floats_is_said_to_be_left(tmp_path):
    audit = audit_checkpoint(network(tmp_path / "m.safetensors", "I8", [1.0, -2.0, 5.0, 4.0]))
    made = audit.without_redundant(tmp_path / "new.safetensors")
    assert made.layers == ()
    assert made.sentence.endswith(
        "; 1 layer is as it was, such as `conv`: its bias is not of floats, or the running mean not of floats of 16 to "
        "64 bits."
    )
