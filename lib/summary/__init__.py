"""Small tables and sentences that pages show, made of what was read day by day.

* `versions`  which versions collect, how much, and whether it is whole
* `observed`  what telemetry adds to that
* `days`      rows, sizes, gaps and problems by day
* `features`  features over days, and beside a reference
* `drift`     what drifted, since when, and what moved
* `unread`    files that could not be read, and why
* `sentences` what is said of one feature
* `words`     numbers, days and names as people write them
"""

from lib.summary import words
from lib.summary.days import by_day, bytes_by_day, gaps, notes, problems, window_sentence
from lib.summary.drift import (
    MOVED,
    TESTED,
    drift_headline,
    drifted_share,
    importances,
    mismatch,
    moved_text,
    ranking,
    signals_table,
    verdict_sentence,
    what_moved,
    worst_per_day,
)
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
from lib.summary.observed import (
    OBSERVED,
    Names,
    explained,
    failing,
    unexplained,
    with_telemetry,
)
from lib.summary.sentences import card_line, feature_sentence, key_numbers, spread_line
from lib.summary.unread import unread, unread_text
from lib.summary.versions import Version, headline, state, versions

__all__ = [
    "MEASURED",
    "MOVED",
    "OBSERVED",
    "TESTED",
    "Names",
    "Version",
    "by_day",
    "bytes_by_day",
    "card_line",
    "categories_per_day",
    "change",
    "drift_headline",
    "drifted_share",
    "explained",
    "failing",
    "feature_sentence",
    "gaps",
    "headline",
    "importances",
    "key_numbers",
    "mismatch",
    "missing_per_day",
    "moved_text",
    "notes",
    "problems",
    "quantiles",
    "quantiles_per_day",
    "ranking",
    "side_by_side",
    "signals_table",
    "spread_line",
    "state",
    "statistics",
    "unexplained",
    "unread",
    "unread_text",
    "verdict_sentence",
    "versions",
    "what_moved",
    "window_sentence",
    "with_telemetry",
    "words",
    "worst_per_day",
]
