"""The light scales the whole problem, the test is never trained on, and the study says what its runs say."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from threadpoolctl import threadpool_limits

from core.arms import ARMS, DIMMED, WITH, WITHOUT
from core.data import noisy_photographs
from core.data.noisy_photographs import HALF, SIGMA, held_out_halves, psnr, training_patches, under_light
from core.studies.dimmer_light import read_denoisers
from core.studies.experiments.denoiser_light import (
    LIGHTS,
    dimmed_sentence,
    experiment,
    psnr_curves,
    psnrs_in_words,
    train_pair,
    train_twin,
    verdict,
)
from core.studies.experiments.experiment import Experiment, Results, run_experiment

QUICK = {"n_patches": 64, "n_epochs": 2}


@pytest.fixture(scope="module")
def study():
    return run_experiment(experiment(**QUICK), [0, 3])


def made_up(differences, n_seeds=6, without=26.0, noisy=22.0):
    """A study whose arms differ by this much (dB) at each light, give or take 0.01, in every seed."""
    rows = []
    for light, gain in differences.items():
        for seed in range(n_seeds):
            rows.append((WITH, seed, light, without + gain + 0.01 * (-1) ** seed, noisy))
            rows.append((WITHOUT, seed, light, without, noisy))
            rows.append((DIMMED, seed, light, without + 0.5, noisy))
    whole = experiment()
    asked = tuple(one for one in whole.comparisons if dict(one.where)["light"] in differences)
    runs = pd.DataFrame(rows, columns=["arm", "seed", "light", "psnr", "psnr_noisy"])
    return Results(Experiment(whole.name, whole.run, asked), runs)


def test_runs_have_a_row_per_arm_seed_and_light(study):
    assert list(study.runs) == ["arm", "seed", "light", "psnr", "psnr_noisy"]
    rows = set(study.runs[["arm", "seed", "light"]].itertuples(index=False, name=None))
    assert rows == {(arm, seed, light) for arm in (*ARMS, DIMMED) for seed in (0, 3) for light in LIGHTS}
    assert len(study.runs) == len(rows)


def test_without_bias_psnr_is_the_same_under_every_light_to_rounding(study):
    of_seed = study.runs[study.runs["arm"] == WITHOUT].groupby("seed")["psnr"]
    assert (of_seed.max() - of_seed.min()).max() < 1e-4


def test_dimmed_along_psnr_is_under_every_light_what_it_is_at_light_1_to_rounding(study):
    for _, runs in study.runs.groupby("seed"):
        at_one = runs.query("arm == @WITH and light == 1")["psnr"].item()
        np.testing.assert_allclose(runs.loc[runs["arm"] == DIMMED, "psnr"], at_one, atol=1e-4)


def test_dimmed_sentence_says_all_three_and_what_the_twin_lacks():
    assert dimmed_sentence(made_up({1.0: 0.8, 0.03: -20.0})) == (
        "Multiply every bias by the light, too, and the denoiser with biases gives 26.5 dB in every seed at light 0.03 "
        "in place of 6.0 dB (95% interval 6.0 to 6.0), as at light 1; its twin gives 26.0 dB in every seed, less by "
        "0.5 dB in every seed. The bias hurts where it stays behind."
    )


def test_with_bias_psnr_is_not_the_same_under_every_light(study):
    of_seed = study.runs[study.runs["arm"] == WITH].groupby("seed")["psnr"]
    assert (of_seed.max() - of_seed.min()).min() > 0.1


def test_picture_that_is_not_denoised_has_20_db_under_every_light_and_the_same_for_both_arms(study):
    expected = -20 * np.log10(SIGMA)
    np.testing.assert_allclose(study.runs["psnr_noisy"], expected, atol=0.1)
    of_seed = study.runs.groupby("seed")["psnr_noisy"]
    assert (of_seed.max() - of_seed.min()).max() < 1e-4


def test_psnr_has_the_light_as_its_peak():
    clean = np.array([[0.2, 0.4]])
    assert psnr(0.5 * clean + [[0.05, -0.05]], clean, light=0.5) == pytest.approx(10 * np.log10(0.5**2 / 0.05**2))


def test_noise_is_the_same_grains_under_every_light_and_other_ones_with_another_seed():
    clean = held_out_halves()
    full, dim, other = under_light(clean, 1.0, 7), under_light(clean, 0.25, 7), under_light(clean, 1.0, 8)
    np.testing.assert_array_equal(dim, full / 4)
    assert np.std(full - clean) == pytest.approx(SIGMA, rel=0.02)
    assert not np.array_equal(full, other)


def test_training_patches_come_from_the_halves_that_are_not_the_test(monkeypatch):
    photographs = noisy_photographs._photographs().copy()
    photographs[..., :HALF] = np.nan  # the test
    monkeypatch.setattr(noisy_photographs, "_photographs", lambda: photographs)
    assert np.isnan(held_out_halves()).all()
    patches = training_patches(2000, seed=1)
    assert patches.shape == (2000, 1, 24, 24)
    assert np.isfinite(patches).all()


def test_untrained_twins_have_the_same_psnr_under_every_light():
    runs = pd.DataFrame(experiment(n_patches=16, n_epochs=0).run(1))
    by_arm = runs.pivot_table("psnr", "light", "arm")
    np.testing.assert_array_equal(by_arm[WITH], by_arm[WITHOUT])


def test_summary_is_scipys_paired_t_interval_the_brightest_light_first():
    random = np.random.default_rng(0)
    results = made_up({1.0: 0.0, 0.5: 0.0})
    runs = results.runs
    runs["psnr"] = runs["psnr"] + random.normal(size=len(runs))
    summary = results.summary[results.summary["arm"] == WITH]
    assert summary["light"].tolist() == [1.0, 0.5]
    for row in summary.itertuples():
        table = runs[runs["light"] == row.light].pivot_table("psnr", "seed", "arm")
        interval = stats.ttest_rel(table[WITH], table[WITHOUT]).confidence_interval(0.95)
        assert (row.low95, row.high95) == pytest.approx(tuple(interval))
        assert row.n == 6


def test_curves_have_each_arms_mean_and_t_interval(study):
    curves = psnr_curves(study.runs).set_index(["arm", "light"])
    psnrs = study.runs.query("arm == @WITH and light == 0.5")["psnr"].to_numpy()
    low, high = stats.t.interval(0.95, 1, psnrs.mean(), stats.sem(psnrs))
    found = curves.loc[(WITH, 0.5), ["mean", "low95", "high95"]].tolist()
    assert found == pytest.approx([psnrs.mean(), low, high])


def test_verdict_names_where_a_bias_helps_is_equal_and_hurts():
    assert verdict(made_up({2.0: 0.1, 1.0: 0.8, 0.1: -7.0, 0.03: -20.0})) == (
        "A bias helps at light 1; it makes no difference that matters at light 2; it hurts at light 0.1 and 0.03 "
        "(margin 0.5 dB, 6 seeds). At light 0.03 the denoiser with bias gives 6.0 dB (95% interval 6.0 to 6.0), its "
        "twin without, the same under every light, 26.0 dB in every seed, and no denoising 22.0 dB in every seed."
    )


def test_psnrs_in_words_are_the_means_of_one_light_with_their_t_intervals(study):
    for light in (1.0, 0.1):
        rows = study.runs[study.runs["light"] == light]
        psnrs = [rows.loc[rows["arm"] == arm, "psnr"] for arm in (WITH, WITHOUT)]
        psnrs.append(rows.loc[rows["arm"] == WITH, "psnr_noisy"])
        for words, values in zip(psnrs_in_words(study.runs, light), psnrs, strict=True):
            low, high = stats.t.interval(0.95, 1, values.mean(), stats.sem(values))
            assert words == f"{values.mean():.1f} dB (95% interval {low:.1f} to {high:.1f})".replace("-", "−")


def test_lights_whose_error_is_equal_in_every_seed_are_named():
    results = made_up({1.0: 0.8})
    results.runs["psnr"] = 26.0
    assert verdict(results).startswith("A bias leaves the error the same in every seed at light 1 (margin 0.5 dB, ")


def test_few_seeds_are_not_judged(study):
    assert set(study.summary["verdict"]) == {"too few seeds"}
    assert verdict(study).startswith(
        "A bias has too few seeds to be judged at light 2, 1, 0.5, 0.2, 0.1, 0.05 and 0.03 "
    )


def test_no_denoising_stands_in_the_curves_beside_both_arms(study):
    curves = psnr_curves(study.runs)
    assert set(curves["arm"]) == {WITH, WITHOUT, DIMMED, "no denoising"}
    noisy = curves[curves["arm"] == "no denoising"].set_index("light")
    first, second = (study.runs.query("seed == @seed and light == 0.1")["psnr_noisy"].iloc[0] for seed in (0, 3))
    low, high = stats.t.interval(0.95, 1, (first + second) / 2, stats.sem([first, second]))
    assert noisy.loc[0.1, ["mean", "low95", "high95"]].tolist() == pytest.approx([(first + second) / 2, low, high])


def test_pair_comes_back_from_json_to_the_last_bit(tmp_path):
    record = json.dumps(train_pair(2, **QUICK), allow_nan=False)
    (tmp_path / "dimmer_light.json").write_text(record, encoding="utf-8")
    back = read_denoisers(tmp_path)
    with threadpool_limits(1):  # as a pair is trained
        twins = {arm: train_twin(arm, 2, **QUICK) for arm in ARMS}
    for arm in ARMS:
        for ours, theirs in zip(back[arm], twins[arm], strict=True):
            assert (ours.name, ours.kind, ours.weights.dtype) == (theirs.name, theirs.kind, np.float32)
            assert np.array_equal(ours.weights, theirs.weights)
            assert (ours.bias is None) == (arm == WITHOUT)
            assert ours.bias is None or np.array_equal(ours.bias, theirs.bias)
