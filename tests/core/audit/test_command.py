"""The commands: what they print, and the number that they end with."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.__main__ import main
from core.audit import audit_checkpoint
from core.audit.printout.read import EXAMPLE_PRINTOUTS
from core.audit.weights.difference import compare_checkpoints
from core.errors import InputError

ROOT = Path(__file__).parents[3]
CONV, BN = "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))", "BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True)"
NET = f"Sequential(\n  (0): {CONV}\n  (1): {BN}\n)"
CLEAN = NET.replace("(1, 1))", "(1, 1), bias=False)")


def run(capsys, *arguments):
    """What the command prints, what it warns of, and its number."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return told.out, told.err, ended.value.code


@pytest.fixture
def printout(tmp_path):
    def write(text, name="net.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("text", "code"), [(NET, 1), (CLEAN, 0), ("ReLU()", 0), ("hello", 2), ("Foo(\n(a): B()\n)", 2)]
)
def test_number_says_whether_a_bias_is_redundant(capsys, printout, text, code):
    _out, err, ended = run(capsys, "audit", printout(text))
    assert ended == code
    assert (err.count("\n") == 1) == (code == 2)


def test_table_and_sentence(capsys, printout):
    out, _err, _code = run(capsys, "audit", printout(NET))
    assert out.splitlines() == [
        "layer  kind         parameters  biases  verdict",
        "0      Conv2d              224       8  redundant",
        "1      BatchNorm2d          16       8  in use",
        "2 layers with 240 parameters, 16 of them biases. 1 layer has a redundant bias (8 numbers); 1 in use.",
    ]


def test_json_has_the_layers_and_the_sentence(capsys, printout):
    out, _err, _code = run(capsys, "audit", "--json", printout("Net(\n  (a): Odd()\n" + f"  (b): {CONV}\n)"))
    told = json.loads(out)
    assert sorted(told) == ["layers", "sentence"]
    first = told["layers"][0]
    assert (first["layer"], first["verdict"], first["share"]) == ("a", "cannot see", None)
    assert set(told["layers"][0]) >= {"kind", "parameters", "bias_parameters", "reason"}


def test_sarif_has_a_result_of_each_bias_that_can_go(capsys, printout):
    path = printout(NET)
    out, _err, code = run(capsys, "audit", "--sarif", path)
    log = json.loads(out)
    (result,) = log["runs"][0]["results"]
    assert (log["version"], result["ruleId"], result["level"], code) == ("2.1.0", "redundant-bias", "warning", 1)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path.as_posix()
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "0"
    assert {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]} == {"redundant-bias", "absorbed-bias"}


def test_several_files_are_told_apart_and_the_worst_number_counts(capsys, printout):
    one, other = printout(NET, "a.txt"), printout(CLEAN, "b.txt")
    out, _err, code = run(capsys, "audit", one, other)
    assert (str(one) in out, str(other) in out, code) == (True, True, 1)
    assert [entry["file"] for entry in json.loads(run(capsys, "audit", "--json", one, other)[0])] == [
        str(one),
        str(other),
    ]
    assert run(capsys, "audit", one, "gone.txt")[2] == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_shell_may_have_written_it_in_another_encoding(capsys, printout, encoding):
    assert run(capsys, "audit", printout(NET.encode(encoding)))[2] == 1


def test_names_cannot_command_a_terminal(capsys, printout):
    out, _err, _code = run(capsys, "audit", printout(NET.replace("(0)", "(a\x1b]0;b\x07)")))
    assert "\x1b" not in out
    assert "a?]0;b?" in out


@pytest.mark.parametrize("module", [["core.audit"], ["core", "audit"]])
def test_standard_input_is_read_and_pandas_is_not_loaded(module):
    code = f"import sys, runpy; sys.argv = {['x', *module[1:], '-']!r}\n"
    code += f"try: runpy.run_module({module[0]!r}, run_name='__main__')\n"
    code += "except SystemExit as end: print(end.code, {'pandas', 'safetensors'} & set(sys.modules))"
    env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", code], input=NET, capture_output=True, text=True, cwd=ROOT, env=env)
    assert done.stdout.splitlines()[-1] == "1 set()", done.stderr


def test_an_example_from_standard_input(capsys, monkeypatch):
    data = (EXAMPLE_PRINTOUTS / "dcgan_generator.txt").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert run(capsys, "audit", "-")[2] == 0


