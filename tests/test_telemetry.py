"""Scopes, spans, frames, sentences, objectives and anomalies, without a store."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import telemetry, window
from lib.errors import DriftlineError, QueryError, UnexpectedAnswer
from lib.logs import Answer, Span
from lib.telemetry import QUESTIONS, Filter, Goal, LookBack, Scope
from lib.telemetry.questions import FOLDER

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def span(length: timedelta, last: datetime = NOON) -> Span:
    return Span(last - length, last)


# --- scope


def test_a_service_is_looked_for_by_itself_and_with_its_versions() -> None:
    assert Filter().scope("fraud", ["blue", "green"]) == Scope(
        roles=("fraud", "fraud-blue", "fraud-green"),
        services=("fraud", "fraud-blue", "fraud-green"),
        endpoints=("fraud",),
        deployments=("blue", "green"),
    )


def test_without_versions_all_deployments_pass() -> None:
    assert Filter().scope("fraud") == Scope(("fraud",), ("fraud",), ("fraud",), ())


def test_without_a_service_everything_passes() -> None:
    assert Filter().scope() == telemetry.EVERYTHING == Scope()


def test_the_rule_can_be_corrected() -> None:
    rule = Filter(roles=("aks-{service}-v{version}",), services=())
    assert rule.scope("churn", ["7"]).roles == ("aks-churn-v7",)
    assert rule.scope("churn", ["7"]).services == ()


def test_braces_in_names_mean_nothing() -> None:
    assert Filter().scope("{version}", ["{service}"]).roles == (
        "{version}",
        "{version}-{service}",
    )


# --- time


@pytest.mark.parametrize(
    ("length", "grain"),
    [
        (HOUR, timedelta(minutes=1)),
        (3 * HOUR, timedelta(minutes=1)),
        (6 * HOUR, timedelta(minutes=5)),
        (DAY, timedelta(minutes=15)),
        (7 * DAY, HOUR),
        (45 * DAY, 6 * HOUR),
        (90 * DAY, 12 * HOUR),
        (1000 * DAY, DAY),
    ],
)
def test_the_grain_suits_the_span(length: timedelta, grain: timedelta) -> None:
    assert telemetry.grain_for(span(length)) == grain


@settings(deadline=None, max_examples=50)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(minutes=20), 400 * DAY),
)
def test_a_rounded_span_begins_with_a_bin_and_rounds_only_once(
    last: datetime, length: timedelta
) -> None:
    asked = span(length, last)
    grain = telemetry.grain_for(asked)
    round_ = telemetry.rounded(asked, grain)
    assert asked.first - grain < round_.first <= asked.first
    assert asked.last - timedelta(minutes=5) < round_.last <= asked.last
    assert telemetry.rounded(round_, grain) == round_
    midnight = round_.first.replace(hour=0, minute=0, second=0, microsecond=0)
    assert (round_.first - midnight) % grain == timedelta(0)


@pytest.mark.parametrize("passed", [timedelta(seconds=20), timedelta(minutes=4)])
def test_a_span_of_moments_is_rounded_up_to_something(passed: timedelta) -> None:
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    for grain in (timedelta(minutes=1), timedelta(hours=1)):
        found = telemetry.rounded(Span(midnight, midnight + passed), grain)
        assert found.first == midnight
        assert midnight < found.last <= midnight + timedelta(minutes=5)


# --- asking


class Recorder:
    """A store that answers all questions alike, and remembers what it was asked."""

    label = "recorder"

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.asked: dict[str, str] = {}
        self.spans: list[Span] = []

    def run(self, query: str, span: Span, sliceable: bool = False) -> Answer:
        raise NotImplementedError

    def run_many(
        self, queries: Mapping[str, str], span: Span
    ) -> dict[str, Answer | DriftlineError]:
        self.asked, self.spans = dict(queries), [*self.spans, span]
        answer = Answer(self.frame, False, "", {}, NOON, 1.0, self.label)
        refused = QueryError("No.", "Ask otherwise.")
        return {name: refused if name == "volume" else answer for name in queries}


def test_all_questions_go_out_together_and_each_gets_its_own() -> None:
    known = {"requests": [3], "moment": [pd.Timestamp(NOON)], "rows": [3], "per_minute": [1]}
    store = Recorder(pd.DataFrame(known))
    found = telemetry.ask(store, ["request_rate", "volume"], span=span(DAY))
    assert len(store.spans) == 1
    assert isinstance(found["volume"], QueryError)
    rate = found["request_rate"]
    assert isinstance(rate, Answer)
    assert list(rate.frame) == ["moment", "requests", "per_minute", "rows"]
    assert rate.frame["requests"].tolist() == [3]


def test_questions_that_compare_read_the_time_before() -> None:
    store = Recorder(pd.DataFrame())
    telemetry.ask(store, ["latency", "totals", "week_over_week"], span=span(DAY))
    assert store.spans == [Span(NOON - 8 * DAY, NOON)]
    begins = {
        name: text.split("let start_time = datetime(")[1][:13] for name, text in store.asked.items()
    }
    assert begins == {
        "latency": "2026-11-22T12",
        "totals": "2026-11-21T12",
        "week_over_week": "2026-11-15T12",
    }
    assert "let since = datetime(2026-11-22T12:00:00.000000Z);" in store.asked["totals"]
    assert "let grain = time(0.00:15:00.000000);" in store.asked["latency"]


@pytest.mark.parametrize("hours", [1, 13, 24])
@pytest.mark.parametrize("days", [1, 7, 14, 30])
def test_before_is_whole_days_earlier_as_of_collected_data(days: int, hours: int) -> None:
    chosen = window.ending(date(2026, 11, 23), days)
    first = datetime.combine(chosen.first, time(), UTC)
    asked = Span(first, first + (days - 1) * DAY + hours * HOUR)
    earlier = telemetry.before(asked)
    assert earlier.first == datetime.combine(chosen.previous.first, time(), UTC)
    assert asked.last - earlier.last == days * DAY == telemetry.shift_for(asked)


def test_how_far_a_question_looks_back_stands_in_its_header() -> None:
    looks = {
        name: each.looks_back for name, each in QUESTIONS.items() if each.looks_back != LookBack()
    }
    assert looks == {
        "burn_rate": LookBack(days=3, from_end=True),
        "new_problems": LookBack(again=True, days=7),
        "over_time": LookBack(again=True),
        "totals": LookBack(again=True),
        "week_over_week": LookBack(days=7),
    }
    assert not [name for name, each in QUESTIONS.items() if "looks back" in each.title + each.note]


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_line_about_looking_back_is_understood(name: str) -> None:
    said = "looks back:" in (FOLDER / f"{name}.kql").read_text("utf-8")
    assert said == (QUESTIONS[name].looks_back != LookBack())


def test_problems_are_new_if_they_were_not_seen_for_a_week_or_as_long_as_asked() -> None:
    store = Recorder(pd.DataFrame())
    telemetry.ask(store, ["new_problems"], span=span(HOUR))
    telemetry.ask(store, ["new_problems"], span=span(9 * DAY))
    telemetry.ask(store, ["new_problems"], span=span(9 * DAY), shift=14 * DAY)
    lengths = [asked.last - asked.first for asked in store.spans]
    assert lengths == [7 * DAY + HOUR, 18 * DAY, 23 * DAY]


def test_what_questions_read_is_known_before_they_are_asked() -> None:
    tables, whole = telemetry.reads(["latency", "totals", "exceptions"], span(DAY))
    assert tables == ["AppExceptions", "AppRequests", "AppTraces"]
    assert whole == Span(NOON - 2 * DAY, NOON)
    assert telemetry.reads(["burn_rate"], span(HOUR)) == (
        ["AppRequests", "AppTraces"],
        span(3 * DAY),
    )
    assert telemetry.reads([], span(DAY)) == ([], span(DAY))


def test_a_scope_and_further_values_reach_the_questions_that_take_them() -> None:
    store = Recorder(pd.DataFrame())
    scope = Filter().scope("fraud", ["blue"])
    telemetry.ask(store, ["apdex", "endpoint_traffic"], scope, span=span(DAY), target_ms=250.0)
    assert "let target_ms = 250.0;" in store.asked["apdex"]
    assert 'let roles = dynamic(["fraud", "fraud-blue"]);' in store.asked["apdex"]
    assert 'let deployments = dynamic(["blue"]);' in store.asked["endpoint_traffic"]


# --- frames


def test_an_answer_without_rows_has_its_columns_and_types() -> None:
    frame = telemetry.typed(pd.DataFrame(), "burn_rate")
    assert frame.dtypes.astype(str).to_dict() == {
        "service": "str",
        "window": "timedelta64[us]",
        "requests": "int64",
        "bad": "int64",
        "burn": "float64",
    }


def test_types_follow_the_declaration_not_the_store() -> None:
    frame = pd.DataFrame(
        {
            "bin": [1],
            "moment": pd.to_datetime(["2026-11-23T10:00:00Z"]),
            "p95_ms": [120],  # a percentile of integers is an integer in one store
            "requests": [4.0],
            "requests_before": [None],
        }
    )
    found = telemetry.typed(frame, "week_over_week")
    assert found["moment"].dtype == "datetime64[us, UTC]"
    assert found["p95_ms"].dtype == "float64"
    assert found["requests"].dtype == "int64"
    assert found["requests_before"].isna().all()
    assert "bin" not in found


def test_an_answer_that_lacks_columns_is_none() -> None:
    store = Recorder(pd.DataFrame({"requests": [3], "moment": [pd.Timestamp(NOON)]}))
    problem = telemetry.ask(store, ["request_rate"], span=span(DAY))["request_rate"]
    assert isinstance(problem, UnexpectedAnswer)
    assert "lacks the columns per_minute, rows" in problem.message
    assert "portal" in problem.next_step


def test_texts_are_read_as_what_the_question_declares() -> None:
    frame = pd.DataFrame(
        {
            "service": ["a", "b", "c"],
            "window": ["00:05:00", "3.00:00:00", "None"],
            "requests": ["4", "5.0", "6"],
            "bad": ["1", "2", ""],
            "burn": ["0.5", "NaN", "Infinity"],
        },
        dtype="str",
    )
    found = telemetry.typed(frame, "burn_rate")
    assert found["window"].tolist() == [timedelta(minutes=5), timedelta(days=3), pd.NaT]
    assert found["requests"].tolist() == [4, 5, 6]
    assert found["requests"].dtype == "int64"
    assert found["bad"].tolist() == [1, 2, pd.NA]
    assert found["burn"].isna().tolist() == [False, True, True]
    rate = pd.DataFrame(
        {"moment": ["2026-11-22T12:00:00.1234567Z"], "requests": ["3"]}, dtype="str"
    )
    assert telemetry.typed(rate, "request_rate")["moment"].tolist() == [
        pd.Timestamp("2026-11-22T12:00:00.123456Z")
    ]
    ok = pd.DataFrame({"ok": ["True", "false", "1"]}, dtype="str")
    assert telemetry.typed(ok, "slowest_requests")["ok"].tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("question", "column", "value"),
    [
        ("burn_rate", "requests", "many"),
        ("burn_rate", "requests", 2.5),
        ("burn_rate", "requests", pd.Timestamp(NOON)),
        ("burn_rate", "burn", "fast"),
        ("burn_rate", "window", "soon"),
        ("request_rate", "moment", "noon"),
        ("request_rate", "moment", 17),
        ("slowest_requests", "ok", "perhaps"),
    ],
)
def test_a_value_of_another_type_is_named(question: str, column: str, value: object) -> None:
    with pytest.raises(UnexpectedAnswer, match=f"The column {column} holds") as caught:
        telemetry.typed(pd.DataFrame({column: [value]}), question)
    assert "Try again" in caught.value.next_step


def test_silence_is_shown() -> None:
    times = pd.to_datetime(["2026-11-23T10:00Z", "2026-11-23T12:00Z"]).as_unit("us")
    frame = pd.DataFrame({"moment": times, "requests": [5, 7], "p95_ms": [1.5, 2.5]})
    whole = telemetry.with_gaps(frame, NOON - 2 * HOUR, NOON + HOUR, HOUR)
    assert whole["moment"].dt.hour.tolist() == [10, 11, 12]
    assert whole["requests"].tolist() == [5, 0, 7]
    assert whole["requests"].dtype == "int64"
    assert whole["p95_ms"].isna().tolist() == [False, True, False]


# --- sentences


def totals(*rows: tuple[str, int, int, int, int, float]) -> pd.DataFrame:
    columns = ["period", "requests", "rows", "failed", "hidden", "p95_ms"]
    return pd.DataFrame(rows, columns=columns)


def test_the_headline_says_how_many_how_fast_and_how_well() -> None:
    frame = totals(
        ("now", 12_410, 12_410, 285, 1_204, 310.4), ("before", 9_000, 9_000, 18, 0, 190.2)
    )
    assert telemetry.headline(frame) == (
        "12,410 requests, p95 310 ms (was 190 ms), 2.3 % failed (was 0.2 %); "
        "1,204 failures were recorded as successes"
    )


def test_the_headline_leaves_out_what_there_is_not() -> None:
    assert telemetry.headline(totals(("now", 1, 1, 1, 1, 2_345.0))) == (
        "1 request, p95 2.3 s, 100.0 % failed; 1 failure was recorded as a success"
    )
    assert telemetry.headline(totals(("now", 9_999, 1, 1, 0, 5.0))) == (
        "9,999 requests, p95 5.0 ms, < 0.1 % failed"
    )
    assert telemetry.headline(totals()) == "No requests"
    assert telemetry.headline(totals(("before", 5, 5, 0, 0, 1.0))) == "No requests (5 before)"


def test_sampling_is_told() -> None:
    frame = totals(("now", 400, 100, 0, 0, 1.0))
    assert telemetry.sampled(frame) == "100 rows stand for 400 requests: telemetry is sampled"
    assert telemetry.sampled(totals(("now", 4, 4, 0, 0, 1.0))) == ""


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0.44, "0.4 ms"),
        (9.94, "9.9 ms"),
        (9.96, "10 ms"),
        (999.4, "999 ms"),
        (999.6, "1.0 s"),
        (59_949, "59.9 s"),
        (59_951, "1.0 min"),
        (float("nan"), "–"),
    ],
)
def test_durations_have_the_digits_that_matter(ms: float, text: str) -> None:
    assert telemetry.duration(ms) == text


# --- objectives


def test_a_budget_is_what_the_goal_leaves() -> None:
    budget = telemetry.budget(20_000, 60, Goal(0.995))
    assert budget.allowed == pytest.approx(100)
    assert budget.left == pytest.approx(40)
    assert budget.used_share == pytest.approx(0.6)
    assert telemetry.budget(0, 0, Goal(0.995)).used_share == 0


def test_a_burn_of_one_uses_the_budget_in_its_time() -> None:
    assert telemetry.burn(1_000, 5, Goal(0.995)) == pytest.approx(1)
    assert telemetry.burn(1_000, 72, Goal(0.995)) == pytest.approx(14.4)
    assert telemetry.burn(0, 0, Goal()) == 0


def test_the_history_of_a_budget_ends_where_the_budget_is() -> None:
    series = pd.DataFrame(
        {
            "moment": pd.date_range("2026-11-23", periods=4, freq="h", tz="UTC"),
            "requests": [100, 0, 300, 600],
            "failed": [1, 0, 0, 4],
        }
    )
    history = telemetry.budget_history(series, Goal(0.99))
    assert history["used_share"].tolist() == pytest.approx([0.1, 0.1, 0.1, 0.5])
    assert history["burn"].tolist() == pytest.approx([1, 0, 0, 4 / 600 / 0.01])


@pytest.mark.parametrize("share", [0.0, 1.0, 99.5])
def test_a_goal_is_a_share(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        Goal(share)


def burns(**services: dict[timedelta, tuple[int, int]]) -> pd.DataFrame:
    rows = [
        (service, window, requests, bad)
        for service, windows in services.items()
        for window, (requests, bad) in windows.items()
    ]
    return pd.DataFrame(rows, columns=["service", "window", "requests", "bad"])


def test_verdicts_follow_the_workbook() -> None:
    minute = timedelta(minutes=1)
    quiet = {72 * HOUR: (90_000, 20), 6 * HOUR: (7_000, 1), HOUR: (1_000, 0), 5 * minute: (90, 0)}
    found = telemetry.verdicts(
        burns(
            fast=quiet | {HOUR: (1_000, 80), 5 * minute: (90, 8)},
            over=quiet | {HOUR: (1_000, 80), 5 * minute: (90, 0)},
            slow=quiet | {6 * HOUR: (7_000, 280), 30 * minute: (500, 20)},
            long=quiet | {72 * HOUR: (90_000, 900), 6 * HOUR: (7_000, 60)},
            fine=quiet,
            tiny={72 * HOUR: (3, 1), HOUR: (1, 1), 5 * minute: (1, 1)},
        ),
        Goal(0.995),
    )
    assert found == {
        "fast": "page",
        "over": "ok",
        "slow": "page",
        "long": "ticket",
        "fine": "ok",
        "tiny": "too few requests",
    }


# --- anomalies


def test_a_spike_is_unusual_and_the_rhythm_is_not() -> None:
    moments = pd.date_range("2026-11-02", periods=21 * 24, freq="h", tz="UTC")
    rhythm = 40 + 200 * np.exp(-(((moments.hour - 13) / 4) ** 2)) * np.where(
        moments.day_of_week < 5, 1, 0.3
    )
    values = np.random.default_rng(4).poisson(rhythm)
    values[10 * 24 + 3] = 400
    values[15 * 24 + 13] = 0
    found = telemetry.unusual(pd.DataFrame({"moment": moments, "requests": values}), "requests")
    assert np.flatnonzero(found["unusual"]).tolist() == [10 * 24 + 3, 15 * 24 + 13]
    assert found["score"].iloc[10 * 24 + 3] > 20
    assert found["score"].iloc[15 * 24 + 13] < -4


def test_a_series_that_is_too_short_is_not_judged() -> None:
    moments = pd.date_range("2026-11-23", periods=24, freq="h", tz="UTC")
    found = telemetry.unusual(pd.DataFrame({"moment": moments, "n": range(24)}), "n")
    assert found["score"].isna().all()
    assert not found["unusual"].any()
