"""Our `conv2d` against PyTorch's: one thread each, float32, with bias, padding "same".

Run it from the root of the project with `python -m benchmarks.convolution`. The two take turns, so that whatever else
the machine is doing slows both; a ratio is the median of ours over the median of theirs, below 1 where ours is faster.
Memory is the peak that tracemalloc sees during one call, the maps that are returned included.

To reach: a geometric mean of the ratios of at most 0.70, none above 1.25, at most 64 MB for the 1024 x 1024 picture.

Reached in three runs on OpenBLAS's Haswell kernels (AMD EPYC, two shared cores, 512 kB of second-level cache each): a
geometric mean of 0.64 to 0.68 and 5.3 MB, but 1.35 to 1.41 for 32 pictures of 8 channels and 14 x 14, and 1.23 to 1.29
for those of 28 x 28. OpenBLAS's product alone is two thirds of torch's time at 14 x 14; the rest is copying into it and
out of it. On an AMD EPYC where torch uses AVX-512, and OpenBLAS still its Haswell kernels: 0.70 to 0.71 and 2.7; with
`OPENBLAS_CORETYPE=SkylakeX` 0.50 to 0.52 and 1.8.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read once, when numpy loads

import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import torch
from threadpoolctl import threadpool_info

from core.models.convolution import conv2d

CASES = [  # shape of the images, number of kernels, side of a kernel
    ((64, 1, 8, 8), 8, 3),
    ((64, 8, 4, 4), 16, 3),
    ((32, 1, 28, 28), 8, 3),
    ((32, 8, 14, 14), 16, 3),
    ((1, 3, 512, 512), 8, 3),
    ((1, 3, 512, 512), 8, 5),
    ((1, 3, 512, 512), 8, 7),
    ((1, 1, 1024, 1024), 1, 3),
    ((1, 1, 1024, 1024), 1, 7),
]
SECONDS = 1.0  # per case, both libraries together


def main() -> None:
    """Print a row per case, then the geometric mean and the worst of the ratios."""
    torch.set_num_threads(1)
    kernels = {pool["architecture"] for pool in threadpool_info() if pool["internal_api"] == "openblas"}
    print(f"numpy {np.__version__} on OpenBLAS's {', '.join(kernels)} kernels, torch {torch.__version__}")
    print(f"{'images':<20}{'kernels':<10}{'ours, ms':>10}{'torch, ms':>11}{'ratio':>8}{'peak, MB':>10}")
    ratios = [row(*case) for case in CASES]
    print(f"geometric mean {np.exp(np.mean(np.log(ratios))):.2f}, worst {max(ratios):.2f}")


def row(shape: tuple[int, ...], n_kernels: int, side: int) -> float:
    """Check that both agree, time both, print, and return the ratio."""
    rng = np.random.default_rng(0)
    arrays = [
        rng.normal(size=size).astype(np.float32) for size in (shape, (n_kernels, shape[1], side, side), n_kernels)
    ]
    tensors = [torch.from_numpy(array) for array in arrays]

    def ours() -> np.ndarray:
        return conv2d(*arrays, padding="same")

    def theirs() -> torch.Tensor:
        return torch.nn.functional.conv2d(*tensors, padding="same")

    np.testing.assert_allclose(ours(), theirs().numpy(), atol=1e-4)
    mine, torchs = medians(ours, theirs)
    sizes = f"{'x'.join(map(str, shape)):<20}{f'{n_kernels} {side}x{side}':<10}"
    print(f"{sizes}{mine * 1e3:>10.3f}{torchs * 1e3:>11.3f}{mine / torchs:>8.2f}{peak(ours) / 1e6:>10.1f}")
    return mine / torchs


def medians(*calls: Callable[[], object]) -> list[float]:
    """Seconds per call, the calls taking turns until the time is up."""
    times: list[list[float]] = [[] for _ in calls]
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for call, taken in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return [float(np.median(taken)) for taken in times]


def peak(call: Callable[[], object]) -> int:
    """Bytes allocated at once, at most, during the call."""
    tracemalloc.start()
    call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


if __name__ == "__main__":
    with torch.no_grad():
        main()
