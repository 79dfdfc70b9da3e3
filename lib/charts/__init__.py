"""Small arrays and frames to Plotly figures; pure functions.

Figures hold bins, days and categories, never rows, so a page stays light. They set
no fonts, no background and no series colours but neutral ones: the theme they are shown
in does, light or dark. All names are taken for untrusted text.
"""

from lib.charts._bars import bars, small_bars
from lib.charts._calendar import calendar
from lib.charts._categories import categories_per_day
from lib.charts._daily import rows_per_day, share_per_day
from lib.charts._ecdf import ecdf
from lib.charts._histograms import histogram, small_histogram
from lib.charts._quantiles import quantile_bands

__all__ = [
    "bars",
    "calendar",
    "categories_per_day",
    "ecdf",
    "histogram",
    "quantile_bands",
    "rows_per_day",
    "share_per_day",
    "small_bars",
    "small_histogram",
]
