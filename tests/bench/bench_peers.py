"""Driftline against evidently, nannyml, popmon and whylogs on the same files of collected data.

    python tests/bench/bench_peers.py [--quick] [--slow] [--tools …] [--rows …] [--output FOLDER]

Twenty features of which five drift on day 20 of 37, and more that is known about them, see
peers/workload.py; each tool gives its default verdict, on a window of 7 days against 7 and on
30 days, each against 7. Every run is a process of its own, timed from its start to its end.
The tools are installed below .tools/peers. `--quick` takes the smallest size alone. `--slow`
adds the runs of evidently that take longer than all others together. One run at a time, but
whatever else the machine does slows all of them: compare figures of one session only.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "peers"))

import table
import tools
from measure import Result, Run, measure

SIZES = (10_000, 100_000, 1_000_000)
"""Rows of a window of seven days."""

LIMIT_S = 300

SPEED = (
    "Seconds of the whole process (of them, of the tool itself: the others after pandas read the "
    "files, Driftline with reading them) and its peak memory"
)
ID = "What a column of 50,000 identifiers costs"
TRUTH = "Verdicts against the truth, by feature and day, of a window by feature"
MAP = "The heat map"

PEERS = Path(__file__).parent / "peers"


def main() -> None:
    """Measure all that is asked for and print the tables."""
    asked = arguments()
    pythons = installed(asked.tools)
    results: list[Result] = []
    for rows in asked.rows:
        with tempfile.TemporaryDirectory(prefix="driftline-bench-") as scratch:
            for run in planned(list(pythons), rows, asked.slow):
                results.append(measured(run, pythons[run.tool], Path(scratch), asked.limit))
                show(results[-1])
    report = written(results)
    print("\n" + report)
    if asked.output:
        asked.output.mkdir(parents=True, exist_ok=True)
        (asked.output / "peers.md").write_text(report)
        (asked.output / "peers.json").write_text(json.dumps(described(results), indent=1))


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tools", nargs="+", choices=tools.NAMES, default=list(tools.NAMES))
    parser.add_argument("--rows", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--quick", action="store_true", help=f"{SIZES[0]:,} rows only")
    parser.add_argument("--slow", action="store_true", help="also evidently's longest runs")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds a run may take")
    parser.add_argument("--output", type=Path, help="folder for peers.md and peers.json")
    asked = parser.parse_args()
    if asked.quick:
        asked.rows = [SIZES[0]]
    return asked


def installed(names: list[str]) -> dict[str, str]:
    """Return the interpreter of each tool; one that cannot be installed is left out."""
    found = {}
    for name in names:
        try:
            found[name] = tools.python(name)
        except subprocess.CalledProcessError as error:
            print(f"{name} is left out: {' '.join(map(str, error.cmd))} failed")
    return found


def planned(names: list[str], rows: int, slow: bool) -> Iterator[Run]:
    """Yield the runs of one size."""
    for name in names:
        for with_id in (True, False):
            for task in ("window", "series"):
                if not slow and is_slow(name, task, rows, with_id):
                    continue
                # Without the identifier a window is enough to see what it costs.
                if with_id or task == "window" or name == "evidently":
                    yield Run(name, task, rows, with_id)
                    if name == "driftline":
                        yield Run(name, task, rows, with_id, "kept")
        if name == "driftline" and rows == SIZES[0]:
            yield Run(name, "grid", rows)
            yield Run(name, "grid", rows, state="kept")


def is_slow(name: str, task: str, rows: int, with_id: bool) -> bool:
    """Return whether a run takes minutes, which only evidently's do."""
    if name != "evidently":
        return False
    return rows > SIZES[1] or (task == "series" and (with_id or rows > SIZES[0]))


def measured(run: Run, python: str, scratch: Path, limit_s: float) -> Result:
    """Write the data that a run needs, unless they are there, and measure it."""
    # Days of a series serve a window, too.
    days = "series" if run.task == "window" and run.with_id else run.task
    folder = scratch / (f"{days}" if run.with_id else f"{days}-without")
    if not folder.exists():
        command = [sys.executable, str(PEERS / "write.py"), str(folder), str(run.rows), days]
        subprocess.run([*command, *([] if run.with_id else ["--no-id"])], check=True)
    kept = scratch / f"kept-{run.task}-{run.with_id}"
    script = PEERS / f"peer_{run.tool}.py"
    environment = os.environ | tools.QUIET | {"DRIFTLINE_PROFILES_FOLDER": str(kept)}
    command = [python, "-W", "ignore", str(script), str(folder), run.task]
    return measure(run, command, environment, limit_s)


def show(result: Result) -> None:
    """Print a line for a run as soon as it is over."""
    run = result.run
    what = f"{run.task}, {run.rows:,} rows, {'with' if run.with_id else 'without'} identifier"
    took = f"{result.seconds:7.1f} s {result.peak_mb:7.0f} MB"
    print(f"{run.tool:10} {run.state:4} {what:44} {took}  {result.outcome}", flush=True)
    if "error" in result.said:
        print(f"    {result.said['error']}")


def written(results: list[Result]) -> str:
    """Return all tables, each below a line that says what it shows."""
    parts = {SPEED: table.speed, ID: table.identifier, TRUTH: table.verdicts, MAP: table.heat_map}
    made = {title: make(results) for title, make in parts.items()}
    return "\n\n".join(f"{title}:\n\n{text}" for title, text in made.items() if text) + "\n"


def described(results: list[Result]) -> dict[str, object]:
    """Return the results as JSON can hold them, with the machine that they are of."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "runs": [result.as_dict() for result in results],
    }


if __name__ == "__main__":
    main()
