"""What studies found, drawn: all tasks in one chart, one task from several sides, one's own run beside the record."""

import streamlit as st

from core.charts import intervals
from core.charts.palette import WITH, WITHOUT, picture_url
from core.studies import matters
from core.studies.study import Study
from core.studies.verdicts import SCOPE
from pages.shared import draw, experiment, studied
from pages.shared.gallery import Card, gallery
from pages.shared.live_slider.component import live_slider


def all_tasks() -> None:
    """Every recorded study in a row."""
    rows = studied.overview()
    draw.chart(intervals.forest, {"rows": rows}, key="forest", titles=tuple(rows["title"]), reach=60)
    st.caption(f"Recorded: 20 seeds a row, on the test pictures as they are. {SCOPE} {matters.TOGETHER}")


def verdict(study: Study) -> str:
    """With all biases against without any, in words and numbers."""
    return study.sentence(matters.BOTH, matters.NONE)


def one_task(study: Study, key: str) -> None:
    """The verdict, and both twins of every seed."""
    draw.text(f"**{verdict(study)}**", study.outliers(matters.BOTH, matters.NONE))
    draw.chart(intervals.paired_seeds, {"rows": matters.twins_by_seed(study)}, key=f"seeds {key}")
    draw.text(study.lottery(matters.BOTH, matters.NONE))


def which_bias(study: Study) -> None:
    """Each arm against the one without bias."""
    draw.text("### Which of the two biases does it?")
    rows = matters.against_none(study)
    draw.chart(intervals.arm_differences, {"rows": rows}, key="arms", titles=tuple(rows["title"]))


def stresses(study: Study) -> None:
    """Accuracy of the trained networks on pictures that changed after training."""
    draw.text("### When the pictures change after training")
    stress = experiment.stress()
    draw.chart(
        intervals.stress_curves, {"rows": matters.under_stress(study, stress)}, key=f"stress {stress}", stress=stress
    )


def remedy() -> None:
    """What training on varied contrast mends."""
    draw.text("### The remedy")
    plain, varied = studied.recorded_study("digits"), studied.recorded_study("digits+contrast")
    draw.chart(intervals.stress_curves, {"rows": matters.remedy(plain, varied)}, key="remedy", stress="contrast")
    draw.text(matters.remedy_sentence(plain, varied))


def beside(recorded: Study | None, here: Study) -> None:
    """A study that ran here and the recorded one, where there is one."""
    mine = {f"Here, {here.runs['seed'].nunique()} seeds": here}
    rows = matters.overview({"Recorded": recorded} | mine if recorded else mine)
    draw.chart(intervals.forest, {"rows": rows}, key="beside", titles=tuple(rows["title"]), reach=60)
    one_task(here, "here")


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
