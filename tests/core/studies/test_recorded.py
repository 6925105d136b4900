"""The recorded studies are whole, hold to what is exact, and come out again when a sample of them is run here."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.noisy_photographs import held_out_halves, psnr, under_light
from core.data.tasks import TASKS
from core.errors import InputError
from core.models.denoiser import denoise
from core.studies import recorded
from core.studies.experiments import hidden_bias_start, last_bias_start, weight_decay
from core.studies.experiments.bias_removal import one_seed
from core.studies.experiments.denoiser_light import LIGHTS
from core.studies.experiments.network_size import one_pair
from core.studies.overview import BOTH, NONE
from core.studies.paired import NetSettings, run_study
from core.studies.stress import STRESSES
from core.studies.switches import ALL, arm_name
from core.twins.training import TwinSettings, train_twins, trained

NAMES = list(recorded.STUDIES)
PICTURES = 5.01  # that a run on another processor may get right or wrong: its BLAS adds in another order
BY_EPOCH = [
    *(("first_bias_" + task, recorded.recorded_first_bias, task) for task in ("long_tailed", "rare_seven")),
    ("first_bias_long_tailed_longer", recorded.recorded_first_bias, "long_tailed_longer"),
    ("first_hidden_digits", recorded.recorded_first_hidden, "digits"),
    *(("decay_" + task, recorded.recorded_decay, task) for task in ("digits", "dim_or_bright")),
]
ONE_SEED = {
    "first_bias": last_bias_start.one_seed,
    "first_hidden": hidden_bias_start.one_seed,
    "decay": weight_decay.one_seed,
}


def test_every_task_is_recorded_and_no_file_is_left_over():
    files = {path.stem for path in recorded.HERE.glob("*.csv")}
    others = {recorded.DENOISERS, recorded.SIZES, *recorded.REMOVALS, *(name for name, *_ in BY_EPOCH)}
    assert files == set(NAMES) | others
    assert set(NAMES) == set(TASKS) | {"digits+contrast"}


@pytest.mark.parametrize("name", NAMES)
def test_recorded_study_has_every_arm_with_twenty_seeds_under_every_stress(name):
    runs = recorded.recorded(name).runs
    assert runs["arm"].unique().tolist() == [arm_name(arm) for arm in ALL]
    counts = runs.groupby(["arm", "stress", "level"])["seed"].agg(["nunique", "size"])
    assert len(counts) == len(ALL) * len(STRESSES)
    assert (counts == 20).all(axis=None)


@pytest.mark.parametrize("name", NAMES)
def test_what_must_come_out_without_bias_came_out(name):
    task = recorded.STUDIES[name]
    none = recorded.recorded(name).runs.query("arm == @NONE and stress == 'none'")["accuracy"]
    if task.chance_without is not None:
        assert (none <= task.chance_without + 1 / 360).all()


@pytest.mark.parametrize("name", ["digits", "own_ink", "small_50"])
def test_contrast_moves_no_decision_without_bias_beyond_rounding(name):
    runs = recorded.recorded(name).runs.query("arm == @NONE and stress in ('none', 'contrast')")
    spread = runs.groupby("seed")["accuracy"].agg(lambda shares: shares.max() - shares.min())
    assert (spread <= PICTURES / 360).all()


@pytest.mark.parametrize("name", ["digits", "dim_or_bright", "small_50", "digits+contrast"])
def test_sample_that_is_run_here_gives_what_is_recorded(name):
    arms, seeds = [(True, True), (False, False)], [0, 7]
    here = run_study(recorded.STUDIES[name], arms=arms, seeds=seeds, stresses=[("none", 0), ("contrast", 0.5)]).runs
    kept = recorded.recorded(name).runs.set_index(["arm", "seed", "stress", "level"])["accuracy"]
    for row in here.itertuples():
        expected = kept[row.arm, row.seed, row.stress, row.level]
        assert row.accuracy == pytest.approx(expected, abs=PICTURES / 360), (row.arm, row.seed, row.stress)


def test_file_says_on_what_it_was_made():
    assert re.search(
        r"on: Python 3\.\d+\.\d+, numpy [\d.]+, scipy [\d.]+, scikit-learn [\d.]+; ", recorded.made_on("digits")
    )


def test_study_comes_back_from_its_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    study = recorded.recorded("small_50")
    recorded.write(study.runs.drop(columns="task"), "small_50", tmp_path)
    monkeypatch.setattr(recorded, "HERE", tmp_path)
    recorded.recorded.cache_clear()
    again = recorded.recorded("small_50")
    recorded.recorded.cache_clear()
    assert again.runs.equals(study.runs)
    assert again.sentence(BOTH, NONE) == study.sentence(BOTH, NONE)


@pytest.mark.parametrize("content", [None, "", "not,a,study\n1,2,3\n", "\x00\x01"])
def test_missing_or_damaged_file_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content):
    monkeypatch.setattr(recorded, "HERE", tmp_path)
    recorded.recorded.cache_clear()
    if content is not None:
        (tmp_path / "digits.csv").write_text(content)
    with pytest.raises(InputError) as error:
        recorded.recorded("digits")
    assert str(error.value) == "`name` must be a study whose file can be read, got 'digits'"
    assert error.value.hint == "python -m core.studies.recorded makes the files again."


def test_unknown_name_ends_in_a_sentence():
    with pytest.raises(InputError) as error:
        recorded.recorded("cats")
    assert str(error.value) == f"`name` must be one of {', '.join(NAMES)}, got 'cats'"


def test_recorded_denoisers_have_both_twins_with_twenty_seeds_under_every_light():
    runs = recorded.recorded_denoisers().runs
    counts = runs.groupby(["arm", "light"])["seed"].agg(["nunique", "size"])
    assert len(counts) == 2 * len(LIGHTS)
    assert (counts == 20).all(axis=None)


def test_denoiser_without_bias_is_as_good_under_every_light_in_every_seed():
    spread = recorded.recorded_denoisers().runs.query("arm == 'without bias'").groupby("seed")["psnr"].agg(np.ptp)
    assert (spread < 1e-4).all()


def test_recorded_pair_of_denoisers_is_the_one_of_seed_0():
    study = recorded.recorded_denoisers().runs.query("seed == 0 and light == 1").set_index("arm")["psnr"]
    clean = held_out_halves()
    for arm, layers in recorded.recorded_pair().items():
        assert psnr(denoise(layers, under_light(clean, 1.0, 0)), clean, 1.0) == pytest.approx(study[arm], abs=1e-3)


def test_missing_files_of_the_denoisers_end_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recorded, "HERE", tmp_path)
    for read in (recorded.recorded_denoisers, recorded.recorded_pair):
        read.cache_clear()
        with pytest.raises(InputError, match=r"^`name` must be a study whose file can be read, got 'dimmer_light'$"):
            read()


@pytest.mark.parametrize("task", ["digits", "dim_or_bright"])
def test_recorded_removals_have_every_question_with_twenty_seeds(task):
    found = recorded.recorded_removals(task)
    counts = found.runs.groupby(["removal", "layer"])["seed"].agg(["nunique", "size"])
    assert len(counts) == 5 + 3 + 3 + 3
    assert (counts == 20).all(axis=None)
    assert [title.split(":")[0] for title in found.told["title"]] == [
        "all biases deleted after training",
        "trained without any bias",
        "with batch norm",
        "with batch norm",
    ]
    assert (found.runs.query("removal == 'folded'").eval("accuracy - full_accuracy").abs() <= PICTURES / 360).all()


def test_removals_that_are_run_here_give_what_is_recorded():
    here = pd.DataFrame(one_seed(TASKS["digits"], 3, NetSettings()), columns=recorded.REMOVED)
    kept = recorded.recorded_removals("digits").runs.query("seed == 3").reset_index(drop=True)
    assert here[["removal", "layer"]].equals(kept[["removal", "layer"]])
    np.testing.assert_allclose(here["accuracy"], kept["accuracy"], atol=PICTURES / 360)


def test_unknown_or_missing_removals_end_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(InputError, match=r"^`task` must be one of digits, dim_or_bright, got 'cats'$"):
        recorded.recorded_removals("cats")
    monkeypatch.setattr(recorded, "HERE", tmp_path)
    recorded.recorded_removals.cache_clear()
    with pytest.raises(InputError, match=r"^`name` must be a study whose file can be read, got 'removals_digits'$"):
        recorded.recorded_removals("digits")


@pytest.mark.parametrize(("name", "read", "task"), BY_EPOCH)
def test_recorded_training_has_every_arm_and_epoch_with_twenty_seeds(name, read, task):
    study = read(task)
    arms = {arm for pair in study.GAINS for arm in pair}
    assert set(study.runs["arm"]) == arms
    counts = study.runs.groupby(["arm", "epoch"])["seed"].agg(["nunique", "size"])
    assert len(counts) == len(arms) * (study.task.n_epochs + 1)
    assert (counts == 20).all(axis=None)
    assert study.runs.notna().all(axis=None)
    assert re.match(r"made by: python -m core\.studies\.recorded\n", recorded.made_on(name))


@pytest.mark.parametrize(("name", "read", "task"), [BY_EPOCH[0], BY_EPOCH[1], *BY_EPOCH[3:5]])
def test_training_that_is_run_here_gives_what_is_recorded(name, read, task):
    study = read(task)
    rows = ONE_SEED[name.removesuffix(f"_{task}")](study.task, 7, NetSettings(n_epochs=study.task.n_epochs))
    here = pd.DataFrame(rows, columns=study.COLUMNS)
    kept = study.runs[study.runs["seed"] == 7].reset_index(drop=True)
    assert here[["arm", "epoch"]].equals(kept[["arm", "epoch"]])
    begun, last = ((kept["epoch"] == epoch) for epoch in (0, study.task.n_epochs))
    np.testing.assert_allclose(here.loc[begun, "train_loss"], kept.loc[begun, "train_loss"], rtol=1e-5)
    np.testing.assert_allclose(here.loc[last, "test_accuracy"], kept.loc[last, "test_accuracy"], atol=PICTURES / 360)


@pytest.mark.parametrize(
    ("read", "known"),
    [
        (recorded.recorded_first_bias, "long_tailed, long_tailed_longer, rare_seven"),
        (recorded.recorded_first_hidden, "digits"),
        (recorded.recorded_decay, "digits, dim_or_bright"),
    ],
)
def test_recorded_training_of_an_unknown_task_ends_in_a_sentence(read, known):
    with pytest.raises(InputError, match=f"^`task` must be one of {known}, got 'cats'$"):
        read("cats")


@pytest.mark.parametrize(("name", "read", "task"), BY_EPOCH)
def test_missing_or_damaged_training_ends_in_a_sentence(tmp_path: Path, monkeypatch, name, read, task):
    monkeypatch.setattr(recorded, "HERE", tmp_path)
    for content in (None, "not,a,study\n1,2,3\n"):
        if content:
            (tmp_path / f"{name}.csv").write_text(content)
        read.cache_clear()
        with pytest.raises(InputError, match=f"^`name` must be a study whose file can be read, got '{name}'$"):
            read(task)
    read.cache_clear()


def test_started_at_0_and_without_decay_is_the_paired_studys_network_with_all_biases():
    both = recorded.recorded("digits").runs.query("arm == @BOTH and stress == 'none'").set_index("seed")["accuracy"]
    studies = {
        weight_decay.NONE: recorded.recorded_decay("digits"),
        hidden_bias_start.AT_ZERO: recorded.recorded_first_hidden(),
    }
    for arm, study in studies.items():
        of_arm = study.runs[study.runs["arm"] == arm]
        ours = of_arm[of_arm["epoch"] == 20].set_index("seed")["test_accuracy"]
        np.testing.assert_allclose(ours, both, atol=PICTURES / 360)


def test_recorded_sizes_have_every_task_size_and_arm_with_twenty_seeds():
    counts = recorded.recorded_sizes().runs.groupby(["task", "n_filters", "arm"])["seed"].agg(["nunique", "size"])
    assert len(counts) == 2 * 3 * 2
    assert (counts == 20).all(axis=None)


def test_smallest_size_is_the_recorded_study_of_its_task():
    for task in ("digits", "dim_or_bright"):
        whole = recorded.recorded(task).runs.query("stress == 'none'").set_index(["arm", "seed"])["accuracy"]
        rows = recorded.recorded_sizes().runs.query("task == @task and n_filters == '8, 16'")
        theirs = [whole[row.arm, row.seed] for row in rows.itertuples()]
        np.testing.assert_allclose(rows["accuracy"], theirs, atol=PICTURES / 360)


def test_sizes_that_are_run_here_give_what_is_recorded():
    here = pd.DataFrame(one_pair(TASKS["digits"], (16, 32), 7), columns=recorded.SIZED)
    kept = recorded.recorded_sizes().runs.query("task == 'digits' and n_filters == '16, 32' and seed == 7")
    assert here["arm"].tolist() == kept["arm"].tolist()
    np.testing.assert_allclose(here["accuracy"], kept["accuracy"], atol=PICTURES / 360)


def test_missing_sizes_end_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recorded, "HERE", tmp_path)
    recorded.recorded_sizes.cache_clear()
    with pytest.raises(InputError, match=r"^`name` must be a study whose file can be read, got 'sizes'$"):
        recorded.recorded_sizes()
    recorded.recorded_sizes.cache_clear()


def test_recorded_pair_of_networks_is_the_one_that_is_trained_by_default():
    *_, end = train_twins(TwinSettings())
    here = trained(end["twins"])
    for arm, twin in recorded.recorded_twins().items():
        for kept, made in zip(twin.layers, here[arm].layers, strict=True):
            assert (kept.bias is None) == (made.bias is None)
            np.testing.assert_allclose(kept.weights, made.weights, atol=0.02)


def test_missing_pair_of_networks_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recorded, "HERE", tmp_path)
    recorded.recorded_twins.cache_clear()
    with pytest.raises(InputError, match=r"^`name` must be a study whose file can be read, got 'twins'$"):
        recorded.recorded_twins()
    recorded.recorded_twins.cache_clear()
