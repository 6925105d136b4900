"""The command `bias-lab`, or `python -m core` in the repository."""

import argparse
from collections.abc import Sequence

from . import __version__


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the version, or what the command can do."""
    parser = argparse.ArgumentParser("bias-lab", description="What the bias term does in a convolutional network.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.parse_args(arguments)
    parser.print_help()


if __name__ == "__main__":
    main()
