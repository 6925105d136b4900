"""Files of weights: what is read, what is refused and with which words; bytes worked by hand."""

import json
import os
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save, save_file

from core.audit.weights import safetensors_file
from core.audit.weights.layers import read_layers, resolve_transposed
from core.audit.weights.other_formats import CONVERT, HINT
from core.audit.weights.safetensors_file import Tensor, decode_tensor, encode_tensor, read_checkpoint
from core.audit.weights.write import NewTensor, write_checkpoint
from core.errors import InputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("weights")


@pytest.fixture
def open_bytes(folder):
    """Write bytes into a file and open it."""

    def write_and_read(content):
        path = folder / "model.safetensors"
        path.write_bytes(content)
        return read_checkpoint(path)

    return write_and_read


def file_of(header, numbers=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def entry(shape, start, stop, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def test_header_is_listed_and_numbers_are_read_when_asked(open_bytes):
    tensors = {"a.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "a.bias": np.array([0.5, -2.0], np.float16)}
    found = open_bytes(save(tensors, {"format": "np"}))
    assert {name: (one.dtype, one.shape, one.size) for name, one in found.tensors.items()} == {
        "a.weight": ("F32", (2, 3), 6),
        "a.bias": ("F16", (2,), 2),
    }
    assert found.metadata == {"format": "np"}
    assert found.read("a.bias").tolist() == [0.5, -2.0]
    assert found.read("a.weight").tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8"])
def test_types_of_numpy_are_read_as_safetensors_reads_them(open_bytes, dtype):
    values = np.array([0, 1, 7, 100]).astype(dtype)
    found = open_bytes(save({"x": values}))
    with safe_open(found.path, framework="numpy") as theirs:
        assert found.read("x").tolist() == theirs.get_tensor("x").tolist() == values.tolist()


def test_bfloat16_is_the_upper_half_of_a_float32(open_bytes):
    content = bytes.fromhex("803f 20c1 0000 807f")  # 1, -10, 0, infinity
    assert open_bytes(file_of({"x": entry([4], 0, 8, "BF16")}, content)).read("x").tolist() == [1, -10, 0, np.inf]


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(1 + 2**-8, 1.0), (1 + 3 * 2**-8, 1 + 2**-6), (1 + 2**-8 + 2**-16, 1 + 2**-7), (-1 - 2**-7, -1 - 2**-7)],
)
def test_bfloat16_is_rounded_to_the_nearest_and_of_two_to_the_even_one(value, rounded):
    written = encode_tensor(np.array([value]), "BF16")
    assert decode_tensor(written, Tensor("x", "BF16", (1,), 0, 2)).tolist() == [rounded]


def test_rows_are_the_tensor_in_blocks(open_bytes, monkeypatch):
    monkeypatch.setattr(safetensors_file, "BLOCK", 7)
    values = np.arange(60, dtype=np.float32).reshape(10, 3, 2)
    blocks = list(open_bytes(save({"x": values})).rows("x"))
    assert [row for row, _ in blocks] == list(range(10))
    np.testing.assert_array_equal(np.concatenate([rows for _, rows in blocks]), values.reshape(10, 6))


def test_exponents_alone_are_refused_by_name(open_bytes):
    found = open_bytes(file_of({"x.bias": entry([2], 0, 2, "F8_E8M0")}, b"\0\0"))
    with pytest.raises(InputError) as error:
        found.read("x.bias")
    assert str(error.value) == "`weights` must hold 'x.bias' as floats of 8 to 64 bits, got F8_E8M0"


# Other files


PICKLE = "`weights` must be a .safetensors file, got a pickle, which can run any code when it is opened"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickle_is_refused_with_the_lines_that_convert_it(open_bytes, protocol):
    import pickle

    with pytest.raises(InputError) as error:
        open_bytes(pickle.dumps({"weight": list(range(1000))}, protocol))
    assert (str(error.value), error.value.hint) == (PICKLE, CONVERT)
    assert 'save_file(torch.load("model.pt", weights_only=True), "model.safetensors")' in CONVERT


@pytest.mark.torch
@pytest.mark.parametrize("zipped", [True, False])
def test_what_torch_saves_is_refused_as_a_pickle(folder, zipped):
    import torch

    path = folder / "model.pt"
    torch.save(torch.nn.Linear(3, 2).state_dict(), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(InputError) as error:
        read_checkpoint(path)
    assert str(error.value) == PICKLE


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"", "an empty file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file (Keras, MATLAB)"),
        (b"GGUF\x03\0\0\0" + bytes(100), "a GGUF file"),
        (b"\x93NUMPY\x01\0", "a NumPy array"),
        (b"PK\x03\x04" + bytes(26) + b"weight.npy", "an .npz file"),
        (b"PK\x03\x04" + bytes(26) + b"readme.txt", "a zip file"),
        (b"\x08\x08\x12\x07pytorch\x1a\x06" + bytes(50), "an ONNX file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer in place of the file"),
        (b"<!DOCTYPE html>", "a web page or XML"),
        (b"\x1f\x8b\x08", "a gzip file"),
        (b"nothing known", "another kind of file, or a damaged one"),
    ],
)
def test_other_files_are_called_by_their_kind(open_bytes, start, kind):
    with pytest.raises(InputError) as error:
        open_bytes(start)
    assert str(error.value) == f"`weights` must be a .safetensors file, got {kind}"


