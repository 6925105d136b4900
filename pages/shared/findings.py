"""What studies found, drawn: all tasks in one chart, one task from several sides, one's own run beside the record."""

import streamlit as st

from core.charts import intervals
from core.charts.palette import WITH, WITHOUT, picture_url
from core.studies import matters
from core.studies.live_study import StudySettings
from core.studies.recorded import N_SEEDS
from core.studies.study import Study
from core.studies.twins import ABOUT_LIGHT
from core.studies.verdicts import SCOPE
from pages.shared import draw, experiment, studied
from pages.shared.gallery import Card, gallery
from pages.shared.live_slider.component import live_slider


def all_tasks() -> None:
    """Every recorded study in a row."""
    rows = studied.overview()
    draw.chart(intervals.forest, {"rows": rows}, key="forest", titles=tuple(rows["title"]), reach=60)
    st.caption(
        f"{matters.MARGINS} Recorded: {N_SEEDS} seeds a row, on the test pictures as they are. {SCOPE} "
        f"{matters.TOGETHER}"
    )


def verdict(study: Study) -> str:
    """With all biases against without any, in words and numbers."""
    return study.sentence(matters.BOTH, matters.NONE)


def one_task(study: Study, key: str) -> None:
    """The verdict, and both twins of every seed."""
    draw.text(f"**{verdict(study)}**", study.outliers(matters.BOTH, matters.NONE))
    draw.chart(intervals.paired_seeds, {"rows": matters.twins_by_seed(study)}, key=f"seeds {key}")
    draw.text(study.lottery(matters.BOTH, matters.NONE))


def which_bias(study: Study, key: str) -> None:
    """Each arm against the one without bias."""
    rows = matters.against_none(study)
    draw.chart(intervals.arm_differences, {"rows": rows}, key=f"arms {key}", titles=tuple(rows["title"]))
    draw.text(matters.which_sentence(study))
    if any("batch norm" in arm for arm in study.arms):
        st.caption("Arms with batch norm are held against batch norm without other biases; its offset is one itself.")


def stresses(study: Study, key: str) -> None:
    """Accuracy of the trained networks on pictures that changed after training."""
    stress = experiment.stress()
    normed = any("batch norm" in arm for arm in study.arms) and experiment.with_batch_norm()
    arms = tuple(arm for arm in study.arms if normed or "batch norm" not in arm)
    rows = matters.under_stress(study, stress, arms)
    draw.chart(intervals.stress_curves, {"rows": rows}, key=f"stress {stress} {key} {normed}", stress=stress)
    draw.text("“With bias” has both, “without bias” none.", ABOUT_LIGHT if study.task.about_light else "")


def remedy() -> None:
    """What training on varied contrast mends."""
    draw.text("### The remedy")
    plain, varied = studied.recorded_study("digits"), studied.recorded_study("digits+contrast")
    draw.chart(intervals.stress_curves, {"rows": matters.remedy(plain, varied)}, key="remedy", stress="contrast")
    draw.text(matters.remedy_sentence(plain, varied))


def beside(recorded: Study | None, here: Study, settings: StudySettings) -> None:
    """A study that ran here and the recorded one, where there is one."""
    mine = {f"Here, {settings.n_seeds} seeds, {settings.n_epochs} epochs": here}
    kept = {f"Recorded, {N_SEEDS} seeds, {recorded.task.n_epochs} epochs": recorded} if recorded else {}
    rows = matters.overview(kept | mine)
    draw.chart(intervals.forest, {"rows": rows}, key="beside", titles=tuple(rows["title"]), reach=60)
    one_task(here, "here")
    which_bias(here, "here")


def denoisers() -> None:
    """Where a bias hurts most: a denoiser that was trained under one light and works under others."""
    draw.text(
        "### Where a bias hurts most: a denoiser under dimmer light",
        "Two small networks learned to take noise out of photographs, one with biases, one without. Dim the light, and "
        "with it picture and noise alike: nothing but the scale of the problem changes. What would you expect?",
    )
    study = studied.recorded_denoisers()
    curves = study.curves()
    twins = curves[curves["arm"].isin([WITH, WITHOUT])]
    plain = curves[~curves["arm"].isin([WITH, WITHOUT])]
    draw.chart(intervals.psnr_curves, {"rows": twins, "noisy": plain}, key="psnr")
    draw.text(study.verdict)
    st.fragment(_under_the_light)()


def _under_the_light() -> None:
    with live_slider("light k", key="when_bias_matters.light", low=0.03, high=2, step=0.02, default=1.0, log=True) as (
        light,
        _,
    ):
        light = min(max(light, 0.001), 1000.0)
        seen = studied.denoised(light)
        named = {
            "clean": seen.clean,
            "with noise": seen.noisy,
            "denoised with bias": seen.with_bias,
            "denoised without": seen.without_bias,
        }
        gallery([Card(picture_url(pixels, 0, 1, "grey"), words) for words, pixels in named.items()], size=166)
        draw.text(f"{seen.sentence} All are shown as bright as under light 1.")
