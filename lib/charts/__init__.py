"""Small arrays and frames to Plotly figures; pure functions.

Figures hold bins, days and categories, never rows, so a page stays light. They set
no fonts, no background and no series colours but neutral ones: the theme they are shown
in does, light or dark. All names are taken for untrusted text.
"""

from lib.charts._bars import bars, small_bars
from lib.charts._budget import budget
from lib.charts._calendar import calendar
from lib.charts._categories import categories_per_day
from lib.charts._contributions import contributions
from lib.charts._daily import rows_per_day, share_per_day
from lib.charts._dependencies import dependencies
from lib.charts._drift_beside import drift_beside
from lib.charts._drift_line import drift_line
from lib.charts._ecdf import ecdf
from lib.charts._failures import failure_rate
from lib.charts._heatmap import drift_heatmap
from lib.charts._histograms import histogram, small_histogram
from lib.charts._instances import instances
from lib.charts._latency import latency_lines
from lib.charts._latency_heatmap import latency_heatmap
from lib.charts._quantiles import quantile_bands
from lib.charts._ranked import importance, ranked
from lib.charts._requests import request_rate
from lib.charts._stacked import codes_per_time, exceptions_per_time
from lib.charts._time_axis import TimeAxis
from lib.charts._unanswered import unanswered
from lib.charts._verdicts import VERDICT_COLOURS
from lib.charts._week import hour_of_week

__all__ = [
    "VERDICT_COLOURS",
    "TimeAxis",
    "bars",
    "budget",
    "calendar",
    "categories_per_day",
    "codes_per_time",
    "contributions",
    "dependencies",
    "drift_beside",
    "drift_heatmap",
    "drift_line",
    "ecdf",
    "exceptions_per_time",
    "failure_rate",
    "histogram",
    "hour_of_week",
    "importance",
    "instances",
    "latency_heatmap",
    "latency_lines",
    "quantile_bands",
    "ranked",
    "request_rate",
    "rows_per_day",
    "share_per_day",
    "small_bars",
    "small_histogram",
    "unanswered",
]
