"""The command `bias-lab`, or `python -m core` in the repository."""

import argparse
import sys
from collections.abc import Sequence

from . import __version__
from .errors import InputError


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the version, or what the command can do; audit files, or compare two."""
    parser = argparse.ArgumentParser("bias-lab", description="What the bias term does in a convolutional network.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="")
    _add_audit(commands.add_parser("audit", help="which biases of a network do nothing"))
    diff = commands.add_parser("diff", help="which biases a conversion lost, added, set to zero or changed")
    diff.add_argument("files", nargs=2, metavar="A.safetensors", help="a file, its index, a part or the folder")
    diff.set_defaults(run=_compare)
    options = parser.parse_args(arguments)
    if "run" in options:
        sys.exit(options.run(options))
    parser.print_help()


def _add_audit(parser: argparse.ArgumentParser) -> None:
    from .audit.command import add_arguments, audit_files

    add_arguments(parser).set_defaults(run=audit_files)


def _compare(options: argparse.Namespace) -> int:
    """Print what differs; 1 where something does, 0 where nothing does, 2 where that cannot be told."""
    from .audit.command import columns, one_sentence, plain
    from .audit.weights.difference import compare_checkpoints
    from .format import say

    try:
        found = compare_checkpoints(*options.files)
    except (InputError, OSError) as problem:
        print(f"{' and '.join(options.files)}: {one_sentence(problem)}", file=sys.stderr)
        return 2
    cells = [(plain(name), what, "" if gap is None else say(gap)) for name, what, gap in found.changes]
    print("\n".join([*(columns([("bias", "found", "largest change"), *cells]) if cells else ()), found.sentence]))
    return 0 if found.is_same else 1


if __name__ == "__main__":
    main()
