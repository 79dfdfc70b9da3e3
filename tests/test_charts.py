import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import charts
from lib.charts import _times, _words

NAN, INF = float("nan"), float("inf")
MARKUP = '<b>x</b> & <a href="https://example.org">y</a> %{y}'
ESCAPED = '&lt;b&gt;x&lt;/b&gt; &amp; &lt;a href="https://example.org"&gt;y&lt;/a&gt; %&#123;y}'
LONG = "a long name " * 84
MONDAY = date(2026, 3, 2)
QUANTILES = ["p05", "p25", "p50", "p75", "p95"]


def days_from(first: date, values: list[float]) -> pd.DataFrame:
    days = [first + timedelta(days=i) for i in range(len(values))]
    return pd.DataFrame({"day": days, "value": values})


def quantile_days(*medians: float) -> pd.DataFrame:
    frame = days_from(MONDAY, list(medians))
    for name, offset in zip(QUANTILES, (-40, -10, 0, 10, 40), strict=True):
        frame[name] = frame["value"] + offset
    return frame


def share_days(*rows: tuple[int, str, float]) -> pd.DataFrame:
    table = [(MONDAY + timedelta(days=day), category, share) for day, category, share in rows]
    return pd.DataFrame(table, columns=["day", "category", "share"])


def seconds(*moments: str) -> list[float]:
    return [datetime.fromisoformat(f"{moment}+00:00").timestamp() for moment in moments]


def time_days(*medians: str) -> pd.DataFrame:
    """Days whose quantiles are 40 and 10 hours before and after the median; "" is a gap."""
    numbers = [seconds(median)[0] if median else NAN for median in medians]
    frame = days_from(MONDAY, numbers)
    for name, hours in zip(QUANTILES, (-40, -10, 0, 10, 40), strict=True):
        frame[name] = frame["value"] + hours * 3600
    return frame


def json_of(figure: go.Figure) -> str:
    """What is sent to the browser, without the template that all figures share."""
    spec = figure.to_dict()
    spec["layout"].pop("template", None)
    return go.Figure(spec, layout_template="none").to_json()


def words_of(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


# What a name may do


@given(st.text(max_size=400))
@settings(deadline=None, max_examples=200)
def test_no_text_brings_markup_or_a_template_of_its_own(text: str):
    for shown in (_words.short(text), _words.whole(text).replace("<br>", "")):
        assert "<" not in shown
        assert ">" not in shown
        assert "%{" not in shown
        assert "\n" not in shown


def test_a_long_name_gives_way_in_its_middle():
    assert _words.short("abcdefghijklmnopqrstuvwxyz", 11) == "abcde…vwxyz"[:11]
    assert _words.short("abcdefghij", 11) == "abcdefghij"
    assert len(_words.short(LONG)) == 24


def test_a_hover_text_has_the_whole_name_in_lines_that_fit_on_a_screen():
    name = "word " * 50
    assert _words.whole(name).replace("<br>", " ") == name.strip()
    assert max(len(line) for line in _words.whole(name).split("<br>")) <= 60
    assert len(_words.whole("x" * 1000)) <= 300 + 4 * len("<br>")


def test_a_name_cut_short_is_escaped_after_the_cut():
    assert _words.short("<" * 30, 5) == "&lt;&lt;…&lt;&lt;"


def test_marks_that_turn_or_hide_text_are_taken_out():
    assert _words.short("a\u202eb\nc\x00d\ud800") == "a b c d"
    assert _words.short(" \u200b ") == "(empty)"


def test_numbers_keep_the_digits_that_matter():
    shown = [_words.number(n) for n in (0, 1234567, 0.012345, 12.5, 1e-7, -1500.4, 2.5e17, NAN)]
    assert shown == [
        "0", "1,234,567", "0.01235", "12.5", "1.000e-07", "-1,500", "2.500e+17", "no number"
    ]  # fmt: skip
    assert [_words.compact(n) for n in (7, 999, 1204, 12040, 3.4e7, 2e9, 5e12)] == [
        "7", "999", "1.2k", "12k", "34M", "2.0B", "5.0T"
    ]  # fmt: skip


def test_a_small_share_is_not_called_none():
    shares = [0, 0.0001, 0.0005, 0.0314, 1, NAN]
    assert [_words.percent(share) for share in shares] == [
        "0%", "under 0.1%", "0.1%", "3.1%", "100%", "no share"
    ]  # fmt: skip
    assert _words.rows(1, 0.5) == "1 row (50.0%)"
    assert _words.rows(NAN, NAN) == "rows not known"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 10, "0 to 10"),
        (1_000_000.25, 1_000_000.5, "1,000,000.25 to 1,000,000.5"),
        (-0.5, 0, "-0.5 to 0"),
        (2e15, 3e15, "2.000e+15 to 3.000e+15"),
        (-INF, 3, "below 3"),
        (1500, INF, "1,500 and above"),
        (-INF, INF, "any value"),
        (5, 5, "5"),
    ],
)
def test_the_ends_of_a_bin_can_be_told_apart(low: float, high: float, words: str):
    assert _words.span(low, high) == words


# Calendar


def test_a_calendar_has_a_cell_per_day_in_the_column_of_its_monday():
    figure = charts.calendar(days_from(date(2026, 3, 7), [5, 6, 1204]))
    cells = figure.data[0]
    assert list(cells.x) == ["2026-03-02", "2026-03-02", "2026-03-09"]
    assert list(cells.base + cells.y / 2) == pytest.approx([5, 6, 0])  # Sat, Sun, Mon
    assert list(cells.marker.color) == [5, 6, 1204]
    assert list(cells.customdata) == ["2026-03-07", "2026-03-08", "2026-03-09"]
    assert list(figure.layout.yaxis.ticktext)[0::6] == ["Mon", "Sun"]
    assert list(figure.layout.xaxis.ticktext) == ["2 Mar<br>2026", "9 Mar"]


def test_a_calendar_says_the_day_and_its_rows():
    cells = charts.calendar(days_from(MONDAY, [1204]), unit="rows").data[0]
    assert cells.hovertext == ("1,204",)
    assert list(cells.meta) == ["rows"]
    assert cells.hovertemplate == (
        "%{customdata|%a %-d %b %Y}: %{hovertext} %{meta[0]}<extra></extra>"
    )


def test_days_without_data_are_hatched_whether_nan_or_not_there():
    frame = days_from(MONDAY, [3, NAN, INF, 0, 8]).drop(index=3)
    figure = charts.calendar(frame)
    cells, gaps = figure.data
    assert list(cells.customdata) == ["2026-03-02", "2026-03-06"]
    assert list(gaps.customdata) == ["2026-03-03", "2026-03-04", "2026-03-05"]
    assert gaps.marker.pattern.shape == "/"
    assert "no data collected" in gaps.hovertemplate
    assert figure.layout.showlegend


