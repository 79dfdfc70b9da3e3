"""Small arrays and frames to Plotly figures; pure functions.

Figures hold bins, days and categories, never rows, so a page stays light. They set
no fonts, no background and no series colours but neutral ones: the theme they are shown
in does, light or dark. All names are taken for untrusted text.
"""

from lib.charts._bars import bars, small_bars
from lib.charts._calendar import calendar
from lib.charts._categories import categories_per_day
from lib.charts._contributions import contributions
from lib.charts._daily import rows_per_day, share_per_day
from lib.charts._drift_line import drift_line
from lib.charts._ecdf import ecdf
from lib.charts._heatmap import drift_heatmap
from lib.charts._histograms import histogram, small_histogram
from lib.charts._quantiles import quantile_bands
from lib.charts._ranked import importance, ranked
from lib.charts._verdicts import VERDICT_COLOURS

__all__ = [
    "VERDICT_COLOURS",
    "bars",
    "calendar",
    "categories_per_day",
    "contributions",
    "drift_heatmap",
    "drift_line",
    "ecdf",
    "histogram",
    "importance",
    "quantile_bands",
    "ranked",
    "rows_per_day",
    "share_per_day",
    "small_bars",
    "small_histogram",
]
