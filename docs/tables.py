"""Write anew what the documents take from the record, between their marks: `python -m docs.tables`."""

from pathlib import Path

from core.arms import DIMMED, WITH
from core.exact import free_biases, norms
from core.studies.experiments import (
    denoiser_light,
    dimmed_digits,
    five_tasks,
    only_biases,
    rounded_weights,
    ten_pictures,
)
from core.studies.experiments.experiment import percent_intervals
from core.studies.overview import markdown
from core.studies.recorded import DENOISERS, recorded, recorded_overview, recorded_results
from core.studies.verdicts import HELPS
from pages.shared.frame import MENU

ROOT = Path(__file__).parents[1]
README, FIGURES = ROOT / "README.md", ROOT / "docs" / "figures.md"


def pages() -> str:
    """The menu as a table."""
    rows = [f"| {entry.question.split(' · ')[0]} | {entry.title} | {entry.answer} |" for entry in MENU]
    return "\n".join(["| page | title | what it answers |", "|---|---|---|", *rows])


def findings() -> str:
    """Five of them, each by the calls that the pages make."""
    verdicts = recorded_overview()["verdict"].to_list()
    exact = norms.norm_table(norms.NormSettings()).to_frame()["verdict"]
    elsewhere = free_biases.cases()["verdict"]
    told = (
        f"**A bias has the unit of the picture.** {denoiser_light.dimmed_sentence(recorded_results(DENOISERS))} "
        f"{dimmed_digits.sentence(recorded_results('dimmed_digits'))}",
        f"**On most tasks a bias changes nothing that matters.** It helps in {verdicts.count(HELPS)} of "
        f"{len(verdicts)} comparisons, chosen by hand. Which digit: {recorded('digits').difference().numbers}. Dim or "
        f"bright copy: {recorded('dim_or_bright').difference().numbers}.",
        f"**Biases alone need many kernels.** {only_biases.sentence(recorded_results('only_biases'))}",
        f"**Ten labelled pictures in the dark.** {ten_pictures.short_sentence(recorded_results('ten_pictures'))}",
        f"**What takes a bias away, exactly.** {(exact == norms.CANCELLED).sum()} of {len(exact)} norms; elsewhere, of "
        f"{len(elsewhere)} places tried, {(elsewhere == free_biases.REDUNDANT).sum()} leave one that is redundant and "
        f"{(elsewhere == free_biases.ABSORBED).sum()} one that the next layer can take over.",
    )
    return "\n".join(f"{number}. {text}" for number, text in enumerate(told, 1))


def biases() -> str:
    """What biases do alone, and what becomes of them in a dim light: every mean that the pages show."""
    alone, five, ten, rounding, dim = map(
        recorded_results, ("only_biases", "five_tasks", "ten_pictures", "rounded_weights", "dimmed_digits")
    )
    widths = only_biases.width_curve(alone)
    tasks = five_tasks.task_rows(five)
    light = percent_intervals(["title"], {(arm,): dim.values("accuracy", arm=arm) for arm in (WITH, DIMMED)})
    frames = {
        "One hidden layer, biases alone": widths.assign(title=[f"{n:,} units" for n in widths["n_units"]]),
        "Small network": only_biases.small_network(alone),
        "One frozen network": tasks.assign(title=[five_tasks.FIVE[name].title for name in tasks["task"]]),
        **{ten_pictures.TITLES[weather]: ten_pictures.adapted_rows(ten, weather) for weather in ten_pictures.WEATHER},
        "Rounded weights": rounded_weights.rounded_rows(rounding),
        f"Digits at light {dimmed_digits.LIGHT}": light,
    }
    lines = [
        f"| {part} | {', '.join(filter(None, (row['title'], row.get('state'))))} | {row['mean']:.1f} "
        f"| {row['low95']:.1f} to {row['high95']:.1f} |"
        for part, frame in frames.items()
        for row in frame.to_dict("records")
    ]
    return "\n".join(["| what | which | right, % | 95% interval over seeds |", "|---|---|---|---|", *lines])


def between(text: str, name: str, made: str) -> str:
    """A text with what stands between two marks made anew."""
    start, end = f"<!-- {name}: begin -->\n", f"\n<!-- {name}: end -->"
    before, _, rest = text.partition(start)
    return before + start + made + end + rest.partition(end)[2]


def written() -> dict[Path, str]:
    """Each document as it is to be."""
    readme, figures = (path.read_text(encoding="utf-8") for path in (README, FIGURES))
    made = {
        "table": markdown(recorded_overview()),
        "denoisers": denoiser_light.verdict(recorded_results(DENOISERS)),
        "biases": biases(),
    }
    for name, text in made.items():
        figures = between(figures, name, text)
    return {README: between(between(readme, "pages", pages()), "findings", findings()), FIGURES: figures}


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
