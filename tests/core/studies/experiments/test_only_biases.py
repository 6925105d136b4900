"""What biases do alone: frozen weights, five tasks, ten pictures."""

import numpy as np
import pytest
from scipy import stats

from core.data.tasks import TASKS
from core.errors import InputError
from core.format import say
from core.models.layers import light_of, scale_biases
from core.models.network import predict_logits, share_right
from core.studies.experiments import five_tasks, only_biases, rounded_weights, ten_pictures
from core.studies.experiments.experiment import run_experiment
from core.studies.paired import NetSettings, fitted_network
from core.studies.recorded import recorded_columns, recorded_results
from core.studies.switches import Arm


@pytest.fixture(scope="module")
def split():
    return TASKS["digits"].draw(0)


@pytest.fixture(scope="module")
def widths():
    return run_experiment(only_biases.experiment(widths=(10, 40), n_epochs=2), [0, 1])


def test_every_width_and_every_arm_of_the_small_network_has_a_row_per_seed(widths):
    rows = set(widths.runs[["net", "n_units", "arm", "seed"]].itertuples(index=False, name=None))
    hidden = {("one hidden layer", n, "biases alone", seed) for n in (10, 40) for seed in (0, 1)}
    arms = ("biases alone", "weights alone", "weights and biases")
    assert rows == hidden | {("convolutional", 24, arm, seed) for arm in arms for seed in (0, 1)}


def test_curve_holds_the_means_in_per_cent(widths):
    curve = only_biases.width_curve(widths).set_index("n_units")
    for n_units in (10, 40):
        found = widths.values("accuracy", net="one hidden layer", n_units=n_units)
        assert curve.loc[n_units, "mean"] == pytest.approx(100 * found.mean())


def test_answer_in_words_is_what_the_record_says():
    kept = recorded_results("only_biases")
    assert only_biases.ANSWER.startswith(
        "Kernels alone are enough here; biases alone only where there are many kernels"
    )
    assert kept.difference(arm=only_biases.BOTH, other=only_biases.WEIGHTS).verdict == "no difference that matters"
    assert kept.difference(arm=only_biases.BIASES, other=only_biases.WEIGHTS).verdict == "hurts"
    curve = only_biases.width_curve(kept)["mean"]
    assert curve.is_monotonic_increasing
    assert curve.iloc[0] < 30 < 90 < curve.iloc[-1]


def test_short_sentence_has_all_three_arms_with_their_intervals():
    kept = recorded_results("only_biases")
    said = only_biases.short_sentence(kept)
    assert "has 24: " in said
    for arm in (only_biases.BIASES, only_biases.WEIGHTS, only_biases.BOTH):
        shares = 100 * kept.values("accuracy", net="convolutional", arm=arm)
        low, high = stats.ttest_1samp(shares, 0).confidence_interval()
        assert f"{say(shares.mean())}% (95% interval {say(low)} to {say(high)})" in said


@pytest.mark.parametrize("study", [only_biases, five_tasks, ten_pictures, rounded_weights])
def test_what_was_chosen_is_said_once_where_it_stands(study):
    assert "chosen before any run" in study.CHOSEN
    assert "hosen before any run:" not in study.__doc__
    assert "`CHOSEN`" in study.__doc__


def test_choices_that_are_said_are_those_of_the_code_and_of_the_record():
    runs = recorded_results("ten_pictures").runs
    rates = {float(arm.split("rate ")[1]) for arm in runs["arm"] if arm.startswith("all weights")}
    assert rates == set(ten_pictures.RATES)
    before, added = ten_pictures.CHOSEN.split("Not so ")
    assert "of 0.001, 0.003, 0.01." in before
    assert added.startswith("0.0001 and 0.0003: they were added")
    assert f"{ten_pictures.STEPS} steps" in before
    assert "0.01 over 100 epochs" in only_biases.CHOSEN
    assert "3,000 units" in five_tasks.CHOSEN
    assert "3, 4, 8 bits" in rounded_weights.CHOSEN
    assert "256 training pictures" in rounded_weights.CHOSEN


