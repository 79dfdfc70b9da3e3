"""Service level objectives: how much may fail, how much of that is used, and how fast.

After "The Site Reliability Workbook" (Google, 2018), chapter 5, "Alerting on SLOs".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import pandas as pd

Verdict = Literal["page", "ticket", "ok", "too few requests"]

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Goal:
    """What is promised: this share of requests is good.

    A request is good if it went well and took no longer than `target_ms`. The burn limits below
    are meant for a budget of 30 days.
    """

    share: float = 0.995
    target_ms: float = 1e12

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError("a goal is a share between 0 and 1, both excluded")


@dataclass(frozen=True)
class Budget:
    """What a goal allows to go wrong over `requests`, and what went wrong."""

    requests: int
    bad: int
    allowed: float

    @property
    def left(self) -> float:
        """The bad requests that are still allowed; negative if overdrawn."""
        return self.allowed - self.bad

    @property
    def used_share(self) -> float:
        """The share of the budget that is used, 1 for all of it; 0 without requests."""
        return self.bad / self.allowed if self.allowed else 0.0


def budget(requests: int, bad: int, goal: Goal) -> Budget:
    """Return the error budget: (1 - goal) × requests may be bad."""
    return Budget(requests, bad, (1 - goal.share) * requests)


def burn(requests: float, bad: float, goal: Goal) -> float:
    """Return how many times as fast as allowed the budget is used, 0 without requests.

    burn = (bad / requests) / (1 - goal); at 1 the budget lasts exactly its 30 days.
    """
    return bad / requests / (1 - goal.share) if requests else 0.0


def budget_history(series: pd.DataFrame, goal: Goal, bad: str = "failed") -> pd.DataFrame:
    """Return the budget of the whole stretch as it was used up: moment, used_share, burn.

    `series` has moment, requests and the column `bad`, in order of time. `used_share` after
    each bin is in relation to what the stretch allows in all; `burn` is the bin's own.
    """
    allowed = (1 - goal.share) * float(series["requests"].sum())
    share = series[bad] / series["requests"].where(series["requests"] > 0)
    return pd.DataFrame(
        {
            "moment": series["moment"],
            "used_share": series[bad].cumsum() / allowed if allowed else 0.0,
            "burn": share.astype("float64").fillna(0.0) / (1 - goal.share),
        }
    )


# Long window, short window, burn at which both call for it, what they call for. The short one
# lets the alarm end soon after the trouble does.
ALARMS: tuple[tuple[timedelta, timedelta, float, Verdict], ...] = (
    (_HOUR, timedelta(minutes=5), 14.4, "page"),
    (6 * _HOUR, timedelta(minutes=30), 6.0, "page"),
    (72 * _HOUR, 6 * _HOUR, 1.0, "ticket"),
)
"""The multiwindow, multi-burn-rate alarms of the Site Reliability Workbook, table 5-8."""


def verdicts(burns: pd.DataFrame, goal: Goal, fewest: int = 10) -> dict[str, Verdict]:
    """Return what the answer to `burn_rate` calls for, service by service.

    Burns are computed anew for `goal`. A window with fewer than `fewest` bad requests raises no
    alarm by itself: one bad request of three at night is no page. A service without as many
    requests in three days has too few to be judged.
    """
    found: dict[str, dict[timedelta, tuple[int, int]]] = {}
    columns = (burns[name].tolist() for name in ("service", "window", "requests", "bad"))
    for service, window, requests, bad in zip(*columns, strict=True):
        found.setdefault(str(service), {})[window] = (int(requests), int(bad))
    return {service: _verdict(windows, goal, fewest) for service, windows in found.items()}


def _verdict(windows: dict[timedelta, tuple[int, int]], goal: Goal, fewest: int) -> Verdict:
    if windows.get(72 * _HOUR, (0, 0))[0] < fewest:
        return "too few requests"
    for long, short, limit, verdict in ALARMS:
        (requests, bad), recent = windows.get(long, (0, 0)), windows.get(short, (0, 0))
        if bad >= fewest and min(burn(requests, bad, goal), burn(*recent, goal)) > limit:
            return verdict
    return "ok"
