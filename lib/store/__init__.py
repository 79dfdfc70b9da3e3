"""What is kept of the collected blobs once they have been read.

A blob is read once per ETag; what stays is its profile, its row count and its
problems. A page therefore costs the blobs that are new since the last visit, and of a
blob that has grown what is new in it. A `Shelf` holds them: in memory, up to a size, and
in files that outlive the process and may be shared. Rows are kept too, from the second
time on that they are needed.
"""

from lib.store.batches import Unread
from lib.store.days import Day, days, merged, splits
from lib.store.frames import Matches, all_rows, sample
from lib.store.kept import Notes
from lib.store.listings import Listings
from lib.store.names import matched
from lib.store.reading import KINDS, rows, unread
from lib.store.shelf import Shelf

__all__ = [
    "KINDS",
    "Day",
    "Listings",
    "Matches",
    "Notes",
    "Shelf",
    "Unread",
    "all_rows",
    "days",
    "matched",
    "merged",
    "rows",
    "sample",
    "splits",
    "unread",
]