def test_sentence_names_both_ends_and_all_three_arms():
    said = only_biases.sentence(recorded_results("only_biases"))
    for words in ("with 30 hidden units", "with 10,000 (20 seeds)", "biases alone get", "weights alone", "both"):
        assert words in said
    assert said.count("95% interval") == 5


def test_labels_are_those_of_the_questions(split):
    labels = five_tasks.labels_of(split, 0)
    y = split.y_test
    np.testing.assert_array_equal(labels["odd"][1], np.isin(y, [1, 3, 5, 7, 9]))
    np.testing.assert_array_equal(labels["at_least_5"][1], np.isin(y, [5, 6, 7, 8, 9]))
    assert abs(labels["much_ink"][0].mean() - 0.5) < 0.01
    shuffled = labels["shuffled"][1]
    assert len(set(zip(y.tolist(), shuffled.tolist(), strict=True))) == 10 == len(set(shuffled.tolist()))
    assert (shuffled != y).any()


def test_columns_share_their_weights_and_come_back_from_a_record():
    columns = five_tasks.train_columns(seed=2, n_units=25, n_epochs=2)
    assert columns.n_weights == 25 * 64 + 10 * 25
    again = five_tasks.columns_from(five_tasks.columns_record(columns))
    for name in five_tasks.FIVE:
        assert len(columns.biases[name]) == 35
        np.testing.assert_allclose(again.biases[name], columns.biases[name], rtol=1e-4)
    np.testing.assert_array_equal(again.layers[0].weights, columns.layers[0].weights)
    assert len({tuple(column) for column in columns.biases.values()}) == 5


def test_answers_of_a_task_of_two_classes_are_its_two_words():
    columns = recorded_columns()
    assert set(columns.answers("odd")) == {"even", "odd"}
    assert len(columns.answers("digit", slice(0, 10))) == 10
    assert "3,010 biases" in columns.sentence("odd")
    assert "222,000 weights are the same" in columns.sentence("odd")


def test_recorded_columns_are_right_as_often_as_their_seed_was():
    runs = recorded_results("five_tasks").runs.query("seed == 0").set_index("task")["own"]
    columns = recorded_columns()
    for name in five_tasks.FIVE:
        assert columns.right(name).mean() == pytest.approx(runs[name], abs=2 / 360)


def test_columns_of_different_lengths_are_no_record():
    record = five_tasks.columns_record(five_tasks.train_columns(n_units=5, n_epochs=1))
    record["biases"]["odd"].pop()
    with pytest.raises(InputError, match="columns of one length"):
        five_tasks.columns_from(record)


def test_ten_pictures_are_one_a_class_from_the_training_side(split):
    rows = ten_pictures.ten_rows(split, 7)
    assert split.y_train[rows].tolist() == list(range(10))
    np.testing.assert_array_equal(rows, ten_pictures.ten_rows(split, 7))
    assert (rows != ten_pictures.ten_rows(split, 8)).any()


@pytest.fixture(scope="module")
def adapted():
    return run_experiment(ten_pictures.experiment(n_epochs=2, steps=3), [0])


def test_light_of_ten_pictures_is_a_tenth_within_its_draw_and_gives_the_recorded_accuracy():
    found = {}
    for seed in range(20):
        split = TASKS["digits"].draw(seed)
        ten = split.X_train[ten_pictures.ten_rows(split, seed)]
        found[seed] = light_of(ten_pictures.WEATHER["dark"](ten), split.X_train)
    assert (round(min(found.values()), 4), round(max(found.values()), 4)) == (0.0943, 0.1053)
    split = TASKS["digits"].draw(0)
    layers = fitted_network(split, Arm(True, True), 0, NetSettings(n_epochs=TASKS["digits"].n_epochs)).layers_
    dark = ten_pictures.WEATHER["dark"](split.X_test).reshape(-1, *split.image_shape)
    right = share_right(predict_logits(scale_biases(layers, found[0]), dark), split.y_test).mean()
    kept = recorded_results("ten_pictures").values("accuracy", weather="dark", arm=ten_pictures.DIMMED)
    assert right == pytest.approx(kept[0], abs=2 / 360)


