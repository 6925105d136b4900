"""The front door's denoiser: what it says of dim light is found again here in another way."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.arms import ARMS, DIMMED, WITH, WITHOUT
from core.data.noisy_photographs import held_out_halves, under_light
from core.errors import InputError
from core.models.denoiser import denoise
from core.models.layers import scale_biases
from core.studies import dimmer_light
from core.studies.dimmer_light import RECORDED, SUMMARY, DimmedPicture, denoised, read_denoisers, recorded_summary
from core.studies.recorded import recorded_results
from core.studies.recorded.__main__ import denoiser_summary

LIGHTS = (0.02, 0.1, 0.7)


def decibels(picture: np.ndarray) -> str:
    return f"{-10 * np.log10(np.mean((picture.astype(float) - held_out_halves()[0, 0]) ** 2)):.1f}"


@pytest.mark.parametrize("light", LIGHTS)
def test_network_whose_biases_are_dimmed_along_gives_the_picture_that_is_shown(light: float) -> None:
    dimmed = scale_biases(read_denoisers()[WITH], light)
    found = denoise(dimmed, under_light(held_out_halves()[:1], light, 0))[0, 0] / light
    np.testing.assert_allclose(found, DimmedPicture(light, along=True).with_bias, atol=1e-5)


@pytest.mark.parametrize("light", LIGHTS)
def test_twin_without_bias_gives_one_picture_under_every_light(light: float) -> None:
    np.testing.assert_allclose(denoised(WITHOUT, light), DimmedPicture(light).without_bias, atol=1e-5)


@pytest.mark.parametrize("light", LIGHTS)
def test_biases_that_stay_add_their_own_light(light: float) -> None:
    found = denoise(read_denoisers()[WITH], under_light(held_out_halves()[:1], light, 0))[0, 0] / light
    np.testing.assert_allclose(found, DimmedPicture(light).with_bias, atol=1e-5 / light)


def test_sentence_has_the_error_of_what_is_shown() -> None:
    seen = DimmedPicture(0.03)
    said = f"gives **{decibels(seen.with_bias)} dB**, its twin without biases **{decibels(seen.without_bias)}**"
    assert f"{said}, no denoising {decibels(seen.noisy)} (more is better)." in seen.sentence
    assert "*f*(*kx*; *W*, *kb*)" in DimmedPicture(0.03, along=True).sentence


def test_seeds_are_told_with_their_interval_at_the_nearest_light() -> None:
    runs = pd.read_csv(RECORDED / "dimmer_light.csv", comment="#")
    psnrs = runs[(runs["arm"] == WITH) & (runs["light"] == 0.05)]["psnr"]
    low, high = stats.ttest_1samp(psnrs, 0).confidence_interval()
    words = f"{len(psnrs)} such pairs, at light 0.05: {psnrs.mean():.1f} dB (95% interval {low:.1f} to {high:.1f}) with"
    assert words in DimmedPicture(0.06).seeds_sentence
    assert recorded_summary()[DIMMED, 0.05][0] in DimmedPicture(0.06, along=True).seeds_sentence


def test_summary_is_that_of_the_recorded_runs() -> None:
    kept = pd.read_csv(RECORDED / f"{SUMMARY}.csv", comment="#")
    pd.testing.assert_frame_equal(kept, denoiser_summary(recorded_results("dimmer_light").runs), rtol=1e-8)
    assert set(ARMS) <= set(kept["arm"])


@pytest.mark.parametrize("light", [0.0, -1.0, 1e4, float("nan")])
def test_light_that_no_photograph_has_is_refused(light: float) -> None:
    with pytest.raises(InputError, match=r"^`light` must be a number from 0\.001 to 1,000, got "):
        DimmedPicture(light)


def test_missing_file_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dimmer_light, "RECORDED", tmp_path)
    recorded_summary.cache_clear()
    with pytest.raises(InputError, match=f"^`name` must be a study whose file can be read, got '{SUMMARY}'$"):
        recorded_summary()
