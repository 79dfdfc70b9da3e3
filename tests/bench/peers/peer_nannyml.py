"""nannyml: its default method by calendar days; limits come from the days of the reference.

Its verdict is on a chunk. A window counts as drifted if at least four of its seven days do.
"""

import frames
import nannyml
import workload

asked = frames.asked()
clock = frames.Clock()
days = workload.WINDOW if asked.task == "window" else workload.CURRENT
reference = frames.read(asked.folder, workload.REFERENCE)
current = frames.read(asked.folder, days)
clock.lap("pandas")
features = [name for name in reference.columns if name != workload.STAMP]
drift = nannyml.UnivariateDriftCalculator(
    column_names=features, timestamp_column_name=workload.STAMP, chunk_period="D"
)
result = drift.fit(reference).calculate(current).filter(period="analysis").to_df()
alerts = {name: result[name, "jensen_shannon", "alert"].to_numpy() for name in features}
clock.lap("drift")
flags = {name: [days[at] for at in found.nonzero()[0]] for name, found in alerts.items()}
if asked.task == "window":
    flags = {name: [days[-1]] for name, found in flags.items() if len(found) >= 4}
frames.say(nannyml.__version__, clock, default=flags)
