"""Questions on their way: who else asks joins them, and each answer is there on its own."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime

import pandas as pd
import pytest

from lib import telemetry
from lib.errors import DriftlineError, Unreachable
from lib.logs import Answer, Span
from lib.ui import asked, pending
from lib.ui.pending import Pending

DAY = Span(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
NAMES = ("totals", "over_time", "freshness")


class Gate:
    """A store whose answers come when they are let through."""

    label = "gate"

    def __init__(self) -> None:
        self.open = {name: threading.Event() for name in NAMES}
        self.asked: list[str] = []
        self.answers: dict[str, Answer | DriftlineError] = {}

    def run(self, query: str, span: Span, sliceable: bool = False) -> Answer:
        raise NotImplementedError

    def run_many(
        self, queries: Mapping[str, str], span: Span
    ) -> dict[str, Answer | DriftlineError]:
        self.asked += queries
        for name in queries:
            assert self.open[name].wait(60)
        return {name: self.answers.get(name) or whole(name) for name in queries}


def whole(name: str, partial: bool = False) -> Answer:
    frame = pd.DataFrame(columns=list(telemetry.QUESTIONS[name].columns), dtype="object")
    return Answer(frame, partial, "x" if partial else "", {}, DAY.first, 1.0, "gate")


@pytest.fixture
def store() -> Gate:
    pending.questions.clear()
    return Gate()


def ask(store: Gate, *names: str) -> Pending:
    grain = telemetry.grain_for(DAY)
    return asked.ask_about(store, names or NAMES, telemetry.EVERYTHING, DAY, grain, {})


def let(store: Gate, *names: str) -> None:
    for name in names or NAMES:
        store.open[name].set()


def test_an_answer_is_there_before_the_slowest(store: Gate) -> None:
    answers = ask(store)
    let(store, "over_time")
    assert isinstance(answers["over_time"], Answer)
    assert not answers.futures["totals"].done()
    let(store)
    assert list(dict(answers)) == list(NAMES)


def test_whoever_asks_the_same_meanwhile_gets_the_same_answers(store: Gate) -> None:
    runs = [ask(store) for _ in range(4)]  # three of them given up by impatient readers
    let(store)
    answers = [dict(each) for each in runs]
    assert sorted(store.asked) == sorted(NAMES)
    assert all(each[name] is answers[0][name] for each in answers for name in NAMES)
    dict(ask(store))
    assert sorted(store.asked) == sorted(NAMES)


@pytest.mark.parametrize("first", [Unreachable("No.", "Retry."), whole("totals", partial=True)])
def test_what_is_not_a_good_answer_is_asked_again_alone(
    store: Gate, first: Answer | DriftlineError
) -> None:
    let(store)
    store.answers["totals"] = first
    found = ask(store)["totals"]
    assert isinstance(found, DriftlineError) or found.partial
    dict(ask(store, "over_time", "freshness"))
    del store.answers["totals"]
    good = ask(store)["totals"]
    assert isinstance(good, Answer)
    assert not good.partial
    assert store.asked.count("totals") == 2
    assert len(store.asked) == 4


def test_what_nobody_foresaw_is_raised_where_it_is_drawn_and_asked_again(store: Gate) -> None:
    def fail(*_: object) -> dict[str, Answer | DriftlineError]:
        raise ZeroDivisionError

    usual, store.run_many = store.run_many, fail  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        ask(store)["totals"]
    store.run_many = usual  # type: ignore[method-assign]
    let(store)
    assert isinstance(ask(store)["totals"], Answer)
