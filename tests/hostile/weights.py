"""Files of weights that are damaged, lie or trap, made when asked for; and whole ones for the fuzzer to break."""

import json
import pickle
import struct
from collections.abc import Callable

import numpy as np
from safetensors.numpy import save

from tests.hostile.tables import NAMES

RNG = np.random.default_rng(2)


def file_of(header: object, numbers: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + numbers


def entry(shape: object, start: object, stop: object, dtype: object = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def one(name: str = "x.weight", **changed: object) -> bytes:
    """Two numbers under a name, with something changed."""
    return file_of({name: entry([2], 0, 8) | changed}, bytes(8))


def network(weight: float = 1.0, bias: float = 0.5, mean: float = 0.0, var: float = 1.0) -> bytes:
    """A convolution and its batch norm, of these numbers."""
    return save(
        {
            "0.weight": RNG.normal(size=(4, 3, 3, 3)).astype(np.float32) * np.float32(weight),
            "0.bias": np.full(4, bias, np.float32),
            **{"1.weight": np.ones(4, np.float32), "1.bias": np.zeros(4, np.float32)},
            "1.running_mean": np.full(4, mean, np.float32),
            "1.running_var": np.full(4, var, np.float32),
            "1.num_batches_tracked": np.array(3),
            "4.weight": np.ones((10, 4), np.float32),
            "4.bias": np.zeros(10, np.float32),
        }
    )


def layers(count: int) -> bytes:
    """As many layers of one number, each with its norm: six tensors and the convolution's two."""
    header, at = {}, 0
    for k in range(count):
        shapes = {f"{2 * k}.weight": [1, 1, 1, 1], f"{2 * k}.bias": [1]}
        shapes |= {f"{2 * k + 1}.{name}": [1] for name in ("weight", "bias", "running_mean", "running_var")}
        for name, shape in shapes.items():
            header[name] = entry(shape, at, at + 4)
            at += 4
    return file_of(header, bytes(at))


def empty(count: int, name: str = "x{}.weight") -> bytes:
    return file_of({name.format(k): entry([0], 0, 0) for k in range(count)})


VALID: dict[str, bytes] = {
    "network": network(),
    "half": save({"a.weight": np.ones((2, 2), np.float16), "a.bias": np.ones(2, np.float16)}, {"format": "pt"}),
    "brain": file_of({"a.bias": entry([2], 0, 4, "BF16")}, b"\x80\x3f\x20\xc1"),
}

CASES: dict[str, Callable[[], bytes]] = {
    "nothing": bytes,
    "seven bytes": lambda: bytes(7),
    "eight bytes": lambda: bytes(8),
    "length 0": lambda: file_of(b"", b"{}", 0),
    "length of one byte": lambda: file_of(b"{", length=1),
    "length one too long": lambda: file_of(b"{}", length=3),
    "length 2**64 - 1": lambda: file_of(b"{}", length=2**64 - 1),
    "length 2**63": lambda: file_of(b"{}", length=2**63),
    "header of 16 MB and a byte": lambda: file_of(b"{" + b" " * 2**24),
    "header of 16 MB of blanks": lambda: file_of(b"{}" + b" " * (2**24 - 2)),
    "header of 16 MB of metadata": lambda: file_of({"__metadata__": {"a": "b" * (2**24 - 40)}}),
    "header of 16 MB in one name": lambda: file_of({"n" * (2**24 - 90): entry([0], 0, 0)}),
    "header of 16 MB of brackets": lambda: file_of(b'{"a":' + b"[" * (2**24 - 9)),
    "header of 16 MB of braces": lambda: file_of(b'{"a":' * 79_000),
    "header of 16 MB of digits": lambda: file_of(b'{"a":' + b"1" * (2**24 - 9) + b"}"),
    "header of 16 MB of axes": lambda: file_of(
        b'{"a":{"dtype":"F32","shape":[' + b"1," * 8_000_000 + b'1],"data_offsets":[0,4]}}', bytes(4)
    ),
    "header of nothing": lambda: file_of(b"{}"),
    "header that is a list": lambda: file_of(b"[1, 2]"),
    "header of null": lambda: file_of(b"null"),
    "header that breaks off": lambda: file_of(b'{"a": {"dty'),
    "header in UTF-16": lambda: file_of('{"a": 1}'.encode("utf-16")),
    "header with a mark": lambda: file_of(b"\xef\xbb\xbf{}"),
    "header of bad UTF-8": lambda: file_of(b'{"\xff\xfe": 1}'),
    "header with null bytes": lambda: file_of(b'{"a\0": 1}'),
    "header with NaN": lambda: one(shape=[float("nan")]),
    "header with infinity": lambda: one(shape=[float("inf")]),
    "rest after the numbers": lambda: one() + b"x",
    "name twice": lambda: file_of(
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        bytes(4),
    ),
    "keys twice": lambda: file_of(b'{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)),
    "metadata that is a list": lambda: file_of({"__metadata__": [1, 2]}),
    "metadata that is null": lambda: file_of({"__metadata__": None}),
    "metadata of numbers": lambda: file_of({"__metadata__": {"a": 1}}),
    "metadata that is a tensor": lambda: one("__metadata__"),
    "entry of null": lambda: file_of({"a": None}),
    "entry of text": lambda: file_of({"a": "b"}),
    "entry of nothing": lambda: file_of({"a": {}}),
    "entry with more": lambda: one(more=[1]),
    "shape negative": lambda: one(shape=[-2]),
    "shape of floats": lambda: one(shape=[2.0]),
    "shape of text": lambda: one(shape="2"),
    "shape of True": lambda: one(shape=[True, 2]),
    "shape of nothing": lambda: one(shape=[]),
    "shape of 0": lambda: one(shape=[0]),
    "shape that wraps": lambda: one(shape=[2**32, 2**32, 2]),
    "shape beyond 64 bits": lambda: one(shape=[2**64]),
    "shape of 0 times 2**63": lambda: file_of({"a.weight": entry([0, 2**63], 0, 0)}),
    "shape of 0 times 2**62, a layer": lambda: file_of(
        {"a.weight": entry([2**62, 0], 0, 0), "a.bias": entry([0], 0, 0)}
    ),
    "shape of 40,000 axes": lambda: one(shape=[1] * 40_000 + [2]),
    "shape of 64 axes": lambda: one(shape=[1] * 64 + [2]),
    "places reversed": lambda: one(data_offsets=[8, 0]),
    "places negative": lambda: one(data_offsets=[-8, 0]),
    "places beyond": lambda: one(data_offsets=[0, 2**40]),
    "places beyond 64 bits": lambda: one(data_offsets=[0, 2**64 + 8]),
    "three places": lambda: one(data_offsets=[0, 4, 8]),
    "places of text": lambda: one(data_offsets=["0", "8"]),
    "places that overlap": lambda: file_of({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)),
    "places with a hole": lambda: file_of({"a": entry([2], 0, 8), "b": entry([2], 12, 20)}, bytes(20)),
    "type of nobody": lambda: one(dtype="F31"),
    "type null": lambda: one(dtype=None),
    "type of a list": lambda: one(dtype=["F32"]),
    "type of eight bits": lambda: file_of({"a.bias": entry([8], 0, 8, "F8_E5M2")}, bytes(8)),
    "type of four bits": lambda: file_of({"a.weight": entry([16], 0, 8, "F4")}, bytes(8)),
    "types of eight bits in a network": lambda: file_of(
        {"a.weight": entry([2, 2], 0, 4, "F8_E4M3"), "a.bias": entry([2], 4, 6, "F8_E4M3")}, bytes(6)
    ),
    "type complex": lambda: file_of({"a.bias": entry([1], 0, 8, "C64")}, bytes(8)),
    "type of switches": lambda: file_of({"a.bias": entry([8], 0, 8, "BOOL")}, bytes(8)),
    "20,001 tensors": lambda: empty(20_001),
    "19,999 tensors": lambda: empty(19_999),
    "18,000 tensors of layers and norms": lambda: layers(3000),
    "19,999 names of one word": lambda: empty(19_999, "conv.{}.bias"),
    "4,000 long names": lambda: empty(4_000, "a" * 900 + ".{}.weight"),
    "name of nothing": lambda: one(""),
    "name of a point": lambda: one("."),
    "name of points": lambda: one("." * 24),
    "name of 25 points": lambda: one("." * 25),
    "name of 1,001": lambda: one("x" * 1001),
    "name of 1,000 digits": lambda: one("9" * 1000 + ".weight"),
    "name of 1,000 Arabic digits": lambda: one("\u0661" * 993 + ".weight"),
    "name of superscripts": lambda: one("\u00b2\u00b3.weight"),
    "name of half a character": lambda: file_of(
        b'{"\\ud800.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', bytes(8)
    ),
    "name of a null byte": lambda: one("a\0.weight"),
    "name of a line end": lambda: one("a\n.weight"),
    "name of an escape": lambda: one("a\x1b[31m.weight"),
    "bias alone": lambda: one("x.bias"),
    "weights that are not numbers": lambda: network(weight=float("nan")),
    "weights without end": lambda: network(weight=float("inf")),
    "weights of 1e38": lambda: network(weight=1e38),
    "biases that are not numbers": lambda: network(bias=float("nan")),
    "biases without end": lambda: network(bias=float("-inf")),
    "biases of 3e38": lambda: network(bias=3e38),
    "biases of 1e-45": lambda: network(bias=1e-45),
    "means that are not numbers": lambda: network(mean=float("nan")),
    "variances that are not numbers": lambda: network(var=float("nan")),
    "variances below 0": lambda: network(var=-1.0),
    "variances of 0": lambda: network(var=0.0),
    "variances without end": lambda: network(var=float("inf")),
    "norm of other channels": lambda: save(
        {"0.weight": np.ones((4, 3)), "0.bias": np.ones(4), "1.running_mean": np.ones(5), "1.running_var": np.ones(5)}
    ),
    "norm of two shapes": lambda: save({"1.running_mean": np.ones(5), "1.running_var": np.ones(4)}),
    "norm of a million channels": lambda: save(
        {"1.running_mean": np.ones(10**6, np.float32), "1.running_var": np.ones(10**6, np.float32)}
    ),
    "bias of a million": lambda: save(
        {"0.weight": np.ones((10**6, 1), np.float16), "0.bias": np.ones(10**6, np.float16)}
    ),
    "bias of a million axes' worth": lambda: save(
        {"0.weight": np.ones((1, 10**6), np.float16), "0.bias": np.ones((1, 1), np.float16)}
    ),
    "60 MB in one layer": lambda: save(
        {"0.weight": np.ones((30, 10**6), np.float16), "0.bias": np.ones(30, np.float16)}
    ),
    "60 MB in a million rows": lambda: save(
        {"0.weight": np.ones((10**6, 30), np.float16), "0.bias": np.ones(10**6, np.float16)}
    ),
    "pickle": lambda: pickle.dumps({"a": [1] * 99}),
    "old pickle": lambda: b"cos\nsystem\n(S'true'\ntR.",
    "zip": lambda: b"PK\3\4" + bytes(99),
    "array": lambda: b"\x93NUMPY" + bytes(99),
    "HDF5": lambda: b"\x89HDF\r\n\x1a\n" + bytes(99),
    "GGUF": lambda: b"GGUF\3\0\0\0" + bytes(99),
    "web page": lambda: b"<html><script>alert(1)</script>",
    "pointer": lambda: b"version https://git-lfs.github.com/spec/v1\n",
    "noise": lambda: np.random.default_rng(0).bytes(10**6),
}
CASES |= {f"name {at}": lambda name=name: one(name[:900] + ".weight") for at, name in enumerate(NAMES)}
CASES |= {
    f"network cut at {at}/12": lambda at=at: VALID["network"][: len(VALID["network"]) * at // 12] for at in range(1, 12)
}
