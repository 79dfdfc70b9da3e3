"""What was collected, where and when, told by the names of the blobs alone.

* `paths`    a blob's name and the model, version, identifier and time that it stands for
* `walk`     which collections a container holds
* `days`     the blobs of one collection in a window of days, its first and its last day
* `sizes`    how much lies in some collections

Nothing here reads a blob. Listing is what costs time and money, so every function says
how many calls it makes.
"""

from lib.catalog.days import DayBlob, blobs, first_day, last_day
from lib.catalog.paths import SPANS, CollectedBlob, Collection, parse
from lib.catalog.sizes import Size, sizes
from lib.catalog.walk import Tree, collections, tell_apart

__all__ = [
    "SPANS",
    "CollectedBlob",
    "Collection",
    "DayBlob",
    "Size",
    "Tree",
    "blobs",
    "collections",
    "first_day",
    "last_day",
    "parse",
    "sizes",
    "tell_apart",
]
