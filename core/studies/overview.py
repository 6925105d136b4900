"""When a bias matters: many tasks side by side, and one of them from several sides, as frames for charts.

Accuracies are per cent here, and differences points of accuracy.
"""

from collections.abc import Mapping
from functools import lru_cache

import pandas as pd

from ..data.tasks import POINT, TWO_POINTS
from ..format import setting
from .study import Study
from .verdicts import HELPS, HURTS, Difference, corrected, points

BOTH, NONE = "both biases", "no bias"
VARIED = "both biases, varied contrast"
SIDES = {HELPS: "with bias", HURTS: "without bias"}
"""Verdict -> the twin that wins; no entry where neither does."""

MARGINS = (
    f"Shaded is the margin, differences that nobody would care about: {100 * POINT:.0f} point to either side, and "
    f"{100 * TWO_POINTS:.0f} where few pictures are learned from."
)
TOGETHER = (
    "Verdicts are corrected together (Holm), so that with all these rows the chance of any false “helps” or “hurts” "
    "is at most 5%; so a row can say “cannot tell” although its own interval leaves out 0."
)


def overview(studies: Mapping[str, Study]) -> pd.DataFrame:
    """One row per study, with bias minus without, from what helps most to what hurts most.

    Parameters
    ----------
    studies : mapping
        Title of a row -> study.

    Returns
    -------
    DataFrame
        title, mean, low95, high95, margin_low, margin_high (points), verdict (of all corrected together) and
        side ("with bias", "without bias" or "rest": who wins).
    """
    found = corrected([study.difference(BOTH, NONE) for study in studies.values()])
    rows = [
        {"title": title}
        | _points(difference)
        | {"margin_low": -100 * study.task.margin, "margin_high": 100 * study.task.margin}
        | {"verdict": difference.verdict, "side": SIDES.get(difference.verdict, "rest")}
        for (title, study), difference in zip(studies.items(), found, strict=True)
    ]
    return pd.DataFrame(rows).sort_values("mean", ascending=False, ignore_index=True)


def markdown(rows: pd.DataFrame) -> str:
    """The overview as a table in markdown, which the README holds.

    Examples
    --------
    >>> row = {"title": "Cards", "mean": 49.3, "low95": 48.9, "high95": 49.7, "margin_high": 1.0, "verdict": "helps"}
    >>> print(markdown(pd.DataFrame([row])))
    | task | with bias minus without, points of accuracy | 95% interval | margin | a bias |
    |---|---|---|---|---|
    | Cards | +49.3 | +48.9 to +49.7 | 1 | helps |
    """
    lines = [
        f"| {row['title']} | {points(row['mean'] / 100)} "
        f"| {points(row['low95'] / 100)} to {points(row['high95'] / 100)} "
        f"| {row['margin_high']:.0f} | {row['verdict']} |"
        for row in rows.to_dict("records")
    ]
    head = (
        "| task | with bias minus without, points of accuracy | 95% interval | margin | a bias |\n|---|---|---|---|---|"
    )
    return "\n".join([head, *lines])


def twins_by_seed(study: Study) -> pd.DataFrame:
    """Both twins of every seed: seed, arm ("with bias" or "without bias"), accuracy (per cent), outlier."""
    pairs = study.pairs(BOTH, NONE)
    columns = {"with bias": "accuracy", "without bias": "other_accuracy"}
    return pd.concat(
        [
            pd.DataFrame(
                {"seed": pairs["seed"], "arm": arm, "accuracy": 100 * pairs[column], "outlier": pairs["outlier"]}
            )
            for arm, column in columns.items()
        ],
        ignore_index=True,
    )


def against_none(study: Study) -> pd.DataFrame:
    """Each arm minus the one without bias (its own, for arms with batch norm).

    Columns: title, mean, low95, high95 (points), verdict (corrected together) and side.
    """
    pairs = [(arm, f"{NONE}, batch norm" if "batch norm" in arm else NONE) for arm in study.arms]
    kept = [(arm, other) for arm, other in pairs if arm != other and other in study.arms]
    found = corrected([study.difference(arm, other) for arm, other in kept])
    rows = [
        {"title": arm}
        | _points(difference)
        | {"verdict": difference.verdict, "side": SIDES.get(difference.verdict, "rest")}
        for (arm, _), difference in zip(kept, found, strict=True)
    ]
    return pd.DataFrame(rows)


def which_sentence(study: Study) -> str:
    """What each of the two biases does alone, and both, against none at all; arms with batch norm against its own."""
    found = {row["title"]: row for row in against_none(study).to_dict("records")}
    parts = [f"{title} {points(row['mean'] / 100)} ({row['verdict']})" for title, row in found.items()]
    return f"Against no bias, in points of accuracy: {'; '.join(parts)}."


@lru_cache(maxsize=16)  # a page asks at every run; a frame that was given is not to be changed
def under_stress(study: Study, stress: str, arms: tuple[str, ...] = ()) -> pd.DataFrame:
    """Accuracy of each arm against the level of a stress: arm, level, mean, low95, high95 (per cent, within 0 to 100).

    Parameters
    ----------
    study : Study
    stress : "contrast", "brightness" or "noise"
    arms : tuple of str
        Which; all where none is named.
    """
    curve = study.stress_curve(stress)
    shares = ["mean", "low95", "high95"]
    curve[shares] = (100 * curve[shares]).clip(0, 100)
    return curve[curve["arm"].isin(arms or study.arms)].reset_index(drop=True)


@lru_cache(maxsize=2)
def remedy(plain: Study, varied: Study) -> pd.DataFrame:
    """Accuracy against contrast of both twins, and of the biased one trained on varied contrast: as `under_stress`."""
    mended = under_stress(varied, "contrast", (BOTH,)).assign(arm=VARIED)
    return pd.concat([under_stress(plain, "contrast", (BOTH, NONE)), mended], ignore_index=True)


def remedy_sentence(plain: Study, varied: Study, k: float = 0.1) -> str:
    """The three at one contrast, and what the training costs at full contrast."""
    curves = remedy(plain, varied).set_index(["level", "arm"])["mean"]
    dim, full = curves[k], curves[1.0]
    return (
        f"At contrast {setting(k)} the biased network gets {dim[BOTH]:.1f}% right, its twin without {dim[NONE]:.1f}%. "
        f"Trained on pictures of varied contrast, the biased one gets {dim[VARIED]:.1f}%, and {full[VARIED]:.1f}% "
        f"instead of {full[BOTH]:.1f}% at full contrast."
    )


def _points(difference: Difference) -> dict[str, float]:
    return {name: 100 * getattr(difference, name) for name in ("mean", "low95", "high95")}
