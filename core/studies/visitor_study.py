"""A study as a visitor asks for it: settings, its runs told one by one, and what they make so far."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..checks import whole
from ..errors import InputError
from ..twins.training import TaskSettings
from .paired import NetSettings, runs_frame, study_runs
from .resume_file import Run
from .study import Study, summarise
from .switches import ALL_ARMS, BOTH, FOUR, NO_BIAS, Arm
from .verdicts import FEWEST_SEEDS

MOST_SEEDS = 100


@dataclass(frozen=True, kw_only=True)
class StudySettings(TaskSettings):
    """What a visitor's study is: a task and its training, and these; with `batch_norm`, arms with it run too.

    Of the runs of a task of the visitor's own nothing is kept in a file.
    """

    n_seeds: int = 20  # 5 to 100: 0, 1, 2, ...

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("n_seeds", self.n_seeds, FEWEST_SEEDS, MOST_SEEDS)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """All that run."""
        return ALL_ARMS if self.batch_norm else FOUR


def run_live(settings: StudySettings) -> Iterator[dict[str, Any]]:
    """Run the study; finished runs are kept in the system's temporary folder, so that it can be continued.

    After each run it tells "step", "of" and "rows", those of the run; at the end "end". JSON can hold all of it.
    """
    of = settings.n_seeds * len(settings.arms)
    try:
        runs = _runs(settings, None if settings.own else _kept_file(settings))
    except InputError:  # the file is damaged or cannot be written: a visitor's study does without
        runs = _runs(settings, None)
    for step, run in enumerate(runs, start=1):
        yield {"step": step, "of": of, "rows": run}
    yield {"end": True}


def study_so_far(settings: StudySettings, events: list[dict[str, Any]]) -> Study | None:
    """What the runs that were told make; None before both the first arm and the last have a seed in common."""
    runs = [event["rows"] for event in events if "rows" in event]
    seeds = [{run[0]["seed"] for run in runs if run[0]["arm"] == name} for name in (BOTH, NO_BIAS)]
    if not seeds[0] & seeds[1]:
        return None
    return summarise(settings.the_task, runs_frame(runs, settings.arms))


def _runs(settings: StudySettings, path: Path | None) -> Iterator[Run]:
    return study_runs(
        settings.the_task,
        arms=settings.arms,
        seeds=range(settings.n_seeds),
        settings=NetSettings(n_epochs=settings.n_epochs, learning_rate=settings.learning_rate),
        path=path,
    )


def _kept_file(settings: StudySettings) -> Path | None:
    """Where this study's runs are kept, the same for more seeds or arms; None where nothing can be written."""
    what = settings.record() | {"n_seeds": 0, "batch_norm": False}
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / "bias-lab"
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return folder / f"{digest}.json" if os.access(folder, os.W_OK) else None