# Lies in the header


ONE = entry([2], 0, 8)


@pytest.mark.parametrize(
    ("header", "n_bytes"),
    [
        ({"x": ONE}, 4),
        ({"x": ONE}, 12),
        ({"x": ONE, "y": entry([2], 4, 12)}, 12),
        ({"x": ONE, "y": ONE}, 8),
        ({"x": ONE, "y": entry([2], 12, 20)}, 20),
        ({"x": entry([2], 8, 0)}, 8),
        ({"x": entry([-2], 0, 8)}, 8),
        ({"x": entry([3], 0, 8)}, 8),
        ({"x": entry([2**62, 8], 0, 8)}, 8),
        ({"x": entry([2.5], 0, 8)}, 8),
        ({"x": entry([2], 0, 8, "F33")}, 8),
        ({"x": {"dtype": "F32"}}, 8),
        ({"x": ONE, "__metadata__": {"a": 1}}, 8),
        (b'{"x": [', 8),
        (b"{" * 5000, 8),
        (b'{"x":' * 5000, 8),
        (b'{"\xff": 1}', 8),
    ],
)
def test_header_that_lies_is_one_error(open_bytes, header, n_bytes):
    with pytest.raises(InputError, match=r"^`weights` must be a whole \.safetensors file, got a damaged one") as error:
        open_bytes(file_of(header, bytes(n_bytes)))
    assert error.value.hint == HINT
    assert "\n" not in str(error.value)


