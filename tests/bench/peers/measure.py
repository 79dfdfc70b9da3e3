"""One process, how long it took and how much memory it had at its peak."""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any

MB = 1024 * 1024


@dataclass(frozen=True)
class Run:
    """One task of one tool; `state` is "kept" where Driftline finds its profiles of before."""

    tool: str
    task: str  # window | series | grid
    rows: int  # of a window of seven days
    with_id: bool = True
    state: str = "cold"


@dataclass(frozen=True)
class Result:
    """What a run took, on the clock and on all cores.

    `outcome` is "ok", "killed" at the limit, or "failed".
    """

    run: Run
    outcome: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    said: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it, flat, as JSON can hold it."""
        rest = {key: value for key, value in vars(self).items() if key not in ("run", "said")}
        return asdict(self.run) | rest | self.said


def measure(run: Run, command: list[str], environment: dict[str, str], limit_s: float) -> Result:
    """Run a command and measure it whole: import, reading and work.

    A process inherits the peak of the one that starts it, so the caller has to be small.
    """
    killed = threading.Event()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=err, env=environment, start_new_session=True
        )

        def end() -> None:
            killed.set()
            os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(limit_s, end)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        # Linux counts memory in KiB.
        took = (seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / MB)
        if killed.is_set():
            return Result(run, "killed", *took)
        if process.returncode:
            err.seek(0)
            said = {"error": err.read().decode(errors="replace").strip().split("\n")[-1]}
            return Result(run, "failed", *took, said)
        out.seek(0)
        lines = out.read().decode().strip().split("\n")
        return Result(run, "ok", *took, json.loads(lines[-1]))
