"""How fast collected files are read, and in how much memory.

    python tests/bench/bench_read.py [rows]

Makes a day of 1,000,000 rows (or as many as told) of 25 features and 8 metadata columns
as azureml-monitoring writes it, and compares reading it with what parsing alone takes:
`pandas.read_csv(engine="pyarrow", dtype=str)`. Times are the best of several runs, taken
in turn, since other work on the machine disturbs all of them alike.
"""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

sys.path.insert(0, str(Path(__file__).parents[2]))

from lib import collected
from lib.collected.header import TAIL

ROUNDS = 5
CONSTANTS = ["1440", "sub/rg/workspace", "credit-svc", "credit_risk", "3"]
MB = 1 << 20


def guids(rng: np.random.Generator, rows: int) -> list[str]:
    text = rng.bytes(16 * rows).hex()
    parts = (text[at : at + 32] for at in range(0, 32 * rows, 32))
    return [f"{g[:8]}-{g[8:12]}-{g[12:16]}-{g[16:20]}-{g[20:]}" for g in parts]


def features(rng: np.random.Generator, rows: int) -> dict[str, object]:
    """5 integers, 10 numbers, 5 categories, 2 booleans, a time, an id, one with gaps."""
    columns: dict[str, object] = {}
    for at in range(5):
        columns[f"int_{at}"] = rng.integers(0, 10 ** (at + 1), rows)
        columns[f"float_{at}"] = rng.normal(size=rows)
        columns[f"money_{at}"] = rng.lognormal(3, 1, rows).round(2)
        words = [f"category {at} {word}" for word in range(4 + 10 * at)]
        codes = pa.array(rng.integers(0, len(words), rows).astype(np.int32))
        columns[f"word_{at}"] = pa.DictionaryArray.from_arrays(codes, words).cast(pa.string())
    for at in range(2):
        columns[f"bool_{at}"] = np.where(rng.random(rows) < 0.3, "True", "False")
    opened = np.datetime64("2024-01-01") + rng.integers(0, 3 * 10**7, rows).astype("m8[s]")
    columns["opened"] = np.strings.replace(np.datetime_as_string(opened), "T", " ")
    columns["customer"] = guids(rng, rows)
    columns["gaps"] = pa.array(rng.normal(50, 9, rows).round(3), mask=rng.random(rows) < 0.2)
    return columns


def day(rows: int, new_feature_at: float = 1) -> bytes:
    """Return a day of inputs; past a share of it, every row has one feature more."""
    rng = np.random.default_rng(1)
    columns = features(rng, rows)
    stamps = np.datetime64("2026-03-01", "us") + np.arange(rows) * (86_400_000_000 // rows)
    metadata = [guids(rng, rows), np.datetime_as_string(stamps)]
    metadata += [pa.array([word] * rows) for word in CONSTANTS]
    metadata += [pa.array(["00000000-0000-0000-0000-000000000000"] * rows)]
    columns |= dict(zip(TAIL, metadata, strict=True))
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    old = int(rows * new_feature_at)
    wider = table.slice(old).add_column(0, "new", pa.array(np.arange(rows - old)))
    sink = io.BytesIO()
    sink.write(",".join(columns).encode() + b"\r\n")
    for part in (table.slice(0, old), wider):
        csv.write_csv(part, sink, csv.WriteOptions(include_header=False, quoting_style="none"))
    return sink.getvalue()


def events(rows: int) -> bytes:
    """Return v2 events of one row of 8 features each."""
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=(rows, 6)).round(4).tolist()
    deployment = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices"
    deployment += "/workspaces/ws/onlineEndpoints/credit-default/deployments/blue"
    lines = []
    for guid, row in zip(guids(rng, rows), numbers, strict=True):
        data = [{f"f{at}": value for at, value in enumerate(row)} | {"region": "a", "new": True}]
        envelope = {"specversion": "1.0", "id": guid, "source": deployment, "data": data}
        envelope |= {"type": "azureml.inference.model_inputs", "time": "2026-03-05T22:50:00Z"}
        envelope |= {"datacontenttype": "application/json", "contentrange": "bytes 0-77/78"}
        envelope |= {"correlationid": guid, "xrequestid": guid, "modelversion": "default"}
        envelope |= {"collectdatatype": "pandas.core.frame.DataFrame"}
        envelope |= {"agent": "azureml-ai-monitoring/1.0.0"}
        lines.append(json.dumps(envelope, separators=(",", ":")))
    return "\n".join([*lines, ""]).encode()


def best(tasks: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the shortest time in seconds of each task, all run in turn."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - start)
    return {name: min(spent) for name, spent in times.items()}


def show(times: dict[str, float], rows: int) -> None:
    alone = next(iter(times.values()))
    for name, spent in times.items():
        print(f"  {name:32} {spent:7.3f} s {rows / spent:12,.0f} rows/s {spent / alone:6.2f} ×")


def peak_mb() -> float:
    """Return the peak memory of this process (Linux: getrusage would count the parent's, too)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def memory(rows: int) -> None:
    """Run in a process of its own: print the peak before and after reading from standard input."""
    data = sys.stdin.buffer.read()
    before = peak_mb()
    frame = collected.read(data, "inputs.csv").frame
    size = frame.memory_usage(deep=True).sum() / MB
    print(
        f"  peak {peak_mb() - before:,.0f} MB above the {before:,.0f} MB of a process with the "
        f"{len(data) / MB:,.0f} MB file of {rows:,} rows; the frame is {size:,.0f} MB"
    )


def profiled(data: bytes) -> Callable[[], object] | None:
    """Return reading and profiling as one task, if there is a profile to make."""
    try:
        from lib import profile
    except ImportError:
        return None
    return lambda: profile.profile(collected.read(data, "inputs.csv").frame)


def main(rows: int) -> None:
    data = day(rows)
    print(f"v1, {rows:,} rows of 25 features, {len(data) / MB:,.0f} MB")
    tasks: dict[str, Callable[[], object]] = {
        "pandas, parse only": lambda: pd.read_csv(io.BytesIO(data), engine="pyarrow", dtype=str),
        "read": lambda: collected.read(data, "inputs.csv"),
    }
    if task := profiled(data):
        tasks["read and profile"] = task
    show(best(tasks), rows)

    changed = day(rows, 0.5)
    print("the same, with one feature more from noon on")
    show(best({"read": lambda: collected.read(changed, "inputs.csv")}), rows)

    few = min(rows, 100_000)
    lines = events(few)
    print(f"v2, {few:,} events of 8 features, {len(lines) / MB:,.0f} MB")
    tasks = {
        "json.loads of every line": lambda: [json.loads(line) for line in io.BytesIO(lines)],
        "read": lambda: collected.read(lines, "inputs.jsonl"),
    }
    show(best(tasks), few)

    for count in sorted({few, rows}):
        command = [sys.executable, __file__, str(count), "memory"]
        subprocess.run(command, input=day(count), check=True)


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if sys.argv[2:] == ["memory"]:
        memory(size)
    else:
        main(size)
