import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import charts

NAN = float("nan")
MARKUP = '<b>x</b> & <a href="https://example.org">y</a> %{y}'
ESCAPED = '&lt;b&gt;x&lt;/b&gt; &amp; &lt;a href="https://example.org"&gt;y&lt;/a&gt; %&#123;y}'
LONG = "a long name " * 84
FIRST = date(2026, 11, 2)
GREY = "#8a8f98"
VERDICTS = ["strong", "drift", "watch", "stable", "not enough data", "not comparable"]
QUANTILES = ["p05", "p25", "p50", "p75", "p95"]


@dataclass(frozen=True)
class Levels:
    watch: float = 0.05
    drift: float = 0.1
    strong: float = 0.2


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def series(
    *distances: float,
    feature: str = "amount",
    first: int = 0,
    part: str = "current",
    verdict: str = "stable",
    n: float = 1204,
    q: float = 0.5,
    beyond: bool = False,
) -> pd.DataFrame:
    """One row per day, from the day with the number `first` on."""
    return pd.DataFrame(
        {
            "feature": feature,
            "day": [day(first + i) for i in range(len(distances))],
            "part": part,
            "n": n,
            "js_debiased": distances,
            "q": q,
            "verdict": verdict,
            "beyond": beyond,
            "missing": 0.031,
        }
    )


def both(*frames: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)


def named(figure: go.Figure, name: str) -> go.Scatter | go.Bar:
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def names_of(figure: go.Figure) -> list[str]:
    return [trace.name for trace in figure.data]