def test_name_that_stands_there_twice_is_refused(open_bytes):
    text = (
        b'{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    )
    with pytest.raises(InputError) as error:
        open_bytes(file_of(text, bytes(8)))
    assert str(error.value) == "`weights` must name each tensor once, got a name that stands there twice"


def test_header_longer_than_the_file_is_not_read(open_bytes):
    with pytest.raises(InputError, match="got another kind of file, or a damaged one"):
        open_bytes(struct.pack("<Q", 2**63) + b"{}" + bytes(50))


def test_limits(open_bytes, folder):
    with pytest.raises(InputError) as error:
        open_bytes(file_of({"a" * 1001: ONE}, bytes(8)))
    assert str(error.value) == "`weights` must name tensors in at most 1,000 characters, got 1,001"
    with pytest.raises(InputError) as error:
        open_bytes(file_of({"a." * 25 + "b": ONE}, bytes(8)))
    assert str(error.value) == "`weights` must name tensors in at most 25 parts, got 26"
    with pytest.raises(InputError) as error:
        open_bytes(file_of({"a\nb": ONE}, bytes(8)))
    assert str(error.value) == "`weights` must name tensors in characters that can be printed, got some that cannot"
    with pytest.raises(InputError) as error:
        open_bytes(file_of(b"{" + b" " * (17 * 2**20) + b"}"))
    assert str(error.value) == "`weights` must have a header of at most 16 MB, got 17.0 MB"
    with pytest.raises(InputError) as error:
        open_bytes(file_of({f"x{at}": entry([0], 0, 0) for at in range(20_001)}))
    assert str(error.value) == (
        "`weights` must have at most 20,000 tensors, got a header with more entries than they need"
    )
    with open(folder / "large.safetensors", "wb") as file:
        os.truncate(file.fileno(), 501 * 2**20)  # a hole: nothing is written
    with pytest.raises(InputError) as error:
        read_checkpoint(folder / "large.safetensors")
    assert str(error.value) == "`weights` must be at most 500 MB, got 501.0 MB"


def test_hostile_header_takes_little_memory(open_bytes):
    content = file_of(b'{"__metadata__":{' + b",".join(b'"%d":""' % at for at in range(1_300_000)) + b"}}")
    tracemalloc.start()
    with pytest.raises(InputError, match="at most 20,000 tensors"):
        open_bytes(content)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < len(content) + 20 * 2**20


# Writing


def test_file_is_written_with_changes_and_the_rest_as_it_was(folder):
    rng = np.random.default_rng(0)
    tensors = {
        "a": rng.normal(size=(3, 4)),
        "b": rng.normal(size=5).astype(np.float32),
        "c": rng.normal(size=3).astype(np.float16),
        "d": np.arange(3, dtype=np.uint8),
    }
    save_file(tensors, folder / "old.safetensors", {"format": "pt", "note": 'é "quoted"'})
    new = {"b": NewTensor("F32", (2,), lambda: iter([np.array([1.0]), np.array([2.0])]))}
    new["e"] = NewTensor("F16", (1,), lambda: iter([np.array([0.1])]))
    source = read_checkpoint(folder / "old.safetensors")
    written = write_checkpoint(folder / "new.safetensors", source, without={"a"}, changed=new)
    with safe_open(written.path, framework="numpy") as theirs:
        assert theirs.metadata() == {"format": "pt", "note": 'é "quoted"'}
        found = {name: theirs.get_tensor(name) for name in theirs.keys()}  # noqa: SIM118
    assert set(found) == {"b", "c", "d", "e"}
    assert found["b"].tolist() == [1, 2]
    assert found["e"].tolist() == [np.float16(0.1)]
    assert all(found[name].tobytes() == tensors[name].tobytes() for name in "cd")
    assert all(one.start % (8 * (one.stop - one.start) // one.size // 8) == 0 for one in written.tensors.values())


def test_file_that_is_read_is_not_overwritten_and_a_failure_leaves_nothing(folder):
    save_file({"a": np.ones(3)}, folder / "old.safetensors")
    source = read_checkpoint(folder / "old.safetensors")
    with pytest.raises(InputError) as error:
        write_checkpoint(folder / "old.safetensors", source)
    assert str(error.value) == "`path` must be another file than the one that is read, got the same"

    def broken():
        raise RuntimeError
        yield

    with pytest.raises(RuntimeError):
        write_checkpoint(folder / "failed.safetensors", source, changed={"a": NewTensor("F64", (3,), broken)})
    assert not list(folder.glob("failed*"))


# Layers


def layers_of(folder, **shapes):
    save_file({name: np.zeros(shape, np.float32) for name, shape in shapes.items()}, folder / "layers.safetensors")
    return {one.name: one for one in resolve_transposed(read_layers(read_checkpoint(folder / "layers.safetensors")))}


@pytest.mark.parametrize(
    ("shapes", "kind", "inputs", "channels"),
    [
        ({"weight": (8, 3, 3, 3), "bias": (8,)}, "Conv2d", 3, 8),
        ({"weight": (8, 3, 3), "bias": (8,)}, "Conv1d", 3, 8),
        ({"weight": (8, 3, 3, 3, 3)}, "Conv3d", 3, 8),
        ({"weight": (8, 3, 3, 3), "bias": (3,)}, "ConvTranspose2d", 8, 3),
        ({"weight": (8, 3, 3, 3), "bias": (6,)}, "ConvTranspose2d", 8, 6),
        ({"weight": (8, 3, 3, 3), "bias": (9,)}, "unknown", None, None),
        ({"weight": (8, 3), "bias": (8,)}, "Linear", 3, 8),
        ({"weight": (8, 3), "bias": (3,)}, "unknown", None, None),
        ({"weight": (8,), "bias": (8,)}, "norm without statistics", 8, 8),
        ({"weight": (8,), "bias": (8,), "running_mean": (8,), "running_var": (8,)}, "BatchNorm", 8, 8),
        ({"running_mean": (8,), "running_var": (8,), "num_batches_tracked": ()}, "BatchNorm", 8, 8),
        ({"running_mean": (8,), "running_var": (7,)}, "unknown", None, None),
        ({"running_mean": (8,)}, "unknown", None, None),
        ({"in_proj_weight": (24, 8), "in_proj_bias": (24,)}, "unknown", None, None),
        ({"weight": (1,)}, "unknown", None, None),
        ({"weight": (0, 3, 3, 3)}, "unknown", None, None),
    ],
)
def test_layer_is_told_by_names_and_shapes(folder, shapes, kind, inputs, channels):
    found = layers_of(folder, **{f"net.x.{suffix}": shape for suffix, shape in shapes.items()})["net.x"]
    assert (found.kind, found.inputs, found.channels) == (kind, inputs, channels)


def test_parameters_are_counted_without_statistics(folder):
    norm = {"bn.weight": (8,), "bn.bias": (8,), "bn.running_mean": (8,), "bn.running_var": (8,)}
    found = layers_of(folder, **{"conv.weight": (8, 3, 5, 5), "conv.bias": (8,)}, **norm)
    assert (found["conv"].parameters, found["conv"].bias_parameters) == (608, 8)
    assert (found["bn"].parameters, found["bn"].bias_parameters) == (16, 8)


def test_model_that_is_one_layer_has_no_name(folder):
    assert layers_of(folder, weight=(4, 2), bias=(4,))[""].kind == "Linear"
    found = layers_of(folder, **{".weight": (4, 2), "weight": (3, 2), "cls_token": (1, 1, 8)})
    assert {name: one.kind for name, one in found.items()} == {
        "": "Linear",
        ".weight": "unknown",
        "cls_token": "unknown",
    }


def test_order_is_that_of_names_with_numbers_as_numbers(folder):
    names = ["fc", "bn1", "conv1", "layer1.0.bn2", "layer1.0.conv2", "layer1.0.downsample.0", "layer1.10.conv1"]
    names += ["layer1.2.conv1", "classifier", "features.2", "features.10", "stem"]
    order = list(layers_of(folder, **{f"{name}.weight": (3,) if "bn" in name else (4, 3, 1, 1) for name in names}))
    assert order == [
        *("features.2", "features.10", "stem", "conv1", "bn1", "layer1.0.conv2", "layer1.0.bn2"),
        *("layer1.0.downsample.0", "layer1.2.conv1", "layer1.10.conv1", "classifier", "fc"),
    ]


# Anything


VALID = save({"0.weight": np.ones((4, 3, 3, 3), np.float32), "0.bias": np.ones(4, np.float16)}, {"format": "pt"})


@given(st.data())
@settings(max_examples=300, derandomize=True)
def test_damaged_file_is_read_or_refused(folder, data):
    content = bytearray(VALID)
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / "fuzz").write_bytes(
        content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    )
    try:
        found = read_checkpoint(folder / "fuzz")
    except InputError:
        return
    for name, tensor in found.tensors.items():
        if tensor.readable:
            assert found.read(name).size == tensor.size
    resolve_transposed(read_layers(found))


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_random_bytes_are_refused(folder, content):
    (folder / "fuzz").write_bytes(content)
    with pytest.raises(InputError):
        read_checkpoint(folder / "fuzz")
