"""When a bias matters: many tasks side by side, and one of them from several sides, as frames for charts.

Accuracies are per cent here, and differences points of accuracy.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from ..arms import ARMS, WITH, WITHOUT
from ..data.tasks import POINT, TWO_POINTS, Task
from ..format import setting
from ..models.layers import Floats
from .paired import NetSettings
from .study import Study
from .switches import ARM_NAMED, BOTH, NO_BIAS, arm_name
from .verdicts import HELPS, HURTS, Difference, for_new_data, holm_corrected, points

BATCH = NetSettings().batch_size
VARIED = "both biases, varied contrast"
SIDES = {HELPS: WITH, HURTS: WITHOUT}
"""Verdict -> the twin that wins; no entry where neither does."""

MARGINS = (
    f"Shaded is the margin, differences that nobody would care about: {100 * POINT:.0f} point to either side, and "
    f"{100 * TWO_POINTS:.0f} where few pictures are learned from."
)
BY_HAND = "The tasks were chosen by hand: “mostly” is about this list."
TOGETHER = (
    "Verdicts are corrected together (Holm), so that with all these rows the chance of any false “helps” or “hurts” "
    "is at most 5%; so a row can say “cannot tell” although its own interval leaves out 0."
)


def overview(studies: Mapping[str, Study]) -> pd.DataFrame:
    """One row per study, by its title, with bias minus without, from what helps most to what hurts most.

    The columns of `verdict_rows`, all corrected together; margin_low, margin_high (points); steps (of training, each of
    64 pictures); new_low95, new_high95 (points) and new_verdict, for data not seen yet (`for_new_data`).
    """
    alone = [study.difference() for study in studies.values()]
    splits = (study.task.draw(0) for study in studies.values())  # one in memory at a time
    sizes = [(len(split.y_train), len(split.y_test)) for split in splits]
    of_new = [
        for_new_data(found, study.task.margin, *size)
        for found, study, size in zip(alone, studies.values(), sizes, strict=True)
    ]
    rows = verdict_rows(dict(zip(studies, holm_corrected(alone), strict=True)))
    new = verdict_rows(dict(zip(studies, holm_corrected(of_new), strict=True))).add_prefix("new_")
    margins = [study.task.margin for study in studies.values()]
    steps = [
        study.task.n_epochs * math.ceil(n_train / BATCH)
        for study, (n_train, _) in zip(studies.values(), sizes, strict=True)
    ]
    rows = with_margin(rows, margins).assign(steps=steps)
    rows = rows.join(new[["new_low95", "new_high95", "new_verdict"]])
    return rows.sort_values("mean", ascending=False, ignore_index=True)


def verdict_rows(differences: Mapping[str, Difference], sides: Mapping[str, str] = SIDES) -> pd.DataFrame:
    """One row per difference, by its title; `sides` says of a verdict who wins, "with bias" or "without bias".

    Columns: title, mean, low95, high95 (points), verdict and side ("rest" where neither wins).
    """
    rows = [
        {"title": title}
        | {name: 100 * getattr(found, name) for name in ("mean", "low95", "high95")}
        | {"verdict": found.verdict, "side": sides.get(found.verdict, "rest")}
        for title, found in differences.items()
    ]
    return pd.DataFrame(rows)


def with_margin(rows: pd.DataFrame, margins: float | Sequence[float]) -> pd.DataFrame:
    """Rows with their margins, which are shares of accuracy, as margin_low and margin_high (points)."""
    ends = 100 * np.broadcast_to(margins, len(rows))
    return rows.assign(margin_low=-ends, margin_high=ends)


def strip(task: Task, n: int = 4, gap: int = 1) -> Floats:
    """The first test pictures of the classes in turn, side by side: (height, width), NaN between them.

    The classes are as evenly spaced as they can be, where there are more than n.
    """
    few = task.examples(per_class=n)
    turn = [pixels[i] for i in range(n) for _, pixels in few[:: max(1, len(few) // n)] if i < len(pixels)][:n]
    grey = np.stack(turn).mean(axis=1)
    return np.concatenate(list(np.pad(grey, ((0, 0), (0, 0), (0, gap)), constant_values=np.nan)), axis=1)[:, :-gap]


def markdown(rows: pd.DataFrame) -> str:
    """The overview as a table in markdown, which the README holds."""
    lines = [
        f"| {row['title']} | {row['steps']} | {points(row['mean'] / 100)} | {_span(row)} "
        f"| {row['margin_high']:.0f} | {row['verdict']} | {_span(row, 'new_')} | {row['new_verdict']} |"
        for row in rows.to_dict("records")
    ]
    head = (
        "| task | steps | with bias minus without, points of accuracy | 95% interval over seeds | margin | a bias "
        "| 95% interval for new data | a bias, then |"
    )
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *lines])


def _span(row: dict[Hashable, Any], prefix: str = "") -> str:
    low, high = (points(row[f"{prefix}{end}"] / 100) for end in ("low95", "high95"))
    return f"{low} in every seed" if row["low95"] == row["high95"] else f"{low} to {high}"


def twins_by_seed(study: Study) -> pd.DataFrame:
    """Both twins of every seed: seed, arm ("with bias" or "without bias"), accuracy (per cent), outlier."""
    pairs = study.pairs()
    twins = [
        pairs[["seed", "outlier"]].assign(arm=arm, accuracy=100 * pairs[column])
        for arm, column in zip(ARMS, ("accuracy", "other_accuracy"), strict=True)
    ]
    return pd.concat(twins, ignore_index=True)[["seed", "arm", "accuracy", "outlier"]]


def against_none(study: Study) -> pd.DataFrame:
    """Each arm minus the one without bias (its own, for arms with batch norm).

    Columns: title, mean, low95, high95 (points), verdict (corrected together), side, margin_low and margin_high.
    """
    others = {arm: arm_name((False, False, ARM_NAMED[arm].batch_norm)) for arm in study.arms}
    pairs = {arm: other for arm, other in others.items() if arm != other and other in study.arms}
    found = holm_corrected([study.difference(*pair) for pair in pairs.items()])
    return with_margin(verdict_rows(dict(zip(pairs, found, strict=True))), study.task.margin)


@lru_cache(maxsize=16)  # a page asks at every run; a frame that was given is not to be changed
def under_stress(study: Study, stress: str, arms: tuple[str, ...] = ()) -> pd.DataFrame:
    """Accuracy of some arms, or of all, against the level of a stress.

    Columns: arm, level, mean, low95, high95 (per cent, within 0 to 100).
    """
    curve = study.stress_curve(stress)
    shares = ["mean", "low95", "high95"]
    curve[shares] = (100 * curve[shares]).clip(0, 100)
    return curve[curve["arm"].isin(arms or study.arms)].reset_index(drop=True)


def remedy(plain: Study, varied: Study) -> pd.DataFrame:
    """Accuracy against contrast of both twins, and of the biased one trained on varied contrast: as `under_stress`."""
    return with_remedy(under_stress(plain, "contrast", (BOTH, NO_BIAS)), varied)


def with_remedy(rows: pd.DataFrame, varied: Study) -> pd.DataFrame:
    """The rows of a stress by contrast, and those of the biased network that was trained on varied contrast."""
    return pd.concat([rows, under_stress(varied, "contrast", (BOTH,)).assign(arm=VARIED)], ignore_index=True)


def remedy_sentence(plain: Study, varied: Study, k: float = 0.1) -> str:
    """The three at one contrast, and what the training costs at full contrast."""
    curves = remedy(plain, varied).set_index(["level", "arm"])["mean"]
    dim, full = curves[k], curves[1.0]
    return (
        f"At contrast {setting(k)} the biased network gets {dim[BOTH]:.1f}% right, its twin without "
        f"{dim[NO_BIAS]:.1f}%. Trained on pictures of varied contrast, the biased one gets {dim[VARIED]:.1f}%, and "
        f"{full[VARIED]:.1f}% instead of {full[BOTH]:.1f}% at full contrast."
    )
