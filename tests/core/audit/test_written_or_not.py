"""What a call that writes leaves behind: the whole file with its proof, or nothing."""

import numpy as np
import pytest

from core.audit import audit_checkpoint
from core.audit.weights import rewrite
from core.audit.weights.safetensors_file import Checkpoint, Tensor
from core.audit.weights.write import NewTensor, write_checkpoint


def eight_bit_file(folder):
    """A convolution with kernels in eight bits, its bias and norm in float32."""
    shapes = {"conv.weight": ("U8", (4, 3, 3, 3)), "conv.bias": ("F32", (4,)), "bn.num_batches_tracked": ("I64", ())}
    shapes |= {f"bn.{name}": ("F32", (4,)) for name in ("weight", "bias", "running_mean", "running_var")}
    random = np.random.default_rng(0)
    changed = {
        name: NewTensor(dtype, shape, lambda shape=shape: [np.floor(random.uniform(1, 9, shape))])
        for name, (dtype, shape) in shapes.items()
    }
    nothing = folder / "nothing"
    nothing.write_bytes((8).to_bytes(8, "little") + b"{}      ")
    write_checkpoint(folder / "u8.safetensors", Checkpoint(nothing, {}, {}), changed=changed)
    content = (folder / "u8.safetensors").read_bytes()
    path = folder / "model.safetensors"
    path.write_bytes(content.replace(b'"dtype":"U8"', b'"dtype":"F8_E4M3"'))
    length = int.from_bytes(content[:8], "little") + len("F8_E4M3") - len("U8")
    header = path.read_bytes()[8 : 8 + length]
    padded = header + b" " * (-len(header) % 8)
    path.write_bytes(len(padded).to_bytes(8, "little") + padded + content[8 + int.from_bytes(content[:8], "little") :])
    return path


def test_eight_bit_kernels_are_copied_and_their_redundant_bias_is_moved(tmp_path):
    path, target = eight_bit_file(tmp_path), tmp_path / "new.safetensors"
    made = audit_checkpoint(path).without_redundant(target)
    old, new = audit_checkpoint(path).weights.checkpoint, audit_checkpoint(target).weights.checkpoint
    assert made.layers == ("conv",)
    assert (old.read("bn.running_mean") - old.read("conv.bias")).tolist() == new.read("bn.running_mean").tolist()
    assert made.proof[["evaluation", "training"]].max(axis=None) < 1e-6
    assert new.tensors["conv.weight"].dtype == "F8_E4M3"
    assert isinstance(new.tensors["conv.weight"], Tensor)


def test_a_call_that_raises_leaves_nothing_and_an_old_file_as_it_was(tmp_path, monkeypatch):
    path, target = eight_bit_file(tmp_path), tmp_path / "new.safetensors"
    target.write_bytes(b"old")
    before = sorted(one.name for one in tmp_path.iterdir())
    monkeypatch.setattr(rewrite, "prove", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        audit_checkpoint(path).without_redundant(target)
    assert sorted(one.name for one in tmp_path.iterdir()) == before
    assert target.read_bytes() == b"old"
