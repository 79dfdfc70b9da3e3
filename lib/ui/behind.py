"""The requests behind a bin of a chart or a row of a table, whichever was chosen last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from lib import telemetry
from lib.logs import Span
from lib.summary import words
from lib.telemetry import Scope
from lib.ui import answered, asked
from lib.ui.asked import Asking

MOST = 100
"""Requests that are listed: so many the question answers."""

KEY = "behind"


@dataclass(frozen=True)
class Chosen:
    """What was chosen: of whose rows a bin, a code, an operation of a service, or all of them.

    `failed` says that the others are not asked for; `limits_ms` are those of durations.
    """

    whose: Scope
    moment: datetime | None = None
    code: str = ""
    service: str = ""
    operation: str | None = None
    instance: str | None = None
    limits_ms: tuple[float, float] | None = None
    failed: bool = True


def choose_bin(key: str, asking: Asking, failed: bool = True) -> None:
    """Take what was clicked in a chart, from a callback."""
    points = st.session_state[key].selection.points
    clicked = points[0].get("customdata") if points else None
    moment, *more = clicked if isinstance(clicked, list) else (clicked,)
    if not moment:
        st.session_state[KEY] = None
        return
    code = str(more[0]) if len(more) == 1 else ""
    limits = (float(more[0]), float(more[1])) if len(more) == 2 else None
    when = datetime.fromisoformat(str(moment))
    st.session_state[KEY] = Chosen(asking.whose, when, code, limits_ms=limits, failed=failed)


def choose_row(question: str, found: pd.DataFrame, asking: Asking, failed: bool = True) -> None:
    """Take the operation or instance that was chosen in a table, from a callback."""
    at = answered.chosen(question)
    if at is None:
        st.session_state[KEY] = None
        return
    row = {str(name): str(value) for name, value in found.iloc[at].items()}
    st.session_state[KEY] = Chosen(
        asking.whose,
        failed=failed,
        code=row.get("code", ""),
        service=row.get("service", ""),
        operation=row.get("operation"),
        instance=row.get("instance"),
    )


def show(asking: Asking, failed: bool = True) -> None:
    """List the newest requests of what was chosen, or the failed ones alone."""
    chosen: Chosen | None = st.session_state.get(KEY)
    if chosen is None or chosen.failed != failed or not _there(chosen, asking):
        st.caption("Click into a chart, or choose a row of a table, for the requests behind it.")
        return
    span = _span(chosen, asking)
    st.markdown(f"**{'Failed requests' if failed else 'Requests'} of {_named(chosen, span)}**")
    answers_too = st.toggle(
        "Show what was answered", key="behind-answers", help="It may be personal data."
    )
    values: dict[str, Any] = {"only_failed": failed, "with_response": answers_too}
    values |= {"from_time": span.first, "to_time": span.last}
    if chosen.code:
        values["codes"] = (chosen.code,)
    if chosen.operation is not None:
        values["operations"] = (chosen.operation,)
    if chosen.instance is not None:
        values["instances"] = (chosen.instance,)
    if chosen.limits_ms:
        values["from_ms"], values["to_ms"] = chosen.limits_ms
    narrow = asking
    if chosen.service:
        names = (chosen.service,)
        narrow = replace(asking, whose=replace(asking.whose, roles=names, services=names))
    # Of the whole time: whose container it was, other requests of it may say.
    answers = asked.ask(narrow, ("requests_behind",), **values)
    found = asked.frame(answers, "requests_behind")
    if found is None:
        return
    if found.empty:
        st.caption("None of the requests there failed." if failed else "There are none.")
        return
    first = ["moment", "service", "operation", "code", "duration_ms"]
    first += ["response"] if answers_too else []
    rest = [name for name in found if name not in (*first, "ok", "response")]
    answered.table(
        found[[*first, *rest]],
        "requests_behind",
        "Requests behind what was chosen",
        moment="Time (UTC)",
        items="Stands for",
        response="Answer",
    )
    if len(found) == MOST:
        st.caption(f"The newest {MOST}.")


def _there(chosen: Chosen, asking: Asking) -> bool:
    """Say whether what was chosen is still on the page."""
    inside = chosen.moment is None or asking.span.first <= chosen.moment < asking.span.last
    return inside and chosen.whose == asking.whose


def _span(chosen: Chosen, asking: Asking) -> Span:
    if chosen.moment is None:
        return asking.span
    return Span(chosen.moment, min(chosen.moment + asking.grain, asking.span.last))


def _named(chosen: Chosen, span: Span) -> str:
    """Return what was chosen in words."""
    first, last = span.first, span.last
    ends = f"{last:%H:%M}" if last.date() == first.date() else f"{last.day} {last:%b %Y, %H:%M}"
    parts = [f"{first.day} {first:%b %Y, %H:%M} to {ends} UTC"]
    if chosen.service:
        parts.append(words.code(chosen.service))
    if chosen.operation is not None:
        parts.append(words.code(chosen.operation))
    if chosen.instance is not None:
        parts.append(words.code(chosen.instance))
    if chosen.limits_ms:
        ends_ms = [telemetry.duration(limit) for limit in chosen.limits_ms]
        parts.append(f"{ends_ms[0]} to {ends_ms[1]}")
    if chosen.code:
        parts.append(f"code {words.code(chosen.code)}")
    return ", ".join(parts)
