"""Driftline: what its pages do, without the browser.

Profiles are kept where DRIFTLINE_PROFILES_FOLDER says, so a second run reads those of the first.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import frames
import pandas as pd
import workload

sys.path.insert(0, str(Path(__file__).parents[3]))

from lib import blobs, catalog, drift, settings, store
from lib.settings import Source
from lib.store import Day
from lib.window import Window

MB = 1024 * 1024
LEVELS = {"watch": ("watch", *drift.DRIFTED), "drift": drift.DRIFTED}

told = settings.load({}, os.environ)
shelf = store.Shelf(told.limits.cache_mb * MB, blobs.open_place(told.profiles))
asked = frames.asked()
container = blobs.open(Source("bench", folder=asked.folder), "modeldata")
clock = frames.Clock()


def read(numbers: Iterable[int]) -> list[Day]:
    """Return the days of a window, summarised."""
    first, *_, last = map(workload.day, numbers)
    (collection,) = catalog.collections(container).collections
    found = catalog.blobs(container, collection, first, last)
    return list(store.days(shelf, container, found, Window(first, last)))


def flagged(table: pd.DataFrame, days: pd.Series) -> dict[str, frames.Flags]:
    """Return the days on which each feature has a verdict of a level or a worse one."""
    flags: dict[str, frames.Flags] = {level: {} for level in LEVELS}
    for name, verdict, day in zip(table["feature"], table["verdict"], days, strict=True):
        for level, verdicts in LEVELS.items():
            if verdict in verdicts:
                flags[level].setdefault(name, []).append((day - workload.day(0)).days)
    return flags


current = {"window": workload.WINDOW, "series": workload.CURRENT, "grid": range(8, 98)}
before, now = read(workload.REFERENCE), read(current[asked.task])
clock.lap("read")
both = store.merged(shelf, before), store.merged(shelf, now)
clock.lap("merge")
if asked.task == "window":
    table = drift.compare(*both)
    days = pd.Series(workload.day(workload.WINDOW[-1]), table.index)
else:
    grids = drift.grids(
        {day.day: day.profile for day in before}, {day.day: day.profile for day in now}, whole=both
    )
    table = drift.series(grids)
    table = table[table["part"] == "current"]
    days = table["day"]
clock.lap("drift")
frames.say("", clock, **flagged(table, days))