def test_a_day_of_zero_rows_is_data():
    figure = charts.calendar(days_from(MONDAY, [0, 0]))
    (cells,) = figure.data
    assert list(cells.marker.color) == [0, 0]
    assert (cells.marker.cmin, cells.marker.cmax) == (0, 1)


def test_a_calendar_of_days_without_any_data_still_shows_them():
    (gaps,) = charts.calendar(days_from(MONDAY, [NAN, NAN])).data
    assert gaps.name == "no data collected"
    assert len(gaps.x) == 2


def test_numbers_are_written_into_cells_that_are_wide_enough():
    assert charts.calendar(days_from(MONDAY, [1204.0] * 45)).data[0].text[0] == "1.2k"
    assert charts.calendar(days_from(MONDAY, [1204.0] * 400)).data[0].text is None


def test_weeks_are_labelled_with_the_year_where_it_changes():
    figure = charts.calendar(days_from(date(2025, 12, 22), [1.0] * 21))
    assert list(figure.layout.xaxis.ticktext) == ["22 Dec<br>2025", "29 Dec", "5 Jan<br>2026"]


@pytest.mark.parametrize("count", [1, 45, 400])
def test_every_day_of_a_window_has_exactly_one_cell(count: int):
    figure = charts.calendar(days_from(date(2025, 11, 5), [1.0] * count))
    cells = figure.data[0]
    assert len(set(zip(cells.x, cells.base, strict=True))) == count
    assert all(date.fromisoformat(monday).weekday() == 0 for monday in cells.x)
    assert len(figure.layout.xaxis.tickvals) <= 14


# Per day


def test_rows_per_day_leaves_a_gap_for_a_day_without_rows():
    figure = charts.rows_per_day(days_from(MONDAY, [5, 0, NAN, 7]).drop(index=1))
    (bars,) = figure.data
    assert list(bars.x) == ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]
    np.testing.assert_array_equal(bars.y, [5, NAN, NAN, 7])
    assert list(bars.customdata) == list(bars.x)
    assert bars.hovertemplate == "%{x|%a %-d %b %Y}: %{y:,} %{meta[0]}<extra></extra>"
    assert figure.layout.yaxis.title.text == "Rows"
    assert figure.layout.xaxis.title.text == "Day (UTC)"


@pytest.mark.parametrize(
    "day",
    [MONDAY, pd.Timestamp("2026-03-02"), datetime(2026, 3, 2, 23, 59, tzinfo=UTC), "2026-03-02"],
)
def test_days_may_be_dates_or_timestamps_in_utc(day: object):
    (bars,) = charts.rows_per_day(pd.DataFrame({"day": [day], "value": [1]})).data
    assert list(bars.x) == ["2026-03-02"]


def test_rows_per_day_are_stacked_by_series():
    frame = pd.concat(
        [
            days_from(MONDAY, [5, 6]).assign(version="3"),
            days_from(MONDAY + timedelta(days=1), [1, 2]).assign(version=MARKUP),
        ]
    )
    figure = charts.rows_per_day(frame, series="version", unit="requests")
    first, second = figure.data
    np.testing.assert_array_equal(first.y, [5, 6, NAN])
    np.testing.assert_array_equal(second.y, [NAN, 1, 2])
    assert second.meta[1] == ESCAPED
    assert figure.layout.barmode == "stack"
    assert figure.layout.showlegend
    assert figure.layout.yaxis.title.text == "Requests"


def test_a_single_day_is_drawn_as_narrow_as_one_of_ten():
    axis = charts.rows_per_day(days_from(MONDAY, [5])).layout.xaxis
    start, end = (datetime.fromisoformat(f"{text}:00:00"[:19]) for text in axis.range)
    assert end - start == timedelta(days=10)
    assert axis.ticktext == ("2 Mar<br>2026",)


def test_few_rows_have_no_ticks_between_whole_ones():
    assert charts.rows_per_day(days_from(MONDAY, [3])).layout.yaxis.dtick == 1
    assert charts.rows_per_day(days_from(MONDAY, [300])).layout.yaxis.dtick is None


def test_a_zoom_stays_for_the_same_window_only():
    def zoom(figure: go.Figure) -> object:
        return figure.layout.xaxis.uirevision

    assert zoom(charts.rows_per_day(days_from(MONDAY, [1, 2]))) == zoom(
        charts.quantile_bands(quantile_days(50, 60))
    )
    assert zoom(charts.rows_per_day(days_from(MONDAY, [1, 2]))) != zoom(
        charts.rows_per_day(days_from(MONDAY, [1, 2, 3]))
    )


def test_a_share_per_day_starts_at_zero_and_is_titled_as_told():
    frame = days_from(MONDAY, [0.25, NAN, 0.0001]).rename(columns={"value": "share"})
    figure = charts.share_per_day(frame, title="Missing <values>")
    (bars,) = figure.data
    np.testing.assert_array_equal(bars.y, [0.25, NAN, 0.0001])
    assert list(bars.hovertext) == ["25.0%", "no share", "under 0.1%"]
    assert figure.layout.yaxis.title.text == "Missing &lt;values&gt;"
    assert list(figure.layout.yaxis.range) == pytest.approx([0, 0.2625])


def test_a_share_of_nothing_every_day_still_has_a_scale():
    frame = days_from(MONDAY, [0.0, 0.0]).rename(columns={"value": "share"})
    assert list(charts.share_per_day(frame, title="Missing").layout.yaxis.range) == [0, 0.01]


# Categories per day


def test_categories_are_stacked_by_their_total_with_other_and_missing_last():
    frame = share_days(
        (0, "missing", 0.3), (0, "other", 0.2), (0, "b", 0.1), (0, "a", 0.4),
        (2, "b", 0.9), (2, "a", 0.1),
    )  # fmt: skip
    figure = charts.categories_per_day(frame)
    assert [bars.name for bars in figure.data] == ["b", "a", "other", "missing"]
    np.testing.assert_allclose(figure.data[0].y, [0.1, NAN, 0.9])
    np.testing.assert_allclose(figure.data[2].y, [0.2, NAN, NAN])
    assert [bars.marker.color for bars in figure.data] == [
        None, None, "#8a8f98", "rgba(138, 143, 152, 0.35)"
    ]  # fmt: skip
    assert figure.layout.yaxis.title.text == "Share of rows"


