"""What one hostile file costs, asked of the system: seconds of work, and memory above what was held before."""

import time
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def held(line: str) -> int:
    """Bytes of this process: VmRSS now, VmHWM at most."""
    return next(int(row.split()[1]) * 1024 for row in STATUS.read_text().splitlines() if row.startswith(line))


class Measured:
    """Use it in a `with`; afterwards `seconds` and `extra`, in bytes (0 where the system does not tell)."""

    seconds = 0.0
    extra = 0

    def __enter__(self) -> "Measured":
        self.before = None
        if CLEAR.exists():
            CLEAR.write_text("5")  # the highest mark is set back to what is held now
            self.before = held("VmRSS")
        self.start = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.process_time() - self.start
        if self.before is not None:
            self.extra = max(held("VmHWM") - self.before, 0)
