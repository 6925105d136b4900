"""How long an audit takes, and how much memory: a file of 100 million parameters, and a printout of 1,000 modules.

Run it on Linux from the root of the project with `python -m benchmarks.audit`. Each step on the file runs in a process
of its own; its peak is what the system saw above what the process held after its imports, with pages of the file that
it maps. The file is in the page cache for all, and a plain read of it, block by block, is the measure of the machine.

To reach: the audit of the file with its biases and its never-active filters under 3 s, the printout under 100 ms; peak
memory at most what is read plus 100 MB.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read once, when numpy loads

import itertools
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.audit import audit_checkpoint, audit_printout
from core.audit.weights.bias_values import bias_bins, bias_table, never_active
from core.audit.weights.safetensors_file import Checkpoint, Tensor
from core.audit.weights.write import NewTensor, write_checkpoint

WIDTHS = (3, *[512] * 44)  # of 3 x 3 convolutions with BatchNorm
BLOCK = 2**20
N_TURNS = 5
N_BLOCKS = 333  # of convolution, BatchNorm and ReLU


def main() -> None:
    """Print a row per step."""
    printout()
    with tempfile.TemporaryDirectory() as folder:
        path, new = Path(folder, "model.safetensors"), Path(folder, "new.safetensors")
        count = write(path)
        print(f"\n{count / 1e6:.0f} million parameters, {path.stat().st_size / 1e6:.0f} MB")
        print(f"{'step':<34}{'ms':>8}{'ratio':>8}{'peak, MB':>10}")
        plain = None
        for name, step in STEPS.items():
            runs = [measure(step, path, new) for _ in range(N_TURNS)]
            milliseconds = 1e3 * statistics.median(run[0] for run in runs)
            plain = plain or milliseconds
            print(f"{name:<34}{milliseconds:>8.0f}{milliseconds / plain:>8.2f}{max(run[1] for run in runs):>10.1f}")


def printout() -> None:
    """Parse and judge a long printout."""
    conv = "Conv2d(64, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))"
    norm = "BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"
    lines = [f"  ({at}): {(conv, norm, 'ReLU(inplace=True)')[at % 3]}" for at in range(3 * N_BLOCKS)]
    text, times = "Sequential(\n" + "\n".join(lines) + "\n)", []
    for _ in range(N_TURNS):
        start = time.perf_counter()
        n_modules = len(audit_printout(text).modules)
        times.append(1e3 * (time.perf_counter() - start))
    print(f"printout of {n_modules} modules: {statistics.median(times):.0f} ms")


def write(path: Path) -> int:
    """A network of convolutions and norms in float32, written block by block; gives its number of parameters."""
    tensors = {}
    for at, (inputs, width) in enumerate(itertools.pairwise(WIDTHS)):
        tensors[f"features.{3 * at}.weight"] = (width, inputs, 3, 3)
        for name in (f"{3 * at}.bias", *(f"{3 * at + 1}.{suffix}" for suffix in SUFFIXES)):
            tensors[f"features.{name}"] = (width,)
    changed = {name: NewTensor("F32", shape, draw(shape)) for name, shape in tensors.items()}
    counters = {name: NewTensor("I64", (), draw(())) for name in tensors if name.endswith("running_var")}
    changed |= {name.replace("running_var", "num_batches_tracked"): one for name, one in counters.items()}
    nothing = path.with_name("empty")
    nothing.write_bytes((8).to_bytes(8, "little") + b"{}      ")
    written = write_checkpoint(path, Checkpoint(nothing, {}, {"format": "pt"}), changed=changed)
    return sum(one.size for one in written.tensors.values() if "running" not in one.name and "tracked" not in one.name)


SUFFIXES = ("weight", "bias", "running_mean", "running_var")


def draw(shape: tuple[int, ...]) -> Callable[[], object]:
    return lambda: iter([np.random.default_rng(0).uniform(0.5, 1.5, Tensor("", "F32", shape, 0, 0).size)])


def plain_read(path: Path, _new: Path) -> None:
    with path.open("rb") as file:
        while file.read(BLOCK):
            pass


def audit(path: Path, _new: Path) -> None:
    audit_checkpoint(path).to_frame()


def audit_all(path: Path, _new: Path) -> None:
    found = audit_checkpoint(path)
    _, bounds = never_active(found.weights)
    for table in (found.to_frame(), found.pairs, bias_table(found.weights), bias_bins(found.weights), bounds):
        assert len(table)


def strip(path: Path, new: Path) -> None:
    assert len(audit_checkpoint(path).without_redundant(new).layers) == len(WIDTHS) - 1


def fold(path: Path, new: Path) -> None:
    assert len(audit_checkpoint(path).folded(new).layers) == len(WIDTHS) - 1


STEPS = {
    "plain read of the file": plain_read,
    "audit": audit,
    "audit, biases, filters": audit_all,
    "without redundant biases, and proof": strip,
    "folded, and proof": fold,
}


def measure(step: Callable[[Path, Path], None], path: Path, new: Path) -> tuple[float, float]:
    """Seconds, and megabytes above what the process held before, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(run_step, (step, path, new))


def run_step(step: Callable[[Path, Path], None], path: Path, new: Path) -> tuple[float, float]:
    audit_checkpoint(path.with_name("empty"))  # imports what is imported when first used
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew, from what is held now
    before, start = peak(), time.perf_counter()
    step(path, new)
    return time.perf_counter() - start, peak() - before


def peak() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