def test_categories_past_the_tenth_are_added_to_other():
    frame = share_days(*((0, f"c{i:02}", (20 - i) / 200) for i in range(15)), (0, "other", 0.1))
    figure = charts.categories_per_day(frame)
    assert len(figure.data) == 11
    assert figure.data[-1].name == "other"
    assert figure.data[-1].y[0] == pytest.approx(0.1 + sum(20 - i for i in range(10, 15)) / 200)
    assert sum(bars.y[0] for bars in figure.data) == pytest.approx(frame["share"].sum())


def test_a_category_that_is_not_there_is_missing():
    frame = share_days((0, "a", 0.5), (0, "missing", 0.25))
    frame.loc[len(frame)] = [MONDAY, None, 0.25]
    figure = charts.categories_per_day(frame)
    assert [bars.name for bars in figure.data] == ["a", "missing"]
    assert figure.data[1].y[0] == 0.5


def test_a_category_may_be_called_anything():
    (bars,) = charts.categories_per_day(share_days((0, MARKUP, 1.0))).data
    assert list(bars.meta) == [ESCAPED]
    assert bars.hovertemplate == "%{x|%a %-d %b %Y}<br>%{meta[0]}: %{y:.1%}<extra></extra>"
    assert "<" not in bars.name
    assert "%{" not in bars.name


# Quantiles per day


def test_the_bands_reach_from_quantile_to_quantile_and_break_at_gaps():
    figure = charts.quantile_bands(quantile_days(100, NAN, 120), unit="ms")
    median, outer, inner = figure.data
    np.testing.assert_array_equal(median.y, [100, NAN, 120])
    assert not median.connectgaps
    np.testing.assert_array_equal(outer.base.astype(float), [60, NAN, 80])
    np.testing.assert_array_equal(outer.y, [80, NAN, 80])
    np.testing.assert_array_equal(inner.base.astype(float), [90, NAN, 110])
    np.testing.assert_array_equal(inner.y, [20, NAN, 20])
    assert figure.layout.yaxis.title.text == "Value (ms)"
    low, high = figure.layout.yaxis.range
    assert low < 60
    assert high > 160


def test_the_quantiles_of_a_day_are_told_in_words():
    median = charts.quantile_bands(quantile_days(100), unit="ms", reference={"p50": 90.0}).data[0]
    np.testing.assert_array_equal(median.customdata, [[60, 90, 100, 110, 140]])
    assert list(median.meta) == [" ms", " (reference 90)"]
    assert median.hovertemplate == (
        "<b>median %{y:,.5~r}%{meta[0]}</b>%{meta[1]}<br>"
        "half between %{customdata[1]:,.5~r} and %{customdata[3]:,.5~r}<br>"
        "90% between %{customdata[0]:,.5~r} and %{customdata[4]:,.5~r}<extra></extra>"
    )


def test_reference_quantiles_are_grey_lines_across_the_window():
    reference = {"p05": 40.0, "p50": 95.0, "p95": 300.0, "p25": 80.0}
    figure = charts.quantile_bands(quantile_days(100, 110), reference=reference)
    lines = figure.data[3:]
    assert [line.y for line in lines] == [(95, 95), (40, 40), (300, 300)]
    assert [line.line.dash for line in lines] == ["dash", "dot", "dot"]
    assert {line.line.color for line in lines} == {"#8a8f98"}
    assert lines[0].x == ("2026-03-01T12", "2026-03-03T12")
    assert figure.layout.yaxis.range[1] > 300


def test_a_reference_without_numbers_draws_nothing():
    reference = {"p50": NAN, "p05": INF}
    assert len(charts.quantile_bands(quantile_days(100), reference=reference).data) == 3


# Histograms


def test_a_histogram_fills_the_current_and_outlines_the_reference():
    figure = charts.histogram(
        [0, 1, 3], {"reference": [1, 3], "current": [6, 2]}, unit="ms", y="share"
    )
    current, reference, hover = figure.data
    assert (current.name, current.fill, current.line.color) == ("current", "tozeroy", None)
    assert (reference.name, reference.fill, reference.line.color) == ("reference", None, "#8a8f98")
    np.testing.assert_array_equal(current.x, [0, 0, 1, 3])
    np.testing.assert_array_equal(current.y, [0, 0.75, 0.25, 0])
    np.testing.assert_array_equal(reference.y, [0, 0.25, 0.75, 0])
    assert list(hover.hovertext) == [
        "<b>0 to 1 ms</b><br>current: 6 rows (75.0%)<br>reference: 1 row (25.0%)",
        "<b>1 to 3 ms</b><br>current: 2 rows (25.0%)<br>reference: 3 rows (75.0%)",
    ]
    assert figure.layout.xaxis.title.text == "Value (ms)"
    assert figure.layout.yaxis.title.text == "Share of rows"


def test_the_unseen_bars_that_hold_the_hover_text_cover_the_bins():
    hover = charts.histogram([0, 1, 3], {"current": [6, 2]}).data[-1]
    np.testing.assert_array_equal(hover.x - hover.width / 2, [0, 1])
    np.testing.assert_array_equal(hover.x + hover.width / 2, [1, 3])
    assert hover.marker.color == "rgba(0, 0, 0, 0)"
    assert hover.hovertext[0] == "<b>0 to 1</b><br>6 rows (75.0%)"


@pytest.mark.parametrize(
    ("y", "heights", "title"),
    [
        ("count", [6, 2], "Rows"),
        ("share", [0.75, 0.25], "Share of rows"),
        ("density", [0.75, 0.125], "Density (per ms)"),
    ],
)
def test_the_height_of_a_bin_is_what_was_asked_for(y, heights, title):
    figure = charts.histogram([0, 1, 3], {"current": [6, 2]}, unit="ms", y=y)
    np.testing.assert_array_equal(figure.data[0].y[1:-1], heights)
    assert figure.layout.yaxis.title.text == title


def test_more_than_two_series_are_lines_that_each_say_what_they_are():
    series = {"reference": [1, 1], "GB": [2, 0], MARKUP: [1, 3]}
    figure = charts.histogram([0, 1, 2], series)
    assert [trace.line.color for trace in figure.data] == [None, None, "#8a8f98"]
    assert all(trace.fill is None and trace.line.shape == "hv" for trace in figure.data)
    markup = figure.data[1]
    assert list(markup.meta) == [ESCAPED]
    assert list(markup.hovertext) == ["0 to 1", "0 to 1", "1 to 2", "1 to 2"]
    np.testing.assert_array_equal(markup.customdata[1:3], [[1, 0.25], [3, 0.75]])
    assert markup.hovertemplate.endswith("<extra></extra>")


