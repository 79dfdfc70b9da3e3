"""Who is asked, how often, and by which requests.

`requests` is the one source of times and ids: the files are written from it, and anything
else that tells of the same requests (telemetry, say) can be made from it later.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import md5
from typing import Any, Literal
from zlib import crc32

import numpy as np
import pandas as pd

from lib.demo import stories

SUBSCRIPTION = "0a1b2c3d-1111-2222-3333-444455556666"
RESOURCE_GROUP = "contoso-ml-rg"
WORKSPACE = "contoso-ml"

Columns = dict[str, list[Any]]
"""Feature name -> one Python value per row: what a scoring script would hand to a collector."""


@dataclass(frozen=True)
class Deployment:
    """One version of a service.

    `a_day` is the requests of a whole weekday at full share, `weekend` the factor on Saturdays
    and Sundays. `shares` are steps: from this many hours after the last day's first hour on,
    this share of the requests. `collects` says what its scoring script hands to the collector.
    """

    service: str
    model: str
    version: str
    generation: Literal["v1", "v2"]
    a_day: int
    weekend: float
    shares: tuple[tuple[int, float], ...]
    collects: Literal["lists", "frames"] = "frames"


def _hour(day: int, hour: int = 0) -> int:
    return 24 * day + hour


_BEFORE = _hour(-100_000)
_ROLLOUT, _GREEN, _SILENCE = stories.CREDIT_ROLLOUT, stories.GREEN_GOES_LIVE, stories.CHURN_STOPS
_TAKES_OVER = (_hour(_ROLLOUT.first_day, 12), _hour(_ROLLOUT.last_day, 12))
_DOWN = (_hour(_SILENCE.first_day), _hour(_SILENCE.last_day + 1))
_AB = ((_BEFORE, 0.5), (_DOWN[0], 0.0), (_DOWN[1], 0.5))

_CREDIT = ("credit-risk-svc", "credit_risk")
_CHURN = ("churn-svc", "churn")
_LIVE = _hour(_GREEN.first_day, 9)

DEPLOYMENTS = (
    Deployment(
        *_CREDIT, "3", "v1", 1_070, 0.87,
        ((_BEFORE, 1.0), (_TAKES_OVER[0], 0.5), (_TAKES_OVER[1], 0.0)), "lists",
    ),
    Deployment(
        *_CREDIT, "4", "v1", 1_070, 0.87,
        ((_BEFORE, 0.0), (_TAKES_OVER[0], 0.5), (_TAKES_OVER[1], 1.0)), "lists",
    ),
    Deployment(*_CHURN, "7", "v1", 280, 0.45, _AB),
    Deployment(*_CHURN, "8", "v1", 280, 0.45, _AB),
    Deployment("fraud-scoring", "", "blue", "v2", 150, 0.8, ((_BEFORE, 1.0), (_LIVE, 0.7))),
    Deployment("fraud-scoring", "", "green", "v2", 150, 0.8, ((_BEFORE, 0.0), (_LIVE, 0.3))),
)  # fmt: skip

_HOURS = np.arange(24)
# Quiet at night, one broad hump over the working day.
_CURVE = 0.2 + np.exp(-(((_HOURS - 13.5) / 4.2) ** 2))
_HOURLY = _CURVE / _CURVE.sum()
_MICROSECONDS_AN_HOUR = 3_600_000_000


def stream(purpose: str, deployment: Deployment, day: date) -> np.random.Generator:
    """Return the random numbers of one purpose on one day, the same in every run."""
    words = (purpose, deployment.service, deployment.version)
    return np.random.default_rng([*(crc32(word.encode()) for word in words), day.toordinal()])


def uuids(rng: np.random.Generator, count: int) -> list[str]:
    """Return `count` random UUIDs of version 4."""
    raw = rng.integers(0, 256, (count, 16), dtype=np.uint8)
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    text = raw.tobytes().hex()
    starts = range(0, 32 * count, 32)
    return [
        f"{text[i : i + 8]}-{text[i + 8 : i + 12]}-{text[i + 12 : i + 16]}"
        f"-{text[i + 16 : i + 20]}-{text[i + 20 : i + 32]}"
        for i in starts
    ]


def requests(deployment: Deployment, day: date, until: date) -> pd.DataFrame:
    """Return the requests of one day in order of time, for data that end on `until`.

    Columns: time (UTC, microseconds), correlation_id, request_id, service, version, replica
    (0, 1), instance (38 characters, as v2 names its files), rows (1 to 3) and answered (False:
    the request failed, so its inputs were collected and no prediction was).
    """
    rng = stream("requests", deployment, day)
    offset = (day - until).days
    counts = rng.poisson(_expected(deployment, day, offset))
    hours = np.repeat(_HOURS, counts)
    n = len(hours)
    start = hours * _MICROSECONDS_AN_HOUR
    since_midnight = np.sort(start + rng.integers(0, _MICROSECONDS_AN_HOUR, n))
    request_id = uuids(rng, n)
    # fraud-scoring hands the caller's x-request-id to its collectors, which makes the two equal;
    # v1's collector always invents an id of its own.
    own = request_id if deployment.generation == "v2" else uuids(rng, n)
    replica = rng.integers(0, 2, n) * _has_two_replicas(deployment, day, hours)
    return pd.DataFrame(
        {
            "time": pd.Timestamp(day, tz="UTC") + pd.to_timedelta(since_midnight, unit="us"),
            "correlation_id": own,
            "request_id": request_id,
            "service": deployment.service,
            "version": deployment.version,
            "replica": replica,
            "instance": [_instance(deployment, day, number) for number in replica.tolist()],
            "rows": rng.choice([1, 2, 3], n, p=[0.88, 0.09, 0.03]),
            "answered": rng.random(n) >= _failing(deployment, offset, hours),
        }
    )


def _expected(deployment: Deployment, day: date, offset: int) -> np.ndarray:
    """Return the mean number of requests in each hour of the day."""
    since, share = zip(*deployment.shares, strict=True)
    step = np.searchsorted(since, _hour(offset) + _HOURS, side="right") - 1
    weekly = deployment.weekend if day.weekday() >= 5 else 1.0
    expected: np.ndarray = deployment.a_day * weekly * _HOURLY * np.take(share, step)
    return expected


def _has_two_replicas(deployment: Deployment, day: date, hours: np.ndarray) -> np.ndarray:
    """Return, per request, whether a second replica was up: always, never or at busy times."""
    if deployment.service == "fraud-scoring":
        return (hours >= 9) & (hours < 18) & (day.weekday() in (0, 4))
    return np.full(len(hours), deployment.service == "credit-risk-svc")


def _failing(deployment: Deployment, offset: int, hours: np.ndarray) -> np.ndarray:
    """Return each request's chance to fail."""
    if deployment.version != "green":
        return np.full(len(hours), 0.002)
    burst = stories.GREEN_FAILS.covers(offset) & (hours >= 9) & (hours < 15)
    return np.where(burst, 0.4, 0.015)


