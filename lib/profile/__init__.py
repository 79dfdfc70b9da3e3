"""What is kept of rows: small summaries that can be merged, and all that is drawn from them.

`profile` makes one of a frame, `merge` one of many. A `Profile` holds a `Feature`
per column, and that the numbers, instants and texts of its cells (`feature`,
`weighted`, `counts`). `kind` says what a feature is, `numbers_of` which numbers it
is measured by; histograms, quantiles and tables follow from these.
"""

from lib.profile.bins import edges, histogram, outside
from lib.profile.counts import Counts
from lib.profile.feature import Feature, Profile, Shapes, merge_features
from lib.profile.kinds import KINDS, distinct, kind, numbers_of, type_errors
from lib.profile.measure import META, profile
from lib.profile.splits import belongs, groups, held, split
from lib.profile.tables import table, top
from lib.profile.texts import plain, storable
from lib.profile.vectors import merge
from lib.profile.weighted import Weighted, ecdf, quantiles

__all__ = [
    "KINDS",
    "META",
    "Counts",
    "Feature",
    "Profile",
    "Shapes",
    "Weighted",
    "belongs",
    "distinct",
    "ecdf",
    "edges",
    "groups",
    "held",
    "histogram",
    "kind",
    "merge",
    "merge_features",
    "numbers_of",
    "outside",
    "plain",
    "profile",
    "quantiles",
    "split",
    "storable",
    "table",
    "top",
    "type_errors",
]