def test_bins_at_or_below_zero_are_counted_where_the_axis_cannot_show_them():
    figure = charts.histogram(
        [-10, 0, 10, 100], {"current": [2, 3, 5], "reference": [1, 1, 1]}, log_x=True, y="share"
    )
    assert figure.layout.xaxis.type == "log"
    np.testing.assert_array_equal(figure.data[0].x, [1, 1, 10, 100])
    np.testing.assert_array_equal(figure.data[0].y, [0, 0.3, 0.5, 0])
    assert list(figure.layout.xaxis.range) == pytest.approx([0, 2])
    assert words_of(figure) == ["3 rows at or below 0 are not on this logarithmic axis"]
    assert figure.data[-1].hovertext[0].startswith("<b>0 to 10</b>")


def test_open_bins_are_drawn_as_wide_as_their_neighbours():
    figure = charts.histogram([-INF, 10, 20, INF], {"current": [1, 2, 3]}, unit="ms")
    np.testing.assert_array_equal(figure.data[0].x, [0, 0, 10, 20, 30])
    first, last = figure.data[-1].hovertext[0], figure.data[-1].hovertext[-1]
    assert first.startswith("<b>below 10 ms</b>")
    assert last.startswith("<b>20 ms and above</b>")


@pytest.mark.parametrize("edges", [[-3, -2.5, INF], [-INF, -1, INF], [-INF, 0, INF], [-1, 7]])
def test_a_bin_that_holds_zero_is_a_decade_of_a_logarithmic_axis(edges: list[float]):
    counts = [1] * (len(edges) - 1)
    start, end = charts.histogram(edges, {"current": counts}, log_x=True).data[0].x[1:]
    assert start == pytest.approx(end / 10)
    assert end > 0


@pytest.mark.parametrize("edges", [[5, 5], [0, 0], [-INF, 7, INF]])
def test_a_bin_without_a_width_can_be_seen(edges: list[float]):
    counts = [4] * (len(edges) - 1)
    x = charts.histogram(edges, {"current": counts}, y="density").data[0].x
    assert np.isfinite(x).all()
    assert (np.diff(x[1:]) > 0).all()


def test_counts_that_are_no_numbers_are_no_rows_in_the_shares_of_others():
    figure = charts.histogram([0, 1, 2, 3], {"current": [1, NAN, 3]}, y="share")
    np.testing.assert_array_equal(figure.data[0].y, [0, 0.25, 0, 0.75, 0])
    assert figure.data[-1].hovertext[1] == "<b>1 to 2</b><br>rows not known"


def test_an_empty_current_window_is_still_compared_with_its_reference():
    figure = charts.histogram([0, 1], {"current": [0], "reference": [4]}, y="share")
    np.testing.assert_array_equal(figure.data[0].y, [0, 0, 0])
    assert figure.data[-1].hovertext == (
        "<b>0 to 1</b><br>current: 0 rows (0%)<br>reference: 4 rows (100%)",
    )


def test_a_small_histogram_has_only_its_ends_for_an_axis():
    figure = charts.small_histogram([0, 1, 2500], [3, 1], reference=[1, 1])
    current, reference, hover = figure.data
    np.testing.assert_array_equal(current.y[1:-1], [0.75, 0.25])
    np.testing.assert_array_equal(reference.y[1:-1], [0.5, 0.5])
    assert reference.line.color == "#8a8f98"
    assert "reference: 1 row (50.0%)" in hover.hovertext[0]
    assert words_of(figure) == ["0", "2,500"]
    assert figure.layout.height == 110
    assert not figure.layout.yaxis.showticklabels


def test_a_small_histogram_of_open_bins_does_not_name_an_end():
    assert words_of(charts.small_histogram([-INF, 1, 2], [3, 1])) == ["…", "2"]


# Cumulative distributions


def test_a_cumulative_distribution_rises_in_steps_from_zero():
    series = {"reference": ([1, 2], [0.5, 1]), "current": ([1, 3], [0.25, 1])}
    figure = charts.ecdf(series, unit="ms")
    current, reference = figure.data
    np.testing.assert_array_equal(current.x, [1, 1, 3])
    np.testing.assert_array_equal(current.y, [0, 0.25, 1])
    assert current.line.shape == "hv"
    assert (reference.name, reference.line.color) == ("reference", "#8a8f98")
    assert list(current.meta) == ["current", " ms"]
    assert current.hovertemplate.endswith(
        "%{y:.2~%} of rows are at or below %{x:,.6~r}%{meta[1]}<extra></extra>"
    )
    assert figure.layout.yaxis.title.text == "Share of rows at or below"


def test_values_up_to_zero_count_on_a_logarithmic_axis_too():
    (line,) = charts.ecdf({"current": ([-1, 0, 10], [0.1, 0.4, 1])}, log_x=True).data
    np.testing.assert_array_equal(line.x, [10, 10])
    np.testing.assert_array_equal(line.y, [0.4, 1])


def test_of_many_steps_only_those_that_can_be_told_apart_are_drawn_each_in_its_place():
    values = np.sort(np.random.default_rng(1).normal(size=5000))
    shares = np.arange(1, 5001) / 5000
    (line,) = charts.ecdf({"current": (values, shares)}).data
    assert 390 < len(line.x) <= 403
    exact = dict(zip(values, shares, strict=True))
    assert all(exact[x] == y for x, y in zip(line.x[1:], line.y[1:], strict=True))
    assert line.x[0] == values[0]
    assert line.x[-1] == values[-1]
    assert np.diff(line.y).max() <= 2 / 400


def test_values_that_are_no_numbers_are_left_out():
    (line,) = charts.ecdf({"current": ([NAN, 1, INF], [0.2, 0.5, 1])}).data
    np.testing.assert_array_equal(line.x, [1, 1])


# Bars


def test_bars_are_grouped_with_the_reference_second_and_grey():
    figure = charts.bars(["a", "b"], {"reference": [1, 1], "current": [3, 1]}, y="share")
    current, reference = figure.data
    assert (current.name, current.marker.color) == ("current", None)
    assert (reference.name, reference.marker.color) == ("reference", "#8a8f98")
    np.testing.assert_array_equal(current.x, [0.75, 0.25])
    assert list(current.text) == ["75.0%", "25.0%"]
    assert list(current.hovertext) == [
        "<b>a</b><br>current: 3 rows (75.0%)",
        "<b>b</b><br>current: 1 row (25.0%)",
    ]
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    assert figure.layout.yaxis.range == (1.5, -0.5)


def test_a_click_on_a_bar_gives_the_label_as_it_was():
    figure = charts.bars([MARKUP, LONG], {"current": [1, 2]})
    (bars,) = figure.data
    assert list(bars.customdata) == [MARKUP, LONG]
    assert bars.hovertext[0] == f"<b>{ESCAPED}</b><br>1 row (33.3%)"
    assert bars.hovertemplate == "%{hovertext}<extra></extra>"
    assert all("<" not in tick and "%{" not in tick for tick in figure.layout.yaxis.ticktext)
    assert len(figure.layout.yaxis.ticktext[1]) == 24


