"""What the services' telemetry tells: questions in KQL, asked and answered in typed frames.

`ask` puts questions (`QUESTIONS`, a file of lib/kql each) to a log store, for the rows of a
`Scope` and for one stretch of time; each answer has the columns its question declares. `fill`
gives the KQL itself, which runs in Azure's portal as it stands, and `check` says what is wrong
with KQL that a reader wrote.
"""

from lib.telemetry.anomalies import unusual
from lib.telemetry.asking import ask, before, grain_for, reads, rounded, shift_for
from lib.telemetry.frames import typed, with_gaps
from lib.telemetry.language import Complaint, check, result_columns
from lib.telemetry.objectives import (
    Budget,
    Goal,
    Verdict,
    budget,
    budget_history,
    burn,
    verdicts,
)
from lib.telemetry.questions import QUESTIONS, Column, LookBack, Question, fill
from lib.telemetry.scope import EVERYTHING, Filter, Scope
from lib.telemetry.sentences import duration, headline, percent, sampled

__all__ = [
    "EVERYTHING",
    "QUESTIONS",
    "Budget",
    "Column",
    "Complaint",
    "Filter",
    "Goal",
    "LookBack",
    "Question",
    "Scope",
    "Verdict",
    "ask",
    "before",
    "budget",
    "budget_history",
    "burn",
    "check",
    "duration",
    "fill",
    "grain_for",
    "headline",
    "percent",
    "reads",
    "result_columns",
    "rounded",
    "sampled",
    "shift_for",
    "typed",
    "unusual",
    "verdicts",
    "with_gaps",
]
