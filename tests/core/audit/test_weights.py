"""What is said of files of weights, worked by hand; no PyTorch needed."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save, save_file

from core.audit import audit_checkpoint
from core.audit.report import VERDICTS, Audit, Row
from core.audit.weights import paired_weights
from core.audit.weights.audit import audit_weights
from core.audit.weights.bias_values import bias_bins, bias_table, never_active
from core.audit.weights.judge import WEIGHTS_ASSUME
from core.errors import InputError
from core.models.convolution import conv2d
from core.models.norms import NORMS

STATISTICS = ("running_mean", "running_var")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("weights")


@pytest.fixture
def audit_tensors(folder):
    """Save arrays under names, and audit the file."""

    def save_and_audit(tensors, pairs=None, **more):
        save_file({name: np.asarray(array) for name, array in tensors.items()}, folder / "model.safetensors")
        return audit_checkpoint(folder / "model.safetensors", pairs, **more)

    return save_and_audit


def layer(name, *shape, bias=True, dtype=np.float32):
    weights = {f"{name}.weight": np.ones(shape, dtype)}
    return weights | ({f"{name}.bias": np.ones(shape[0], dtype)} if bias else {})


def norm(name, channels, *, counted=True, tracked=True, dtype=np.float32):
    """A norm with scale 1, offset 1, mean 1 and variance 1."""
    suffixes = ["weight", "bias", *(STATISTICS if tracked else ())]
    counter = {f"{name}.num_batches_tracked": np.array(1)} if counted and tracked else {}
    return {f"{name}.{suffix}": np.ones(channels, dtype) for suffix in suffixes} | counter


def rows(audit):
    return audit.to_frame().set_index("layer")


def test_table_has_the_columns_and_words_of_any_audit(audit_tensors):
    found = audit_tensors(layer("conv1", 4, 3, 3, 3) | norm("bn1", 4) | layer("fc", 2, 4))
    assert isinstance(found, Audit)
    frame = found.to_frame()
    assert list(frame.columns) == list(Row._fields)
    assert frame["layer"].tolist() == ["conv1", "bn1", "fc"]
    assert frame["kind"].tolist() == ["Conv2d", "BatchNorm2d", "Linear"]
    assert frame["verdict"].tolist() == ["redundant", "cannot see", "in use"]
    assert frame["parameters"].tolist() == [112, 8, 10]
    assert frame["bias_parameters"].tolist() == [4, 4, 2]
    assert frame["share"].tolist() == [4 / 112, 0.5, 0.2]
    assert set(frame["verdict"]) <= set(VERDICTS)
    assert found.redundant == ("conv1",)
    assert found.assumes == WEIGHTS_ASSUME
    assert found.sentence == (
        "3 layers with 130 parameters, 10 of them biases. **1 layer has a redundant bias** (4 numbers); 1 in use, "
        "1 cannot see."
    )
    assert set(frame["proof"]) - {""} <= set(NORMS)


def test_reason_states_what_it_rests_on(audit_tensors):
    row = rows(audit_tensors(layer("conv1", 4, 3, 3, 3) | norm("bn1", 4) | layer("fc", 2, 4))).loc["conv1"]
    assert row["reason"].endswith("This holds if `bn1` gets what `conv1` gives, with nothing in between.")
    assert (
        row["change"] == "Pass `bias=False`; in weights already trained, subtract b from the norm's `running_mean` too."
    )
    assert row["proof"] == "batch_norm"


def test_without_a_count_of_batches_the_norm_may_be_frozen(audit_tensors):
    found = audit_tensors(layer("0", 4, 3, 3, 3) | norm("1", 4, counted=False))
    assert rows(found)["verdict"]["0"] == "depends"
    assert "it has no `num_batches_tracked`, as FrozenBatchNorm2d" in rows(found)["reason"]["0"]


def test_norm_without_statistics_may_be_any_norm(audit_tensors):
    found = audit_tensors(layer("0", 4, 3, 3, 3) | norm("1", 4, tracked=False))
    assert rows(found)["verdict"]["0"] == "depends"
    assert rows(found)["kind"]["1"] == "norm without statistics"
    assert found.redundant == ()


def test_layer_without_bias_is_confirmed(audit_tensors):
    found = audit_tensors(layer("0", 4, 3, 3, 3, bias=False) | norm("1", 4))
    assert rows(found)["verdict"]["0"] == "no bias"
    assert rows(found)["reason"]["0"].startswith("Right as it is, a bias would be redundant: BatchNorm2d `1` subtracts")
    assert rows(found)["change"]["0"] == ""


def test_nothing_is_claimed_where_a_layer_follows(audit_tensors):
    found = audit_tensors(layer("0", 4, 3, 3, 3) | layer("1", 5, 4, 1, 1) | norm("2", 5))
    assert rows(found)["verdict"].tolist() == ["cannot see", "redundant", "cannot see"]
    assert "next in order is Conv2d `1`" in rows(found)["reason"]["0"]


def test_gap_in_numbers_is_something_that_keeps_no_numbers(audit_tensors):
    found = audit_tensors(layer("0", 4, 3, 3, 3) | norm("2", 4))
    assert rows(found)["verdict"]["0"] == "cannot see"
    assert found.pairs["why"].tolist() == ["No norm is named after it"]


def test_norm_with_other_channels_is_not_paired(audit_tensors):
    assert audit_tensors(layer("0", 4, 3, 3, 3) | norm("1", 3)).pairs["norm"].tolist() == [""]


def test_order_of_a_block_is_told_by_the_other_blocks_of_its_kind(audit_tensors):
    """DenseNet: the norm comes first; in its second block that cannot be told from the block alone."""
    tensors = {}
    for block, inputs in (("0", 4), ("1", 6), ("2", 8)):
        tensors |= norm(f"blocks.{block}.norm1", inputs) | layer(f"blocks.{block}.conv1", 6, inputs, 1, 1)
        tensors |= norm(f"blocks.{block}.norm2", 6) | layer(f"blocks.{block}.conv2", 2, 6, 3, 3)
    pairs = audit_tensors(tensors).pairs.set_index("layer")
    assert pairs["norm"].to_dict() == {
        f"blocks.{at}.conv{n}": f"blocks.{at}.norm2" if n == 1 else "" for at in "012" for n in (1, 2)
    }
    assert pairs["why"]["blocks.1.conv1"] == "Norms come before layers here, by their shapes, so the next one follows"


# What the visitor says


TRANSPOSED = {"t.weight": np.ones((3, 2, 2, 2)), "t.bias": np.ones(2)}
NET = layer("a", 4, 4, 3, 3) | norm("b", 4) | layer("c", 4, 4, 3, 3) | norm("d", 4) | norm("e", 3)


def test_visitor_pairs_what_names_do_not(audit_tensors):
    assert audit_tensors(NET).pairs["norm"].tolist() == ["", ""]
    found = audit_tensors(NET, {"a": "b", "c": "d"})
    assert found.pairs.to_numpy().tolist() == [["a", "b", "You said so"], ["c", "d", "You said so"]]
    assert found.redundant == ("a", "c")


def test_visitor_takes_a_proposal_back_and_gives_its_norm_to_another(audit_tensors):
    tensors = layer("conv1", 4, 3, 3, 3) | norm("bn1", 4) | layer("x", 4, 4, 1, 1)
    assert audit_tensors(tensors).redundant == ("conv1",)
    assert audit_tensors(tensors, {"conv1": ""}).redundant == ()
    assert audit_tensors(tensors, {"x": "bn1"}).redundant == ("x",)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({"z": "b"}, "`pairs` must name layers of the file, got 'z'"),
        ({"b": "d"}, "`pairs` must name layers of the file, got 'b'"),
        ({"a": "z"}, "`pairs` must name norms of the file, or \"\" for none, got 'z'"),
        ({"a": "e"}, "`pairs` must give a layer a norm with as many channels, got 'a' with 4 and 'e' with 3"),
        ({"a": "b", "c": "b"}, "`pairs` must give each norm to one layer, got 'b' for two"),
    ],
)
def test_pairs_that_cannot_be_are_refused(audit_tensors, pairs, message):
    with pytest.raises(InputError) as error:
        audit_tensors(NET, pairs)
    assert str(error.value) == message


@pytest.mark.parametrize("eps", [0.0, -1.0, float("nan"), float("inf")])
def test_eps_must_be_above_0(audit_tensors, eps):
    with pytest.raises(InputError) as error:
        audit_tensors(NET, eps=eps)
    assert str(error.value) == f"`eps` must be a number above 0, got {eps}".replace("-", "\u2212")


# What biases look like


def test_biases_and_their_size_in_running_deviations(audit_tensors):
    tensors = layer("0", 4, 3, 1, 1) | norm("1", 4) | layer("fc", 2, 4)
    tensors |= {"0.bias": np.array([0.0, 3.0, -6.0, 1.0]), "1.running_var": np.array([1.0, 1.0, 4.0, 9.0])}
    tensors |= {"fc.bias": np.array([np.nan, 0.0])}
    found = audit_tensors(tensors, eps=1e-9)
    table = bias_table(found.weights).set_index("layer")
    assert table.loc["0"].tolist()[1:] == pytest.approx([4, -6, 3, 0.25, 0, 3])
    assert table.loc["fc"].tolist()[1:6] == [2, 0, 0, 0.5, 1]
    assert np.isnan(table.loc["fc", "largest_in_deviations"])
    bins = bias_bins(found.weights)
    assert bins.groupby("layer")["count"].sum().to_dict() == {"0": 4, "1": 4, "fc": 1}
    assert bins["low"].min() == -6
    zero = bins[(bins["low"] < 0) & (bins["high"] > 0)]
    assert zero["low"].iloc[0] == -zero["high"].iloc[0]
    assert zero["count"].tolist() == [1, 1]
    relative = bias_bins(found.weights, in_deviations=True)
    assert relative["layer"].unique().tolist() == ["0"]
    assert relative["low"].min() == pytest.approx(-3)


def test_filter_that_is_never_active_by_hand(audit_tensors):
    """w = 2, -1: for x in [0, 1] the most is 2 + b, for x in [-1, 1] it is 3 + b."""
    weights = np.array([2.0, -1.0]).reshape(1, 1, 1, 2).repeat(3, axis=0)
    tensors = {"conv.weight": weights, "conv.bias": np.array([-1.9, -2.0, -2.5])}
    sentence, bounds = never_active(audit_tensors(tensors).weights)
    assert bounds["upper"].tolist() == pytest.approx([0.1, 0, -0.5])
    assert bounds["never_active"].tolist() == [False, True, True]
    assert sentence == (
        "2 of 3 filters of `conv` can never be active: for inputs from 0 to 1, the largest that they can reach is "
        "not above 0."
    )
    sentence, bounds = never_active(audit_tensors(tensors).weights, -1, 1)
    assert bounds["upper"].tolist() == pytest.approx([1.1, 1, 0.5])
    assert sentence == "No filter of `conv` is found that can never be active, of 3, for inputs from −1 to 1."


def test_padding_puts_zeros_among_the_inputs(audit_tensors):
    """For x in [2, 3] alone w = -1 gives at most -2, but at a padded place it gives 0."""
    tensors = {"conv.weight": np.array([-1.0]).reshape(1, 1, 1, 1), "conv.bias": np.array([1.0])}
    sentence, bounds = never_active(audit_tensors(tensors).weights, 2, 3)
    assert bounds["upper"].tolist() == [1.0]
    assert sentence == (
        "No filter of `conv` is found that can never be active, of 1, for inputs from 2 to 3, and the zeros of padding."
    )


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_bound_is_reached_by_some_picture_and_passed_by_none(folder, seed):
    random = np.random.default_rng(seed)
    kernels, bias = random.normal(size=(5, 2, 3, 3)), random.normal(size=5)
    save_file({"c.weight": kernels, "c.bias": bias}, folder / "bound.safetensors")
    low, high = np.sort(np.append(random.normal(size=1), 0))
    upper = never_active(audit_checkpoint(folder / "bound.safetensors").weights, low, high)[1]["upper"]
    worst = np.where(kernels > 0, high, low)
    np.testing.assert_allclose(conv2d(worst, kernels, bias)[:, :, 0, 0].diagonal(), upper, atol=1e-12)
    pictures = random.uniform(low, high, (20, 2, 6, 6))
    assert (conv2d(pictures, kernels, bias, padding=1).max(axis=(0, 2, 3)) <= upper + 1e-12).all()


def test_norm_is_folded_into_the_bound(audit_tensors):
    """3 (2 x + b - m) / 2 + beta with b = 1, m = 2, beta = -4: at x = 1 it is 1.5 - 4."""
    tensors = {"0.weight": np.full((1, 1, 1, 1), 2.0), "0.bias": np.array([1.0])} | norm("1", 1, dtype=np.float64)
    tensors |= {"1.weight": [3.0], "1.bias": [-4.0], "1.running_mean": [2.0], "1.running_var": [4.0]}
    sentence, bounds = never_active(audit_tensors(tensors, eps=1e-12).weights)
    assert bounds["upper"].tolist() == pytest.approx([-2.5])
    assert "`0` with the norm `1` folded in" in sentence


@pytest.mark.parametrize(
    ("tensors", "ends", "message"),
    [
        (NET, {"low": 1, "high": 0}, "`high` must be a number from 1 to 1,000,000, got 0"),
        (NET, {"low": float("nan")}, "`low` must be a number from \u22121,000,000 to 1,000,000, got nan"),
        (norm("b", 4), {}, "`layer` must be a convolution or dense layer of the file, got none of that name"),
        (TRANSPOSED, {}, "`layer` must have its outputs on the first axis of its weights, got a ConvTranspose2d"),
    ],
)
def test_bound_that_cannot_be_given_is_refused(audit_tensors, tensors, ends, message):
    with pytest.raises(InputError) as error:
        never_active(audit_tensors(tensors).weights, **ends)
    assert str(error.value) == message


# The fix


def test_bias_moves_into_the_running_mean_by_hand(audit_tensors, folder):
    tensors = layer("0", 2, 3, 3, 3) | norm("1", 2) | {"0.bias": np.array([0.5, -4.0], np.float32)}
    tensors |= {"1.running_mean": np.array([2.0, 1.0], np.float32)}
    new = audit_tensors(tensors).without_redundant(folder / "new.safetensors")
    written = load_file(new.path)
    assert written["1.running_mean"].tolist() == [1.5, 5.0]
    assert set(tensors) - set(written) == {"0.bias"}
    assert new.sentence.startswith(
        "1 bias (2 numbers) moved into the running mean of the norm after it; on random input"
    )
    assert new.proof[["evaluation", "training"]].max().max() < 1e-6
    compile(new.lines, "lines", "exec")
    assert "for layer in ['0']:\n    model.get_submodule(layer).register_parameter(\"bias\", None)" in new.lines


def test_fold_by_hand(audit_tensors, folder):
    """k = 6 / sqrt(4) = 3: weights 3, bias 1 + 3 (0 - 2)."""
    tensors = {"0.weight": np.ones((1, 1, 1, 1))} | norm("1", 1, dtype=np.float64)
    tensors |= {"1.weight": [6.0], "1.running_mean": [2.0], "1.running_var": [4.0]}
    new = audit_tensors(tensors, eps=1e-15).folded(folder / "new.safetensors")
    written = load_file(new.path)
    assert {name: array.ravel().tolist() for name, array in written.items()} == {"0.weight": [3.0], "0.bias": [-5.0]}
    assert new.proof["evaluation"].max() < 1e-12
    compile(new.lines, "lines", "exec")


def test_new_bias_has_the_type_of_the_weights(audit_tensors, folder):
    tensors = layer("0", 2, 3, 1, 1, bias=False, dtype=np.float16) | norm("1", 2)
    written = load_file(audit_tensors(tensors).folded(folder / "new.safetensors").path)
    assert {name: array.dtype for name, array in written.items()} == {"0.weight": np.float16, "0.bias": np.float16}


def test_proof_of_a_transposed_layer_adds_up_each_group_alone(audit_tensors, folder):
    """Weights 1, two groups of two inputs and one output: each output is the sum of its own two inputs, and b."""
    tensors = {"0.weight": np.ones((4, 1, 2, 2)), "0.bias": np.array([0.5, -1.0])} | norm("1", 2, dtype=np.float64)
    proof = audit_tensors(tensors, eps=1e-12).without_redundant(folder / "new.safetensors").proof
    x = np.random.default_rng(0).normal(size=(16, 4))
    outputs = np.stack([x[:, :2].sum(axis=1) + 0.5, x[:, 2:].sum(axis=1) - 1], axis=1)  # the norm: - mean 1, + offset 1
    assert proof["largest_output"].item() == pytest.approx(np.abs(outputs).max())


def test_what_the_files_type_cannot_hold_is_left_as_it_was(audit_tensors, folder):
    half = layer("0", 2, 3, 1, 1, dtype=np.float16) | norm("1", 2, dtype=np.float16)
    half |= {"1.running_mean": np.full(2, 60000, np.float16), "0.bias": np.full(2, -60000, np.float16)}
    half |= {"1.running_var": np.zeros(2, np.float16), "1.weight": np.full(2, 60000, np.float16)}
    found = audit_tensors(half)
    for new in (found.without_redundant(folder / "a"), found.folded(folder / "b")):
        assert new.left_out == {"0": "The new numbers would not be finite in the file's type."}
        assert new.layers == ()
        assert all(np.array_equal(array, half[name]) for name, array in load_file(new.path).items())


def test_variance_below_0_is_left_out(audit_tensors, folder):
    tensors = layer("0", 2, 3, 1, 1) | norm("1", 2) | {"1.running_var": np.array([1.0, -1.0], np.float32)}
    assert audit_tensors(tensors).folded(folder / "b").left_out == {"0": "A running variance is below 0."}


def test_filters_too_wide_for_the_memory_are_left_out(audit_tensors, folder, monkeypatch):
    monkeypatch.setattr(paired_weights, "MAX_WIDTH", 11)
    found = audit_tensors(layer("0", 2, 3, 2, 2) | norm("1", 2))
    for new in (found.without_redundant(folder / "a"), found.folded(folder / "b")):
        assert new.left_out == {"0": "It has more than 262,144 weights a filter."}
    with pytest.raises(InputError) as error:
        never_active(found.weights)
    assert str(error.value) == "`layer` must have at most 262,144 weights a filter, got more in Conv2d"


def test_many_namesakes_take_little_work(audit_tensors):
    tensors = {}
    for at in range(700):
        tensors |= layer(f"conv{'_' * at}", 2, 2, bias=False) | norm(f"bn{'_' * at}", 2, tracked=False)
    start = time.process_time()
    assert set(audit_tensors(tensors).pairs["norm"]) == {""}
    assert time.process_time() - start < 2  # seconds of work, however busy the machine is; 0.3 measured


@pytest.mark.parametrize("method", ["without_redundant", "folded"])
def test_nothing_to_do_gives_the_same_tensors(audit_tensors, folder, method):
    new = getattr(audit_tensors(layer("fc", 2, 4)), method)(folder / "same.safetensors")
    assert new.layers == ()
    assert load_file(new.path)["fc.bias"].tolist() == [1, 1]
    assert new.sentence.startswith("0 ")


# Anything


SMALL = layer("0", 2, 3, 1, 1) | norm("1", 2) | layer("conv", 2, 2, 1, 1, dtype=np.float16) | norm("bn", 2)
VALID = save(SMALL, {"format": "pt"})
NUMBERS = VALID.rindex(b"}") + 1


@given(st.data())
@settings(max_examples=150, derandomize=True)
def test_any_numbers_and_damage_give_a_result_or_an_error(folder, data):
    content = bytearray(VALID)
    for _ in range(data.draw(st.integers(0, 8))):
        first = 0 if data.draw(st.integers(0, 4)) == 0 else NUMBERS
        content[data.draw(st.integers(first, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / "fuzz").write_bytes(content)
    try:
        found = audit_weights(folder / "fuzz")
        assert isinstance(bias_table(found.weights), pd.DataFrame)
        bias_bins(found.weights, in_deviations=data.draw(st.booleans()))
        found.without_redundant(folder / "stripped")
        found.folded(folder / "folded")
        never_active(found.weights)
    except InputError:
        return
    assert set(found.redundant) <= {"0", "conv"}