def test_labels_that_look_alike_when_shortened_stay_two_bars():
    labels = ["x" * 500 + "a" + "x" * 500, "x" * 500 + "b" + "x" * 500]
    figure = charts.bars(labels, {"current": [1, 2]})
    assert len(set(figure.layout.yaxis.ticktext)) == 1
    np.testing.assert_array_equal(figure.data[0].y, [0, 1])


def test_more_bars_make_a_higher_figure():
    heights = [
        charts.bars(
            list("abcdefghij")[:n], {"current": [1] * n, "reference": [1] * n}
        ).layout.height
        for n in (1, 5, 10)
    ]
    assert heights == [140, 290, 500]


def test_small_bars_show_the_largest_and_all_the_rest_in_one():
    labels = ["a", "b", "c", "d", "e", "f", "g"]
    figure = charts.small_bars(labels, [1, 2, 3, 4, 5, 6, 4], reference=[1, 1, 1, 1, 1, 1, 1])
    current, reference, texts = figure.data
    assert list(figure.layout.yaxis.ticktext) == ["f", "e", "d", "g", "3 more"]
    np.testing.assert_allclose(current.x, np.array([6, 5, 4, 4, 6]) / 25)
    np.testing.assert_allclose(reference.x, np.array([1, 1, 1, 1, 3]) / 7)
    assert list(texts.text) == ["24.0%", "20.0%", "16.0%", "16.0%", "24.0%"]
    assert current.hovertext[0] == "<b>f</b><br>current: 24.0%<br>reference: 14.3%"


def test_small_bars_without_a_reference_are_as_many_as_there_are():
    figure = charts.small_bars(["<b>", "z"], [1, 3])
    bars, texts = figure.data
    assert list(figure.layout.yaxis.ticktext) == ["z", "&lt;b&gt;"]
    assert list(bars.hovertext) == ["<b>z</b><br>75.0%", "<b>&lt;b&gt;</b><br>25.0%"]
    assert list(texts.text) == ["75.0%", "25.0%"]


# Times


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        ("2026-11-04T00:00", "2026-11-05T00:00", "4 Nov 2026"),
        ("2026-11-02T00:00", "2026-11-09T00:00", "2 Nov 2026 to 8 Nov 2026"),
        ("2026-11-02T12:00", "2026-11-09T12:00", "2 Nov 2026 to 9 Nov 2026"),
        ("2026-11-04T13:30", "2026-11-04T14:00", "4 Nov 2026 13:30 to 14:00"),
        ("2026-11-04T12:00", "2026-11-05T00:00", "4 Nov 2026 12:00 to 5 Nov 2026 00:00"),
        ("2026-11-04T13:30:05", "2026-11-04T13:30:10", "4 Nov 2026 13:30:05 to 13:30:10"),
        ("2026-11-04T13:30:05.25", "2026-11-04T13:30:05.5",
         "4 Nov 2026 13:30:05.250 to 13:30:05.500"),
        ("2026-11-04T13:30", "2026-11-04T13:30", "4 Nov 2026 13:30"),
        ("2026-11-04T00:00", "2026-11-04T00:00", "4 Nov 2026"),
        ("0001-01-01T00:00", "1970-01-01T00:00", "1 Jan 0001 to 31 Dec 1969"),
    ],
)  # fmt: skip
def test_a_bin_of_time_is_told_as_exactly_as_its_ends_need(low: str, high: str, words: str):
    figure = charts.histogram(seconds(low, high), {"current": [1]}, time=True)
    assert figure.data[-1].hovertext == (f"<b>{words}</b><br>1 row (100%)",)


def test_a_histogram_of_times_stands_on_an_axis_of_dates():
    edges = seconds("2026-11-02", "2026-11-03", "2026-11-05")
    figure = charts.histogram(
        edges, {"current": [6, 2], "reference": [1, 3]}, unit="ms", y="density", time=True
    )
    current, reference, hover = figure.data
    assert current.x == ("2026-11-02", "2026-11-02", "2026-11-03", "2026-11-05")
    np.testing.assert_array_equal(current.y, [0, 0.75, 0.125, 0])
    np.testing.assert_array_equal(reference.y, [0, 0.25, 0.375, 0])
    assert list(hover.hovertext) == [
        "<b>2 Nov 2026</b><br>current: 6 rows (75.0%)<br>reference: 1 row (25.0%)",
        "<b>3 Nov 2026 to 4 Nov 2026</b><br>current: 2 rows (25.0%)<br>reference: 3 rows (75.0%)",
    ]
    assert figure.layout.xaxis.type == "date"
    assert figure.layout.xaxis.range == ("2026-11-02", "2026-11-05")
    assert figure.layout.xaxis.title.text == "Value (UTC)"
    assert figure.layout.yaxis.title.text == "Density (per day)"


def test_the_unseen_bars_of_time_are_as_wide_as_milliseconds_say():
    edges = seconds("2026-11-04T13:00", "2026-11-04T13:30", "2026-11-04T15:30")
    hover = charts.histogram(edges, {"current": [6, 2]}, time=True).data[-1]
    assert hover.x == ("2026-11-04T13:15", "2026-11-04T14:30")
    np.testing.assert_allclose(hover.width, [1_800_000, 7_200_000])


def test_several_series_over_time_each_say_what_they_are():
    series = {"GB": [2, 0], "FR": [1, 3], "DE": [1, 1]}
    edges = seconds("2026-11-02", "2026-11-03", "2026-11-04")
    line = charts.histogram(edges, series, time=True).data[1]
    assert line.x[1:] == ("2026-11-02", "2026-11-03", "2026-11-04")
    assert line.hovertext == ("2 Nov 2026", "2 Nov 2026", "3 Nov 2026", "3 Nov 2026")


def test_time_has_no_logarithm():
    edges, q = seconds("1969-12-31", "1970-01-01", "1970-01-02"), ([-86_400.0, 0.0], [0.5, 1.0])
    for log_x in (False, True):
        figure = charts.histogram(edges, {"current": [1, 2]}, log_x=log_x, time=True)
        assert figure.data[0].x[1:] == ("1969-12-31", "1970-01-01", "1970-01-02")
        assert figure.layout.xaxis.type == "date"
        figure = charts.ecdf({"current": q}, log_x=log_x, time=True)
        assert figure.data[0].x == ("1969-12-31", "1969-12-31", "1970-01-01")
        assert figure.layout.xaxis.type == "date"


