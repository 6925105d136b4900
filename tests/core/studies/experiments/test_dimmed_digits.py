"""Digits in a dim light: what is recorded is what the paired study measured, and what the identity says must hold."""

import pytest
from scipy import stats

from core.arms import DIMMED, WITH
from core.data.tasks import TASKS
from core.format import say
from core.models.layers import scale_biases
from core.models.network import predict_logits, share_right
from core.studies.experiments import dimmed_digits
from core.studies.experiments.experiment import run_experiment
from core.studies.overview import under_stress
from core.studies.paired import NetSettings, fitted_network
from core.studies.recorded import STUDIES, recorded, recorded_results
from core.studies.stress import STRESSES
from core.studies.switches import BOTH, Arm

PICTURES = 5.01 / 360
"""So many more or fewer a fit on another machine may get right."""


@pytest.fixture(scope="module")
def kept():
    return recorded_results("dimmed_digits")


def by_seed(study, stress, level):
    rows = study.runs.set_index(["arm", "stress", "level"]).sort_index().loc[BOTH, stress, level]
    return rows.sort_values("seed")["accuracy"].to_numpy()


def test_biases_that_stay_read_what_the_paired_study_recorded_at_this_contrast(kept):
    assert min(level for stress, level in STRESSES if stress == "contrast") == dimmed_digits.LIGHT
    expected = by_seed(recorded("digits"), "contrast", dimmed_digits.LIGHT)
    assert kept.values("accuracy", arm=WITH) == pytest.approx(expected, abs=PICTURES)


def test_dimmed_along_no_seed_loses_an_answer_and_reads_what_it_read_at_full_light(kept):
    assert kept.values("changed", arm=DIMMED).sum() == 0
    assert kept.values("changed", arm=WITH).min() > 0.2 * 360
    expected = by_seed(recorded("digits"), "none", 0.0)
    assert kept.values("accuracy", arm=DIMMED) == pytest.approx(expected, abs=PICTURES)


def test_sentence_has_the_means_with_scipys_intervals_and_all_answers(kept):
    said = dimmed_digits.sentence(kept)
    for arm in (WITH, DIMMED):
        values = 100 * kept.values("accuracy", arm=arm)
        low, high = stats.ttest_1samp(values, 0).confidence_interval()
        assert f"{say(values.mean())}% (95% interval {say(low)} to {say(high)})" in said
    assert "20 seeds" in said
    lost = int(kept.values("changed", arm=WITH).sum())
    assert f"Of 7,200 answers 0 then differ from those at full light, {lost:,} where the biases stay." in said


def test_answers_that_changed_are_counted_against_those_at_full_light():
    row = run_experiment(dimmed_digits.experiment(n_epochs=1), [2]).runs.set_index("arm").loc[WITH]
    split = TASKS["digits"].draw(2)
    layers = fitted_network(split, Arm(True, True), 2, NetSettings(n_epochs=1)).layers_
    images = split.X_test.reshape(-1, *split.image_shape)
    full, dim = (
        predict_logits(layers, images * k).argmax(axis=1) for k in (images.dtype.type(1), images.dtype.type(0.03))
    )
    assert (row["changed"], row["n"]) == ((full != dim).sum(), len(split.y_test))


@pytest.mark.parametrize("name", STUDIES)
def test_level_of_a_network_dimmed_along_is_its_own_at_contrast_1_with_that_interval(name):
    rows = under_stress(recorded(name), "contrast")
    level = dimmed_digits.dimmed_along(rows)
    own = rows[rows["arm"] == BOTH].set_index("level")
    assert level["level"].tolist() == own.index.tolist()
    for column in ("mean", "low95", "high95"):
        assert (level[column] == own.loc[1.0, column]).all()


@pytest.mark.parametrize("name", ["digits", "dim_or_bright", "grey_background"])
@pytest.mark.parametrize("k", [0.03, 10.0])
def test_level_is_what_a_network_dimmed_along_reads_at_every_contrast(name, k):
    split = TASKS[name].draw(0)
    layers = fitted_network(split, Arm(True, True), 0, NetSettings(n_epochs=2)).layers_
    images = split.X_test.reshape(-1, *split.image_shape)
    full, dim = (
        share_right(predict_logits(scale_biases(layers, light), images * images.dtype.type(light)), split.y_test)
        for light in (1.0, k)
    )
    assert abs(full - dim).sum() <= 2


def test_level_holds_for_no_arm_with_batch_norm():
    """Its running statistics would have to follow too, and its eps does not."""
    assert set(dimmed_digits.dimmed_along(under_stress(recorded("digits"), "contrast"))) == {
        "level",
        "mean",
        "low95",
        "high95",
    }
