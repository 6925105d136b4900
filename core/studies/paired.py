"""Running a study: every arm with every seed, paired by construction, on one process or on a cluster.

One seed gives one split, one set of starting weights and one order of batches, whatever the arm; so two arms differ by
their switches alone. A run is one arm with one seed: a fit, and then its accuracy under every stress. Each run has one
BLAS thread, since the last digits of a large product depend on their number: the result is the same to the last bit
on one process, on all cores (``n_jobs=-1``), or on a cluster: `with joblib.parallel_config(backend="dask"):`.
"""

import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import TypeAlias

import pandas as pd
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ..checks import whole
from ..data.tasks import Split, Task
from ..errors import InputError
from ..models.cnn import ConvNetClassifier
from .resume_file import Run, read_runs, write_runs
from .stress import STRESSES, Stress, apply_stress, as_stresses
from .study import COLUMNS, Study, summarise
from .switches import FOUR, Arm, arm_name, as_arms

Asked: TypeAlias = tuple[Arm, int]
Item: TypeAlias = Callable[[], Run]
Compute: TypeAlias = Callable[[Sequence[Item]], Iterable[Run]]
"""Work items -> what they return, as they end, in any order."""

LAST_SEED = 2**32 - 1


@dataclass(frozen=True)
class NetSettings:
    """What every network of a study has, as in `core.models.cnn.ConvNetClassifier`, which checks it."""

    n_filters: tuple[int, ...] = (8, 16)
    n_epochs: int = 20
    batch_size: int = 64
    learning_rate: float = 3e-3


def run_study(
    task: Task,
    *,
    arms: Iterable[tuple[bool, ...]] = FOUR,
    seeds: Iterable[int] = range(20),
    n_jobs: int | None = None,
    settings: NetSettings | None = None,
    stresses: Iterable[tuple[str, float]] = STRESSES,
    path: str | Path | None = None,
    compute: Compute | None = None,
) -> Study:
    """Run every arm with every seed, and compare the arms.

    Parameters
    ----------
    task : Task
        One of `core.data.tasks.TASKS`, or your own.
    arms : tuples (conv_bias, dense_bias) or (conv_bias, dense_bias, batch_norm)
        Differences are an earlier arm minus a later one.
    seeds : whole numbers, 0 to 2**32 - 1
        One run each, of every arm.
    n_jobs : int or None
        Processes, as joblib counts them: None is 1 unless a `joblib.parallel_config` says otherwise. Under joblib's
        "dask" each run is given back as it ends; under its "ray" and "multiprocessing" all at the end, so that `path`
        protects nothing there: give `compute`.
    settings : NetSettings or None
        None: the defaults, with the task's own `n_epochs`.
    stresses : (stress, level) pairs, as in `core.studies.stress.STRESSES`
        What the test pictures undergo; ("none", 0) must be among them.
    path : file or None
        Where finished runs are kept, after each of them. Runs that are there already are not run again, so that a
        study can be broken off and continued, also with more seeds or arms, and on another cluster.
    compute : callable or None
        How the work is spread, in place of joblib and `n_jobs`: it is given work items, each a function of no argument
        that can be pickled, and gives what they return, as they end, in any order. The README has one for Ray.

    Returns
    -------
    Study
        The same to the last bit whatever `n_jobs` and `compute` are, and whether or not it was broken off.

    Raises
    ------
    InputError
        An argument breaks its rule; or the file cannot be read or written, is damaged, or is another study's.

    Examples
    --------
    >>> from core.data.tasks import TASKS
    >>> study = run_study(TASKS["small_50"], seeds=[0, 1], settings=NetSettings(n_epochs=1), stresses=[("none", 0)])
    >>> study.arms, len(study.runs)
    (('both biases', 'convolution biases only', 'dense bias only', 'no bias'), 8)
    """
    arms = as_arms(arms)
    runs = study_runs(
        task, arms=arms, seeds=seeds, n_jobs=n_jobs, settings=settings, stresses=stresses, path=path, compute=compute
    )
    return summarise(task, runs_frame(runs, arms))


