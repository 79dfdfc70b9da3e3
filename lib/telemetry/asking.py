"""Asks questions of a log store, several at once, for one stretch of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from lib.errors import DriftlineError
from lib.logs import Answer, Logs, Span, named_in
from lib.telemetry.frames import typed
from lib.telemetry.questions import QUESTIONS, Value, fill
from lib.telemetry.scope import EVERYTHING, Scope

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

GRAINS = (MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY)
"""The widths that a bin of time may have: each a part of a day, so that bins begin with days."""

BINS = 200
"""What a chart shows at most: the finest grain with no more bins is chosen."""

_ROUNDED_TO = 5 * MINUTE


def grain_for(span: Span) -> timedelta:
    """Return the width of bins that suits a stretch of time."""
    wide = (grain for grain in GRAINS if (span.last - span.first) / grain <= BINS)
    return next(wide, GRAINS[-1])


def rounded(span: Span, grain: timedelta) -> Span:
    """Return a span whose ends are round, so that asking again soon finds the answer cached.

    The first bin is whole: it begins earlier. The end goes back to the last full five minutes,
    unless nothing would be left: just after midnight, today has the minutes to come.
    """
    first, step = _floor(span.first, grain), min(grain, _ROUNDED_TO)
    return replace(span, first=first, last=max(_floor(span.last, step), first + step))


def ask(
    logs: Logs,
    names: Iterable[str],
    scope: Scope = EVERYTHING,
    *,
    span: Span,
    grain: timedelta | None = None,
    before: timedelta | None = None,
    **values: Value,
) -> dict[str, Answer | DriftlineError]:
    """Ask several questions at once; each name gets its answer, or the error that it met.

    `grain` is the width of bins, by default what suits the span. `before` is how much of the
    time before the span is read by questions that compare with it, by default as much again (a
    week or more for problems never seen). `values` go to the questions that take them. The
    frames have the columns and types that the questions declare.
    """
    given: dict[str, Value] = {**values, **asdict(scope), "grain": grain or grain_for(span)}
    names, asked = list(names), {}
    for name in names:
        times = {
            "start_time": _first(name, span, before),
            "end_time": span.last,
            "since": span.first,
        }
        takes: dict[str, Value] = {**given, **times}
        known = QUESTIONS[name].parameters
        asked[name] = fill(name, **{key: value for key, value in takes.items() if key in known})
    answers = logs.run_many(asked, _whole(names, span, before))
    return {name: _typed(name, answer) for name, answer in answers.items()}


def reads(
    names: Iterable[str], span: Span, before: timedelta | None = None
) -> tuple[list[str], Span]:
    """Return the tables that questions read rows of, and from when to when."""
    asked = list(names)
    tables = {table for name in asked for table in named_in(QUESTIONS[name].text)}
    return sorted(tables), _whole(asked, span, before)


def _whole(names: Iterable[str], span: Span, before: timedelta | None) -> Span:
    """Return the time that questions read rows of."""
    firsts = (_first(name, span, before) for name in names)
    return replace(span, first=min(firsts, default=span.first))


def _first(name: str, span: Span, before: timedelta | None) -> datetime:
    """Return from when on a question reads rows."""
    length = span.last - span.first
    if name == "burn_rate":
        return min(span.first, span.last - 3 * DAY)
    if name == "week_over_week":
        return span.first - 7 * DAY
    if name == "new_problems":
        return span.first - (before or max(length, 7 * DAY))
    if name in ("totals", "over_time"):
        return span.first - (before or length)
    return span.first


def _typed(name: str, answer: Answer | DriftlineError) -> Answer | DriftlineError:
    if isinstance(answer, DriftlineError):
        return answer
    return replace(answer, frame=typed(answer.frame, name))


def _floor(moment: datetime, step: timedelta) -> datetime:
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // step * step
