"""popmon: histograms by day against those of the reference; a red traffic light is its verdict.

The histograms are made in a step of their own, since `df_stability_metrics` of a reference raises
TypeError in 1.4.12. A window counts as drifted if at least four of its seven days are red.
"""

import logging

import frames
import popmon
import workload
from histogrammar.dfinterface.make_histograms import make_histograms
from popmon import stability_metrics
from popmon.config import Settings

logging.disable()

RED = 2
asked = frames.asked()
clock = frames.Clock()
days = workload.WINDOW if asked.task == "window" else workload.CURRENT
reference = frames.read(asked.folder, workload.REFERENCE)
current = frames.read(asked.folder, days)
clock.lap("pandas")
settings = Settings(time_axis=workload.STAMP, reference_type="external")
settings._set_bin_specs_by_time_width_and_offset("1d", 0)
before, features, bins, axis, types = make_histograms(
    reference,
    features=[f"{workload.STAMP}:{name}" for name in reference.columns if name != workload.STAMP],
    bin_specs=settings.bin_specs,
    time_axis=workload.STAMP,
    ret_specs=True,
)
now = make_histograms(current, features=features, bin_specs=bins, time_axis=axis, var_dtype=types)
lights = stability_metrics(now, settings=settings, reference=before)["traffic_lights"]
red = {name: (light.to_numpy() >= RED).any(axis=1) for name, light in lights.items()}
clock.lap("drift")
red.pop("_AGGREGATE_", None)
flags = {name: [days[at] for at in found.nonzero()[0]] for name, found in red.items()}
if asked.task == "window":
    flags = {name: [days[-1]] for name, found in flags.items() if len(found) >= 4}
frames.say(popmon.__version__, clock, default=flags)