def study_runs(
    task: Task,
    *,
    arms: Iterable[tuple[bool, ...]] = FOUR,
    seeds: Iterable[int] = range(20),
    n_jobs: int | None = None,
    settings: NetSettings | None = None,
    stresses: Iterable[tuple[str, float]] = STRESSES,
    path: str | Path | None = None,
    compute: Compute | None = None,
) -> Iterator[Run]:
    """The runs of `run_study` one by one, as they end: for progress, len(arms) * len(seeds) in all.

    The arguments are checked at once. Runs that the file holds come first. Each is a list of rows, by the columns of
    `Study.runs`, in values that JSON can hold.
    """
    settings, stresses = settings or NetSettings(n_epochs=task.n_epochs), as_stresses(stresses)
    # seed by seed, so that a study that is broken off has whole pairs
    asked = [(arm, seed) for seed, arm in product(as_seeds(seeds), as_arms(arms))]
    if compute is not None and n_jobs is not None:
        raise InputError("`n_jobs` must be None where `compute` spreads the work", hint="Give one of the two.")

    def run(asked: Sequence[Asked]) -> Iterator[Run]:
        items = [partial(one_run, task, arm, seed, settings, stresses) for arm, seed in asked]
        return by_joblib(items, n_jobs) if compute is None else _checked(compute(items), len(items))

    if path is None:
        return run(asked)
    about = {"task": task.name, **asdict(settings), "stresses": stresses}
    kept = read_runs(path, about)
    write_runs(path, about, kept)  # a file that cannot be written is found out before any work
    return _continued(asked, kept, run, partial(write_runs, path, about))


def one_run(task: Task, arm: Arm, seed: int, settings: NetSettings, stresses: Sequence[Stress] = STRESSES) -> Run:
    """Fit one arm with one seed, and measure it under every stress: a row for each, as in `study_runs`."""
    with threadpool_limits(1):
        split = task.draw(seed)
        model = fitted_network(split, arm, seed, settings)
        run = {
            "task": task.name,
            "arm": arm_name(arm),
            "seed": seed,
            "train_accuracy": float(model.score(split.X_train, split.y_train)),
            "diverged_at": model.diverged_at_,
        }
        accuracies = [model.score(apply_stress(split.X_test, *stress, seed=seed), split.y_test) for stress in stresses]
    return [
        run | {"stress": stress, "level": float(level), "accuracy": float(accuracy)}
        for (stress, level), accuracy in zip(stresses, accuracies, strict=True)
    ]


def fitted_network(split: Split, arm: Arm, seed: int, settings: NetSettings) -> ConvNetClassifier:
    """The network of one arm, trained on a split."""
    network = ConvNetClassifier(image_shape=split.image_shape, **arm._asdict(), **asdict(settings), random_state=seed)
    return network.fit(split.X_train, split.y_train)


def runs_frame(runs: Iterable[Run], arms: Iterable[tuple[bool, ...]] = FOUR) -> pd.DataFrame:
    """Runs in the order of the arms, then of the seeds, whatever the order in which they ended: `Study.runs`."""
    places = {arm_name(arm): place for place, arm in enumerate(arms)}
    ordered = sorted(runs, key=lambda run: (places[run[0]["arm"]], run[0]["seed"]))
    frame = pd.DataFrame([row for run in ordered for row in run], columns=COLUMNS)
    return frame.astype({"diverged_at": "Int64"})


def _checked(results: Iterable[Run], asked: int) -> Iterator[Run]:
    """The results of a `compute`, as many as were asked for, or an InputError at the end."""
    n = 0
    for run in results:
        n += 1
        yield run
    if n != asked:
        raise InputError(f"`compute` must give one result a work item, got {n} of {asked}")


def by_joblib(items: Sequence[Item], n_jobs: int | None) -> Iterator[Run]:
    """What work items return, as they end, on as many processes as joblib makes of `n_jobs`."""
    runs = _parallel(n_jobs)(delayed(item)() for item in items)
    try:
        for run in runs:  # noqa: UP028 (a "yield from" would close them before `finally`)
            yield run
    finally:
        if isinstance(runs, Generator):
            with warnings.catch_warnings(action="ignore"):  # of the runs that are under way when nobody wants more
                runs.close()


def _parallel(n_jobs: int | None) -> Parallel:
    """joblib's workers: one run at a time, given back as it ends."""
    try:
        return Parallel(n_jobs, return_as="generator_unordered", batch_size=1)
    except ValueError:  # a backend that gives all back at the end: "multiprocessing", "ray"
        return Parallel(n_jobs, batch_size=1)


def _continued(
    asked: Sequence[Asked],
    kept: list[Run],
    compute: Callable[[Sequence[Asked]], Iterator[Run]],
    write: Callable[[list[Run]], None],
) -> Iterator[Run]:
    done = {(run[0]["arm"], run[0]["seed"]): run for run in kept}
    yield from [done[arm_name(arm), seed] for arm, seed in asked if (arm_name(arm), seed) in done]
    for run in compute([(arm, seed) for arm, seed in asked if (arm_name(arm), seed) not in done]):
        kept.append(run)
        write(kept)
        yield run


def as_seeds(seeds: Iterable[int]) -> list[int]:
    """Seeds as whole numbers, each once, or an InputError."""
    found = list(seeds)
    if not found:
        raise InputError("`seeds` must hold at least one seed, got none")
    for place, seed in enumerate(found):
        whole(f"seeds[{place}]", seed, 0, LAST_SEED)
        if seed in found[:place]:
            raise InputError(f"`seeds` must differ from each other, got {seed} twice")
    return [int(seed) for seed in found]
