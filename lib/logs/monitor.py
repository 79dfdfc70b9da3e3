"""Azure Monitor, asked by its own client library, with the library's traps closed.

It is told to try once only, because it would send a query that timed out four times, and one
that was throttled without a Retry-After not again; `refusals` decides instead. Rows are taken
from the response's bytes: the library's rows turn a null guid into the text "None".
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.monitor.query import LogsQueryClient

from lib import blobs
from lib.errors import DriftlineError
from lib.logs import answer, bodies, classic, refusals
from lib.logs.answer import Answer, Span
from lib.settings import Telemetry

_ENDPOINT = "https://api.loganalytics.io"
# How long the service may think, and how long the answer may then take to come.
_SERVER_S = 180
_READ_S = _SERVER_S + 60
_MOST_PARTS = 64
_LEAST_PART = timedelta(seconds=2)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class AzureMonitor:
    """A Log Analytics workspace, or one component of Application Insights."""

    client: LogsQueryClient = field(repr=False)
    telemetry: Telemetry
    asked: refusals.Asked
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    slots: threading.Semaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(answer.IN_FLIGHT), repr=False
    )
    patience: refusals.Patience = field(default_factory=refusals.Patience, repr=False)

    @property
    def label(self) -> str:
        """The workspace or the component, and the host that knows it."""
        return f"{self.asked.host}/{self.telemetry.workspace_id or self.telemetry.component_id}"

    def run(self, query: str, span: Span, sliceable: bool = False) -> Answer:
        """The answer of the service; a sliceable one is fetched in up to 64 parts."""
        asked_at, began = datetime.now(UTC), time.perf_counter()
        with self.slots:
            answered = self._parts(query, span, sliceable)
        found = [bodies.frame(body) for body in answered]
        reasons = dict.fromkeys(filter(None, map(_reason, answered)))
        return Answer(
            frame=found[0] if len(found) == 1 else _one_below_the_other(found),
            partial=bool(reasons),
            reason=" ".join(reasons),
            statistics=_statistics(answered),
            asked_at=asked_at,
            duration_ms=(time.perf_counter() - began) * 1000,
            source=self.label,
        )

    def run_many(
        self, queries: Mapping[str, str], span: Span
    ) -> dict[str, Answer | DriftlineError]:
        """The answers to several queries, at most four at a time."""
        return answer.together(
            {name: partial(self.run, query, span) for name, query in queries.items()}
        )

    def _parts(self, query: str, span: Span, sliceable: bool) -> list[dict[str, Any]]:
        """The service's bodies for a span, in order of time: one, unless it is too large."""
        waiting, answered = [span], []
        for asked in count(1):
            part = waiting.pop()
            may_halve = sliceable and asked < _MOST_PARTS and part.last - part.first > _LEAST_PART
            try:
                body = self._ask(query, part)
            except refusals.TooLarge:
                if not may_halve:
                    raise
                waiting += _halves(part)
            else:
                if may_halve and refusals.is_too_large(_reason(body)):
                    waiting += _halves(part)
                else:
                    answered.append(body)
            if not waiting:
                break
        return answered

    def _ask(self, query: str, span: Span) -> dict[str, Any]:
        if held_s := self.patience.left_s():
            if held_s > refusals.PATIENCE_S:
                raise refusals.throttled(self.asked, held_s)
            self.sleep(held_s)
        for tries in count(1):
            try:
                return self._ask_once(query, span)
            except (AzureError, ValueError) as error:
                # JSONDecodeError, a ValueError: the library expects JSON in every answer.
                self.patience.hold(refusals.retry_after_s(error))
                pause = refusals.pause_s(error, tries)
                if pause is None:
                    raise refusals.translate(error, self.asked) from None
            self.sleep(pause)
        raise AssertionError("unreachable")

    def _ask_once(self, query: str, span: Span) -> dict[str, Any]:
        answered: list[dict[str, Any]] = []

        def keep(response: Any, pieces: Iterator[bytes], _: object) -> dict[str, Any]:
            answered.append(bodies.parse(b"".join(pieces)))
            return {}

        # Whether the service takes the last moment to be inside is not told anywhere.
        options: dict[str, Any] = {
            "timespan": (span.first, span.last - _MICROSECOND),
            "server_timeout": _SERVER_S,
            "include_statistics": True,
            # As a stream, the body is not copied into the library's models, which takes as long
            # for large answers as all the rest three times over.
            "stream": True,
            "cls": keep,
        }
        if self.telemetry.workspace_id:
            self.client.query_workspace(self.telemetry.workspace_id, query, **options)
        else:
            text = classic.preamble(query) + query
            self.client.query_resource(self.telemetry.component_id, text, **options)
        return answered[0]


def azure_monitor(telemetry: Telemetry, credential: TokenCredential | None = None) -> AzureMonitor:
    """The telemetry in Azure Monitor. Nothing is asked before a query is run.

    Without a `credential` the app signs in as whoever runs it, at `telemetry.authority` if
    that is set; to an address on this machine it sends no token of Azure's.
    """
    endpoint = telemetry.endpoint or _ENDPOINT
    local = endpoint.startswith("http://")
    key = blobs.FinalIdentity(credential or (_NoIdentity() if local else identity(telemetry)))
    audience = telemetry.audience or endpoint
    options: dict[str, Any] = {
        "endpoint": endpoint,
        "audience": audience,
        "user_agent": "driftline",
        "retry_total": 0,
        "connection_timeout": 10,
        "read_timeout": _READ_S,
    }
    if local:
        options["authentication_policy"] = _LoopbackPolicy(key, f"{audience}/.default")
    return AzureMonitor(LogsQueryClient(key, **options), telemetry, _asked(telemetry, endpoint))


def identity(telemetry: Telemetry) -> TokenCredential:
    """The identity of whoever runs the app, at the authority of the telemetry's cloud.

    Keep it: it holds the tokens, and the first takes seconds.
    """
    return blobs.credential(telemetry.authority)


class _NoIdentity:
    """What is sent to an address on this machine instead of a token."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("none", int(time.time()) + 3600)


class _LoopbackPolicy(BearerTokenCredentialPolicy[Any, Any]):
    """The library's, which sends tokens over https only, without that."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context["enforce_https"] = False
        super().on_request(request)


def _asked(telemetry: Telemetry, endpoint: str) -> refusals.Asked:
    host = urlsplit(endpoint).netloc
    if telemetry.workspace_id:
        return refusals.Asked(f"workspace {telemetry.workspace_id}", "workspace_id", host)
    name = telemetry.component_id.rpartition("/")[2]
    return refusals.Asked(f"component {name}", "component_id", host, lines_before=1)


def _halves(span: Span) -> list[Span]:
    """Both halves, the later one first, as a stack wants them."""
    middle = span.first + (span.last - span.first) / 2
    return [Span(middle, span.last), Span(span.first, middle)]


def _reason(body: Mapping[str, Any]) -> str:
    error = body.get("error")
    return refusals.reason(error) if isinstance(error, Mapping) and error else ""


def _statistics(answered: list[dict[str, Any]]) -> Mapping[str, Any]:
    """What the service measured, if it was asked once."""
    told = answered[0].get("statistics") if len(answered) == 1 else None
    return told if isinstance(told, dict) else {}


def _one_below_the_other(found: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in found if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else found[0]