def test_fog_has_no_light_to_multiply_by(adapted):
    arms = adapted.runs.groupby("weather")["arm"].agg(set)
    assert arms["dark"] - arms["fog"] == {ten_pictures.DIMMED}
    assert len(arms["fog"]) == 1 + 3 * len(ten_pictures.RATES)


def test_network_as_trained_is_as_good_back_at_full_light_in_either_weather(adapted):
    back = adapted.runs.query("arm == @ten_pictures.UNADAPTED")["back"]
    assert back.nunique() == 1


def test_rivals_are_shown_at_the_rate_that_is_best_for_them():
    results = recorded_results("ten_pictures")
    for weather in ten_pictures.WEATHER:
        means = results.runs[results.runs["weather"] == weather].groupby("arm")["accuracy"].mean()
        for rival, arm in zip(ten_pictures.RIVALS, ten_pictures.best_arms(results, weather)[-2:], strict=True):
            assert means[arm] == max(means[ten_pictures.arm_name(rival, rate)] for rate in ten_pictures.RATES)
    assert "biases alone, rate 0.01" in ten_pictures.best_arms(results, "fog")


def in_points(first, second):
    """The paired difference with scipy's interval, as a short sentence has it."""
    d = 100 * np.round(first - second, 12)
    low, high = stats.ttest_1samp(d, 0).confidence_interval()
    return " to ".join(f"{end:+.1f}".replace("-", "−") for end in (d.mean(), low, high)).replace(" to ", " (", 1) + ")"


def test_short_sentence_has_every_gain_of_the_biases_and_what_they_lose():
    kept = recorded_results("ten_pictures")
    said = ten_pictures.short_sentence(kept)
    biases = ten_pictures.arm_name(ten_pictures.BIASES, ten_pictures.BIASES_RATE)
    for weather in ten_pictures.WEATHER:
        dense, every = ten_pictures.best_arms(kept, weather)[-2:]
        for rival, at in ((dense, "accuracy"), (every, "accuracy"), (every, "back")):
            values = [kept.values(at, weather=weather, arm=arm) for arm in (biases, rival)]
            assert in_points(*values) in said, (weather, rival, at)
    unlabelled = kept.values("accuracy", weather="dark", arm=ten_pictures.DIMMED)
    assert f"without labels, gain {in_points(unlabelled, kept.values('accuracy', weather='dark', arm=biases))}" in said
    assert "they lead after the dark, +16.7" in said
    assert "trail after fog, −2.8" in said
    assert "20 seeds" in said


def test_back_at_full_light_is_judged_beside_every_rival_at_every_rate():
    judged = {
        (one.measure, dict(one.where)["weather"], one.other)
        for one in ten_pictures.experiment().comparisons
        if one.arm.startswith(ten_pictures.BIASES)
    }
    names = {ten_pictures.arm_name(rival, rate) for rival in ten_pictures.RIVALS for rate in ten_pictures.RATES}
    assert judged == {
        (at, weather, name) for at in ten_pictures.STATES for weather in ("dark", "fog") for name in names
    }


def test_sentences_have_an_interval_for_every_number():
    for weather in ten_pictures.WEATHER:
        said = ten_pictures.sentence(recorded_results("ten_pictures"), weather)
        arms = ten_pictures.best_arms(recorded_results("ten_pictures"), weather)
        assert said.count("95% interval") == 2 * len(arms) + 4  # every arm there and back, two rivals there and back
