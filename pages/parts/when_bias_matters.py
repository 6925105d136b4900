"""What studies found, drawn: all tasks in one chart, one task from several sides, one's own run beside the record."""

from typing import Any

import streamlit as st

from core.charts import when_bias_matters as charts
from core.charts.palette import picture_url
from core.data.tasks import Task
from core.studies import overview, recorded
from core.studies.experiments import denoiser_light
from core.studies.recorded import DENOISERS, N_SEEDS
from core.studies.study import Study
from core.studies.switches import ARM_NAMED
from core.studies.verdicts import FEWEST_SEEDS, SCOPE
from core.studies.visitor_study import MOST_SEEDS, StudySettings
from core.twins.training import ABOUT_LIGHT
from pages.shared import controls, draw, experiment_controls
from pages.shared.gallery import Card, gallery
from pages.shared.live_slider.component import live_slider

STRESSES = {"contrast": "Contrast", "brightness": "Added light", "noise": "Noise"}


def all_tasks() -> None:
    """Every recorded study in a row."""
    rows = recorded.recorded_overview()
    draw.chart(charts.forest, {"rows": rows}, key="forest", titles=tuple(rows["title"]))
    st.caption(
        f"{overview.MARGINS} Recorded: {N_SEEDS} seeds a row, on the test pictures as they are. {SCOPE} "
        f"{overview.TOGETHER} {overview.BY_HAND}"
    )


def one_task(study: Study, key: str) -> None:
    """The verdict, and both twins of every seed."""
    draw.text(f"**{study.sentence()}**", study.outliers())
    draw.chart(charts.paired_seeds, {"rows": overview.twins_by_seed(study)}, key=f"seeds {key}")
    draw.text(study.lottery())


def which_bias(study: Study, key: str) -> None:
    """Each arm against the one without bias."""
    rows = overview.against_none(study)
    draw.chart(charts.arm_differences, {"rows": rows}, key=f"arms {key}", titles=tuple(rows["title"]))
    draw.text(overview.which_sentence(study))
    if _normed(study.arms):
        st.caption("Arms with batch norm are held against batch norm without other biases; its offset is one itself.")


def stresses(study: Study, key: str) -> None:
    """Accuracy of the trained networks on pictures that changed after training."""
    chosen = controls.choose("Test pictures under", STRESSES, key="stress")
    normed = _normed(study.arms)
    shown = bool(normed) and controls.switch("Show the arms with batch norm too", key="norm_shown")
    arms = tuple(arm for arm in study.arms if shown or arm not in normed)
    rows = overview.under_stress(study, chosen, arms)
    draw.chart(charts.stress_curves, {"rows": rows}, key=f"stress {chosen} {key} {shown}", stress=chosen)
    draw.text("“With bias” has both, “without bias” none.", ABOUT_LIGHT if study.task.about_light else "")


def remedy() -> None:
    """What training on varied contrast mends."""
    draw.text("### The remedy")
    plain, varied = recorded.recorded("digits"), recorded.recorded("digits+contrast")
    draw.chart(charts.stress_curves, {"rows": overview.remedy(plain, varied)}, key="remedy", stress="contrast")
    draw.text(overview.remedy_sentence(plain, varied))


def beside(kept: Study | None, here: Study, settings: StudySettings) -> None:
    """A study that ran here and the recorded one, where there is one."""
    mine = {f"Here, {settings.n_seeds} seeds, {settings.n_epochs} epochs": here}
    record = {f"Recorded, {N_SEEDS} seeds, {kept.task.n_epochs} epochs": kept} if kept else {}
    rows = overview.overview(record | mine)
    draw.chart(charts.forest, {"rows": rows}, key="beside", titles=tuple(rows["title"]))
    one_task(here, "here")
    which_bias(here, "here")


def denoisers() -> None:
    """Where a bias hurts most: a denoiser that was trained under one light and works under others."""
    draw.text(
        "### Where a bias hurts most: a denoiser under dimmer light",
        "Two small networks learned to take noise out of photographs, one with biases, one without. Dim the light, and "
        "with it picture and noise alike: nothing but the scale of the problem changes. What would you expect?",
    )
    results = recorded.recorded_results(DENOISERS)
    curves = denoiser_light.psnr_curves(results.runs)
    draw.chart(charts.psnr_curves, denoiser_light.by_curve(curves), key="psnr")
    draw.text(denoiser_light.verdict(results), denoiser_light.dimmed_sentence(results))
    st.fragment(_under_the_light)()


def _under_the_light() -> None:
    track: dict[str, Any] = {"low": 0.03, "high": 2.0, "step": 0.02, "default": 0.05}
    with live_slider("light k", key="when_bias_matters.light", **track, log=True) as dragged:
        light = min(max(dragged.value, 0.001), 1000.0)
        seen = denoised_pictures(light, controls.dim_biases())
        shown = (seen.clean, seen.noisy, seen.with_bias, seen.without_bias)
        words = ("clean", "with noise", "denoised with bias", "denoised without")
        cards = [Card(picture_url(pixels, 0, 1, "grey"), word) for pixels, word in zip(shown, words, strict=True)]
        gallery(cards, size=166)
        draw.text(f"{seen.sentence} All are shown as bright as under light 1.")


def study_settings(task: Task) -> StudySettings:
    """What a study that runs here is made from; what it shares with a pair of twins it shares with their page."""
    with st.container(horizontal=True):
        n_seeds = controls.whole("seeds", key="seeds", low=FEWEST_SEEDS, high=MOST_SEEDS, default=20)
        n_epochs = experiment_controls.epochs(task.n_epochs)
        rate = experiment_controls.rate()
    return StudySettings(
        **experiment_controls.whose(task),
        n_seeds=n_seeds,
        n_epochs=n_epochs,
        learning_rate=rate,
        varied_contrast=experiment_controls.varied_contrast(),
        batch_norm=controls.switch("Also the arms with batch norm", key="norm_arms"),
    )


def _normed(arms: tuple[str, ...]) -> list[str]:
    return [arm for arm in arms if ARM_NAMED[arm].batch_norm]


def recorded_beside(settings: StudySettings, plain: Study) -> Study:
    """The recorded study to put beside one that ran here: with varied contrast where there is one, else the plain."""
    name = settings.the_task.name
    return recorded.recorded(name) if name in recorded.STUDIES else plain


@st.cache_resource(max_entries=64, show_spinner=False)
def denoised_pictures(light: float, dimmed: bool) -> denoiser_light.DenoisedPictures:
    """One patch under one light, and what both recorded denoisers make of it."""
    return denoiser_light.pictures(recorded.recorded_denoisers(), light, dimmed=dimmed)
