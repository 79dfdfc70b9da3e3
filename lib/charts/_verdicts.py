"""What verdicts on drift look like, wherever they are drawn."""

from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from lib.charts import _words
from lib.charts._figure import FAINT, GREY, UNSELECTED, Part

VERDICT_COLOURS: dict[str, str] = {
    "strong": "#c0367f",
    "drift": "#e86f10",
    "watch": "#3d92e8",
    "stable": "rgba(138, 143, 152, 0.28)",
    "not enough data": GREY,
    "not comparable": GREY,
}
"""The colour of each verdict, the most urgent first: for marks, on light and on dark.

The first three keep 3:1 to either background and stay apart under all three kinds of colour
blindness; text needs 4.5:1, which no one colour has on both. What is stable hardly shows; where
there is no verdict, marks are hatched.
"""

NO_VERDICT = "not comparable"
NOT_JUDGED = ""
"""What stands for the verdict on a day of the reference: it is what others are judged by."""
ALL = (*VERDICT_COLOURS, NOT_JUDGED)
_COLOURS = VERDICT_COLOURS | {NOT_JUDGED: "rgba(138, 143, 152, 0.15)"}
_HATCHED = {"not enough data": "/", "not comparable": "x"}


class Thresholds(Protocol):
    """Distances from which on a verdict is given."""

    @property
    def watch(self) -> float:
        """From this distance on a feature is watched."""

    @property
    def drift(self) -> float:
        """From this distance on it has drifted."""

    @property
    def strong(self) -> float:
        """From this distance on it has drifted strongly."""


def levels(thresholds: Thresholds) -> dict[str, float]:
    """Return the distance from which on each verdict is given, the smallest first."""
    return {name: float(getattr(thresholds, name)) for name in ("watch", "drift", "strong")}


def lines(levels: Mapping[str, float], along: Literal["x", "y"]) -> list[Part]:
    """Return a thin line across the figure at each threshold, on the axis `along`."""
    across = "y" if along == "x" else "x"
    return [
        {
            "type": "line",
            f"{along}0": value,
            f"{along}1": value,
            f"{across}0": 0,
            f"{across}1": 1,
            f"{across}ref": "paper",
            "layer": "below",
            "line": {"color": VERDICT_COLOURS[name], "width": 1.5},
        }
        for name, value in levels.items()
    ]


def known(verdicts: object) -> NDArray[np.str_]:
    """Return verdicts as texts; what is none of ours is not comparable."""
    texts = np.asarray(verdicts, dtype=object).astype(str)
    return np.where(np.isin(texts, ALL), texts, NO_VERDICT)


def spoken(verdict: str) -> str:
    """Return a verdict as it is written for people."""
    return verdict or "reference day"


def bars(verdict: str) -> Part:
    """Return how bars of a verdict are drawn and called."""
    marker: Part = {"color": _COLOURS[verdict], "line": {"width": 0.5, "color": FAINT}}
    if verdict in _HATCHED:
        shape = _HATCHED[verdict]
        pattern = {"shape": shape, "size": 6, "solidity": 0.15, "fgcolor": GREY}
        marker = {"color": "rgba(0, 0, 0, 0)", "line": {"width": 1, "color": FAINT}}
        marker["pattern"] = pattern
    return {"type": "bar", "name": spoken(verdict), "marker": marker, "unselected": UNSELECTED}


def distance(js: float) -> str:
    """Return a distance in three decimals."""
    return f"{js:.3f}" if np.isfinite(js) else "not known"


def details(js: float, q: float, rows: float, missing: float) -> str:
    """Return the numbers behind a verdict for a hover text; those not known are left out."""
    first = [f"distance {distance(js)}"] + ([f"q {_chance(q)}"] if np.isfinite(q) else [])
    second = [f"{_words.number(rows)} {'row' if rows == 1 else 'rows'}"] * bool(np.isfinite(rows))
    if np.isfinite(missing):
        second.append(f"{_words.percent(missing)} missing")
    return "<br>".join(", ".join(line) for line in (first, second) if line)


def _chance(q: float) -> str:
    return "under 0.0001" if q < 0.0001 else f"{q:.2g}"
