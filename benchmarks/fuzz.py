"""The fuzzer over every reader of a visitor's bytes, for ten minutes, from rounds that were not tried before.

Run it from the root of the project with `python -m benchmarks.fuzz`, or `python -m benchmarks.fuzz 3600` for an hour.
It ends with the first file that makes a reader do anything but give a result or one sentence, shrunk, and the round
that made it: `BIAS_LAB_FUZZ_ROUND=... pytest tests/hostile/test_fuzz.py` makes it again. CI runs the same for 30 s,
from round 0.
"""

import os
import sys
import time

import pytest

if __name__ == "__main__":
    os.environ["BIAS_LAB_FUZZ_SECONDS"] = sys.argv[1] if len(sys.argv) > 1 else "600"
    os.environ.setdefault("BIAS_LAB_FUZZ_ROUND", str(int(time.time()) * 1000))
    sys.exit(pytest.main(["tests/hostile/test_fuzz.py", "-n", "0", "-s", "-q"]))
