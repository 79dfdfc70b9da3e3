"""evidently: a report of the drift preset, for a series one a day, with its own tests."""

import evidently
import frames
import pandas as pd
import workload
from evidently import Report
from evidently.presets import DataDriftPreset


def drifted(reference: pd.DataFrame, current: pd.DataFrame) -> list[str]:
    """Return the columns whose test of drift fails."""
    report = Report([DataDriftPreset()], include_tests=True).run(current, reference)
    params = [(test["metric_config"]["params"], test["status"]) for test in report.dict()["tests"]]
    return [at["column"] for at, status in params if "column" in at and status == "FAIL"]


asked = frames.asked()
clock = frames.Clock()
reference = frames.read(asked.folder, workload.REFERENCE).drop(columns=workload.STAMP)
flags: frames.Flags = {}
spans = [workload.WINDOW] if asked.task == "window" else [(day,) for day in workload.CURRENT]
for span in spans:
    current = frames.read(asked.folder, span).drop(columns=workload.STAMP)
    clock.lap("pandas")
    for name in drifted(reference, current):
        flags.setdefault(name, []).append(span[-1])
    clock.lap("drift")
frames.say(evidently.__version__, clock, default=flags)
