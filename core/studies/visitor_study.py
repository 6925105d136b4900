"""A study as a visitor asks for it: settings, its runs told one by one, and what they make so far."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..data.tasks import TASKS, Task, varied_contrast
from ..errors import InputError
from ..twins.training import MOST_EPOCHS
from .paired import NetSettings, runs_frame, study_runs
from .resume_file import Run
from .study import Study, summarise
from .switches import ALL, FOUR, Arm
from .verdicts import FEWEST_SEEDS

MOST_SEEDS = 100


@dataclass(frozen=True)
class StudySettings:
    """What a visitor's study is.

    Attributes
    ----------
    task : str
        A name in `core.data.tasks.TASKS`, or that of `own`.
    n_seeds : int
        5 to 100; the seeds are 0, 1, 2, ...
    n_epochs : int
        0 to 400.
    learning_rate : float
        Above 0, at most 1.
    varied_contrast : bool
        Whether the training pictures are brightened and dimmed at random.
    batch_norm : bool
        Whether arms with batch norm run too.
    own : Task or None
        A task of the visitor's own; of its runs nothing is kept in a file.

    Raises
    ------
    InputError
        A setting outside its range.
    """

    task: str = "digits"
    n_seeds: int = 20
    n_epochs: int = 20
    learning_rate: float = 3e-3
    varied_contrast: bool = False
    batch_norm: bool = False
    own: Task | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.task not in (TASKS if self.own is None else [self.own.name]):
            raise InputError(f"`task` must be one of {', '.join(TASKS)}, got {self.task!r}")
        limits = {"n_seeds": (FEWEST_SEEDS, MOST_SEEDS), "n_epochs": (0, MOST_EPOCHS)}
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InputError(f"`{name}` must be a whole number from {least} to {most}, got {value!r}")
        if not 0 < self.learning_rate <= 1:
            raise InputError(f"`learning_rate` must be above 0 and at most 1, got {self.learning_rate!r}")

    @property
    def the_task(self) -> Task:
        """The task, with its training pictures varied in contrast where asked."""
        task = self.own or TASKS[self.task]
        return varied_contrast(task) if self.varied_contrast else task

    @property
    def arms(self) -> tuple[Arm, ...]:
        """All that run."""
        return ALL if self.batch_norm else FOUR

    def record(self) -> dict[str, Any]:
        """The settings as JSON can hold them; `StudySettings(**record)` gives them back, with `own` beside it."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "own"}


def run_live(settings: StudySettings) -> Iterator[dict[str, Any]]:
    """Run the study; finished runs are kept in the system's temporary folder, so that it can be continued.

    Yields
    ------
    dict
        After each run "step", "of" and "rows", those of the run. At the end: "end". JSON can hold all of it.
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
    seeds = [{run[0]["seed"] for run in runs if run[0]["arm"] == name} for name in ("both biases", "no bias")]
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
