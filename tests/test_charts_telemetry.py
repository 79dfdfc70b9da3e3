import json
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import charts
from lib.charts import _marks, _over_time

NAN = float("nan")
HOUR = timedelta(hours=1)
FIRST = datetime(2026, 11, 23, tzinfo=UTC)  # a Monday
TIME = charts.TimeAxis(FIRST, FIRST + 4 * HOUR, HOUR)
MARKUP = '<b>x</b> & <a href="https://example.org">y</a> %{y}'
ESCAPED = '&lt;b&gt;x&lt;/b&gt; &amp; &lt;a href="https://example.org"&gt;y&lt;/a&gt; %&#123;y}'
LIGHT, DARK = "#ffffff", "#12171d"


def at(hour: float) -> datetime:
    return FIRST + hour * HOUR


def table(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows whose first value is an hour of the first day, as answers have them."""
    frame = pd.DataFrame(rows, columns=["moment", *columns.split()])
    return frame.assign(moment=pd.to_datetime([at(hour) for hour in frame["moment"]], utc=True))


def failures(*rows: tuple[float, int, int]) -> pd.DataFrame:
    return table("requests failed", *rows)


def latencies(*rows: tuple[float, float, float, float]) -> pd.DataFrame:
    return table("p50_ms p95_ms p99_ms", *rows).assign(requests=10)


def steps(*rows: tuple[float, float, float, int]) -> pd.DataFrame:
    return table("from_ms to_ms requests", *rows)


def trace(figure: go.Figure, name: str) -> go.Figure:
    (found,) = [part for part in figure.data if part.name == name]
    return found


def columns(figure: go.Figure) -> go.Bar:
    (found,) = [part for part in figure.data if part.type == "bar" and part.selected.marker.opacity]
    return found


def numbers(values: object) -> list[float | None]:
    """Values of a trace, None for a gap."""
    return [None if np.isnan(value) else float(value) for value in np.asarray(values, float)]


def words_of(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, by the Web Content Accessibility Guidelines 2.2."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


# The axis


def test_bins_begin_at_whole_grains_and_hold_both_ends():
    time = charts.TimeAxis(at(0.3), at(2.1), timedelta(minutes=30))
    assert time.x == [
        f"2026-11-23T{when}:00" for when in ("00:00", "00:30", "01:00", "01:30", "02:00")
    ]
    assert time.clicks[0] == "2026-11-23T00:00Z"
    assert datetime.fromisoformat(time.clicks[1]) == at(0.5)
    assert time.drawn()["range"] == ["2026-11-23T00:00:00", "2026-11-23T02:30:00"]
    assert time.passed.tolist() == pytest.approx([1, 1, 1, 1, 0.2])
    assert time.told()[-1] == "<b>Mon 23 Nov 2026 02:00 to 02:30</b>, not over yet"


def test_ends_may_be_of_any_zone():
    there = timezone(timedelta(hours=5, minutes=30))
    moved = charts.TimeAxis(FIRST.astimezone(there), at(4).astimezone(there), HOUR)
    assert moved.x == TIME.x


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "minute"), (15, "15 minutes"), (60, "hour"), (180, "3 hours"), (1440, "day")],
)
def test_the_width_of_bins_is_told_in_words(minutes: int, words: str):
    assert charts.TimeAxis(FIRST, at(48), timedelta(minutes=minutes)).per == words


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),
    st.integers(0, 5000),
    st.sampled_from([1, 5, 15, 30, 60, 180, 360, 720, 1440]),
)
@settings(deadline=None, max_examples=50)
def test_every_moment_of_the_stretch_lies_in_the_bin_that_holds_it(
    first: datetime, minutes: int, grain: int
):
    first = first.replace(tzinfo=UTC)
    last = first + timedelta(minutes=minutes)
    time = charts.TimeAxis(first, last, timedelta(minutes=grain))
    moments = [
        first,
        first + (last - first) / 2,
        first - timedelta(days=2),
        last + timedelta(days=2),
    ]
    bins = time.at(moments)
    assert bins[2:].tolist() == [-1, -1]
    for moment, place in zip(moments[:2], bins[:2], strict=True):
        begins = datetime.fromisoformat(time.clicks[place])
        assert begins <= moment.replace(microsecond=0) < begins + time.grain


def all_over_time(time: charts.TimeAxis) -> dict[str, go.Figure]:
    requests, long = failures((0, 120_000, 3)), table("problem exceptions", (1, MARKUP, 2))
    codes = table("code requests failed", (1, "424", 3, 3))
    history = table("used_share burn", (0, 0.1, 2.0), (1, 20.0, 4.0))
    drift = pd.DataFrame({"day": [FIRST.date()], "js_debiased": [0.1], "verdict": ["drift"]})
    return {
        "requests": charts.request_rate(requests, time, requests),
        "latency": charts.latency_lines(latencies((0, 1, 2, 30_000)), time),
        "log": charts.latency_lines(latencies((0, 1, 2, 30_000)), time, log=True),
        "heat": charts.latency_heatmap(steps((0, 1, 10, 5), (1, 10, 100, 7)), time),
        "failures": charts.failure_rate(requests, time, 0.99),
        "codes": charts.codes_per_time(codes, time),
        "exceptions": charts.exceptions_per_time(long, time),
        "budget": charts.budget(history, time),
        "drift": charts.drift_beside(drift, time),
    }


def test_charts_of_the_same_stretch_line_up():
    marked = charts.TimeAxis(FIRST, at(4), HOUR, [(at(1), "version 2")])
    for time in (TIME, marked):
        layouts = [figure.layout for figure in all_over_time(time).values()]
        assert len({tuple(layout.xaxis.range) for layout in layouts}) == 1
        assert len({(layout.margin.l, layout.margin.r) for layout in layouts}) == 1
        assert not any(layout.yaxis.automargin for layout in layouts)


def test_every_axis_says_what_it_is_and_no_figure_has_a_title():
    for name, figure in all_over_time(TIME).items():
        assert figure.layout.xaxis.title.text.startswith("Time (UTC)"), name
        assert figure.layout.yaxis.title.text, name
        assert figure.layout.title.text is None


# Marks


def test_a_mark_is_a_line_in_every_chart_with_its_label_above():
    time = charts.TimeAxis(FIRST, at(4), HOUR, [(at(1.5), "version 2")])
    for name, figure in all_over_time(time).items():
        lines = [shape for shape in figure.layout.shapes if shape.x0 == "2026-11-23T01:30:00"]
        assert {line.line.color for line in lines} == {"#ffffff", "#101010"}, name
        assert "version 2" in words_of(figure), name
        assert figure.data[-1].hovertext == ("<b>version 2</b><br>23 Nov 2026 01:30",)
        assert figure.data[-1].customdata[0] == "2026-11-23T01:00Z"


def test_a_mark_outside_of_the_stretch_is_not_drawn():
    time = charts.TimeAxis(FIRST, at(4), HOUR, [(at(-1), "before"), (at(9), "after")])
    figure = charts.request_rate(failures((0, 5, 0)), time)
    assert not figure.layout.shapes
    assert words_of(figure) == []


def test_labels_that_are_close_stand_above_each_other_until_there_is_no_room():
    marks = [(at(1 + i / 100), f"version {i}") for i in range(5)]
    time = charts.TimeAxis(FIRST, at(4), HOUR, [*marks, (at(3), "far")])
    assert _marks.lanes(time) == [0, 1, 2, None, None, 0]
    figure = charts.request_rate(failures((0, 5, 0)), time)
    assert words_of(figure) == ["version 0", "version 1", "version 2", "far"]
    assert len(figure.data[-1].hovertext) == 6


def test_a_label_may_be_anything():
    time = charts.TimeAxis(FIRST, at(4), HOUR, [(at(1), MARKUP), (at(2), "x" * 500)])
    figure = charts.request_rate(failures((0, 5, 0)), time)
    assert ESCAPED in figure.data[-1].hovertext[0]
    assert all("<" not in text and len(text) < 40 for text in words_of(figure))


# Requests


def test_failed_requests_stand_below_the_others():
    figure = charts.request_rate(failures((0, 10, 0), (1, 8, 3)), TIME)
    succeeded, failed = trace(figure, "succeeded"), trace(figure, "failed")
    assert numbers(succeeded.y) == [10, 5, 0, 0]
    assert numbers(succeeded.base) == [0, 3, 0, 0]
    assert numbers(failed.y) == [None, 3, None, None]
    assert failed.marker.color == _over_time.FAILED
    assert figure.layout.yaxis.title.text == "Requests per hour"


def test_the_colour_of_failures_can_be_seen_on_either_background():
    assert contrast(_over_time.FAILED, LIGHT) >= 3
    assert contrast(_over_time.FAILED, DARK) >= 3


def test_a_bin_without_rows_is_silence_that_can_be_clicked():
    figure = charts.request_rate(failures((0, 120, 0), (3, 1, 1)), TIME)
    column = columns(figure)
    assert column.hovertext[0].endswith("01:00</b><br>120 requests (2 a minute)")
    assert column.hovertext[1] == "<b>Mon 23 Nov 2026 01:00 to 02:00</b><br>no requests"
    assert column.hovertext[3].endswith("<br>1 request<br>1 failed (100%)")
    assert list(column.customdata) == [f"2026-11-23T0{hour}:00Z" for hour in range(4)]
    assert column.marker.opacity == 0


def test_the_answer_to_request_rate_has_no_failures():
    figure = charts.request_rate(table("requests per_minute rows", (0, 60, 1.0, 60)), TIME)
    assert [part.name for part in figure.data] == ["requests", None]
    assert not figure.layout.showlegend


def test_the_period_before_is_a_grey_line_at_the_times_of_this_one():
    figure = charts.request_rate(failures((0, 10, 0)), TIME, failures((-4, 7, 0), (-1, 30, 0)))
    before = trace(figure, "the period before")
    assert numbers(before.y) == [7, 0, 0, 30]
    assert before.x[0] == "2026-11-23T00:30:00"
    assert figure.layout.yaxis.range[1] > 30
    assert "the period before: 7 requests" in columns(figure).hovertext[0]


def test_the_period_before_may_be_any_time_ago():
    week = charts.TimeAxis(FIRST, at(4), HOUR, shift=timedelta(days=7))
    figure = charts.request_rate(failures((0, 10, 0)), week, failures((-7 * 24 + 1, 7, 0)))
    assert numbers(trace(figure, "the period before").y) == [0, 7, 0, 0]


def test_a_bin_that_is_not_over_has_a_narrower_bar():
    time = charts.TimeAxis(FIRST, at(1.5), HOUR)
    bars = charts.request_rate(failures((0, 10, 0), (1, 4, 0)), time).data[0]
    assert bars.width[1] == pytest.approx(bars.width[0] / 2)


def test_rows_outside_of_the_stretch_and_counts_that_are_missing_are_left_out():
    rows = failures((-1, 5, 0), (0, 2, 0), (1, 3, 0), (4, 9, 0))
    rows["requests"] = rows["requests"].astype("Int64").where(rows["requests"] != 3)
    assert numbers(charts.request_rate(rows, TIME).data[0].y) == [2, 0, 0, 0]


# Failures


def test_a_share_is_a_gap_where_nothing_was_asked_and_zero_where_nothing_failed():
    figure = charts.failure_rate(failures((0, 100, 1), (1, 50, 0), (3, 4, 1)), TIME)
    failed = trace(figure, "failed")
    assert numbers(failed.y) == [0.01, 0, None, 0.25]
    assert list(failed.marker.size) == [0, 0, 0, 5]  # a point alone is no line
    assert columns(figure).hovertext[0].endswith("<br>1.0% failed: 1 of 100")
    assert columns(figure).hovertext[2].endswith("<br>no requests")


def test_bins_beyond_the_objective_are_marked():
    figure = charts.failure_rate(failures((0, 100, 1), (1, 100, 3)), TIME, objective=0.98)
    beyond = trace(figure, "more than the objective allows (2.0%)")
    assert numbers(beyond.y) == [None, 0.03, None, None]
    assert figure.layout.shapes[0].y0 == pytest.approx(0.02)
    assert words_of(figure) == ["objective"]


def test_an_objective_is_in_sight_when_nothing_failed():
    figure = charts.failure_rate(failures((0, 100, 0)), TIME, objective=0.95)
    assert figure.layout.yaxis.range[1] > 0.05
    assert len(figure.data) == 2


def test_failures_recorded_as_successes_are_told():
    figure = charts.failure_rate(failures((0, 10, 4)).assign(hidden=3), TIME)
    assert columns(figure).hovertext[0].endswith("3 of them recorded as a success")


def test_the_share_of_the_period_before_is_compared():
    figure = charts.failure_rate(failures((0, 10, 1)), TIME, before=failures((-4, 10, 5)))
    assert numbers(trace(figure, "the period before").y) == [0.5, None, None, None]
    assert "the period before: 50.0%" in columns(figure).hovertext[0]


def codes(*rows: tuple[float, str, int, int]) -> pd.DataFrame:
    return table("code requests failed", *rows)


def test_codes_are_stacked_by_how_often_they_failed_and_successes_left_out():
    rows = codes((0, "200", 90, 0), (0, "500", 2, 2), (0, "424", 5, 5), (1, "500", 1, 1))
    figure = charts.codes_per_time(rows, TIME)
    assert [part.name for part in figure.data] == [
        "424 Failed Dependency",
        "500 Internal…erver Error",
    ]
    first, second = figure.data
    assert numbers(second.base) == [5, 0]
    assert numbers(second.y) == [2, 1]
    assert list(first.customdata[0]) == ["2026-11-23T00:00Z", "424"]
    assert second.hovertext[1].endswith("500 Internal Server Error<br>1 failed request")
    assert figure.layout.yaxis.title.text == "Failed requests per hour"


def test_codes_past_the_most_frequent_are_added_up_in_grey():
    rows = codes(*((0, str(500 + i), 9, 9 - i) for i in range(6)))
    figure = charts.codes_per_time(rows, TIME, most=2)
    other = trace(figure, "other")
    assert numbers(other.y) == [7 + 6 + 5 + 4]
    assert list(other.customdata[0]) == ["2026-11-23T00:00Z", ""]
    assert other.marker.color == charts._figure.GREY


def test_no_failures_are_told_in_words():
    assert words_of(charts.codes_per_time(codes((0, "200", 9, 0)), TIME)) == [
        "No failed requests in this window"
    ]


def test_the_query_s_other_problems_come_last_however_many():
    rows = table("problem exceptions", (0, "Other", 90), (0, "KeyError in run", 2), (0, "", 1))
    figure = charts.exceptions_per_time(rows, TIME)
    assert [part.name for part in figure.data] == ["KeyError in run", "other"]
    assert numbers(figure.data[1].y) == [91]


def test_a_long_problem_is_shortened_in_the_legend_and_whole_in_the_hover_text():
    long = "ValueError in " + "preprocess_" * 9
    figure = charts.exceptions_per_time(table("problem exceptions", (0, long, 2)), TIME)
    assert len(figure.data[0].name) <= 24
    assert long in figure.data[0].hovertext[0].replace("<br>", "")
    assert figure.data[0].hovertext[0].endswith("<br>2 exceptions")


# Latency


def test_latency_breaks_where_there_were_no_requests():
    figure = charts.latency_lines(
        latencies((0, 10, 20, 40), (1, 11, 21, 41), (3, 12, 22, 42)), TIME
    )
    assert numbers(trace(figure, "p95").y) == [20, 21, None, 22]
    assert not trace(figure, "p95").connectgaps
    assert words_of(figure) == ["p50", "p95", "p99"]
    assert columns(figure).hovertext[0].split("<br>")[1:] == [
        "10 requests",
        "p99: 40 ms",
        "p95: 20 ms",
        "p50: 10 ms",
    ]
    assert figure.layout.yaxis.title.text == "Latency (ms)"


def test_a_logarithmic_axis_begins_with_the_fastest_and_keeps_what_took_no_time():
    figure = charts.latency_lines(latencies((0, 0, 20, 2000)), TIME, log=True)
    low, high = figure.layout.yaxis.range
    assert 10**low == pytest.approx(16)
    assert 10**high == pytest.approx(2500)
    assert numbers(trace(figure, "p50").y)[0] == pytest.approx(16)
    assert list(figure.layout.yaxis.ticktext) == ["20", "50", "100", "200", "500", "1,000", "2,000"]
    column = columns(figure)
    assert column.base + column.y[0] == pytest.approx(2500)


def test_labels_of_lines_that_end_together_do_not_overlap():
    figure = charts.latency_lines(latencies((3, 100, 101, 102)), TIME)
    shifts = [annotation.yshift for annotation in figure.layout.annotations]
    assert np.diff(shifts).min() > 10


def test_p95_of_the_period_before_is_dashed():
    figure = charts.latency_lines(latencies((0, 1, 2, 3)), TIME, latencies((-3, 1, 500, 3)))
    before = trace(figure, "p95 of the period before")
    assert numbers(before.y) == [None, 500, None, None]
    assert before.line.dash == "dash"
    assert figure.layout.yaxis.range[1] > 500
    assert "p95 of the period before: 500 ms" in columns(figure).hovertext[1]


def test_a_heat_map_has_a_cell_per_step_at_its_decades():
    rows = steps((0, 1, 10, 1), (0, 10, 100, 99), (2, 10, 100, 5), (2, 100, 1000, 0))
    cells = charts.latency_heatmap(rows, TIME).data[0]
    assert numbers(cells.base) == [0, 1, 1]
    assert numbers(cells.y) == [1, 1, 1]
    assert [list(each) for each in cells.customdata] == [
        ["2026-11-23T00:00Z", 1, 10],
        ["2026-11-23T00:00Z", 10, 100],
        ["2026-11-23T02:00Z", 10, 100],
    ]
    assert cells.hovertext[0] == "up to 10 ms<br>1 request (1.0%)"
    assert cells.hovertext[1] == "10 to 100 ms<br>99 requests (99.0%)"


@pytest.mark.parametrize("share", [False, True])
def test_the_colours_of_a_heat_map_are_all_above_zero_and_tell_few_from_none(share: bool):
    marker = (
        charts.latency_heatmap(steps((0, 1, 10, 1), (0, 10, 100, 999)), TIME, share=share)
        .data[0]
        .marker
    )
    assert min(marker.color) > marker.cmin > 0
    assert max(marker.color) == pytest.approx(marker.cmax)
    assert marker.colorscale is None  # the theme's
    assert marker.colorbar.ticktext[-1] == ("10.0%" if share else "100")


def test_a_heat_map_of_one_request_has_a_scale():
    marker = charts.latency_heatmap(steps((0, 1, 10, 1)), TIME).data[0].marker
    assert marker.cmin < marker.color[0] < marker.cmax
    assert marker.colorbar.ticktext[0] == "1"


# A week, a budget


def week(*rows: tuple[int, int, int, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["weekday", "hour", "requests", "failed", "p95_ms"])


def test_a_week_begins_on_monday_though_kql_s_begins_on_sunday():
    cells, silent = charts.hour_of_week(week((1, 0, 5, 1, 90.0), (0, 23, 7, 0, 80.0))).data
    assert list(cells.base + cells.y / 2) == pytest.approx([0, 6])
    assert list(cells.x) == [0.5, 23.5]
    assert [list(each) for each in cells.customdata] == [[1, 0], [0, 23]]
    assert list(cells.hovertext) == [
        "<b>Monday 00:00 to 01:00</b><br>5 requests<br>20.0% failed<br>p95: 90 ms",
        "<b>Sunday 23:00 to 24:00</b><br>7 requests<br>0% failed<br>p95: 80 ms",
    ]
    assert len(silent.x) == 7 * 24 - 2
    assert silent.name == "no requests"


@pytest.mark.parametrize(
    ("measure", "values"), [("requests", [5, 7]), ("p95_ms", [90, 80]), ("failed", [0.2, 0])]
)
def test_a_week_is_coloured_by_what_was_asked_for(measure, values):
    rows = week((1, 0, 5, 1, 90.0), (0, 23, 7, 0, 80.0))
    assert numbers(charts.hour_of_week(rows, measure).data[0].marker.color) == values


def test_a_week_without_durations_is_still_drawn():
    (silent,) = charts.hour_of_week(week((1, 0, 5, 1, NAN)), "p95_ms").data
    assert len(silent.x) == 7 * 24


def history(*used: float) -> pd.DataFrame:
    return table("used_share burn", *((i, share, 2.5) for i, share in enumerate(used)))


def test_a_budget_burns_down_from_all_of_it_at_the_ends_of_bins():
    figure = charts.budget(history(0.1, 0.25), TIME)
    left = trace(figure, "left")
    assert numbers(left.y) == [1, 0.9, 0.75]
    assert list(left.x) == [f"2026-11-23T0{hour}:00:00" for hour in range(3)]
    assert words_of(figure) == ["75%"]
    assert figure.layout.xaxis.title.text == "Time (UTC), 23 Nov 2026 00:00 to 23 Nov 2026 04:00"
    assert columns(figure).hovertext[1].split("<br>")[1:] == [
        "75.0% left",
        "burns 2.5 times as fast as allowed",
    ]


def test_a_budget_used_evenly_lasts_from_end_to_end():
    evenly = charts.budget(history(0.1), TIME).data[1]
    assert list(evenly.x) == ["2026-11-23T00:00:00", "2026-11-23T04:00:00"]
    assert numbers(evenly.y) == [1, 0]


def test_an_overdrawn_budget_goes_below_zero_in_the_colour_of_failures():
    figure = charts.budget(history(0.5, 1.5, 2.0), TIME)
    over = trace(figure, "overdrawn")
    assert numbers(over.y) == [None, 0.5, -0.5, -1]
    assert over.line.color == _over_time.FAILED
    assert figure.layout.yaxis.range[0] < -1
    assert words_of(figure) == ["−100%"]
    assert "50.0% overdrawn" in columns(figure).hovertext[1]


# What is called, and who answers


def calls(*rows: tuple[str, str, int, float, int, float]) -> pd.DataFrame:
    return pd.DataFrame(
        rows, columns=["service", "target", "calls", "mean_ms", "failed", "share_pct"]
    )


def test_the_calls_of_a_target_are_added_up_and_the_largest_share_comes_first():
    rows = calls(
        ("s", "sql", 10, 5.0, 0, 4.0),
        ("s", "api", 30, 10.0, 3, 20.0),
        ("s", "api", 10, 30.0, 1, 12.0),
    )
    bars, ends, cross = charts.dependencies(rows).data
    assert numbers(bars.x) == pytest.approx([0.32, 0.04])
    assert [list(each) for each in bars.customdata] == [["s", "api"], ["s", "sql"]]
    assert bars.hovertext[0].split("<br>") == [
        "<b>api</b>",
        "called by s",
        "32.0% of the time in its requests",
        "40 calls, 15 ms on average",
        "4 failed (10.0%)",
    ]
    assert [text.strip() for text in ends.text] == ["32.0%, 10.0% failed", "4.0%"]
    assert numbers(cross.y) == [0]
    assert cross.marker.color == _over_time.FAILED


def test_a_share_that_is_not_known_is_no_bar_but_a_row():
    bars, ends = charts.dependencies(calls(("s", "api", 3, 2.0, 0, NAN))).data
    assert numbers(bars.x) == [0]
    assert ends.text[0].strip() == "not known"


def test_targets_of_several_services_are_told_apart():
    figure = charts.dependencies(calls(("a", "api", 3, 2.0, 0, 5.0), ("b", "api", 3, 2.0, 0, 4.0)))
    assert list(figure.layout.yaxis.ticktext) == ["a: api", "b: api"]


def replies(*rows: tuple[str, int, float, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["instance", "requests", "p95_ms", "failed"])
    return frame.assign(service="s")


def test_instances_stand_side_by_side_with_the_busiest_first():
    figure = charts.instances(replies(("one", 10, 50.0, 0), ("two", 200, 900.0, 20)))
    requests, p95, failed = figure.data
    assert numbers(requests.x) == [200, 10]
    assert numbers(p95.x) == [900, 50]
    assert numbers(failed.x) == [0.1, 0]
    assert list(failed.text) == ["10.0%", "0%"]
    assert failed.marker.color == _over_time.FAILED
    assert list(figure.layout.yaxis.ticktext) == ["two", "one"]
    assert [list(each) for each in p95.customdata] == [["s", "two"], ["s", "one"]]
    titles = [figure.layout[name].title.text for name in ("xaxis", "xaxis2", "xaxis3")]
    assert titles == ["Requests", "p95 latency (ms)", "Failed requests"]


def test_an_instance_without_durations_keeps_its_row():
    figure = charts.instances(replies(("one", 10, NAN, 0)))
    assert list(figure.data[1].text) == ["not known"]


# Drift


def drift(*rows: tuple[date, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["day", "js_debiased", "verdict"])


def test_drift_is_drawn_over_whole_days_of_the_same_axis():
    day = FIRST.date()
    rows = drift((day, 0.2, "drift"), (day + timedelta(days=1), 0.4, "drift"))
    figure = charts.drift_beside(rows, TIME)
    assert list(figure.data[0].customdata) == [str(day)]
    assert list(figure.data[0].x) == [str(day)]
    assert (figure.data[0].offset, figure.data[0].width) == (0, 86_400_000)
    assert list(figure.layout.xaxis.range) == TIME.drawn()["range"]


def test_days_without_a_distance_and_without_drift_can_be_seen():
    days = [FIRST.date() + timedelta(days=i) for i in range(3)]
    rows = drift(
        (days[0], 0.4, "strong"), (days[1], 0.0, "stable"), (days[2], NAN, "not enough data")
    )
    figure = charts.drift_beside(rows, charts.TimeAxis(FIRST, at(72), HOUR))
    assert [part.name for part in figure.data] == ["strong", "stable", "not enough data"]
    assert all(part.y[0] > 0 for part in figure.data)
    assert "distance not known" in figure.data[2].hovertext[0]


# All of them


NOTHING = pd.DataFrame(
    columns=[
        *("moment", "requests", "failed", "p50_ms", "p95_ms", "p99_ms", "from_ms", "to_ms", "code"),
        *("problem", "exceptions", "used_share", "burn", "weekday", "hour", "service", "target"),
        *("calls", "mean_ms", "share_pct", "instance", "day", "js_debiased", "verdict"),
    ]
).astype({"moment": "datetime64[us, UTC]"})


def nothing() -> dict[str, go.Figure]:
    over_time = [
        *(charts.request_rate, charts.failure_rate, charts.codes_per_time, charts.budget),
        *(charts.exceptions_per_time, charts.latency_lines, charts.latency_heatmap),
        charts.drift_beside,
    ]
    drawn = {function.__name__: function(NOTHING, TIME) for function in over_time}
    others = [charts.hour_of_week, charts.dependencies, charts.instances]
    return drawn | {function.__name__: function(NOTHING) for function in others}


def test_nothing_is_told_in_words():
    for name, figure in nothing().items():
        assert len(figure.data) == 0, name
        assert words_of(figure)[0].startswith("No "), name


def test_figures_of_a_full_axis_are_small_and_valid_json():
    time = charts.TimeAxis(FIRST, at(200), HOUR, [(at(50), "version 2")])
    rng = np.random.default_rng(1)
    rows = failures(*((i, 1000, int(n)) for i, n in enumerate(rng.poisson(3, 200))))
    cells = steps(
        *((i, 10 ** (s / 8), 10 ** ((s + 1) / 8), 9) for i in range(200) for s in range(20))
    )
    for figure, most in (
        (charts.request_rate(rows, time, rows), 110_000),
        (charts.failure_rate(rows, time, 0.995, rows), 90_000),
        (charts.latency_heatmap(cells, time), 750_000),
    ):
        figure.update_layout(template="none")
        text = figure.to_json()
        json.loads(text)
        assert len(text) < most


def test_bins_that_were_not_answered_are_shaded_and_not_said_to_be_none():
    axis = charts.TimeAxis(at(12), at(18), HOUR)
    there = pd.to_datetime([at(13), at(14), at(16)])
    table = pd.DataFrame({"moment": there, "requests": [3, 4, 5]})
    figure = charts.unanswered(charts.request_rate(table, axis), table, axis)
    shaded = [(each.x0[11:13], each.x1[11:13]) for each in figure.layout.shapes]
    assert shaded == [("12", "13"), ("15", "16"), ("17", "18")]
    (hovers,) = [trace.hovertext for trace in figure.data if trace.hovertext]
    assert ["not answered" in text for text in hovers] == [True, False, False, True, False, True]
    assert "not answered" in figure.layout.annotations[-1].text
    whole = charts.unanswered(charts.request_rate(table, axis), table.head(0), axis)
    assert len(whole.layout.shapes) == 1