def test_open_bins_of_time_are_before_and_after():
    edges = [-INF, *seconds("2026-11-02", "2026-11-03"), INF]
    figure = charts.histogram(edges, {"current": [1, 2, 3]}, time=True)
    assert figure.data[0].x[1:] == ("2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04")
    assert [text.split("<br>")[0] for text in figure.data[-1].hovertext] == [
        "<b>before 2 Nov 2026</b>", "<b>2 Nov 2026</b>", "<b>3 Nov 2026 and later</b>"
    ]  # fmt: skip


def test_bins_of_time_end_with_the_calendar_and_rows_beyond_are_counted():
    edges = [-1e15, -1e14, -7e10, 0, 3e11, 4e11]
    figure = charts.histogram(edges, {"current": [1, 2, 3, 4, 5]}, time=True)
    assert figure.data[0].x[1:] == (
        "0001-01-01T00:00:00", "1970-01-01T00:00:00", "9999-12-31T23:59:59"
    )  # fmt: skip
    np.testing.assert_array_equal(figure.data[0].y[1:-1], [3, 4])
    assert words_of(figure) == ["8 rows outside the years 1 to 9999 are not on this axis"]
    assert len(figure.data[-1].hovertext) == 2


def test_an_axis_of_all_time_has_no_tick_at_a_year_that_reads_0000():
    first, last = charts.histogram([-1e12, 1e12], {"a": [1]}, time=True).layout.xaxis.range
    assert "0002" < first < "0004"
    assert "9996" < last < "9999"


def test_a_small_histogram_of_days_names_the_first_and_the_last():
    edges = seconds("2026-11-02", "2026-11-03", "2026-11-05")
    figure = charts.small_histogram(edges, [3, 1], reference=[1, 1], time=True)
    current, reference, hover = figure.data
    assert current.x[1:] == ("2026-11-02", "2026-11-03", "2026-11-05")
    np.testing.assert_array_equal(reference.y[1:-1], [0.5, 0.5])
    assert hover.hovertext[0].startswith("<b>2 Nov 2026</b><br>current: 3 rows (75.0%)")
    assert words_of(figure) == ["2 Nov 2026", "4 Nov 2026"]
    assert figure.layout.xaxis.type == "date"
    assert not figure.layout.xaxis.showticklabels


@pytest.mark.parametrize(
    ("edges", "ends"),
    [
        (seconds("2026-11-04T13:30", "2026-11-04T14:00"), ["4 Nov 2026 13:30", "14:00"]),
        (seconds("2026-11-04T23:30", "2026-11-05"), ["4 Nov 2026 23:30", "5 Nov 2026 00:00"]),
        ([-INF, *seconds("2026-11-04T13:30", "2026-11-04T14:00")], ["…", "4 Nov 2026 14:00"]),
        ([-INF, *seconds("2026-11-04", "2026-11-05")], ["…", "4 Nov 2026"]),
        ([*seconds("2026-11-04", "2026-11-05"), INF], ["4 Nov 2026", "…"]),
        ([-1e12, 1e12], ["1 Jan 0001", "31 Dec 9999"]),
    ],
)
def test_the_ends_of_a_card_have_an_hour_only_where_bins_are_finer_than_a_day(edges, ends):
    counts = [1] * (len(edges) - 1)
    assert words_of(charts.small_histogram(edges, counts, time=True)) == ends


def test_a_cumulative_distribution_of_days_says_the_day():
    series = {
        "reference": (seconds("2026-11-01", "2026-11-03"), [0.5, 1]),
        "current": (seconds("2026-11-02", "2026-11-04"), [0.25, 1]),
    }
    figure = charts.ecdf(series, unit="ms", time=True)
    current, reference = figure.data
    assert current.x == ("2026-11-02", "2026-11-02", "2026-11-04")
    np.testing.assert_array_equal(current.y, [0, 0.25, 1])
    assert (reference.name, reference.line.color) == ("reference", "#8a8f98")
    assert current.hovertemplate == (
        "<b>%{meta[0]}</b><br>%{y:.2~%} of rows are at or before %{x|%-d %b %Y}<extra></extra>"
    )
    assert figure.layout.xaxis.type == "date"
    assert figure.layout.xaxis.title.text == "Value (UTC)"
    assert figure.layout.yaxis.title.text == "Share of rows at or before"


@pytest.mark.parametrize(
    ("last", "exact"),
    [
        ("2026-11-04T18:00:07.5", "%-d %b %Y %H:%M"),
        ("2026-11-04T13:31:02.5", "%-d %b %Y %H:%M:%S"),
        ("2026-11-04T13:30:02.5", "%-d %b %Y %H:%M:%S.%L"),
        ("2026-11-04T13:30", "%-d %b %Y %H:%M"),
    ],
)
def test_moments_are_told_more_exactly_where_all_lie_close_together(last: str, exact: str):
    figure = charts.ecdf({"a": (seconds("2026-11-04T13:30", last), [0.5, 1])}, time=True)
    assert f"%{{x|{exact}}}<extra>" in figure.data[0].hovertemplate
    assert figure.layout.xaxis.hoverformat == exact


def test_a_single_moment_has_the_day_around_it_for_an_axis():
    figure = charts.ecdf({"current": (seconds("2026-11-04T13:30"), [1])}, time=True)
    start, end = (datetime.fromisoformat(end) for end in figure.layout.xaxis.range)
    assert timedelta(hours=23) < end - start <= timedelta(days=1)
    assert figure.data[0].x == ("2026-11-04T13:30",) * 2


def test_values_that_are_no_moments_are_left_out():
    values = [-INF, -1e12, 0, 1e12, INF, NAN]
    (line,) = charts.ecdf({"current": (values, [0.1, 0.2, 0.5, 0.8, 0.9, 1])}, time=True).data
    assert line.x == ("1970-01-01", "1970-01-01")
    np.testing.assert_array_equal(line.y, [0, 0.5])


def test_bands_of_time_begin_at_dates_and_are_as_long_as_milliseconds_say():
    figure = charts.quantile_bands(
        time_days("2026-02-20T13:30", "", "2026-02-22T13:30"), unit="ms", time=True
    )
    median, outer, inner = figure.data
    assert median.y == ("2026-02-20T13:30", None, "2026-02-22T13:30")
    assert outer.base == ("2026-02-18T21:30", None, "2026-02-20T21:30")
    np.testing.assert_array_equal(outer.y, [80 * 3_600_000, NAN, 80 * 3_600_000])
    assert inner.base == ("2026-02-20T03:30", None, "2026-02-22T03:30")
    np.testing.assert_array_equal(inner.y, [20 * 3_600_000, NAN, 20 * 3_600_000])
    axis = figure.layout.yaxis
    assert (axis.type, axis.title.text) == ("date", "Value (UTC)")
    assert axis.range[0] < "2026-02-18T21:30"
    assert axis.range[1] > "2026-02-24T05:30"


