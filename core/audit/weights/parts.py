"""A network's weights in one file or in several parts, as large ones are saved, opened by their headers alone.

It is told by any of: the file, its index (`model.safetensors.index.json`, which names the part of each tensor), one of
the parts (`model-00001-of-00003.safetensors`), or the folder that holds them.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

from ...errors import InputError
from .safetensors_file import Checkpoint, read_checkpoint

PART = re.compile(r"(.*)-(\d{3,6})-of-(\d{3,6})\.safetensors")
INDEX = ".safetensors.index.json"
MOST_INDEX = 16 * 2**20  # bytes
MOST_PARTS = 1000


def open_parts(path: Path) -> dict[str, Checkpoint]:
    """Each tensor's name -> the file that holds it.

    InputError where a part is missing, the index is none, or two parts hold a tensor of one name.
    """
    found: dict[str, Checkpoint] = {}
    for part in _files(path):
        checkpoint = read_checkpoint(part, max_bytes=None)
        for name in checkpoint.tensors:
            if name in found:
                raise InputError(f"`weights` must hold each tensor in one part, got {name[:100]!r} in two")
            found[name] = checkpoint
    return found


def open_whole(path: Path) -> Checkpoint:
    """One file of at most 500 MB, or all parts that an index or a folder names, of any size, as if they were one."""
    if not path.is_dir() and path.suffix != ".json":
        return read_checkpoint(path)
    parts = open_parts(path)
    tensors = {name: replace(part.tensors[name], path=part.path) for name, part in parts.items()}
    return Checkpoint(path, tensors, next((part.metadata for part in parts.values()), {}))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return _of_folder(path)
    if path.name.endswith(".json"):
        return _of_index(path)
    part = PART.fullmatch(path.name)
    if not part:
        return [path]
    count = int(part[3])
    if not 0 < count <= MOST_PARTS:
        raise InputError(f"`weights` must have 1 to {MOST_PARTS:,} parts, got {count:,}")
    names = [f"{part[1]}-{number:0{len(part[2])}}-of-{part[3]}.safetensors" for number in range(1, count + 1)]
    return _all_there([path.with_name(name) for name in names])


def _of_folder(folder: Path) -> list[Path]:
    indices = sorted(folder.glob(f"*{INDEX}"))
    if len(indices) == 1:
        return _of_index(indices[0])
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise InputError("`weights` must be a folder with .safetensors files, got one without")
    return files


def _of_index(path: Path) -> list[Path]:
    with path.open("rb") as file:
        text = file.read(MOST_INDEX + 1)
    try:
        names = set(json.loads(text)["weight_map"].values()) if len(text) <= MOST_INDEX else None
        plain = names is not None and all(Path(name).name == name and name not in ("", "..") for name in names)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        plain = False
    if not plain or not names or len(names) > MOST_PARTS:
        raise InputError(
            "`weights` must be an index with a weight_map from tensors to files beside it, got another JSON file",
            hint="Give the .safetensors file, its index, or the folder.",
        )
    return _all_there([path.with_name(name) for name in sorted(names)])


def _all_there(paths: list[Path]) -> list[Path]:
    missing = [one.name for one in paths if not one.is_file()]
    if missing:
        raise InputError(
            f"`weights` must have all {len(paths)} parts beside each other, got none called {missing[0][:100]!r}",
            hint="Download the missing parts.",
        )
    return paths
