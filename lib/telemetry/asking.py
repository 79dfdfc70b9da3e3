"""Asks questions of a log store, several at once, for one stretch of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from lib.errors import DriftlineError, UnexpectedAnswer
from lib.logs import Answer, Logs, Span, named_in
from lib.telemetry.frames import check_columns, typed
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


def shift_for(span: Span) -> timedelta:
    """Return by how much a span is shifted back to compare it with the same hours before.

    Whole days, as many as the span touches: what is not over yet of today is not over either in
    the time before, and a Monday's noon meets a noon.
    """
    return -(-(span.last - span.first) // DAY) * DAY


def before(span: Span) -> Span:
    """Return the same hours of the days before a span, as `shift_for` has it."""
    shift = shift_for(span)
    return Span(span.first - shift, span.last - shift)


def ask(
    logs: Logs,
    names: Iterable[str],
    scope: Scope = EVERYTHING,
    *,
    span: Span,
    grain: timedelta | None = None,
    shift: timedelta | None = None,
    **values: Value,
) -> dict[str, Answer | DriftlineError]:
    """Ask several questions at once; each name gets its answer, or the error that it met.

    `grain` is the width of bins, by default what suits the span. `shift` is how much earlier the
    time lies that some questions compare with, by default `shift_for` the span. `values` go to
    the questions that take them. The frames have the columns and types that the questions
    declare.
    """
    back = shift or shift_for(span)
    times: dict[str, Value] = {
        "end_time": span.last,
        "since": span.first,
        "until": min(span.last - back, span.first),
        "from_time": span.first,
        "to_time": span.last,
    }
    usual: dict[str, Value] = {
        **times,
        **asdict(scope),
        "grain": grain or grain_for(span),
    }
    names, texts = list(names), {}
    for name in names:
        takes = {**usual, "start_time": _first(name, span, back), **values}
        known = QUESTIONS[name].parameters
        texts[name] = fill(name, **{key: value for key, value in takes.items() if key in known})
    answers = logs.run_many(texts, _whole(names, span, back))
    return {name: _typed(name, answer) for name, answer in answers.items()}


def reads(
    names: Iterable[str], span: Span, shift: timedelta | None = None
) -> tuple[list[str], Span]:
    """Return the tables that questions read rows of, and from when to when."""
    several = list(names)
    tables = {table for name in several for table in named_in(QUESTIONS[name].text)}
    return sorted(tables), _whole(several, span, shift or shift_for(span))


def _whole(names: Iterable[str], span: Span, shift: timedelta) -> Span:
    """Return the time that questions read rows of."""
    firsts = (_first(name, span, shift) for name in names)
    return replace(span, first=min(firsts, default=span.first))


def _first(name: str, span: Span, shift: timedelta) -> datetime:
    """Return from when on a question reads rows."""
    back = QUESTIONS[name].looks_back
    if back.from_end:
        return min(span.first, span.last - back.days * DAY)
    return span.first - max(shift if back.again else timedelta(0), back.days * DAY)


def _typed(name: str, answer: Answer | DriftlineError) -> Answer | DriftlineError:
    if isinstance(answer, DriftlineError):
        return answer
    try:
        check_columns(answer.frame, name)
        return replace(answer, frame=typed(answer.frame, name))
    except UnexpectedAnswer as error:
        return error


def _floor(moment: datetime, step: timedelta) -> datetime:
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // step * step
