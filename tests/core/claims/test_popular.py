"""Popular answers and the article's points: each verdict follows from numbers found here in another way."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.claims.article import article_points
from core.claims.claim import Answer
from core.claims.popular_exact import popular_answers
from core.data.tables import NoisyLine
from core.format import exactly, say
from core.studies.recorded import STUDIES
from core.studies.verdicts import points

RECORDED = Path(__file__).parents[3] / "core/studies/recorded"
PAGES = {path.stem for path in (RECORDED.parents[2] / "pages").glob("*.py")}
ALL = (*popular_answers(), *article_points())


def answer(beginning: str) -> Answer:
    (found,) = [one for one in popular_answers() if one.claim.startswith(beginning)]
    return found


def runs(name: str) -> pd.DataFrame:
    return pd.read_csv(RECORDED / f"{name}.csv", comment="#", dtype={"arm": str})


def right(name: str, stress: str = "none", level: float = 0.0) -> "pd.Series[float]":
    """Arm -> per cent right, from the file."""
    rows = runs(name)
    rows = rows[(rows["stress"] == stress) & np.isclose(rows["level"], level)]
    return 100 * rows.groupby("arm")["accuracy"].mean()


def values(name: str, arm: str, stress: str = "none", level: float = 0.0) -> "pd.Series[float]":
    """Per cent right of one arm, seed by seed, from the file."""
    rows = runs(name)
    return (
        100 * rows.loc[(rows["arm"] == arm) & (rows["stress"] == stress) & np.isclose(rows["level"], level), "accuracy"]
    )


def measured(numbers: "pd.Series[float]", unit: str = "%") -> str:
    """The mean over the seeds with scipy's interval, as a finding says it; decibels in tenths."""
    assert len(numbers) == 20
    if unit == " dB":
        low, high = stats.ttest_1samp(numbers, 0).confidence_interval()
        return f"{numbers.mean():.1f} dB (95% interval {low:.1f} to {high:.1f})"
    if np.ptp(numbers) == 0:
        return f"{say(float(numbers.iloc[0]))}{unit} in every seed"
    low, high = stats.ttest_1samp(numbers, 0).confidence_interval()
    if unit == "%":
        low, high = max(low, 0), min(high, 100)
    return f"{say(float(numbers.mean()))}{unit} (95% interval {say(float(low))} to {say(float(high))})"


def differences(name: str) -> "pd.Series[float]":
    """With bias minus without, seed by seed, from the file."""
    rows = runs(name).query("stress == 'none'").pivot_table("accuracy", "seed", "arm")
    return (rows["both biases"] - rows["no bias"]).round(12)