def test_quantiles_of_time_are_told_as_dates():
    reference = dict(zip(("p50", "p95"), seconds("2026-02-01", "2026-04-01"), strict=True))
    figure = charts.quantile_bands(time_days("2026-02-20T13:30"), reference=reference, time=True)
    median, _, _, before, top = figure.data
    assert list(median.customdata[0]) == [
        "18 Feb 2026 21:30", "20 Feb 2026 03:30", "20 Feb 2026 13:30", "20 Feb 2026 23:30",
        "22 Feb 2026 05:30",
    ]  # fmt: skip
    assert list(median.meta) == [" (reference 1 Feb 2026 00:00)"]
    assert median.hovertemplate == (
        "<b>median %{customdata[2]}</b>%{meta[0]}<br>"
        "half between %{customdata[1]} and %{customdata[3]}<br>"
        "90% between %{customdata[0]} and %{customdata[4]}<extra></extra>"
    )
    assert [line.y for line in (before, top)] == [("2026-02-01",) * 2, ("2026-04-01",) * 2]
    assert figure.layout.yaxis.range[1] > "2026-04-01"


def test_quantiles_that_are_whole_days_are_told_without_an_hour():
    days = time_days("2026-02-20").assign(p05=0.0, p25=86_400.0, p75=2e9 - 2e9 % 86_400)
    days["p95"] = days["p75"]
    (row,) = charts.quantile_bands(days, time=True).data[0].customdata
    assert list(row) == ["1 Jan 1970", "2 Jan 1970", "20 Feb 2026", "18 May 2033", "18 May 2033"]


def test_quantiles_outside_the_calendar_are_gaps():
    days = time_days("2026-02-20", "2026-02-21").assign(p05=[-1e12, 0.0])
    figure = charts.quantile_bands(days, reference={"p50": 1e12, "p05": NAN}, time=True)
    median, outer, _ = figure.data
    assert outer.base == (None, "1970-01-01")
    assert median.y == ("2026-02-20", "2026-02-21")
    assert median.customdata[0][0] == ""


MOMENTS = st.one_of(
    st.floats(_times.FIRST, _times.LAST),
    st.floats(-1e300, 1e300),
    st.floats(0, 1),
    st.sampled_from([NAN, INF, -INF, 0.0, _times.FIRST, _times.LAST, 86_400.0]),
)


@given(moments=st.lists(MOMENTS, max_size=7), y=st.sampled_from(["count", "share", "density"]))
@settings(deadline=None, max_examples=60)
def test_no_moment_breaks_a_figure(moments: list[float], y: str):
    ordered = sorted(moment for moment in moments if not np.isnan(moment))
    counts = [1] * max(0, len(ordered) - 1)
    days = days_from(MONDAY, moments)
    days = days.assign(**dict.fromkeys(QUANTILES, days["value"]))
    reference = dict(zip(QUANTILES, moments, strict=False))
    by_value = (
        charts.histogram(ordered, {"current": counts, "reference": counts}, y=y, time=True),
        charts.histogram(ordered, dict.fromkeys("abc", counts), y=y, time=True),
        charts.small_histogram(ordered, counts, counts, time=True),
        charts.ecdf({"current": (ordered, np.arange(len(ordered)) / 7)}, time=True),
    )
    by_day = charts.quantile_bands(days, reference=reference, time=True)
    for drawn, axis in (*((drawn, "xaxis") for drawn in by_value), (by_day, "yaxis")):
        layout = json.loads(drawn.to_json())["layout"]
        assert layout[axis]["type"] == "date" if drawn.data else words_of(drawn)


# What holds for all

NO_DAYS = pd.DataFrame({"day": [], "value": [], "share": [], "category": []} | {
    name: [] for name in QUANTILES
})  # fmt: skip


@pytest.mark.parametrize(
    "figure",
    [
        pytest.param(lambda: charts.rows_per_day(NO_DAYS), id="rows_per_day"),
        pytest.param(lambda: charts.rows_per_day(NO_DAYS, "category"), id="rows_per_day split"),
        pytest.param(lambda: charts.share_per_day(NO_DAYS, title="t"), id="share_per_day"),
        pytest.param(lambda: charts.categories_per_day(NO_DAYS), id="categories_per_day"),
        pytest.param(lambda: charts.quantile_bands(NO_DAYS), id="quantile_bands"),
        pytest.param(lambda: charts.quantile_bands(quantile_days(NAN)), id="quantiles of NaN"),
        pytest.param(lambda: charts.histogram([], {}), id="histogram"),
        pytest.param(lambda: charts.histogram([0, 1], {}), id="histogram of no series"),
        pytest.param(lambda: charts.histogram([0, 1], {"current": [0]}), id="histogram of zeros"),
        pytest.param(lambda: charts.histogram([0, NAN], {"current": [1]}), id="edges of NaN"),
        pytest.param(lambda: charts.histogram([-INF, INF], {"a": [1]}), id="edges of infinity"),
        pytest.param(lambda: charts.histogram([-2, -1], {"a": [1]}, log_x=True), id="no logarithm"),
        pytest.param(lambda: charts.small_histogram([], []), id="small_histogram"),
        pytest.param(lambda: charts.small_histogram([0, 1], [0]), id="small_histogram of zeros"),
        pytest.param(lambda: charts.ecdf({}), id="ecdf"),
        pytest.param(lambda: charts.ecdf({"current": ([], [])}), id="ecdf of nothing"),
        pytest.param(lambda: charts.histogram([], {}, time=True), id="histogram of time"),
        pytest.param(lambda: charts.histogram([0, NAN], {"a": [1]}, time=True), id="NaT"),
        pytest.param(lambda: charts.histogram([1e12, 2e12], {"a": [1]}, time=True), id="too late"),
        pytest.param(lambda: charts.histogram([-INF, INF], {"a": [1]}, time=True), id="no times"),
        pytest.param(lambda: charts.small_histogram([0, 1], [0], time=True), id="no rows in time"),
        pytest.param(lambda: charts.ecdf({"a": ([1e12], [1])}, time=True), id="ecdf of no times"),
        pytest.param(
            lambda: charts.quantile_bands(quantile_days(1e12), time=True), id="quantiles too late"
        ),
        pytest.param(lambda: charts.bars([], {}), id="bars"),
        pytest.param(lambda: charts.bars(["a"], {"current": [NAN]}), id="bars of NaN"),
        pytest.param(lambda: charts.small_bars([], []), id="small_bars"),
        pytest.param(lambda: charts.small_bars(["a"], [0]), id="small_bars of zeros"),
    ],
)
def test_a_figure_with_nothing_to_draw_says_so(figure: Callable[[], go.Figure]):
    drawn = figure()
    assert words_of(drawn) == ["No rows in this window"]
    assert not drawn.data
    assert not drawn.layout.xaxis.visible


