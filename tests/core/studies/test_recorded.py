"""The recorded studies are whole, hold to what is exact, and come out again when a sample of them is run here."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.noisy_photographs import held_out_halves, psnr, under_light
from core.data.tasks import TASKS
from core.errors import InputError
from core.models.denoiser import denoise
from core.studies import recorded
from core.studies.dimmer_light import SUMMARY
from core.studies.experiments import bias_removal, hidden_bias_start, last_bias_start, weight_decay
from core.studies.experiments.denoiser_light import LIGHTS
from core.studies.overview import markdown
from core.studies.paired import run_study
from core.studies.recorded import EXPERIMENTS, STUDIES, recorded_results
from core.studies.recorded import __main__ as command
from core.studies.stress import STRESSES
from core.studies.switches import ALL_ARMS, BOTH, NO_BIAS, arm_name
from core.twins.training import TwinSettings, train_twins, twins_from

PICTURES = 5.01  # that a run on another processor may get right or wrong: its BLAS adds in another order
BY_EPOCH = [name for name in EXPERIMENTS if name.startswith(("first_", "decay_"))]
KEYS = [
    "removal",
    "layer",
    "task",
    "n_filters",
    "net",
    "n_units",
    "weather",
    "trained",
    "bits",
    "arm",
    "epoch",
    "light",
]  # what tells the rows of a seed apart
MEASURE = {"five_tasks": "own", "rounded_weights": "mended"}
READERS = dict.fromkeys(STUDIES, recorded.recorded) | dict.fromkeys(EXPERIMENTS, recorded_results)
PAIRS = {"dimmer_light": recorded.recorded_denoisers, "twins": recorded.recorded_twins}


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder in place of the one that holds the files, which is read again."""
    readers = (recorded.recorded, recorded_results, recorded.recorded_denoisers, recorded.recorded_twins)
    monkeypatch.setattr(recorded, "HERE", tmp_path)
    for read in readers:
        read.cache_clear()
    yield tmp_path
    for read in readers:
        read.cache_clear()


def accuracies(name: str, arm: str) -> "pd.Series[float]":
    """Seed -> accuracy on the test pictures as they are, from a paired study."""
    runs = recorded.recorded(name).runs
    return runs[(runs["arm"] == arm) & (runs["stress"] == "none")].set_index("seed")["accuracy"]


# All files


def test_every_task_is_recorded_and_no_file_is_left_over():
    assert {path.stem for path in recorded.HERE.glob("*.csv")} == set(STUDIES) | set(EXPERIMENTS) | {SUMMARY}
    assert set(STUDIES) == set(TASKS) | {"digits+contrast", "long_tailed_longer"}
    assert len(STUDIES) == 15


@pytest.mark.parametrize("name", READERS)
def test_file_says_by_what_and_on_what_it_was_made(name):
    first, second, *_ = (recorded.HERE / f"{name}.csv").read_text().splitlines()
    assert first == "# made by: python -m core.studies.recorded"
    for part in ("# on: Python 3.", ", numpy ", ", scipy ", ", scikit-learn ", "; "):
        assert part in second


@pytest.mark.parametrize("name", ["digits", *EXPERIMENTS])
@pytest.mark.parametrize("content", [None, "", "not,a,study\n1,2,3\n", "\x00\x01"])
def test_missing_or_damaged_file_ends_in_a_sentence(elsewhere: Path, name, content):
    if content is not None:
        (elsewhere / f"{name}.csv").write_text(content)
    with pytest.raises(InputError) as error:
        READERS[name](name)
    assert str(error.value) == f"`name` must be a study whose file can be read, got '{name}'"
    assert error.value.hint == "python -m core.studies.recorded makes the files again."


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("name", PAIRS)
def test_missing_pair_ends_in_a_sentence(name):
    with pytest.raises(InputError, match=f"^`name` must be a study whose file can be read, got '{name}'$"):
        PAIRS[name]()


@pytest.mark.parametrize(("read", "known"), [(recorded.recorded, STUDIES), (recorded_results, EXPERIMENTS)])
def test_unknown_name_ends_in_a_sentence(read, known):
    with pytest.raises(InputError) as error:
        read("cats")
    assert str(error.value) == f"`name` must be one of {', '.join(known)}, got 'cats'"


