"""`python -m core.audit FILE`, or with the package installed `python -m bias_lab.audit FILE` and `bias-lab audit`."""

import argparse
import sys

from .command import add_arguments, audit_files

if __name__ == "__main__":
    parser = add_arguments(argparse.ArgumentParser("audit", description="Which biases of a network do nothing?"))
    sys.exit(audit_files(parser.parse_args()))