def line(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Least squares by hand: coefficients, and the mean squared error."""
    coef = np.linalg.solve(X.T @ X, X.T @ y)
    return coef, float(np.mean((y - X @ coef) ** 2))


def with_ones(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = frame[["x"]].to_numpy()
    return np.column_stack([x, np.ones(len(x))]), x, frame["y"].to_numpy()


def test_there_are_at_least_twelve_claims_no_two_alike():
    claims = [one.claim for one in popular_answers()]
    assert len(set(claims)) == len(claims) >= 12


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.claim)
def test_answer_is_whole(one: Answer):
    assert one.claim.endswith((".", "needed."))
    assert one.heard[0].islower()
    assert one.verdict in ("true", "false", "depends")
    assert bool(one.on) == (one.verdict == "depends")
    assert any(character.isdigit() for character in one.finding)
    assert one.finding.endswith((".", ".)"))
    assert "nan" not in one.finding
    assert "undefined" not in one.finding
    assert one.page in PAGES


def test_same_answers_are_given_again_without_work():
    assert popular_answers() is popular_answers()


def test_bias_is_essential_where_the_file_of_bright_and_dim_says_so_and_not_on_digits():
    finding = answer("The bias is essential").finding
    assert points(differences("dim_or_bright").mean()) in finding
    assert points(differences("digits").mean()) in finding
    assert differences("dim_or_bright").min() > 0.4
    assert abs(differences("digits").mean()) < 0.01


def test_xor_is_exact_without_bias_and_eight_gates_answer_1_where_every_such_network_gives_0():
    x1, x2 = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert (np.maximum(x1 - x2, 0) + np.maximum(x2 - x1, 0)).tolist() == [0, 1, 1, 0]
    assert answer("XOR").verdict == "false"
    assert (
        "16 gates of two inputs, ReLU units without any bias can be 8, and XOR is among them" in answer("XOR").finding
    )


def test_r2_without_intercept_is_below_0_and_the_printed_one_rises_while_the_error_does():
    ones, x, y = with_ones(NoisyLine(slope=0.5, intercept=5.0).draw().frame)
    (_, mse), (_, twin) = line(ones, y), line(x, y)
    centred, uncentred = 1 - twin / y.var(), 1 - twin / np.mean(y**2)
    assert centred < 0
    assert answer("R² lies").verdict == "false"
    assert f"it is {say(centred)}:" in answer("R² lies").finding
    assert uncentred > 1 - mse / y.var()
    assert mse < twin
    assert answer("R² is higher").verdict == "false"
    for number in (1 - mse / y.var(), uncentred, mse, twin):
        assert say(number) in answer("R² is higher").finding


def test_dropping_the_intercept_pays_below_its_standard_error():
    x = np.linspace(0, 10, 50)
    limit = 2 * np.sqrt(np.sum(x**2) / (50 * np.sum((x - x.mean()) ** 2)))
    assert answer("Never drop").verdict == "depends"
    assert f"smaller in size than {say(limit)}" in answer("Never drop").finding


def test_centred_line_has_one_slope():
    frame = NoisyLine().draw().frame
    ones, x, y = with_ones(frame - frame.mean())
    (slope, _), _ = line(ones, y)
    (twin,), _ = line(x, y)
    assert slope == pytest.approx(twin, rel=1e-9)
    assert f"{say(slope)} with intercept and {say(twin)} without" in answer("Centred").finding


def test_norms_that_cancel_are_those_that_subtract_each_channels_own_mean():
    cancelling, others = answer("A norm follows").finding.split("The others tried here do not: ")
    assert cancelling.startswith("BatchNorm (training) and InstanceNorm cancel *b* exactly")
    for norm in ("fixed statistics", "GroupNorm", "LayerNorm", "RMSNorm", "ReLU, then BatchNorm"):
        assert norm in others


def test_layer_norm_leaves_what_channels_do_not_share_and_instance_norm_nothing():
    x = np.random.default_rng(0).normal(size=(4, 8, 8))
    bias = np.array([0.5, -0.25, 0.125, -0.0625])[:, None, None]

    def normed(z: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
        return (z - z.mean(axes, keepdims=True)) / z.std(axes, keepdims=True)

    assert np.abs(normed(x + bias, (0, 1, 2)) - normed(x, (0, 1, 2))).max() > 0.1
    assert np.abs(normed(x + bias, (1, 2)) - normed(x, (1, 2))).max() < 1e-14
    assert answer("LayerNorm").verdict == answer("Keep a bias before").verdict == "false"
    assert "10⁻¹" in answer("Keep a bias before").finding
    assert "10⁻¹" not in answer("LayerNorm").finding


def test_hundred_units_without_bias_are_worse_than_ten_with_since_all_draw_two_rays():
    finding = answer("More units").finding
    with_bias, without = (
        float(part.split(":")[0].split(",")[0]) for part in _numbers_after(finding, ("off by ", "by "))
    )
    x = np.linspace(-3, 3, 2001)
    rays = np.column_stack([np.maximum(x, 0), np.maximum(-x, 0)])
    best = np.sqrt(line(rays, np.abs(x - 1))[1])
    assert with_bias < best - 0.1 < without


def _numbers_after(finding: str, words: tuple[str, str]) -> tuple[str, str]:
    first = finding.split(words[0])[1]
    return first, first.split("without " + words[1])[1]


def test_dead_units_are_fewer_at_a_tenth_only_where_inputs_never_go_below_0():
    finding = answer("Start ReLU").finding
    assert "with inputs around 0 **none is** dead at b = 0 and **none is** at b = 0.1" in finding
    shares = [float(part.split("**")[-1]) for part in finding.split("inputs never below 0")[1].split("% are")[:2]]
    assert shares[1] < shares[0]
    assert f"no difference that matters (margin 1 point): {points(last('first_hidden_digits', '0.1', '0'))}" in finding


def test_trained_filters_that_are_dead_are_too_few_to_tell_the_starts_apart():
    trained = runs("first_hidden_digits")
    dead = 100 * trained[trained["epoch"] == trained["epoch"].max()].pivot_table("share_dead", "seed", "arm")
    apart = dead["0.1"] - dead["0"]
    low, high = stats.ttest_1samp(apart, 0).confidence_interval()
    assert (round(apart.mean(), 2), round(low, 2), round(high, 2)) == (-0.42, -1.02, 0.18)
    finding = answer("Start ReLU").finding
    assert measured(dead["0.1"]) in finding
    assert measured(dead["0"]) in finding
    assert f"{say(apart.mean())} points" in finding
    assert f"{say(low)} to {say(high)}, 20 seeds" in finding
    assert "cannot tell" in finding


def test_bias_per_pixel_would_take_as_many_as_the_map_has_pixels():
    assert f"9 weights + {171 * 256:,} biases" in answer("A convolution has one bias per pixel").finding


def test_bias_hurts_the_denoiser_in_dim_light_even_against_no_denoising():
    rows = runs("dimmer_light").query("light == 0.1")
    psnr, noisy = rows.groupby("arm")["psnr"].mean(), rows["psnr_noisy"].mean()
    assert psnr["with bias"] < noisy < psnr["without bias"]
    found = answer("A bias cannot hurt")
    assert found.verdict == "false"
    for numbers in (*(values for _, values in rows.groupby("arm")["psnr"]), rows.drop_duplicates("seed")["psnr_noisy"]):
        assert measured(numbers, " dB") in found.finding


def test_immunity_to_contrast_is_whole_without_bias_and_gone_with_batch_norm():
    full, dim = right("digits"), right("digits", "contrast", 0.1)
    assert full["no bias"] == dim["no bias"]
    assert dim["no bias, batch norm"] < 0.5 * full["no bias, batch norm"]
    finding = answer("A network without bias is immune").finding
    assert finding.count(measured(values("digits", "no bias"))) == 2
    dim_normed, full_normed = (
        measured(values("digits", "no bias, batch norm", *at)) for at in (("contrast", 0.1), ("none", 0.0))
    )
    assert finding.index(dim_normed) < finding.index(full_normed)


def test_immunity_is_had_too_where_the_biases_follow_the_light():
    rows = runs("dimmed_digits")
    stays, along = (rows[rows["arm"] == arm].set_index("seed") for arm in ("with bias", "biases dimmed along"))
    assert along["changed"].sum() == 0 < stays["changed"].sum()
    finding = answer("A network without bias is immune").finding
    assert "So is a network whose biases follow the light." in finding
    told = [measured(100 * arm["accuracy"]) for arm in (stays, along)]
    assert finding.index(told[0]) < finding.index(f"with every bias times 0.03, too, {told[1]}")
    counts = (along["n"].sum(), along["changed"].sum(), stays["changed"].sum())
    assert "Of {:,} answers {} then differ from those at full light, {:,} where".format(*counts) in finding


def test_sensitive_network_is_as_right_as_ever_once_its_biases_are_dimmed_by_the_light_of_ten_pictures():
    rows = runs("ten_pictures").query("weather == 'dark' and arm == 'biases times the light'")
    finding = answer("Biases make").finding
    assert (
        f"dimmed along with it, by the light of ten pictures without labels, {measured(100 * rows['accuracy'])}"
        in finding
    )
    assert abs(100 * rows["accuracy"].mean() - right("digits")["both biases"]) < 0.2


def test_bias_is_not_as_crucial_as_a_kernel_in_words_and_in_numbers():
    rows = runs("only_biases")
    hidden, small = rows[rows["net"] == "one hidden layer"], rows[rows["net"] == "convolutional"]
    found = answer("A bias is as crucial")
    assert found.verdict == "false"
    assert found.finding.startswith(
        "Kernels alone are enough here; biases alone only where there are many kernels to choose from."
    )
    for n_units in (30, 10_000):
        assert measured(100 * hidden.loc[hidden["n_units"] == n_units, "accuracy"]) in found.finding
    for arm in ("biases alone", "weights alone", "weights and biases"):
        assert measured(100 * small.loc[small["arm"] == arm, "accuracy"]) in found.finding


def test_convolution_biases_cause_the_sensitivity_and_varied_contrast_mends_it():
    dim, mended = right("digits", "contrast", 0.1), right("digits+contrast", "contrast", 0.1)["both biases"]
    assert dim["convolution biases only"] < dim["dense bias only"] - 20
    assert mended > dim["both biases"] + 20
    finding = answer("Biases make").finding
    for arm in ("convolution biases only", "dense bias only", "both biases"):
        assert measured(values("digits", arm, "contrast", 0.1)) in finding
    assert measured(values("digits+contrast", "both biases", "contrast", 0.1)) in finding


def test_batch_norm_hides_a_bias_that_tells_dim_from_bright():
    found = right("dim_or_bright")
    assert found["no bias"] < 51 < 99 < found["no bias, batch norm"]
    finding = answer("bias=False in every layer").finding
    without, normed = (measured(values("dim_or_bright", arm)) for arm in ("no bias", "no bias, batch norm"))
    assert finding.index(without) < finding.index(normed)


def test_blank_is_a_tie_without_bias_and_learned_once_it_is_noisy():
    blank, noisy = right("blank"), right("blank_noisy")
    assert blank["no bias"] == 75 < 99 < noisy["no bias"]
    assert differences("blank").tolist() == [0.25] * 20
    finding = answer("Without a bias").finding
    assert "a tie, which counts as half right" in finding
    for name in ("blank", "blank_noisy"):
        for arm in ("both biases", "no bias"):
            assert measured(values(name, arm)) in finding


def test_deleting_costs_more_than_never_having_had_the_biases():
    rows = runs("removals_digits").query("layer == 'all'")
    cost = (rows["accuracy"] - rows["full_accuracy"]).groupby(rows["removal"]).mean()
    assert cost["after training"] < cost["trained without"]
    finding = answer("Delete *b*").finding
    assert f"after training hurts: {points(cost['after training'])} points" in finding
    assert f"no difference that matters (margin 1 point): {points(cost['trained without'])} points" in finding


def test_single_pairs_tell_both_stories():
    d = differences("small_50")
    helps, hurts, equal = ((d > 0).sum(), (d < 0).sum(), (d == 0).sum())
    assert min(helps, hurts) >= 5
    finding = answer("I ran it once").finding
    assert f"{helps} alone would have said that a bias helps, {hurts} that it hurts; in {equal} both" in finding


def last(name: str, arm: str, other: str) -> float:
    """The mean difference of two arms' test accuracies after the last epoch, from the file."""
    rows = runs(name)
    table = rows[rows["epoch"] == rows["epoch"].max()].pivot_table("test_accuracy", "seed", "arm")
    return float((table[arm] - table[other]).mean())


def test_log_prior_lowers_the_first_loss_and_is_ahead_after_few_epochs_but_not_after_many():
    finding = answer("Set the last bias").finding
    for name in ("first_bias_long_tailed", "first_bias_rare_seven"):
        first = runs(name).query("epoch == 0").pivot_table("train_loss", "seed", "arm")
        assert first["log prior"].mean() < first["0"].mean()
        assert f"from {measured(first['0'], '')} to {measured(first['log prior'], '')}" in finding
    few, many = (last(name, "log prior", "0") for name in ("first_bias_long_tailed", "first_bias_long_tailed_longer"))
    assert few > 0.01 > abs(many)
    assert f"after 20 epochs {points(few)} points" in finding
    assert f"after 75 epochs {points(many)} points" in finding
    assert finding.index("(helps)") < finding.index("(no difference that matters)") < finding.index("(cannot tell)")


def test_decaying_biases_costs_nothing_by_a_hundredth_and_eleven_points_by_a_hundred_where_they_decide():
    found = answer("Never decay")
    assert (found.verdict, found.on) == ("depends", "how strongly")
    cost = {}
    for name in ("decay_digits", "decay_dim_or_bright"):
        arms = ("weights and biases 0.01", *(f"weights 0.01, biases {strength}" for strength in (1, 10, 100)))
        cost[name] = [last(name, arm, "weights 0.01") for arm in arms]
        for difference in cost[name]:
            assert f"{points(difference)} points" in found.finding or f"{points(difference, 2)} points" in found.finding
    assert np.abs(cost["decay_digits"]).max() < 0.01
    usual, strong, ten, hundred = cost["decay_dim_or_bright"]
    assert max(abs(usual), abs(strong)) < 0.01 < 0.015 < -ten < 0.1 < -hundred


def test_largest_network_needs_its_bias_where_the_smallest_does_and_nowhere_else():
    finding = answer("Large networks").finding
    rows = runs("sizes")
    for task, low, high in (("digits", -0.01, 0.01), ("dim_or_bright", 0.4, 0.51)):
        for size in ("8, 16", "32, 64"):
            table = rows[(rows["task"] == task) & (rows["n_filters"] == size)].pivot_table("accuracy", "seed", "arm")
            found = float((table["both biases"] - table["no bias"]).mean())
            assert low < found < high
            assert f"{points(found)} points" in finding or f"{points(found, 2)} points" in finding


def test_article_has_five_points_of_which_the_last_depends():
    assert [point.verdict for point in article_points()] == ["true"] * 4 + ["depends"]
    assert [point.heard for point in article_points()] == [f"point {number}" for number in range(1, 6)]


def test_articles_numbers_are_found_again_by_hand():
    ones, x, y = with_ones(NoisyLine().draw().frame)
    ((slope, intercept), mse), ((twin,), error) = line(ones, y), line(x, y)
    finding = article_points()[3].finding
    for number in (slope, intercept, mse, twin, error):
        assert exactly(number) in finding
    assert "3.2001" in finding


def test_essential_and_last_point_count_the_comparisons_in_which_a_bias_helps():
    clear = [name for name in STUDIES if differences(name).min() > 0 and differences(name).mean() > 0.01]
    assert set(clear) == {"dim_or_bright", "grey_cards", "own_ink", "blank"}
    count = f"a bias helps in {len(clear)} of {len(STUDIES)} comparisons, chosen by hand"
    assert count in article_points()[4].finding
    assert count in answer("The bias is essential").finding.replace("A bias", "a bias")


def test_articles_sign_of_the_threshold_is_put_right():
    finding = article_points()[1].finding
    assert "the sign is the other way round: less than −b" in finding


def test_instance_norm_is_told_of_pytorchs_default_and_of_tracked_statistics():
    finding = answer("Keep a bias before").finding
    assert "affine=True" in finding
    random = np.random.default_rng(0)
    x, bias = random.normal(size=(4, 8, 8)), 0.5
    fixed = (x + bias - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True)
    own = (x - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True)
    assert np.abs(fixed - own).min() > 0.3
    assert "tracked statistics" in finding


def test_verdict_and_what_it_depends_on_stand_before_the_finding():
    assert Answer("x", "y", "false", "norms", "It is 3.", "", {}).in_markdown == "**False.** It is 3."
    assert Answer("x", "y", "depends", "norms", "It is 3.", "z", {}).in_markdown == "**It depends on z.** It is 3."
