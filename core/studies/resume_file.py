"""The file that a study is continued from: what the study is, and every run that has finished.

One JSON document, written to a file beside it that then takes its place: whatever happens, and be it a kill in the
middle, the file is whole, with all runs or with all but the last. A digest of what it says tells damage.
One study writes a file at a time.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import InputError

Row: TypeAlias = dict[str, Any]
Run: TypeAlias = list[Row]
About: TypeAlias = Mapping[str, Any]

FORMAT = 1


def read_runs(path: str | Path, about: About) -> list[Run]:
    """The finished runs of a study, as they were written, to the last bit; none where there is no file yet.

    What the study is `about` is in values that JSON can hold. An InputError where the file cannot be read, is damaged,
    or holds runs of another study.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"`path` must be a file that can be read, got {str(path)!r} ({error.strerror})") from None
    except UnicodeDecodeError:
        raise _damaged(path) from None
    stored, runs = _parsed(text, path)
    if runs:  # without any, it is no study's yet
        _check_same(stored, about)
    return runs


def write_runs(path: str | Path, about: About, runs: Sequence[Run]) -> None:
    """Put all finished runs into the file, whole or not at all.

    An InputError where it cannot be written; what was there before is left as it was.
    """
    text = json.dumps({"digest": _digest(_full(about), runs), "about": _full(about), "runs": runs}, allow_nan=False)
    part = Path(f"{path}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise InputError(
            f"`path` must be a file that can be written, got {str(path)!r} ({error.strerror})",
            hint="Choose a file in a folder that exists, with room on its disk; runs that were in the file are kept.",
        ) from None


def _full(about: About) -> dict[str, Any]:
    """With the format's version, and as JSON gives it back: lists for tuples."""
    full: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, **about}))
    return full


def _digest(about: Any, runs: Any) -> str:
    return hashlib.sha256(json.dumps([about, runs]).encode()).hexdigest()


def _parsed(text: str, path: str | Path) -> tuple[dict[str, Any], list[Run]]:
    try:
        content = json.loads(text)
        about, runs, digest = content["about"], content["runs"], content["digest"]
    except (ValueError, KeyError, TypeError):
        raise _damaged(path) from None
    if digest != _digest(about, runs):
        raise _damaged(path)
    return about, runs


def _damaged(path: str | Path) -> InputError:
    return InputError(
        f"`path` must be a study's file as it was written, got a damaged one, {str(path)!r}",
        hint="Choose another file, or delete this one to start again.",
    )


def _check_same(stored: dict[str, Any], about: About) -> None:
    for name, value in _full(about).items():
        if stored.get(name) != value:
            raise InputError(
                f"`path` must be a file of the same study, got one whose {name} is {stored.get(name)!r}, not {value!r}",
                hint="Choose another file, or the settings that this one was begun with.",
            )
