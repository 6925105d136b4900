"""Long work for a page, in a process of its own: `python -m core.worker KIND SETTINGS`, a JSON line per step.

SETTINGS is JSON. Standard input begins with eight bytes, a length, and as many bytes of a visitor's own labelled
pictures, which are on no disk; SETTINGS then has their "margin" too. A third argument is not read: it makes one
visitor's command another than the same one of somebody else. The last line has "end"; where the work could not be done
it has "error", a sentence, and "hint" too. The process ends when its standard input closes, so that it never outlives
the one who started it.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy loads

from .data.picture_sets import read_picture_set
from .data.picture_sets.task import own_task
from .errors import InputError
from .studies.visitor_study import StudySettings, run_live
from .twins.training import TaskSettings, TwinSettings, train_twins

WORK: dict[str, tuple[type[TaskSettings], Callable[[Any], Iterator[dict[str, Any]]]]] = {
    "twins": (TwinSettings, train_twins),
    "study": (StudySettings, run_live),
}
"""KIND -> its settings, and what does the work that they describe."""


def main(kind: str, settings: str, pictures: bytes = b"") -> None:
    """Do the work and print each step."""
    record, (made_from, work) = json.loads(settings), WORK[kind]
    try:
        own = own_task(read_picture_set(pictures), record.pop("margin")) if pictures else None
        for event in work(made_from(**record, own=own)):
            _say(event)
    except InputError as error:
        _say({"end": True, "error": str(error), "hint": error.hint})


def _say(event: dict[str, Any]) -> None:
    print(json.dumps(event, allow_nan=False), flush=True)


def _end_with_parent() -> None:
    os.read(0, 1)  # nothing more comes; not through sys.stdin, whose lock a thread would hold at the end
    os._exit(1)


if __name__ == "__main__":
    uploaded = sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(8), "big"))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    main(sys.argv[1], sys.argv[2], uploaded)