def test_a_calendar_without_days_says_so():
    assert words_of(charts.calendar(NO_DAYS)) == ["No days in this window"]


NUMBERS = st.lists(
    st.one_of(st.floats(-1e300, 1e300), st.integers(0, 9), st.sampled_from([NAN, INF, -INF])),
    max_size=7,
)


@given(numbers=NUMBERS, log_x=st.booleans(), y=st.sampled_from(["count", "share", "density"]))
@settings(deadline=None, max_examples=40)
def test_no_number_breaks_a_figure(numbers: list[float], log_x: bool, y: str):
    edges = np.cumsum([-2, *range(1, len(numbers) + 1)])
    labels = [str(i) for i in range(len(numbers))]
    days = days_from(MONDAY, numbers).drop(index=list(range(1, len(numbers), 3)))
    days = days.assign(share=days["value"], category="a", **dict.fromkeys(QUANTILES, days["value"]))
    series = {"current": numbers, "reference": [1] * len(numbers)}
    for drawn in (
        charts.calendar(days),
        charts.rows_per_day(days),
        charts.share_per_day(days, title="Missing"),
        charts.categories_per_day(days),
        charts.quantile_bands(days, reference={"p50": numbers[0] if numbers else NAN}),
        charts.histogram(edges, series, y=y, log_x=log_x),
        charts.histogram(edges, series | {"third": numbers}, y=y, log_x=log_x),
        charts.small_histogram(edges, numbers, numbers),
        charts.ecdf({"current": (sorted(numbers), edges[1:] / edges[-1])}, log_x=log_x),
        charts.bars(labels, series),
        charts.small_bars(labels, numbers, numbers),
    ):
        assert drawn.layout.height > 0
        assert json.loads(drawn.to_json())["layout"]["height"] == drawn.layout.height


def full_window() -> list[tuple[str, Callable[[], go.Figure]]]:
    """Every chart at the size of a busy page, with some days missing and awkward names."""
    random = np.random.default_rng(5)
    days = days_from(date(2025, 12, 20), random.poisson(1000, 45).astype(float).tolist())
    days = days.drop(index=[3, 4, 20]).assign(share=days["value"] / 1e5)
    names = [MARKUP, LONG, *(f"category {i}" for i in range(8)), "other", "missing"]
    shares = share_days(
        *((day, name, share) for day in range(45)
          for name, share in zip(names, random.dirichlet(np.ones(12)), strict=True))
    )  # fmt: skip
    edges = np.linspace(0, 1, 61)
    current, reference = random.poisson(90, 60), random.poisson(80, 60)
    steps = np.sort(random.normal(size=1024)), np.arange(1, 1025) / 1024
    both = {"current": current, "reference": reference}
    marks = {"p05": 1.0, "p50": 2.0, "p95": 3.0}
    twelve = random.poisson(30, 12)
    hours, moments = 3600 * np.arange(472_000, 472_061), 1.7e9 + 9e6 * steps[0]
    medians = [str(np.datetime64("2026-02-20T13:30") + 1441 * day) for day in range(45)]
    return [
        ("calendar", lambda: charts.calendar(days)),
        ("rows_per_day", lambda: charts.rows_per_day(days, unit=MARKUP)),
        ("share_per_day", lambda: charts.share_per_day(days, title=LONG)),
        ("categories_per_day", lambda: charts.categories_per_day(shares, unit=LONG)),
        ("quantile_bands", lambda: charts.quantile_bands(
            quantile_days(*random.normal(size=45)), unit=MARKUP, reference=marks)),
        ("histogram", lambda: charts.histogram(edges, both, unit=LONG, y="density")),
        ("histogram split", lambda: charts.histogram(
            edges, dict.fromkeys(names[:5], current), unit="EUR")),
        ("small_histogram", lambda: charts.small_histogram(edges, current, reference)),
        ("ecdf", lambda: charts.ecdf({"current": steps, "reference": steps}, unit=MARKUP)),
        ("histogram of time", lambda: charts.histogram(hours, both, time=True)),
        ("histogram of time split", lambda: charts.histogram(
            hours, dict.fromkeys(names[:5], current), time=True)),
        ("small_histogram of time", lambda: charts.small_histogram(
            hours, current, reference, time=True)),
        ("ecdf of time", lambda: charts.ecdf(
            {"current": (moments, steps[1]), "reference": (moments, steps[1])}, time=True)),
        ("quantile_bands of time", lambda: charts.quantile_bands(
            time_days(*medians), reference={"p50": 1.77e9}, time=True)),
        ("bars", lambda: charts.bars(names, {"current": twelve, "reference": twelve})),
        ("small_bars", lambda: charts.small_bars(names, twelve, twelve)),
    ]  # fmt: skip


ALL = [pytest.param(build, id=name) for name, build in full_window()]


@pytest.mark.parametrize("build", ALL)
def test_a_figure_is_light(build: Callable[[], go.Figure]):
    assert len(json_of(build())) < 30_000


@pytest.mark.parametrize("build", ALL)
def test_a_figure_leaves_fonts_background_and_title_to_the_page(build: Callable[[], go.Figure]):
    layout = build().layout
    assert layout.height > 0
    assert layout.title.text is None
    assert layout.paper_bgcolor is None
    assert layout.plot_bgcolor is None
    assert layout.colorway is None
    assert "font" not in json.dumps(layout.to_plotly_json() | {"template": None})


@pytest.mark.parametrize("build", ALL)
def test_only_grey_and_the_bands_have_colours_of_their_own(build: Callable[[], go.Figure]):
    allowed = {
        None, "#8a8f98", "rgba(138, 143, 152, 0.35)", "rgba(0, 0, 0, 0)",
        "rgba(72, 145, 220, 0.22)", "rgba(72, 145, 220, 0.38)",
    }  # fmt: skip
    for trace in build().data:
        line = trace.line.color if trace.type == "scatter" else trace.marker.line.color
        fill = trace.marker.color
        assert line in allowed
        assert not isinstance(fill, str) or fill in allowed


@pytest.mark.parametrize("build", ALL)
def test_every_hover_text_is_our_own_markup_only(build: Callable[[], go.Figure]):
    for trace in build().data:
        if trace.hoverinfo != "skip":
            assert trace.hoverinfo == "text" or trace.hovertemplate.endswith("<extra></extra>")
        texts = [*(trace.hovertext or ()), *(trace.meta or ()), trace.name or ""]
        for text in texts:
            ours = text.replace("<br>", "").replace("<b>", "").replace("</b>", "")
            assert "<" not in ours
            assert "%{" not in ours