def test_command_ends_an_unknown_name_in_a_sentence():
    run = [sys.executable, "-m", "core.studies.recorded", "cats"]
    ended = subprocess.run(run, cwd=recorded.HERE.parents[2], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("`NAME` must be one of digits, ")
    assert ended.stderr.endswith(", twins, got 'cats'\n")


def test_unknown_name_is_told_before_any_work(monkeypatch: pytest.MonkeyPatch):
    made = []
    monkeypatch.setattr(command, "make", lambda name: made.append(name) or "")
    with pytest.raises(InputError, match=r"^`NAME` must be one of .*, got 'cats'$"):
        command.main(["small_50", "cats"])
    assert made == []


def test_command_makes_what_is_named_and_prints_the_table(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(command, "make", lambda name: f"made {name}")
    table = markdown(recorded.recorded_overview())
    for names, lines in ((["sizes", "twins"], "sizes: made sizes\ntwins: made twins\n"), (["table"], "")):
        command.main(names)
        assert capsys.readouterr().out == f"{lines}{table}\n"


@pytest.mark.parametrize("name", ["small_50", "dimmed_digits"])
def test_command_goes_on_from_what_had_ended_and_leaves_nothing_but_the_record(tmp_path, monkeypatch, name):
    kept, asked = READERS[name](name), []

    def broken_off(*_, path, **__):
        asked.append(path)
        path.write_text("runs")
        raise KeyboardInterrupt

    def ended(*_, path, **__):
        asked.append(path)
        return kept

    monkeypatch.setattr(command, "HERE", tmp_path)
    monkeypatch.setattr(command, "write", lambda runs, name: (tmp_path / f"{name}.csv").write_text("made"))
    for run in (broken_off, ended):
        monkeypatch.setattr(command, "run_study", run)
        monkeypatch.setattr(command, "run_experiment", run)
        with suppress(KeyboardInterrupt):
            command.make(name)
        left = {broken_off: "unfinished", ended: "csv"}[run]
        assert [path.name for path in tmp_path.iterdir()] == [f"{name}.{left}"]
    assert asked == [tmp_path / f"{name}.unfinished"] * 2


def test_study_comes_back_from_its_file_as_it_was(elsewhere: Path, monkeypatch):
    monkeypatch.undo()
    study = recorded.recorded("small_50")
    command.write(study.runs.drop(columns="task"), "small_50", elsewhere)
    monkeypatch.setattr(recorded, "HERE", elsewhere)
    recorded.recorded.cache_clear()
    again = recorded.recorded("small_50")
    assert again.runs.equals(study.runs)
    assert again.sentence() == study.sentence()


# Tasks


@pytest.mark.parametrize("name", STUDIES)
def test_recorded_study_has_every_arm_with_twenty_seeds_under_every_stress(name):
    runs = recorded.recorded(name).runs
    assert runs["arm"].unique().tolist() == [arm_name(arm) for arm in ALL_ARMS]
    counts = runs.groupby(["arm", "stress", "level"])["seed"].agg(["nunique", "size"])
    assert len(counts) == len(ALL_ARMS) * len(STRESSES)
    assert (counts == 20).all(axis=None)


@pytest.mark.parametrize("name", STUDIES)
def test_what_must_come_out_without_bias_came_out(name):
    chance = STUDIES[name].chance_without
    assert chance is None or (accuracies(name, NO_BIAS) <= chance + 1 / 360).all()


@pytest.mark.parametrize("name", ["digits", "own_ink", "small_50"])
def test_contrast_moves_no_decision_without_bias_beyond_rounding(name):
    runs = recorded.recorded(name).runs.query("arm == @NO_BIAS and stress in ('none', 'contrast')")
    ranges = runs.groupby("seed")["accuracy"].agg(lambda shares: shares.max() - shares.min())
    assert (ranges <= PICTURES / 360).all()


@pytest.mark.parametrize("name", ["digits", "dim_or_bright", "digits+contrast"])
def test_sample_that_is_run_here_gives_what_is_recorded(name):
    arms = [(True, True), (False, False)]
    here = run_study(STUDIES[name], arms=arms, seeds=[7], stresses=[("none", 0), ("contrast", 0.5)]).runs
    kept = recorded.recorded(name).runs.set_index(["arm", "seed", "stress", "level"])["accuracy"]
    for row in here.itertuples():
        expected = kept[row.arm, row.seed, row.stress, row.level]
        assert row.accuracy == pytest.approx(expected, abs=PICTURES / 360), (row.arm, row.seed, row.stress)


# Experiments


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_recorded_experiment_is_whole_with_twenty_seeds(name):
    runs = recorded_results(name).runs
    counts = runs.groupby([key for key in KEYS if key in runs])["seed"].agg(["nunique", "size"])
    arms = {
        "first_bias": 3 * 21,
        "first_bias_long_tailed_longer": 3 * 76,
        "first_hidden": 2 * 21,
        "decay": 8 * 21,
        "removals": 5 + 3 + 3 + 3,
        "sizes": 2 * 3 * 2,
        "dimmer_light": 3 * len(LIGHTS),
        "dimmed_digits": 2,
        "only_biases": 6 + 3,
        "five_tasks": 5,
        "ten_pictures": 2 + 1 + 2 * 3 * 5,
        "rounded_weights": 2 * 3,
    }
    *_, expected = (n for begin, n in arms.items() if name.startswith(begin))
    assert len(counts) == expected
    assert (counts == 20).all(axis=None)
    assert runs.notna().all(axis=None)


@pytest.mark.parametrize("name", BY_EPOCH)
def test_training_by_epoch_has_every_arm_that_is_compared(name):
    results = recorded_results(name)
    assert set(results.runs["arm"]) == {arm for one in EXPERIMENTS[name].comparisons for arm in (one.arm, one.other)}


@pytest.mark.parametrize(
    "name",
    [
        *("first_hidden_digits", "rounded_weights", "dimmed_digits"),
        *(
            pytest.param(name, marks=pytest.mark.release)  # seconds to minutes each
            for name in (
                *("removals_digits", "first_bias_long_tailed", "first_bias_rare_seven", "decay_digits"),
                *("sizes", "ten_pictures", "only_biases", "five_tasks"),
            )
        ),
    ],
)
def test_experiment_that_is_run_here_gives_what_is_recorded(name):
    here = pd.DataFrame(EXPERIMENTS[name].run(7))
    kept = recorded_results(name).runs.query("seed == 7").reset_index(drop=True)
    assert list(here) == list(kept)
    keys = [key for key in KEYS if key in here]
    assert here[keys].equals(kept[keys])
    if name in BY_EPOCH:
        begun = here["epoch"] == 0
        np.testing.assert_allclose(here.loc[begun, "train_loss"], kept.loc[begun, "train_loss"], rtol=1e-5)
        last = here["epoch"] == here["epoch"].max()
        here, kept = here[last], kept[last]
    measure = MEASURE.get(name, "test_accuracy" if name in BY_EPOCH else "accuracy")
    np.testing.assert_allclose(here[measure], kept[measure], atol=PICTURES / 360)


def test_started_at_0_and_without_decay_is_the_paired_studys_network_with_all_biases():
    for name, arm in (("decay_digits", weight_decay.NO_DECAY), ("first_hidden_digits", hidden_bias_start.AT_ZERO)):
        runs = recorded_results(name).runs
        ours = runs[(runs["arm"] == arm) & (runs["epoch"] == 20)].set_index("seed")["test_accuracy"]
        np.testing.assert_allclose(ours, accuracies("digits", BOTH), atol=PICTURES / 360)


def test_started_longer_is_the_same_task_trained_longer():
    assert last_bias_start.LONGER.draw is TASKS["long_tailed"].draw
    assert recorded_results("first_bias_long_tailed_longer").runs["epoch"].max() == last_bias_start.LONGER.n_epochs


@pytest.mark.parametrize("task", bias_removal.TRIED)
def test_folding_loses_no_accuracy_and_all_four_questions_are_told(task):
    results = recorded_results(f"removals_{task}")
    folded = results.runs[results.runs["removal"] == "folded"]
    assert (folded.eval("accuracy - full_accuracy").abs() <= PICTURES / 360).all()
    assert [title.split(":")[0] for title in bias_removal.removal_rows(results)["title"]] == [
        "all biases deleted after training",
        "trained without any bias",
        "batch norm",
        "batch norm",
    ]


def test_smallest_size_is_the_recorded_study_of_its_task():
    runs = recorded_results("sizes").runs.query("n_filters == '8, 16'")
    for (task, arm), rows in runs.groupby(["task", "arm"]):
        np.testing.assert_allclose(rows["accuracy"], accuracies(task, arm), atol=PICTURES / 360)


def test_denoiser_without_bias_is_as_good_under_every_light_in_every_seed():
    ranges = recorded_results("dimmer_light").runs.query("arm == 'without bias'").groupby("seed")["psnr"].agg(np.ptp)
    assert (ranges < 1e-4).all()


# Trained pairs


def test_recorded_pair_of_denoisers_is_the_one_of_seed_0():
    runs = recorded_results("dimmer_light").runs.query("seed == 0 and light == 1").set_index("arm")["psnr"]
    clean = held_out_halves()
    for arm, layers in recorded.recorded_denoisers().items():
        assert psnr(denoise(layers, under_light(clean, 1.0, 0)), clean, 1.0) == pytest.approx(runs[arm], abs=1e-3)


def test_recorded_pair_of_networks_is_the_one_that_is_trained_by_default():
    *_, end = train_twins(TwinSettings())
    here = twins_from(end["twins"])
    for arm, twin in recorded.recorded_twins().items():
        for kept, made in zip(twin.layers, here[arm].layers, strict=True):
            assert (kept.bias is None) == (made.bias is None)
            np.testing.assert_allclose(kept.weights, made.weights, atol=0.02)