def _instance(deployment: Deployment, day: date, replica: int) -> str:
    # A node lives about a week, then the platform moves the deployment to another one.
    node = f"{deployment.service}/{deployment.version}/{day.toordinal() // 7}"
    return f"{md5(node.encode(), usedforsecurity=False).hexdigest()}{replica:06d}"


def rows(requests: pd.DataFrame) -> pd.DataFrame:
    """Return one line per row that was scored: its request's, repeated."""
    return requests.loc[requests.index.repeat(requests["rows"])]


def a_share(share: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return which of `n` rows are picked, as near to the share as whole rows can be.

    Planted shares must not drown in chance on a day of few requests.
    """
    return rng.permutation(n) < round(share * n)


def with_gaps(values: np.ndarray, missing: np.ndarray, calls: pd.DataFrame) -> list[Any]:
    """Return integers with None where missing, as the DataFrame of each request holds them.

    pandas has no missing integer: one gap turns all the integers of that request into floats,
    so 4 and 4.0 stand side by side in the files.
    """
    gap_in_request = pd.Series(missing, index=calls.index).groupby(level=0).transform("any")
    return [
        None if gone else float(value) if beside_gap else value
        for value, gone, beside_gap in zip(
            values.tolist(), missing.tolist(), gap_in_request.tolist(), strict=True
        )
    ]
