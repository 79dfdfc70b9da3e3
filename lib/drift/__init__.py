"""How two sides of a model's data differ: a reference and what is current.

`compare` gives a verdict for each feature from two profiles. A verdict needs both
significance and size: a difference that chance would hardly give (`q`), and one that
is large enough to matter (`js_debiased`). `bins` says what a feature is counted in,
`measures` how far apart two such counts are.

`grids` counts each day in the same bins. Of these `series` measures every day against
the reference, `change` finds the day on which a feature changed, and `weekly` whether
it follows the week. `tell_apart` looks at all features of some rows together.
"""

from lib.drift.bins import Bins, bins, count, shared_kind
from lib.drift.change import Change, change
from lib.drift.classifier import Apart, tell_apart
from lib.drift.compare import COLUMNS, compare
from lib.drift.grid import Grid, grids
from lib.drift.measures import contributions
from lib.drift.members import members
from lib.drift.series import series
from lib.drift.signals import CODES, Signal, signals
from lib.drift.thresholds import DEFAULT, DRIFTED, VERDICTS, Thresholds
from lib.drift.weekly import Weekly, weekly

__all__ = [
    "CODES",
    "COLUMNS",
    "DEFAULT",
    "DRIFTED",
    "VERDICTS",
    "Apart",
    "Bins",
    "Change",
    "Grid",
    "Signal",
    "Thresholds",
    "Weekly",
    "bins",
    "change",
    "compare",
    "contributions",
    "count",
    "grids",
    "members",
    "series",
    "shared_kind",
    "signals",
    "tell_apart",
    "weekly",
]
