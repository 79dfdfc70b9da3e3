"""How much memory a window takes: ten days of 100,000 rows, read day by day.

    python tests/bench/bench_window.py [rows of a day]

Prints the time, the peak memory of a process that does nothing else, and what it keeps.
"""

import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from bench_read import day

ROOT = Path(__file__).parents[2]
DAYS = 10
MB = 1 << 20


def write(folder: Path, rows: int) -> None:
    """Write the days of a version, as azureml-monitoring does."""
    for number in range(1, DAYS + 1):
        file = folder / f"modeldata/sub/rg/ws/svc/m/1/inputs/2026/03/{number:02}/inputs.csv"
        file.parent.mkdir(parents=True)
        file.write_bytes(day(rows))


def read(folder: str) -> None:
    """Read the window as a page does, and say what it took."""
    from lib import blobs, catalog, store
    from lib.settings import Source
    from lib.window import Window

    start = time.perf_counter()
    window = Window(date(2026, 3, 1), date(2026, 3, DAYS))
    container = blobs.open(Source("bench", folder=folder), "modeldata")
    (collection,) = catalog.collections(container).collections
    memory = store.Shelf(512 * MB)
    found = catalog.blobs(container, collection, window.first, window.last)
    rows = sum(each.rows for each in store.days(memory, container, found, window))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{DAYS} days, {rows:,} rows: {seconds:.1f} s, {rows / seconds:,.0f} rows/s")
    print(f"peak memory {peak:.0f} MB, of it kept {memory.held() / MB:.1f} MB")


if __name__ == "__main__":
    if "--read" in sys.argv:
        sys.path.insert(0, str(ROOT))
        read(sys.argv[-1])
    else:
        with tempfile.TemporaryDirectory() as scratch:
            write(Path(scratch), int(sys.argv[1]) if sys.argv[1:] else 100_000)
            subprocess.run([sys.executable, __file__, "--read", scratch], check=True)
