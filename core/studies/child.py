"""Long work for a page, in a process of its own: `python -m core.studies.child KIND SETTINGS`, a JSON line per step.

SETTINGS is JSON. The last line has "end"; where the work could not be done it has "error", a sentence, and "hint" too.
The process ends when its standard input closes, so that it never outlives the one who started it.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy loads

from core.errors import InputError
from core.studies.live_study import StudySettings, run_live
from core.studies.twins import TwinSettings, train_twins

Events = Iterator[dict[str, Any]]


def twins(record: dict[str, Any]) -> Events:
    """A pair of twins, from the settings of `TwinSettings`."""
    return train_twins(TwinSettings(**record))


def study(record: dict[str, Any]) -> Events:
    """A study of many seeds, from the settings of `StudySettings`."""
    return run_live(StudySettings(**record))


WORK: dict[str, Callable[[dict[str, Any]], Events]] = {"twins": twins, "study": study}
"""KIND -> what does it."""


def main(kind: str, settings: str) -> None:
    """Do the work and print each step."""
    try:
        for event in WORK[kind](json.loads(settings)):
            _say(event)
    except InputError as error:
        _say({"end": True, "error": str(error), "hint": error.hint})


def _say(event: dict[str, Any]) -> None:
    print(json.dumps(event, allow_nan=False), flush=True)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    main(*sys.argv[1:])
