"""What telemetry says, in a sentence: numbers as people write them."""

from __future__ import annotations

import math

import pandas as pd


def headline(totals: pd.DataFrame, is_partial: bool = False) -> str:
    """Return the answer to `totals` in a sentence, with what was before where it says more.

    Of a partial answer nothing is compared, and counts are the least that there were.

    `12,410 requests, p95 310 ms (was 190 ms), 2.3 % failed (was 0.2 %); 1,204 failures were
    recorded as successes`.
    """
    by_period = {str(row["period"]): row for _, row in totals.iterrows()}
    now, before = by_period.get("now"), by_period.get("before")
    if now is None or not now["requests"]:
        return "No requests" if before is None else f"No requests ({_were(before)} before)"
    if is_partial:
        before = None
    said = [
        ("At least " if is_partial else "") + _things(int(now["requests"]), "request"),
        f"p95 {duration(now['p95_ms'])}{_was(before, 'p95_ms')}",
        f"{percent(_failed(now))} failed{_was(before, 'failed')}",
    ]
    hidden = int(now["hidden"])
    recorded = f"{_things(hidden, 'failure')} {'was' if hidden == 1 else 'were'} recorded as "
    recorded = ("at least " if is_partial else "") + recorded
    return (
        ", ".join(said)
        + (" of those answered" if is_partial else "")
        + (f"; {recorded}{'a success' if hidden == 1 else 'successes'}" if hidden else "")
    )


def sampled(totals: pd.DataFrame) -> str:
    """Return how requests were counted where rows stand for several, else nothing."""
    rows, requests = int(totals["rows"].sum()), int(totals["requests"].sum())
    if not rows or rows == requests:
        return ""
    return f"{_things(rows, 'row')} stand for {_things(requests, 'request')}: telemetry is sampled"


def duration(ms: float) -> str:
    """Return a duration with the digits that matter: `0.4 ms`, `310 ms`, `2.4 s`, `1.5 min`."""
    if math.isnan(ms):
        return "–"
    if ms < 9.95:
        return f"{ms:.1f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s"
    return f"{ms / 60_000:,.1f} min"


def percent(share: float) -> str:
    """Return a share of 1 in percent; what is not quite nothing does not look like it."""
    if math.isnan(share):
        return "–"
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{share * 100:.1f} %" if share else "0 %"


def _failed(row: pd.Series) -> float:
    return float(row["failed"]) / float(row["requests"]) if row["requests"] else math.nan


def _was(before: pd.Series | None, column: str) -> str:
    """Return what a number was before, if there were requests."""
    if before is None or not before["requests"]:
        return ""
    was = percent(_failed(before)) if column == "failed" else duration(before[column])
    return f" (was {was})"


def _were(before: pd.Series) -> str:
    return f"{int(before['requests']):,}"


def _things(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