def test_weights_are_told_by_what_is_in_the_file(capsys, printout, tmp_path):
    norm = {f"1.{name}": np.ones(2) for name in ("running_mean", "running_var", "num_batches_tracked")}
    save_file({"0.weight": np.ones((2, 3, 3, 3)), "0.bias": np.ones(2), **norm}, tmp_path / "m.safetensors")
    assert run(capsys, "audit", tmp_path / "m.safetensors")[2] == 1
    _out, err, code = run(capsys, "audit", printout(b"\x80\x02}q\0\0", "m.pt"))
    assert code == 2
    assert "got a pickle, which can run any code" in err


def test_key_of_an_attention_in_a_file_of_weights_depends(tmp_path):
    layers = {}
    for name in ("query", "key", "value"):
        layers |= {f"a.{name}.weight": np.ones((2, 2)), f"a.{name}.bias": np.ones(2)}
    save_file(layers, tmp_path / "m.safetensors")
    found = {row.layer: row.verdict for row in audit_checkpoint(tmp_path / "m.safetensors").rows}
    assert found == {"a.query": "cannot see", "a.key": "depends", "a.value": "cannot see"}


def test_a_network_in_parts_is_audited_by_its_index_or_folder(capsys, tmp_path):
    norm = {f"1.{name}": np.ones(2) for name in ("running_mean", "running_var", "num_batches_tracked")}
    folder = tmp_path / "parts"
    folder.mkdir()
    parts = {"m-00001-of-00002.safetensors": {"0.weight": np.ones((2, 3, 3, 3)), "0.bias": np.array([1.0, 2.0])}}
    parts["m-00002-of-00002.safetensors"] = norm
    for name, tensors in parts.items():
        save_file(tensors, folder / name)
    weight_map = {key: name for name, tensors in parts.items() for key in tensors}
    index = folder / "m.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}))
    for told_by in (index, folder):
        assert run(capsys, "audit", told_by)[2] == 1
    made = audit_checkpoint(index).without_redundant(tmp_path / "whole.safetensors")
    assert audit_checkpoint(made.path).weights.checkpoint.read("1.running_mean").tolist() == [0.0, -1.0]
    with pytest.raises(InputError, match="another file than the one that is read"):
        audit_checkpoint(index).without_redundant(folder / "m-00002-of-00002.safetensors")


def test_another_json_file_and_an_empty_folder_are_called_by_their_name(capsys, printout, tmp_path):
    _out, err, code = run(capsys, "audit", printout("{}", "config.json"))
    assert (code, "must be an index with a weight_map" in err) == (2, True)
    (tmp_path / "empty").mkdir()
    _out, err, code = run(capsys, "audit", tmp_path / "empty")
    assert (code, "must be a folder with .safetensors files, got one without" in err) == (2, True)


def test_where_nothing_can_be_judged_a_hook_may_pass_but_not_where_nothing_can_be_read(capsys, printout, tmp_path):
    save_file({"table": np.ones((2, 3))}, tmp_path / "m.safetensors")
    for path in (tmp_path / "m.safetensors", printout("Foo(\n(a): B()\n)")):
        assert run(capsys, "audit", path)[2] == 2
        _out, err, code = run(capsys, "audit", "--pass-unjudged", path)
        assert (code, "none of its biases could be judged" in err) == (0, True)
    assert run(capsys, "audit", "--pass-unjudged", printout("hello"))[2] == 2
    assert run(capsys, "audit", "--pass-unjudged", printout(NET))[2] == 1
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert "entry: bias-lab audit --pass-unjudged" in hook


# Two files


def write(path, **changed):
    tensors = {"a.weight": np.ones((2, 2)), "a.bias": np.array([0.1, 0.2]), "b.bias": np.array([1.0, 2.0])} | changed
    save_file({name: array for name, array in tensors.items() if array is not None}, path)
    return path


def test_each_way_in_which_a_bias_differs_is_found(tmp_path):
    one = write(tmp_path / "1.safetensors", **{"c.bias": np.ones(3), "d.bias": np.ones(2), "e.bias": np.ones(1)})
    new = {"a.bias": np.array([0.1, 0.2], np.float16), "b.bias": np.array([1.0, 2.5]), "c.bias": None}
    other = write(
        tmp_path / "2.safetensors", **new, **{"d.bias": np.zeros(2), "e.bias": np.ones(2), "f.bias": np.ones(1)}
    )
    found = compare_checkpoints(one, other)
    expected = [("a", "rounded"), ("b", "changed"), ("c", "lost"), ("d", "zero"), ("e", "changed"), ("f", "new")]
    assert [(change.name[0], change.found) for change in found.changes] == expected
    assert [change.largest for change in found.changes][1:] == [0.5, None, 1.0, None, None]
    assert found.sentence == (
        "Of 5 biases: 1 lost, 1 new, 1 zero, 2 changed, 1 rounded. 1 of 6 tensors is lost and 1 tensor is new."
    )