def words_of(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


# Colours


CONFIG = tomllib.loads((Path(__file__).parents[1] / ".streamlit/config.toml").read_text("utf-8"))
# Machado, Oliveira and Fernandes 2009, severity 1: what is left of linear red, green and blue.
SEEN = {
    "by most": np.eye(3),
    "without red": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "without green": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "without blue": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    dark, light = sorted(float(colour @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def oklab(colour: np.ndarray) -> np.ndarray:
    """Ottosson's perceptual space: a distance of 0.02 can just be seen."""
    cones = np.cbrt(np.clip(colour, 0, 1) @ np.array([
        [0.4122214708, 0.2119034982, 0.0883024619], [0.5363325363, 0.6806995451, 0.2817188376],
        [0.0514459929, 0.1073969566, 0.6299787005],
    ]))  # fmt: skip
    return cones @ np.array([
        [0.2104542553, 1.9779984951, 0.0259040371], [0.7936177850, -2.4285922050, 0.7827717662],
        [-0.0040720468, 0.4505937099, -0.8086757660],
    ])  # fmt: skip


def test_there_is_a_colour_for_every_verdict_the_most_urgent_first():
    assert list(charts.VERDICT_COLOURS) == VERDICTS


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("verdict", VERDICTS[:3])
def test_a_verdict_can_be_told_from_the_background(verdict: str, scheme: str):
    paper = linear(CONFIG["theme"][scheme]["backgroundColor"])
    assert contrast(linear(charts.VERDICT_COLOURS[verdict]), paper) >= 3


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize(("one", "other"), list(combinations(VERDICTS[:3], 2)))
def test_verdicts_can_be_told_apart_by_all_eyes(one: str, other: str, eyes: str):
    seen = [oklab(SEEN[eyes] @ linear(charts.VERDICT_COLOURS[name])) for name in (one, other)]
    assert np.linalg.norm(seen[0] - seen[1]) > 0.1


# Heat map


def test_a_heat_map_has_a_row_per_feature_in_the_order_given():
    table = both(series(0.01, 0.02, feature="b"), series(0.3, feature="a", verdict="strong"))
    figure = charts.drift_heatmap(table, ["a", "b"])
    strong, stable = named(figure, "strong"), named(figure, "stable")
    assert list(strong.base + strong.y / 2) == pytest.approx([0], abs=1e-6)
    assert list(stable.base + stable.y / 2) == pytest.approx([1, 1])
    assert list(stable.x) == [0, 1]
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert figure.layout.xaxis.title.text == "Day (UTC)"


def test_a_cell_tells_its_numbers_and_is_clicked_as_feature_and_day():
    (cell,) = charts.drift_heatmap(series(0.1234, verdict="drift", q=1e-9), ["amount"]).data
    assert cell.customdata == (["amount", "2026-11-02", "amount"],)
    assert cell.hovertext == ("distance 0.123, q under 0.0001<br>1,204 rows, 3.1% missing",)
    assert cell.hovertemplate == (
        "<b>%{customdata[2]}</b><br>%{customdata[1]|%a %-d %b %Y}: drift<br>%{hovertext}"
        "<extra></extra>"
    )
    assert cell.marker.color == charts.VERDICT_COLOURS["drift"]


def test_verdicts_are_listed_from_the_most_urgent():
    table = both(*(series(0.1, feature=name, verdict=name) for name in reversed(VERDICTS)))
    assert names_of(charts.drift_heatmap(table, VERDICTS)) == VERDICTS


@pytest.mark.parametrize("verdict", ["not enough data", "not comparable", "?", None])
def test_a_day_without_a_verdict_is_hatched(verdict: object):
    (cell,) = charts.drift_heatmap(series(NAN, q=NAN).assign(verdict=verdict), ["amount"]).data
    assert cell.marker.pattern.shape in ("/", "x")
    assert cell.hovertext == ("distance not known<br>1,204 rows, 3.1% missing",)


def test_a_day_of_the_reference_is_not_judged_but_faint():
    table = both(series(0.4, part="reference", verdict="", q=NAN), series(0.01, first=1))
    cell = named(charts.drift_heatmap(table, ["amount"]), "reference day")
    assert cell.hovertext == ("distance 0.400<br>1,204 rows, 3.1% missing",)
    assert ": reference day<br>" in cell.hovertemplate
    assert cell.marker.pattern.shape is None
    line = named(charts.drift_line(table, Levels()), "reference")
    assert line.hovertext[0].startswith("reference day<br>distance 0.400<br>")


def test_a_day_without_rows_has_no_cell_but_its_place():
    table = both(series(0.01), series(NAN, first=1, n=0), series(0.01, first=4))
    figure = charts.drift_heatmap(table, ["amount"])
    assert list(figure.data[0].x) == [0, 4]
    assert list(figure.layout.xaxis.ticktext) == [
        "2 Nov<br>2026", "3 Nov", "4 Nov", "5 Nov", "6 Nov"
    ]  # fmt: skip


def test_a_line_lies_between_the_reference_and_the_window():
    table = both(series(0.01, 0.01, part="reference"), series(0.01, first=2))
    figure = charts.drift_heatmap(table, ["amount"])
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1) == (1.5, 1.5)
    assert words_of(figure) == ["reference", "window"]
    assert not charts.drift_heatmap(series(0.01), ["amount"]).layout.shapes


def test_a_reference_from_last_year_takes_no_room_for_the_year_between():
    table = both(series(0.01, 0.01, part="reference", first=-365), series(0.01, 0.01))
    figure = charts.drift_heatmap(table, ["amount"])
    assert list(figure.data[0].x) == [0, 1, 4, 5]
    assert figure.layout.shapes[0].x0 == 2.5
    assert list(figure.layout.xaxis.ticktext) == [
        "2 Nov<br>2025", "3 Nov", "2 Nov<br>2026", "3 Nov"
    ]  # fmt: skip


def test_a_day_of_both_reference_and_window_is_drawn_once():
    table = both(series(0.5, 0.5, part="reference", verdict="strong"), series(0.01, first=1))
    figure = charts.drift_heatmap(table, ["amount"])
    assert list(named(figure, "strong").x) == [0]
    assert list(named(figure, "stable").x) == [1]


def test_a_triangle_marks_the_day_on_which_a_feature_changed():
    table = both(series(0.01, 0.3), series(0.01, 0.01, feature="b"))
    changes = {"b": day(1), "amount": day(77), "elsewhere": day(1)}
    marks = named(
        charts.drift_heatmap(table, ["amount", "b"], changes=changes), "changed on this day"
    )
    assert list(marks.x) == [1]
    assert 0.5 < marks.y[0] < 1
    assert marks.customdata == (["b", "2026-11-03", "b"],)


def test_thirty_features_fit_on_a_screen():
    features = [f"feature {i}" for i in range(30)]
    table = both(*(series(*[0.01] * 90, feature=name) for name in features))
    figure = charts.drift_heatmap(table, features)
    assert 600 <= figure.layout.height <= 720
    assert len(figure.layout.xaxis.tickvals) <= 10
    assert len(figure.to_json()) < 500_000


def test_features_may_be_called_anything():
    table = both(series(0.01, feature=MARKUP), series(0.01, feature=LONG))
    figure = charts.drift_heatmap(table, [MARKUP, LONG], changes={MARKUP: day(0)})
    cells, marks = figure.data
    assert cells.customdata[0] == [MARKUP, "2026-11-02", ESCAPED]
    assert marks.customdata[0][2] == ESCAPED
    assert max(len(text) for text in figure.layout.yaxis.ticktext[1:]) <= 24


# Contributions


def test_both_distributions_are_shares_of_their_own_rows():
    figure = charts.contributions(["a", "b"], [30, 10], [10, 10], [0.1, 0.3])
    assert list(named(figure, "reference").y) == [0.75, 0.25]
    assert list(named(figure, "current").y) == [0.5, 0.5]
    assert named(figure, "reference").marker.color == GREY
    assert named(figure, "current").marker.color is None
    assert figure.layout.yaxis.title.text == "Share of rows"
    assert figure.layout.yaxis2.title.text == "Of the distance"


def test_the_bin_that_adds_most_is_emphasised_and_named():
    figure = charts.contributions([MARKUP, LONG, "c"], [1, 1, 1], [1, 1, 1], [0.1, 0.3, 0])
    below = [trace for trace in figure.data if trace.yaxis == "y2"]
    np.testing.assert_allclose(below[0].y, [0, 0.75, 0])
    assert below[0].marker.color is None
    np.testing.assert_allclose(below[1].y, [0.25, 0, 0])
    assert below[1].marker.color == GREY
    (words,) = words_of(figure)
    assert words == "a long name …a long name: 75.0%"
    assert figure.layout.annotations[0].x == 1


def test_a_click_in_either_panel_chooses_a_bin_even_one_without_rows():
    figure = charts.contributions(["a", MARKUP], [30, 0], [10, 0], [0.1, 0])
    clicked = [trace for trace in figure.data if trace.hoverinfo != "skip"]
    assert [trace.yaxis for trace in clicked] == ["y", "y2"]
    for trace in clicked:
        assert trace.customdata == ([0], [1])
        assert trace.width == 1
        assert min(trace.y) > 0
        assert trace.hovertext[1] == (
            f"<b>{ESCAPED}</b><br>current: 0 rows (0%)<br>reference: 0 rows (0%)<br>"
            "adds 0% of the distance"
        )


def test_two_equal_distributions_have_no_bin_that_adds_most():
    figure = charts.contributions(["a", "b"], [1, 1], [1, 1], [0, 0])
    assert words_of(figure) == []
    assert len(figure.data) == 6


def test_many_bins_have_few_labels():
    count = 102
    figure = charts.contributions([LONG] * count, [1] * count, [1] * count, [1] * count)
    assert len(figure.layout.xaxis.tickvals) <= 26
    assert max(len(text) for text in figure.layout.xaxis.ticktext) <= 16


# One feature per day


def line_of(**more: object) -> go.Figure:
    table = both(
        series(0.02, 0.03, part="reference"),
        series(0.02, first=2),
        series(0.3, 0.31, first=4, verdict="strong", beyond=True),
        series(0.04, first=6),
    )
    return charts.drift_line(table, Levels(), **more)


def test_the_reference_is_grey_and_a_day_without_rows_is_a_gap():
    figure = line_of()
    window, reference = named(figure, "window"), named(figure, "reference")
    assert list(reference.x) == [0, 1]
    assert reference.line.color == GREY
    assert window.line.color is None
    np.testing.assert_array_equal(window.y, [0.02, NAN, 0.3, 0.31, 0.04])
    assert not window.connectgaps
    assert figure.layout.yaxis.title.text == "Distance from the reference"


def test_a_day_of_no_rows_has_no_distance_whatever_the_table_says():
    table = both(series(0.1), series(1.0, first=1, n=0))
    np.testing.assert_array_equal(charts.drift_line(table, Levels()).data[0].y, [0.1, NAN])


def test_a_point_tells_its_numbers():
    window = named(line_of(), "window")
    assert window.customdata[2] == "2026-11-06"
    assert window.hovertext[2] == "strong<br>distance 0.300, q 0.5<br>1,204 rows, 3.1% missing"
    assert window.hovertemplate == (
        "<b>%{customdata|%a %-d %b %Y}</b>: %{hovertext}<extra></extra>"
    )


def test_thresholds_are_lines_named_at_the_right_edge():
    figure = line_of()
    lines = [shape for shape in figure.layout.shapes if shape.y0 == shape.y1]
    assert [line.y0 for line in lines] == [0.05, 0.1, 0.2]
    assert [line.line.color for line in lines] == [
        charts.VERDICT_COLOURS[name] for name in ("watch", "drift", "strong")
    ]
    assert words_of(figure) == ["watch", "drift", "strong"]
    assert all(label.x == 1 for label in figure.layout.annotations)


def test_the_names_of_close_thresholds_do_not_overlap():
    figure = charts.drift_line(series(0.9), Levels(0.01, 0.02, 0.03))
    top = figure.layout.yaxis.range[1]
    pixels = [label.y / top * 230 + label.yshift for label in figure.layout.annotations]
    assert min(np.diff(pixels)) > 14


def test_all_thresholds_are_in_sight_of_a_stable_feature():
    assert charts.drift_line(series(0.001), Levels()).layout.yaxis.range[1] > 0.2


def test_points_beyond_the_control_limit_are_ringed():
    figure = line_of(limit=0.062)
    rings = named(figure, "beyond the control limit")
    assert list(rings.x) == [4, 5]
    assert list(rings.y) == [0.3, 0.31]
    limit = named(figure, "control limit 0.062")
    assert (list(limit.y), limit.line.dash) == ([0.062, 0.062], "dash")


@pytest.mark.parametrize("limit", [None, NAN])
def test_without_a_limit_there_is_no_line_for_it(limit: float | None):
    assert names_of(line_of(limit=limit)) == ["window", "reference", "beyond the control limit"]


def test_a_change_is_a_line_before_its_day_in_a_band_of_possible_days():
    figure = line_of(change=day(4), uncertainty=(day(2), day(5)))
    band, line = [shape for shape in figure.layout.shapes if shape.y0 != shape.y1][1:]
    assert (line.type, line.x0, line.x1) == ("line", 3.5, 3.5)
    assert (band.type, band.x0, band.x1) == ("rect", 1.5, 4.5)
    assert words_of(figure)[0] == "changed 6 Nov"


def test_a_change_of_which_the_day_is_certain_has_no_band():
    figure = line_of(change=day(4), uncertainty=(day(4), day(4)))
    assert {shape.type for shape in figure.layout.shapes} == {"line"}


def test_the_way_back_is_a_second_line():
    figure = line_of(change=day(3), back=day(6))
    assert words_of(figure)[:2] == ["changed 5 Nov", "back 8 Nov"]
    assert [shape.x0 for shape in figure.layout.shapes[1:3]] == [2.5, 5.5]


def test_labels_of_lines_close_together_lean_apart_or_are_one():
    figure = line_of(change=day(4), back=day(5))
    changed, back = figure.layout.annotations[:2]
    assert (changed.xanchor, back.xanchor) == ("right", "left")
    table = series(*[0.1] * 40)
    figure = charts.drift_line(table, Levels(), change=day(38), back=day(39))
    assert words_of(figure)[0] == "changed 10 Dec, back 11 Dec"
    assert figure.layout.annotations[0].xanchor == "right"


def test_a_change_outside_of_the_days_is_not_drawn():
    assert len(line_of(change=day(99), back=day(-9)).layout.annotations) == 3


# A change in the charts of values per day


def quantiles(count: int = 10) -> pd.DataFrame:
    days = pd.DataFrame({"day": [day(i) for i in range(count)]})
    return days.assign(**dict.fromkeys(QUANTILES, 1.0))


def shares(count: int = 10) -> pd.DataFrame:
    return pd.DataFrame({"day": [day(i) for i in range(count)], "category": "a", "share": 1.0})


VALUES = pytest.mark.parametrize(
    "chart",
    [
        pytest.param(lambda **more: charts.quantile_bands(quantiles(), **more), id="quantiles"),
        pytest.param(lambda **more: charts.categories_per_day(shares(), **more), id="categories"),
    ],
)


@VALUES
def test_values_per_day_have_a_line_where_they_changed(chart: Callable[..., go.Figure]):
    figure = chart(change=day(6), uncertainty=(day(-5), day(7)))
    band, *lines = figure.layout.shapes
    assert {line.x0 for line in lines} == {"2026-11-07T12"}
    assert (band.x0, band.x1) == ("2026-11-01T12", "2026-11-08T12")
    assert words_of(figure) == ["changed 8 Nov"]
    assert figure.layout.legend.y > 1.05 or figure.layout.margin.t > 20


@VALUES
@pytest.mark.parametrize("change", [None, day(-1), day(10)])
def test_values_that_did_not_change_in_sight_have_no_line(
    chart: Callable[..., go.Figure], change: date | None
):
    figure = chart(change=change, uncertainty=(day(-2), day(11)))
    assert not figure.layout.shapes
    assert not figure.layout.annotations
    assert figure.to_json() == chart().to_json()


# Rankings


def ranking(*rows: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["feature", "verdict", "js_debiased"])
    return table.assign(q=1e-9, n_current=1204.0)


def test_features_are_ranked_as_given_and_coloured_by_verdict():
    table = ranking(("b", "strong", 0.3), (MARKUP, "watch", 0.06), ("c", "strong", 0.25))
    figure = charts.ranked(table, Levels())
    strong, watch = figure.data
    assert (list(strong.y), list(strong.x)) == ([0, 2], [0.3, 0.25])
    assert (list(watch.y), watch.customdata) == ([1], (MARKUP,))
    assert watch.hovertext == (
        f"<b>{ESCAPED}</b>: watch<br>distance 0.060, q under 0.0001<br>1,204 rows",
    )
    assert watch.marker.color == charts.VERDICT_COLOURS["watch"]
    assert strong.text == ("0.300", "0.250")
    assert list(figure.layout.yaxis.range) == [2.5, -0.5]
    assert figure.layout.xaxis.title.text == "Distance (0 the same, 1 nothing in common)"


def test_thresholds_are_vertical_lines_of_a_ranking():
    figure = charts.ranked(ranking(("b", "stable", 0.01)), Levels())
    assert [line.x0 for line in figure.layout.shapes] == [0.05, 0.1, 0.2]
    assert words_of(figure) == ["watch", "drift", "strong"]
    assert figure.layout.xaxis.range[1] > 0.2
    assert not charts.ranked(ranking(("b", "stable", 0.01))).layout.shapes


def test_a_feature_without_a_distance_says_why():
    (bars,) = charts.ranked(ranking(("b", "not comparable", NAN))).data
    assert (list(bars.x), bars.text) == ([0], ("not comparable",))


def test_a_ranking_ends_after_the_first_features():
    table = ranking(*((f"f{i}", "stable", 0.01) for i in range(40)))
    assert len(charts.ranked(table, most=7).data[0].x) == 7


def test_importances_begin_with_the_most_telling_and_may_be_negative():
    table = pd.DataFrame({"feature": ["a", MARKUP, "c"], "importance": [-0.01, 0.2, NAN]})
    figure = charts.importance(table)
    (bars,) = figure.data
    assert bars.customdata == (MARKUP, "a", "c")
    assert bars.hovertext[0] == ESCAPED
    assert bars.text[:2] == ("0.200", "-0.010")
    assert figure.layout.xaxis.range[0] < -0.01
    assert figure.layout.xaxis.title.text == "AUC lost when shuffled"


# What holds for all

NOTHING = series()


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        pytest.param(lambda: charts.drift_heatmap(NOTHING, []), "rows", id="no days"),
        pytest.param(lambda: charts.drift_heatmap(series(0.1), ["b"]), "rows", id="others only"),
        pytest.param(lambda: charts.drift_line(NOTHING, Levels()), "rows", id="no line"),
        pytest.param(lambda: charts.drift_line(series(NAN), Levels()), "rows", id="line of NaN"),
        pytest.param(lambda: charts.contributions([], [], [], []), "rows", id="no bins"),
        pytest.param(lambda: charts.contributions(["a"], [0], [0], [0]), "rows", id="empty bins"),
        pytest.param(lambda: charts.ranked(ranking()), "features", id="no features"),
        pytest.param(
            lambda: charts.importance(pd.DataFrame({"feature": ["a"], "importance": [NAN]})),
            "features",
            id="no importance",
        ),
    ],
)
def test_a_figure_with_nothing_to_draw_says_so(figure: Callable[[], go.Figure], words: str):
    drawn = figure()
    assert not drawn.data
    assert words in words_of(drawn)[0]


NUMBERS = st.lists(
    st.one_of(st.floats(0, 1), st.sampled_from([NAN, float("inf"), 0.0, 1e-300])), max_size=7
)


@given(numbers=NUMBERS, texts=st.lists(st.text(max_size=30), min_size=7, max_size=7))
@settings(deadline=None, max_examples=40)
def test_no_number_and_no_name_breaks_a_figure(numbers: list[float], texts: list[str]):
    names = texts[: len(numbers)]
    table = series(*numbers).assign(q=numbers, missing=numbers, verdict=names, feature=names)
    for drawn in (
        charts.drift_heatmap(table, names, changes=dict.fromkeys(names, day(1))),
        charts.drift_line(table, Levels(), *numbers[:1], day(1), day(2), (day(0), day(3))),
        charts.contributions(names, numbers, numbers[::-1], numbers),
        charts.ranked(table.assign(n_current=numbers), Levels()),
        charts.importance(table.assign(importance=numbers)),
    ):
        assert json.loads(drawn.to_json())["layout"]["height"] == drawn.layout.height


def full() -> Sequence[tuple[str, Callable[[], go.Figure]]]:
    """Every chart of a busy page, with awkward names."""
    random = np.random.default_rng(5)
    names = [MARKUP, LONG, *(f"feature {i}" for i in range(10))]
    distances = random.random((len(names), 40)) / 3
    table = both(
        *(
            series(*row[:14], feature=name, part="reference").assign(verdict="stable")
            for name, row in zip(names, distances, strict=True)
        ),
        *(
            series(*row[14:], feature=name, first=14).assign(
                verdict=random.choice(VERDICTS, 26), beyond=row[14:] > 0.2
            )
            for name, row in zip(names, distances, strict=True)
        ),
    )
    one = table[table["feature"] == MARKUP]
    first = table.drop_duplicates("feature").assign(n_current=1204.0, importance=0.1)
    return [
        ("drift_heatmap", lambda: charts.drift_heatmap(table, names, changes={MARKUP: day(20)})),
        ("drift_line", lambda: charts.drift_line(
            one, Levels(), 0.1, day(20), day(25), (day(19), day(22)))),
        ("contributions", lambda: charts.contributions(names, range(12), range(12), range(12))),
        ("ranked", lambda: charts.ranked(first, Levels())),
        ("importance", lambda: charts.importance(first)),
    ]  # fmt: skip


ALL = [pytest.param(build, id=name) for name, build in full()]


@pytest.mark.parametrize("build", ALL)
def test_a_figure_leaves_fonts_background_and_title_to_the_page(build: Callable[[], go.Figure]):
    layout = build().layout
    assert layout.title.text is None
    assert layout.paper_bgcolor is None
    assert layout.plot_bgcolor is None
    assert layout.colorway is None
    assert "font" not in json.dumps(layout.to_plotly_json() | {"template": None})


@pytest.mark.parametrize("build", ALL)
def test_every_text_shown_is_our_own_markup_only(build: Callable[[], go.Figure]):
    figure = build()
    shown = [*words_of(figure), *(figure.layout.xaxis.ticktext or ())]
    shown += figure.layout.yaxis.ticktext or ()
    for trace in figure.data:
        if trace.hoverinfo != "skip":
            assert trace.hoverinfo == "text" or trace.hovertemplate.endswith("<extra></extra>")
        shown += [*(trace.hovertext or ()), trace.name or ""]
        if "%{customdata[2]}" in (trace.hovertemplate or ""):
            shown += [whole for _, _, whole in trace.customdata]
    for text in shown:
        ours = text.replace("<br>", "").replace("<b>", "").replace("</b>", "")
        assert "<" not in ours
        assert "%{" not in ours
