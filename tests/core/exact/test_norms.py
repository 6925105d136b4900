"""A bias before each norm on a real convolution: what is left, what is said, the fold."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arms import ARMS
from core.data.digits import digits
from core.errors import InputError
from core.exact import norms
from core.exact.norms import CANCELLED, NOT_CANCELLED, PATTERN, STAGES, FoldStudy, NormSettings, fold_study, norm_table
from core.models.convolution import conv2d
from core.models.norms import NORMS

WITH, WITHOUT = ARMS
groups_of = st.sampled_from([1, 2, 4])


def rows_of(**chosen):
    return norm_table(NormSettings(**chosen)).rows.set_index("norm")


@given(st.floats(-100, 100), groups_of, st.integers(0, 5))
@settings(max_examples=60)
def test_cancelled_bias_changes_nothing_and_learns_nothing_at_any_b(b, groups, seed):
    rows = rows_of(b=b, groups=groups, seed=seed)
    cancelled = rows[rows["verdict"] == CANCELLED]
    assert (cancelled["change"] < 1e-11).all()
    assert (cancelled["gradient"] < 1e-11).all()


@given(st.floats(-100, 100), groups_of, st.integers(0, 5))
@settings(max_examples=60)
def test_verdicts_are_the_records_at_every_b_zero_included(b, groups, seed):
    verdicts = rows_of(b=b, groups=groups, seed=seed)["verdict"]
    for name, norm in NORMS.items():
        cancels = norm.cancels or (name == "group_norm" and groups == 4)
        assert verdicts[name] == (CANCELLED if cancels else NOT_CANCELLED)


@pytest.mark.parametrize("b", [0.5, -5.0])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_bias_that_is_not_cancelled_changes_outputs_and_learns(b, groups):
    rows = rows_of(b=b, groups=groups)
    kept = rows[rows["verdict"] == NOT_CANCELLED]
    assert (kept["change"] > 0.1).all()
    assert (kept["gradient"] > 0.1).all()


def test_without_a_norm_the_largest_change_is_b_itself():
    assert rows_of(b=-3.0).loc["none", "change"] == pytest.approx(3)


def test_gradient_without_a_norm_is_the_sum_of_the_upstream_gradient():
    upstream = norms._material(0).upstream
    expected = max(abs(upstream[:, channel].sum()) for channel in range(4))
    assert rows_of().loc["none", "gradient"] == pytest.approx(expected)


def test_change_is_that_of_a_convolution_with_the_four_biases():
    material, norm = norms._material(3), NORMS["layer_norm"]
    pictures = digits(3).X_train[:16].reshape(16, 1, 8, 8)
    biased, plain = (
        norm.forward(conv2d(pictures.astype(float), material.kernels, bias, padding="same"), 1)
        for bias in (2.0 * PATTERN.ravel(), None)
    )
    assert rows_of(b=2.0, seed=3).loc["layer_norm", "change"] == pytest.approx(np.abs(biased - plain).max())


def test_biases_of_the_channels_differ_within_every_group():
    assert len(set(PATTERN.ravel().tolist())) == 4  # or LayerNorm and GroupNorm would cancel all of it


def test_group_norms_reason_is_instance_norms_where_a_group_is_one_channel():
    alone, shared = (rows_of(groups=groups).loc["group_norm", "reason"] for groups in (4, 2))
    assert alone == "One channel a group: this is InstanceNorm. " + NORMS["instance_norm"].reason
    assert shared == NORMS["group_norm"].reason


@pytest.mark.parametrize("norm", NORMS)
def test_histograms_count_every_value_of_channel_1(norm):
    study = norm_table(NormSettings(b=1.0))
    frame = study.histogram(norm)
    assert list(frame) == ["norm", "stage", "arm", "start", "end", "count"]
    assert set(frame["norm"]) == {norm}
    counts = frame.groupby(["stage", "arm"])["count"].sum()
    assert counts.to_dict() == {(stage, arm): 16 * 64 for stage in STAGES for arm in ARMS}


def test_histogram_before_moves_by_b_and_after_a_cancelling_norm_stays():
    frame = norm_table(NormSettings(b=1.0)).histogram("instance_norm")
    counts = {key: rows["count"].to_numpy() for key, rows in frame.groupby(["stage", "arm"])}
    np.testing.assert_array_equal(counts["before", WITH][4:], counts["before", WITHOUT][:-4])  # bins of 0.25
    assert np.abs(counts["after", WITH] - counts["after", WITHOUT]).sum() <= 4  # a value on an edge may round over it


def test_table_and_reasons_are_the_rows_in_a_readers_words():
    study = norm_table(NormSettings())
    assert list(study.table()) == ["norm", "largest_change", "gradient_of_b", "verdict"]
    assert list(study.reasons()) == ["norm", "mean_taken_over", "why"]
    assert study.table()["norm"].tolist() == [norm.title for norm in NORMS.values()]
    assert study.to_frame().equals(study.rows)
    assert study.to_frame() is not study.rows


def test_sentence_counts_and_names_the_norms_that_cancel():
    start = "**3 of 8 cancel it**: BatchNorm (training), InstanceNorm and GroupNorm. "
    study = norm_table(NormSettings(b=-1.5, groups=4))
    assert re.fullmatch(
        re.escape(start) + r"There the largest change of any output at \*b\* = −1\.5 is \d\.\d\d × 10⁻¹[⁵⁶]: "
        r"the rounding of the computer's numbers\.",
        study.sentence,
    )
    assert norm_table(NormSettings(b=0.0)).sentence == (
        "**2 of 8 cancel it**: BatchNorm (training) and InstanceNorm. "
        "Now *b* is 0, and there is nothing to cancel; the verdicts are those of *b* = 1 and −1."
    )


def test_channel_sentence_tells_both_means_and_what_lies_beyond_the_axis():
    near, far = (norm_table(NormSettings(b=b)) for b in (0.5, 100.0))
    mean = norms._material(0).sums[:, 0].mean()
    assert near.channel_sentence("batch_norm") == (
        f"The mean of channel 1 goes from {mean:.3f} to **{mean + 0.5:.3f}** before the norm, "
        "and from 0 to **0** after it."
    )
    assert far.channel_sentence("batch_norm").endswith(" Beyond the axis, and not drawn: 1,024 values with *b*.")
    assert far.channel_sentence("none").endswith(" Beyond the axis, and not drawn: 2,048 values with *b*.")


def test_settings_refuse_a_b_that_is_no_number_or_too_large():
    for b, shown in ((float("nan"), "nan"), (2e6, "2,000,000.0")):
        with pytest.raises(InputError, match=f"^`b` must be a number from −1,000,000 to 1,000,000, got {shown}$"):
            NormSettings(b=b)


def test_settings_refuse_three_groups_and_say_why():
    with pytest.raises(InputError, match=r"^`groups` must be one of 1, 2, 4, got 3$") as caught:
        NormSettings(groups=3)
    assert caught.value.hint == "It must divide the four channels."


# Fold


@pytest.mark.parametrize("seed", range(5))
def test_folded_layer_gives_the_outputs_of_convolution_and_norm(seed):
    assert fold_study(seed).difference < 1e-12


def test_folded_bias_is_beta_less_the_scaled_mean():
    study, material = fold_study(0), norms._material(0)
    mean, sd = material.sums.mean(axis=(0, 2, 3)), np.sqrt(material.sums.var(axis=(0, 2, 3)) + 1e-5)
    gamma = np.random.default_rng(0).uniform(0.5, 1.5, 4)
    expected = study.biases["batch_norm_beta"] - gamma * mean / sd
    np.testing.assert_allclose(study.biases["folded_bias"], expected, rtol=1e-12)
    assert set(study.biases["conv_bias"]) == {"none"}
    assert (study.biases["folded_bias"].abs() > 0.01).all()


def test_sentences_of_the_fold_say_its_numbers():
    study = fold_study(0)
    made = FoldStudy(study.biases, 2e-15)
    first = study.biases.iloc[0]
    for number in (first["folded_bias"], first["batch_norm_beta"]):
        assert norms.say(number) in made.sentence
    assert made.sentence.startswith("**Your `bias=False` layer has a bias after folding**: ")
    assert made.sentence.endswith("the largest difference is 2.00 × 10⁻¹⁵.")
