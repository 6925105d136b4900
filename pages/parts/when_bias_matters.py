"""What studies found, drawn: all tasks in one chart, one task from several sides, one's own run beside the record."""

import streamlit as st

from core.charts import when_bias_matters as charts
from core.charts.palette import picture_url
from core.data.tasks import Task
from core.studies import overview, recorded
from core.studies.experiments import denoiser_light, dimmed_digits
from core.studies.recorded import DENOISERS, N_SEEDS
from core.studies.study import Study
from core.studies.switches import ARM_NAMED
from core.studies.verdicts import FEWEST_SEEDS, SCOPE
from core.studies.visitor_study import MOST_SEEDS, StudySettings
from core.twins.training import ABOUT_LIGHT
from pages.shared import controls, draw, experiment_controls, frame
from pages.shared.draw import term

STRESSES = {"contrast": "Contrast", "brightness": "Added light", "noise": "Noise"}


def all_tasks() -> None:
    """Every recorded study in a row."""
    rows = recorded.recorded_overview()
    rows = rows.assign(url=[strips()[title] for title in rows["title"]])
    draw.chart(charts.forest, {"rows": rows}, key="forest", titles=tuple(rows["title"]), pictures=True)
    draw.explained(
        f":small[The network minus its {term('twin')} on new pictures, mean over {N_SEEDS} {term('seed', 'seeds')} "
        f"with the 95% {term('interval')}; shaded the {term('margin')}.]"
    )
    with st.expander("In detail: the margin, the seeds, the correction"):
        draw.text(
            f"{overview.MARGINS} Recorded: {N_SEEDS} seeds a row, on the test pictures as they are. {SCOPE} "
            f"{overview.TOGETHER} {overview.BY_HAND}"
        )


@st.cache_resource(max_entries=1, show_spinner=False)
def strips() -> dict[str, str]:
    """Four test pictures of every recorded study, by its title."""
    return {task.title: picture_url(overview.strip(task), 0, 1, "grey", size=160) for task in recorded.STUDIES.values()}


def one_task(study: Study, key: str) -> None:
    """The verdict, both twins of every seed, and what one pair alone would have said."""
    draw.text(f"**{study.sentence()}**", study.outliers())
    draw.chart(charts.paired_seeds, {"rows": overview.twins_by_seed(study)}, key=f"seeds {key}")
    draw.text(study.lottery())


def which_bias(study: Study, key: str) -> None:
    """Each arm against the one without bias."""
    rows = overview.against_none(study)
    draw.chart(charts.arm_differences, {"rows": rows}, key=f"arms {key}", titles=tuple(rows["title"]))
    draw.explained(f":small[Each {term('arm')} against the one without any bias.]")
    if _normed(study.arms):
        st.caption("Arms with batch norm are held against batch norm without other biases; its offset is one itself.")


def stresses(study: Study, key: str) -> None:
    """Accuracy of the trained networks on pictures that changed after training, and what mends it where that is known.

    What mends it is training on varied contrast; it is recorded of plain digits.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = controls.choose("Test pictures under", STRESSES, key="stress")
        shown = controls.switch("Show the other arms too", key="arms_shown")
    mended = study.task.name == "digits" and chosen == "contrast"
    rows = overview.under_stress(study, chosen, study.arms if shown else tuple(charts.ARMS))
    if mended:
        varied = recorded.recorded("digits+contrast")
        rows = overview.with_remedy(rows, varied)
    options = {"stress": chosen, "n_arms": rows["arm"].nunique()}
    drawn = {"rows": rows} | ({"along_it": dimmed_digits.dimmed_along(rows)} if chosen == "contrast" else {})
    draw.chart(charts.stress_curves, drawn, key=f"stress {chosen} {key} {shown}", **options)
    draw.text(
        overview.remedy_sentence(study, varied) if mended else "",
        dimmed_digits.sentence(recorded.recorded_results("dimmed_digits")) if mended else "",
        "“With bias” has both biases, “without bias” none." if shown else "",
        ABOUT_LIGHT if study.task.about_light else "",
    )


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
    results = recorded.recorded_results(DENOISERS)
    along = controls.dim_biases()
    drawn = denoiser_light.by_curve(denoiser_light.psnr_curves(results.runs), along=along)
    draw.chart(charts.psnr_curves, drawn, key=f"psnr {along}")
    draw.explained(
        denoiser_light.dimmed_sentence(results) if along else denoiser_light.verdict(results),
        f"All are {term('PSNR', 'PSNRs')} of photographs that neither was trained on.",
    )
    frame.link("overview", "See its pictures under a light that you drag", {"act": "2 Dim the light"})


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
