"""The command `bias-lab audit`: printouts and files of weights, as a table, as JSON or as SARIF.

It ends with 1 where a bias is redundant, 0 where none is, and 2, with one sentence, where that cannot be judged.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..format import say
from .printout.audit import audit_printout
from .report import Audit
from .sarif import sarif

NONE_REDUNDANT, SOME_REDUNDANT, NOT_JUDGED = 0, 1, 2
MOST_TEXT = 8 * 2**20  # bytes; the reader's own limit is in characters
NOTHING_JUDGED = "none of its biases could be judged: paste what print(model) shows of all its parts."
STANDARD_INPUT = "-"
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def add_arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """What the command takes."""
    told = "what print(model) shows, a .safetensors file, its index or the folder of its parts; - is standard input"
    parser.add_argument("files", nargs="+", metavar="FILE", help=told)
    parser.add_argument("--pass-unjudged", action="store_true", help="end with 0 where nothing in a file can be judged")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print layers and sentence as JSON")
    form.add_argument("--sarif", action="store_true", help="print what code scanning reads")
    return parser


def audit_files(options: argparse.Namespace) -> int:
    """Print what is found in each file; gives the number that the command ends with."""
    found, ends = list[tuple[str, Audit]](), list[int]()
    for name in options.files:
        try:
            audit = read_and_audit(name)
        except (InputError, OSError) as problem:
            print(f"{name}: {one_sentence(problem)}", file=sys.stderr)
            ends.append(NOT_JUDGED)
            continue
        found.append((name, audit))
        if not audit.could_judge:
            print(f"{name}: {NOTHING_JUDGED}", file=sys.stderr)
        passes = audit.could_judge or options.pass_unjudged
        ends.append(SOME_REDUNDANT if audit.redundant else NONE_REDUNDANT if passes else NOT_JUDGED)
    try:
        _print(found, options)
        sys.stdout.flush()
    except BrokenPipeError:  # what it is piped to has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return max(ends)


def read_and_audit(name: str) -> Audit:
    """The audit of one file, or of standard input; what it holds decides how it is read."""
    if name != STANDARD_INPUT and _holds_weights(Path(name)):
        from . import audit_checkpoint  # with pandas and safetensors, which a printout does not need

        return audit_checkpoint(name)
    if name == STANDARD_INPUT:
        data = sys.stdin.buffer.read(MOST_TEXT + 1)
    else:
        with Path(name).open("rb") as file:
            data = file.read(MOST_TEXT + 1)
    return audit_printout(_decode(data))


def _holds_weights(path: Path) -> bool:
    """Whether it is no text: a .safetensors file, its index or folder, or what its reader calls by its name."""
    if path.is_dir() or path.suffix == ".json":
        return True
    with path.open("rb") as file:
        start = file.read(512)
    return path.suffix == ".safetensors" or (b"\0" in start and start[:2] not in BYTE_ORDER_MARKS)


def _decode(data: bytes) -> str:
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    return data.decode(encoding, errors="replace")


def one_sentence(problem: Exception) -> str:
    """What is wrong and what to do."""
    if isinstance(problem, InputError):
        return " ".join(f"{problem}. {problem.hint}".split())
    return f"it cannot be read ({getattr(problem, 'strerror', None) or problem})."


def _print(found: Sequence[tuple[str, Audit]], options: argparse.Namespace) -> None:
    if options.sarif:
        print(json.dumps(sarif(found), indent=2))
    elif options.json:
        told = [{"file": name, **as_json(audit)} for name, audit in found]
        if told:
            print(json.dumps(as_json(found[0][1]) if len(options.files) == 1 else told, indent=2, allow_nan=False))
    else:
        for name, audit in found:
            print("\n".join([*([name] if len(found) > 1 else []), *table(audit), plain(audit.sentence)]))


def as_json(audit: Audit) -> dict[str, Any]:
    """Layers, each with the columns of `Audit.to_frame`, and the sentence; None where a number is not told."""
    layers = [row._asdict() for row in audit.rows]
    for layer in layers:
        layer["share"] = None if math.isnan(layer["share"]) else layer["share"]
    return {"layers": layers, "sentence": plain(audit.sentence)}


def table(audit: Audit) -> list[str]:
    """Lines of equal columns: layer, kind, parameters, biases, verdict."""
    numbers = ((row.parameters, row.bias_parameters) for row in audit.rows)
    cells = [["layer", "kind", "parameters", "biases", "verdict"]]
    for row, (parameters, biases) in zip(audit.rows, numbers, strict=True):
        cells.append([plain(row.layer), plain(row.kind), _told(parameters), _told(biases), row.verdict])
    return columns(cells, right=(2, 3)) if audit.rows else []


def columns(cells: Sequence[Sequence[str]], *, right: Iterable[int] = ()) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = [
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return lines


def plain(text: str) -> str:
    """Without bold marks, and without what a terminal would obey."""
    return "".join(character if character.isprintable() else "?" for character in text.replace("**", ""))


def _told(number: int | None) -> str:
    return "" if number is None else say(number)
