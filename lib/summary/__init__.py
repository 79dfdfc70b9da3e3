"""Small tables and sentences that pages show, made of what was read day by day.

* `versions`  which versions collect, how much, and whether it is whole
* `days`      rows, sizes, gaps and problems by day
* `features`  features over days, and beside a reference
* `sentences` what is said of one feature
* `words`     numbers, days and names as people write them
"""

from lib.summary import words
from lib.summary.days import by_day, bytes_by_day, gaps, problems, window_sentence
from lib.summary.features import (
    MEASURED,
    categories_per_day,
    change,
    missing_per_day,
    quantiles,
    quantiles_per_day,
    side_by_side,
    statistics,
)
from lib.summary.sentences import card_line, feature_sentence, key_numbers, spread_line
from lib.summary.versions import Version, headline, state, versions

__all__ = [
    "MEASURED",
    "Version",
    "by_day",
    "bytes_by_day",
    "card_line",
    "categories_per_day",
    "change",
    "feature_sentence",
    "gaps",
    "headline",
    "key_numbers",
    "missing_per_day",
    "problems",
    "quantiles",
    "quantiles_per_day",
    "side_by_side",
    "spread_line",
    "state",
    "statistics",
    "versions",
    "window_sentence",
    "words",
]
