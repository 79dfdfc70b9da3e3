"""Writes the benchmark's days as azureml-monitoring does.

    python write.py FOLDER ROWS window|series|grid [--no-id]

ROWS are those of a window of seven days. Each feature of each day has a random stream of its own.
A grid has 97 days and ten features more.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import workload
from numpy.random import Generator
from pyarrow import csv

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench_read import guids

SEED = 20260302
DAYS = {
    "window": (*workload.REFERENCE, *workload.WINDOW),
    "series": (*workload.REFERENCE, *workload.CURRENT),
    "grid": tuple(range(1, 98)),
}
ZIPF = 1 / np.arange(1, 801) ** 1.2
CONSTANTS = {
    "$aml_workspace": "sub/rg/ws",
    "$aml_service_name": "svc",
    "$aml_model_name": "m",
    "$aml_model_version": "1",
    "$aml_request_id": "00000000-0000-0000-0000-000000000000",
}


def column(feature: str, number: int, rows: int) -> object:
    """Return the cells of a feature on a day."""
    rng = np.random.default_rng((SEED, rows, number, int.from_bytes(feature.encode())))
    changed = workload.is_changed(feature, number)
    kind, _, at = feature.partition("_")
    if kind == "num":
        return _numbers(int(at), rng, rows, number, changed)
    if kind == "cat":
        return _categories(int(at), rng, rows, changed)
    if feature == "flag":
        return _picked(rng, ["True", "False"], [0.6, 0.4] if changed else [0.5, 0.5], rows)
    return _picked(rng, [f"C{customer:05}" for customer in range(50_000)], None, rows)


def _numbers(at: int, rng: Generator, rows: int, number: int, changed: bool) -> object:
    match at:
        case 0:
            return rng.normal(53 if changed else 50, 10, rows).round(3)
        case 1:
            return rng.normal(0, 1.5 if changed else 1, rows).round(4)
        case 2:
            return (rng.lognormal(3, 1, rows) * (100 if changed else 1)).round(2)
        case 3:
            return rng.normal(-2, 0.5, rows)
        case 4:
            return rng.standard_t(3, rows).round(5)
        case 5:
            return rng.poisson(3, rows)
        case 6:
            return rng.random(rows)
        case 7:
            absent = rng.random(rows) < (0.2 if changed else 0.02)
            return pa.array(rng.normal(100, 15, rows).round(2), mask=absent)
        case 8:
            return rng.exponential(20, rows).round(2)
        case 9:
            return rng.integers(18, 91, rows)
        case 10:
            return rng.lognormal(8, 1.5, rows).round(2)
        case 11:
            return rng.pareto(2.5, rows).round(4)
        case 12:
            return np.where(rng.random(rows) < 0.3, 0, rng.gamma(2, 50, rows)).round(1)
        case 13:
            wave = 0.2 * np.sin(2 * np.pi * number / 7)
            return rng.normal(wave, 1, rows).round(4)
        case _:
            return rng.normal(at, at, rows).round(3)


def _categories(at: int, rng: Generator, rows: int, changed: bool) -> pa.Array:
    match at:
        case 0:
            words = ["card", "transfer", "cash", "cheque", "voucher"]
            shares = [0.3, 0.25, 0.2, 0.1, 0.15] if changed else [0.4, 0.25, 0.2, 0.1, 0.05]
        case 1:
            words = ["north", "south", "east", "west", "abroad", "at sea"]
            shares = [0.3, 0.25, 0.2, 0.15, 0.09, 0.01]
            if changed:
                words, shares = [*words, "orbit"], [0.97 * share for share in shares] + [0.03]
        case 2:
            words = [f"branch {branch}" for branch in range(30)]
            shares = list(0.9 ** np.arange(30) / (0.9 ** np.arange(30)).sum())
        case _:
            words = [f"shop {shop}" for shop in range(len(ZIPF))]
            shares = list(ZIPF / ZIPF.sum())
    return _picked(rng, words, shares, rows)


def _picked(rng: Generator, words: list[str], shares: list[float] | None, rows: int) -> pa.Array:
    codes = rng.choice(len(words), rows, p=shares).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes), words).cast(pa.string())


def write(folder: str, number: int, rows: int, features: list[str]) -> None:
    """Write one day; the metadata stand right of the features."""
    columns: dict[str, object] = {name: column(name, number, rows) for name in features}
    rng = np.random.default_rng((SEED, rows, number))
    start = np.datetime64(workload.day(number), "us")
    stamps = start + np.arange(rows) * (86_400_000_000 // rows)
    columns["$aml_dc_correlation_id"] = guids(rng, rows)
    columns[workload.STAMP] = np.datetime_as_string(stamps)
    columns["$aml_dc_boundary"] = pa.array([1440] * rows)
    columns |= {name: pa.array([word] * rows) for name, word in CONSTANTS.items()}
    path = workload.file(folder, number)
    path.parent.mkdir(parents=True)
    with path.open("wb") as sink:
        sink.write(",".join(columns).encode() + b"\r\n")
        table = pa.table({name: pa.array(cells) for name, cells in columns.items()})
        csv.write_csv(table, sink, csv.WriteOptions(include_header=False, quoting_style="none"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("rows", type=int)
    parser.add_argument("task", choices=DAYS)
    parser.add_argument("--no-id", action="store_true")
    asked = parser.parse_args()
    chosen = [name for name in workload.FEATURES if name != workload.ID or not asked.no_id]
    if asked.task == "grid":
        chosen += [f"num_{at}" for at in range(14, 24)]
    for each in DAYS[asked.task]:
        write(asked.folder, each, asked.rows // 7, chosen)
