"""What happened when: labelled vertical lines across a chart over time."""

from collections.abc import Sequence

from lib.charts import _times, _words
from lib.charts._figure import GREY, Part
from lib.charts._time_axis import Mark, TimeAxis, in_utc

LANE_PX = 17

_MOST_LANES = 3
_LABEL_LENGTH = 18
# A label's width is known to the browser only, so this is the width of small letters in a
# figure on a small screen.
_LETTER = 7 / 520


def inside(axis: TimeAxis) -> list[Mark]:
    """Return the marks of the stretch, in order of time."""
    return sorted((m for m in axis.marks if 0 <= axis.share(m[0]) <= 1), key=lambda m: m[0])


def lanes(axis: TimeAxis) -> list[int | None]:
    """Return how high above the chart the label of each mark is; None where it finds no room."""
    ends = [-1.0] * _MOST_LANES
    found: list[int | None] = []
    for moment, text in inside(axis):
        low, high = _extent(axis.share(moment), len(_words.short(text, _LABEL_LENGTH)))
        lane = next((i for i, end in enumerate(ends) if low >= end), None)
        found.append(lane)
        if lane is not None:
            ends[lane] = high
    return found


def height(axis: TimeAxis) -> int:
    """Return the room that labels take above the chart, in pixels."""
    return LANE_PX * (1 + max((lane for lane in lanes(axis) if lane is not None), default=-1))


def lines(axis: TimeAxis) -> list[Part]:
    """Return a line for each mark, black and white by turns: it can be seen on any colour."""
    return [
        {
            "type": "line",
            "x0": in_utc(moment),
            "x1": in_utc(moment),
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": {"width": 1.5} | look,
        }
        for moment, _ in inside(axis)
        for look in ({"color": "#ffffff"}, {"color": "#101010", "dash": "4px,4px"})
    ]


def labels(axis: TimeAxis) -> list[Part]:
    """Return the labels, above the chart."""
    return [
        {
            "text": _words.short(text, _LABEL_LENGTH),
            "x": in_utc(moment),
            "xanchor": _anchor(axis.share(moment)),
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 3 + LANE_PX * lane,
            "showarrow": False,
        }
        for (moment, text), lane in zip(inside(axis), lanes(axis), strict=True)
        if lane is not None
    ]


def triangles(axis: TimeAxis, top: float) -> list[Part]:
    """Return a triangle on each line, at the height `top`, that tells the whole text."""
    marks = inside(axis)
    if not marks:
        return []
    bins = axis.at([moment for moment, _ in marks])
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [in_utc(moment) for moment, _ in marks],
            "y": [top] * len(marks),
            "cliponaxis": False,
            "marker": {
                "symbol": "triangle-down",
                "size": 9,
                "color": GREY,
                "line": {"width": 1, "color": "#ffffff"},
            },
            "unselected": {"marker": {"opacity": 1}},
            "showlegend": False,
            "customdata": [axis.clicks[i] for i in bins],
            "hovertext": _told(marks),
            "hovertemplate": "%{hovertext}<extra></extra>",
        }
    ]


def _told(marks: Sequence[Mark]) -> list[str]:
    return [
        f"<b>{_words.whole(text)}</b><br>{_times.moment(moment.timestamp(), 'm')}"
        for moment, text in marks
    ]


def _anchor(share: float) -> str:
    return "left" if share < 0.7 else "right"


def _extent(share: float, letters: int) -> tuple[float, float]:
    wide = (letters + 1) * _LETTER
    return (share, share + wide) if _anchor(share) == "left" else (share - wide, share)
