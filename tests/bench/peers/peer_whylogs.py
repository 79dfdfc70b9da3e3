"""whylogs: a profile a day, those of the reference merged, and its drift scores with categories.

DRIFT is its verdict; POSSIBLE_DRIFT, a p-value up to 0.15, is left out in its favour.
"""

from functools import reduce
from importlib.metadata import version

import frames
import whylogs
import workload
from whylogs.core import DatasetProfileView
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores


def profiled(day: int) -> DatasetProfileView:
    """Return the profile of a day."""
    frame = frames.read(asked.folder, [day]).drop(columns=workload.STAMP)
    clock.lap("pandas")
    view = whylogs.log(frame).view()
    clock.lap("drift")
    return view


def merged(days: tuple[int, ...]) -> DatasetProfileView:
    """Return the profile of some days."""
    return reduce(lambda whole, view: whole.merge(view), map(profiled, days))


asked = frames.asked()
clock = frames.Clock()
reference = merged(workload.REFERENCE)
spans = [workload.WINDOW] if asked.task == "window" else [(day,) for day in workload.CURRENT]
flags: frames.Flags = {}
for span in spans:
    scores = calculate_drift_scores(merged(span), reference, with_thresholds=True)
    for name, score in scores.items():
        if score and score["drift_category"] == "DRIFT":
            flags.setdefault(name, []).append(span[-1])
    clock.lap("drift")
frames.say(version("whylogs"), clock, default=flags)
