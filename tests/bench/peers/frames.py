"""How a tool that takes data frames gets the days, and how every tool says what it found."""

import argparse
import json
import time
from collections.abc import Iterable

import pandas as pd
import workload

Flags = dict[str, list[int]]
"""The days on which a feature is said to differ, by feature; a window counts as its last day."""


def asked() -> argparse.Namespace:
    """Return the folder of the data and the task: a window of seven days, or a series."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("task", choices=("window", "series", "grid"))
    return parser.parse_args()


def read(folder: str, days: Iterable[int]) -> pd.DataFrame:
    """Return the rows of some days: the features and the time of scoring."""
    parts = [
        pd.read_csv(
            workload.file(folder, number),
            usecols=lambda name: name == workload.STAMP or not name.startswith("$"),
            parse_dates=[workload.STAMP],
        )
        for number in days
    ]
    return pd.concat(parts, ignore_index=True)


class Clock:
    """Says how long each part of a run took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, part: str) -> None:
        """Add the time since the last lap to a part."""
        now = time.perf_counter()
        self.seconds[part] = self.seconds.get(part, 0) + now - self._last
        self._last = now


def say(version: str, clock: Clock, **flags: Flags) -> None:
    """Print the result on a line of its own; the flags are by level, of which most have one."""
    found = {
        level: {name: sorted(days) for name, days in by.items()} for level, by in flags.items()
    }
    print("\n" + json.dumps({"version": version, "parts": clock.seconds, "flags": found}))
