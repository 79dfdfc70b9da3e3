"""Questions on their way: asked in threads of their own, for all pages and readers.

A run of a page that is stopped leaves its questions running; whoever asks the same next meets
them, or their answers. A page waits for an answer where it draws it, not for the slowest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field

import streamlit as st

from lib.errors import DriftlineError
from lib.logs import Answer
from lib.logs.answer import IN_FLIGHT

KEPT_S = 600
"""How long an answer is kept. Spans are rounded, so that the next reader meets the same one."""

_LOOK_S = 0.25  # how long a run waits until it looks whether it is to stop

Batch = Mapping[str, Answer | DriftlineError]
Ask = Callable[[Sequence[str]], Batch]


@dataclass(frozen=True)
class Pending(Mapping[str, Answer | DriftlineError]):
    """Answers by question, in the order of the page; taking one waits for it.

    `said` are the errors and reasons that the page has said already.
    """

    futures: Mapping[str, Future[Batch]]
    said: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> Answer | DriftlineError:
        future = self.futures[name]
        if not future.done():
            self._wait(future)
        return future.result()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.futures)

    def __len__(self) -> int:
        return len(self.futures)

    def _wait(self, future: Future[Batch]) -> None:
        """Wait, saying how far it is: what is drawn lets Streamlit stop a run nobody wants."""
        place = st.empty()
        while not wait_for([future], _LOOK_S).done:
            done = sum(each.done() for each in self.futures.values())
            place.caption(
                f":material/hourglass_top: Asking the telemetry … {done} of "
                f"{len(self.futures)} answered"
            )
        place.empty()


@dataclass(frozen=True)
class Questions:
    """What was asked about the same rows and time, by question."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    futures: dict[str, Future[Batch]] = field(default_factory=dict)

    def ask(self, names: Sequence[str], ask: Ask, store: str, together: bool) -> None:
        """Ask what is not on its way nor answered well: all `together`, or each by itself."""
        with self.lock:
            new = self.new(names)
            for group in [new] if together and new else [[name] for name in new]:
                future = _pool(store).submit(ask, group)
                self.futures.update(dict.fromkeys(group, future))

    def new(self, names: Sequence[str]) -> list[str]:
        """The questions that are to be asked: an error or half an answer is no answer."""
        return [name for name in dict.fromkeys(names) if not self._is_good(name)]

    def _is_good(self, name: str) -> bool:
        future = self.futures.get(name)
        if future is None or not future.done():
            return future is not None
        if future.exception():
            return False
        answer = future.result()[name]
        return isinstance(answer, Answer) and not answer.partial


@st.cache_resource(ttl=KEPT_S, max_entries=256, show_spinner=False)
def questions(key: str) -> Questions:
    """Return the questions about some rows and time."""
    return Questions()


@st.cache_resource(max_entries=16, show_spinner=False)
def _pool(store: str) -> ThreadPoolExecutor:
    """Return the threads that ask one store: a slow one does not hold up another."""
    return ThreadPoolExecutor(IN_FLIGHT, "ask")
