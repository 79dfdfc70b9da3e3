"""A reader before the small account: what stands on each page, and when it is right."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.logs import Answer, Logs, Span
from tests.faults import small_account

ROOT = Path(__file__).parents[2]
COLLECTED = ("overview", "browse", "distributions", "drift")
TELEMETRY = ("overview", "requests", "failures")

REFRESH = ("Look again", "Refresh")
"""What the button in the sidebar that asks everything anew may be called."""

LAST_RESORT = re.compile("an error in Driftline, number|has encountered an error")
"""What is said of what nobody foresaw. No fault of a table may lead there."""

CALM = re.compile(r"is as it should be|No exceptions were recorded|None of .* failed")
"""What is said where all is well, and not where something was not read."""


@dataclass(frozen=True)
class Seen:
    """What stands on a page: numbers (metrics, tables, charts), and words without escapes."""

    numbers: tuple[str, ...]
    text: str
    errors: tuple[str, ...]
    tables: tuple[pd.DataFrame, ...]
    metrics: Mapping[str, str]
    crashes: tuple[str, ...]


def seen(app: AppTest) -> Seen:
    """What stands on a page after a run."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error")
    words = [str(each.value) for kind in kinds for each in getattr(app, kind)]
    words += [each.label for each in (*app.expander, *app.button)]
    tables = tuple(each.value for each in app.dataframe)
    written = [table.to_csv() for table in tables]
    metrics = {each.label: f"{each.value} {each.delta}".strip() for each in app.metric}
    charts = [each.proto.spec for each in app.get("plotly_chart")]
    return Seen(
        (*(f"{label}: {value}" for label, value in metrics.items()), *written, *charts),
        "\n".join([*words, *written]).replace("\\", ""),
        tuple(each.value for each in app.error),
        tables,
        metrics,
        tuple(f"{each.message}\n{''.join(each.stack_trace)}" for each in app.exception),
    )


@dataclass
class Reader:
    """A browser: a tab for each page, opened by a link."""

    scope: Mapping[str, Any]
    tabs: dict[str, AppTest] = field(default_factory=dict)

    def open(self, page: str) -> Seen:
        """Open a page by its link in a new tab."""
        app = AppTest.from_file(ROOT / "app.py", default_timeout=30)
        for key, value in {**small_account.WINDOW, **self.scope}.items():
            app.query_params[key] = value
        self.tabs[page] = app.switch_page(f"pages/{page}.py")
        return seen(app.run())

    def refresh(self, page: str) -> Seen:
        """Click on Refresh in a page's tab; where it got not so far as to show it, reload."""
        app = self.tabs[page]
        button = next((each for each in app.sidebar.button if each.label in REFRESH), None)
        return seen(button.click().run() if button else app.run())


def cold() -> None:
    """Forget all that this process has read, as a new one would begin."""
    st.cache_data.clear()
    st.cache_resource.clear()


class Remembering:
    """Telemetry that keeps its answers: the same is asked for each fault."""

    def __init__(self, inner: Logs) -> None:
        self.inner = inner
        self.label = inner.label
        self.known: dict[tuple[str, Span], Answer] = {}

    def run(self, query: str, span: Span, sliceable: bool = False) -> Answer:
        if (query, span) not in self.known:
            self.known[query, span] = self.inner.run(query, span, sliceable)
        return self.known[query, span]

    def run_many(self, queries: Mapping[str, str], span: Span) -> dict[str, Any]:
        return {name: self.run(query, span) for name, query in queries.items()}