def test_rounding_alone_is_no_difference(capsys, tmp_path):
    one = write(tmp_path / "1.safetensors")
    other = write(tmp_path / "2.safetensors", **{"a.bias": np.array([0.1, 0.2], np.float32)})
    out, _err, code = run(capsys, "diff", one, other)
    assert (code, out.splitlines()[-1]) == (0, "Of 2 biases: 1 rounded.")
    assert run(capsys, "diff", one, one)[0] == "Of 2 biases: all the same.\n"


def test_a_lost_tensor_of_any_kind_is_a_difference(capsys, tmp_path):
    other = write(tmp_path / "2.safetensors", **{"a.weight": None})
    out, _err, code = run(capsys, "diff", write(tmp_path / "1.safetensors"), other)
    assert (code, out) == (1, "Of 2 biases: all the same. 1 of 3 tensors is lost.\n")


def in_parts(folder):
    folder.mkdir()
    save_file({"a.weight": np.ones((2, 2)), "a.bias": np.array([0.1, 0.2])}, folder / "m-00001-of-00002.safetensors")
    save_file({"b.bias": np.array([1.0, 2.0])}, folder / "m-00002-of-00002.safetensors")
    names = {"a.weight": 1, "a.bias": 1, "b.bias": 2}
    map_ = {name: f"m-0000{part}-of-00002.safetensors" for name, part in names.items()}
    (folder / "m.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": map_}))
    return folder


@pytest.mark.parametrize("told_by", ["", "m.safetensors.index.json", "m-00002-of-00002.safetensors"])
def test_a_network_in_parts_is_one_network(tmp_path, told_by):
    assert compare_checkpoints(write(tmp_path / "1.safetensors"), in_parts(tmp_path / "parts") / told_by).is_same


def test_a_missing_part_and_a_map_that_leads_elsewhere_are_refused(tmp_path, capsys):
    one, folder = write(tmp_path / "1.safetensors"), in_parts(tmp_path / "parts")
    (folder / "m-00001-of-00002.safetensors").unlink()
    message = r"^`weights` must have all 2 parts beside each other, got none called 'm-00001-of-00002\.safetensors'$"
    for told_by in ("", "m.safetensors.index.json", "m-00002-of-00002.safetensors"):
        with pytest.raises(InputError, match=message):
            compare_checkpoints(one, folder / told_by)
    for text in (
        '{"weight_map": {"a": "../1.safetensors"}}',
        "[1]",
        "{",
        '{"weight_map": {"a": 3}}',
        '{"weight_map": {}}',
    ):
        (folder / "m.safetensors.index.json").write_text(text)
        with pytest.raises(InputError, match=r"^`weights` must be an index with a weight_map"):
            compare_checkpoints(one, folder)
    assert run(capsys, "diff", one, tmp_path / "gone.safetensors")[2] == 2


def test_a_tensor_in_two_parts_is_refused(tmp_path):
    folder = in_parts(tmp_path / "parts")
    save_file({"a.bias": np.ones(2)}, folder / "m-00002-of-00002.safetensors")
    with pytest.raises(InputError, match=r"^`weights` must hold each tensor in one part, got 'a\.bias' in two$"):
        compare_checkpoints(folder, folder)


FIXED = """
import pytest
from torch import nn, randn

def test_fails(no_redundant_bias):
    no_redundant_bias(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)), randn(2, 3, 6, 6))

class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(randn(3)), nn.Parameter(randn(3))

    def forward(self, x):
        return x * self.weight + self.bias

def test_is_not_judged(no_redundant_bias):
    no_redundant_bias(Own())

def test_is_judged_by_its_example(no_redundant_bias):
    no_redundant_bias(Own(), randn(2, 3))

def test_passes(no_redundant_bias):
    no_redundant_bias(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)), but=["0"])
"""


@pytest.mark.torch
def test_fixture_fails_with_the_layer_and_the_reason(tmp_path):
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["core.audit.fixture"]')
    (tmp_path / "test_it.py").write_text(FIXED)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env)
    assert "2 failed, 2 passed" in done.stdout, done.stdout
    assert "None of its biases could be judged: give an example" in done.stdout
    assert re.search(r"0: Moved at random, it changes the output by .*Pass `bias=False`", done.stdout)
