"""What the distributions page draws: every feature small, one feature large, all as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from lib import charts, profile, store, summary, ui
from lib.catalog import Collection
from lib.profile import Feature, Profile
from lib.settings import KINDS
from lib.summary import words
from lib.ui import link, problems, reading, scope
from lib.ui.scope import Scope

PER_PAGE = 12
SMALL_PX = 118
"""Height of what is drawn in a card, whatever it is, so that cards line up."""

ALL, ONE, TABLE = VIEWS = ("All features", "One feature", "Statistics")
COLUMN, CHANGE, MISSING, NAME = ORDERS = (
    "Column order",
    "Largest change",
    "Most missing",
    "Name",
)
SPELT = ("identifier", "text", "empty")
"""Kinds whose values differ from row to row: there is nothing to draw small."""

MOST_VALUES = 1_000
"""Values of a category that a card counts one by one; it draws the first and says how many more."""

CLIP = 0.001
"""Share left out at either end of an axis by default, so that one outlier does not flatten it."""


DEFINITIONS = """
- **Rows** are what the collector wrote, one for each row that was sent to the model. Days are
  those of the folders, in UTC. The reference is drawn in grey; shares are of the rows of each.
- **Missing** cells are empty, null or not a number. A row of a file that has no such column is
  not counted for it.
- **Kind**: a feature is *numeric* or a *datetime* if nine of ten values are, *boolean* if nine of
  ten are True or False, an *identifier* if they are GUIDs or hashes, if its name says so and
  values hardly repeat, or if there are more than 10,000 of them; *text* if values are long;
  else *categorical*. The other values are counted as type errors. “Treat as” overrules this.
- **Quantiles** are values that occur: the smallest with at least that share of rows at or below.
- Up to 1,024 different numbers are kept exactly; more as 1,024 groups of about equal size with
  their means, which puts shares off by less than 0.1 % of the rows. Up to 10,000 different
  texts are counted exactly; beyond, the 1,000 most frequent are. Estimates are marked ≈ (±3 %).
- **Bins** follow Freedman and Diaconis' rule, with round edges; whole numbers that are few get a
  bin each. **Largest change** orders by the largest difference of the shares at or below a value
  (Kolmogorov and Smirnov's D), for values by half the sum of the differences of their shares,
  or by the missing share where that changed more, and by that alone for identifiers, texts and
  times, which no two windows share. It is an order and no verdict.
"""


@dataclass(frozen=True)
class Compared:
    """The days of the window and of the reference, and what each holds all together."""

    days: Sequence[store.Day]
    before: Sequence[store.Day]
    current: Profile
    reference: Profile
    label: str  # what the reference is; "" without one
    kinds: Mapping[str, str]  # the reader's own

    @property
    def names(self) -> list[str]:
        """The features in column order; those that only the reference has come last."""
        return list(dict.fromkeys([*self.current.features, *self.reference.features]))

    def kind(self, name: str) -> str:
        """Return the kind of a feature: the reader's word, else what was found."""
        return self.kinds.get(name) or self.found_kind(name)

    def found_kind(self, name: str) -> str:
        """Return the kind of a feature by its values in the window and the reference."""
        return profile.kind(profile.merge_features(list(self.parts(name).values())))

    def groups(self, name: str) -> list[str]:
        """Return the features of the window by whose values the rows of another can be split."""
        return [
            other
            for other in self.current.features
            if other != name and self.kind(other) in ("categorical", "boolean")
        ]

    def parts(self, name: str) -> dict[str, Feature]:
        """Return the feature as it is now and as it was, as far as it is there."""
        named = {"current": self.current, "reference": self.reference}
        return {label: p.features[name] for label, p in named.items() if name in p.features}


def read(within: Scope, collection: Collection) -> Compared | None:
    """Read the window and its reference; None where nothing is there, or is not read yet."""
    wanted = [(collection, within.window), *scope.wanted(within.reference, collection)]
    if not reading.agreed(within, wanted):
        return None
    days, *earlier = reading.days(within, wanted)
    if not days:
        ui.nothing_in_window(within, collection)
        return None
    both = compared(within, days, earlier)
    if not both.names:
        problems.no_features(within, days, collection.identifier)
        return None
    return both


def compared(
    within: Scope, days: Sequence[store.Day], earlier: Sequence[Sequence[store.Day]]
) -> Compared:
    """Return the days of the window beside those of the reference's windows, or its file."""
    before = sorted(chain.from_iterable(earlier), key=lambda day: day.day)
    reference = within.reference.profile if within.reference else None
    return Compared(
        days,
        before,
        reading.merged(within, days),
        reference or reading.merged(within, before),
        within.reference.label if within.reference and (before or reference) else "",
        kinds(within),
    )


def say(within: Scope, collection: Collection, found: Compared) -> None:
    """Say in a sentence what is shown, and beside what."""
    text = summary.window_sentence(found.days, within.window, collection.identifier)
    if found.label:
        text += f" In grey: {found.label}, {found.reference.rows:,} rows."
    elif within.reference:
        text += f" There are no rows to compare with in {within.reference.label}."
    st.markdown(text)


def all_features(found: Compared) -> None:
    """Draw every feature small, a page at a time, in the chosen order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Find a feature", key="find", bind="query-params", width=260)
        scope.keep_valid("sort", ORDERS)
        order = st.selectbox("Order", ORDERS, key="sort", bind="query-params", width=220)
    link.say("sort")
    names = _sorted(found, text, order)
    if not names:
        st.info("No feature is named like this.", icon=":material/search:")
        return
    pages = -(-len(names) // PER_PAGE)
    page = st.pagination(pages, key="page") if pages > 1 else 1
    with st.grid(min_column_width=250):
        for name in names[(page - 1) * PER_PAGE : page * PER_PAGE]:
            with st.container(border=True, gap="xxsmall"), ui.panel():
                _card(found, name)


def statistics(within: Scope, collection: Collection, found: Compared) -> None:
    """Show the table of statistics, with downloads."""
    reference = found.reference if found.label else None
    table = summary.statistics(found.current, reference, found.kinds)
    names = [str(name) for name in table]
    figures = [name for name in names if table[name].dtype == "float64"]
    column = st.column_config
    st.dataframe(
        table.dropna(axis="columns", how="all"),
        hide_index=True,
        placeholder="",
        column_config={name: column.Column(words.title(name)) for name in names}
        | {name: column.NumberColumn(words.title(name), format="%.5g") for name in figures}
        | {
            name: column.NumberColumn(words.title(name), format="percent")
            for name in figures
            if name.endswith("share")
        }
        | {
            "feature": column.TextColumn("Feature", pinned=True),
            "first": ui.moment_column("First"),
            "last": ui.moment_column("Last"),
            "rows": column.NumberColumn("Rows", format="localized"),
            "missing": column.NumberColumn("Missing", format="localized"),
            "distinct": column.NumberColumn(
                "Distinct",
                format="localized",
                help="Different values: exact up to 10,000 texts or 1,024 numbers, else ±3 %.",
            ),
            "type_errors": column.NumberColumn(
                "Type errors", help="Cells that are not what the kind says, such as text."
            ),
        },
        alt="Statistics of every feature in the window",
    )
    with st.container(horizontal=True):
        name = (within.service, within.version, collection.identifier, "statistics")
        ui.downloads(lambda: table, *name)


def definitions() -> None:
    """Say exactly what is drawn, for those who ask."""
    with st.expander("How this is measured", icon=":material/help:"):
        st.markdown(DEFINITIONS)


def _card(found: Compared, name: str) -> None:
    """Draw one feature small: its name leads on."""
    kind = found.kind(name)
    parts = found.parts(name)
    st.button(
        words.plain(name),
        key=f"open-{name}",
        on_click=ui.callback(_open),
        args=(name,),
        type="tertiary",
        icon=":material/open_in_full:",
        help=f"{kind}: open {words.plain(name)}",
    )
    with st.container(height=SMALL_PX, border=False):
        if kind in SPELT:
            st.markdown(summary.spread_line(parts))
        else:
            st.plotly_chart(
                _small(parts, kind, bool(found.label)),
                key=f"small-{name}",
                config={"displayModeBar": False},
                alt=f"Distribution of {name}, {kind}",
            )
    st.caption(summary.card_line(parts, kind))


def _small(parts: Mapping[str, Feature], kind: str, compared: bool) -> go.Figure:
    if kind in summary.MEASURED:
        numbers = {label: profile.numbers_of(part, kind) for label, part in parts.items()}
        edges = profile.edges(list(numbers.values()), 24, clip=CLIP, time=kind == "datetime")
        bins = {label: profile.histogram(part, edges) for label, part in numbers.items()}
        empty = np.zeros(len(edges) - 1)
        return charts.small_histogram(
            edges,
            bins.get("current", empty),
            bins.get("reference", empty) if compared else None,
            time=kind == "datetime",
        )
    labels, counts = summary.side_by_side(parts, MOST_VALUES)
    none = np.zeros(len(labels))
    return charts.small_bars(
        labels, counts.get("current", none), counts.get("reference", none) if compared else None
    )


def _sorted(found: Compared, text: str, order: str) -> list[str]:
    """Return the names of the features to show that hold a text."""
    names = [name for name in found.names if text.strip().casefold() in name.casefold()]
    if order == NAME:
        return sorted(names, key=str.casefold)
    if order == MISSING:
        return sorted(names, key=lambda name: -_missing(found.parts(name).get("current")))
    if order == CHANGE:
        return sorted(names, key=lambda name: -_changed(found, name))
    return names


def _missing(feature: Feature | None) -> float:
    return feature.missing / feature.rows if feature and feature.rows else 1.0


def _changed(found: Compared, name: str) -> float:
    parts = found.parts(name)
    if len(parts) < 2:
        return 1.0 if found.label else 0.0
    kind = found.kind(name)
    if kind in (*SPELT, "datetime"):
        # No two windows have the same identifiers, texts or times: that is no news.
        return abs(_missing(parts["current"]) - _missing(parts["reference"]))
    value = summary.change(parts["current"], parts["reference"], kind)
    return 0.0 if np.isnan(value) else value


def _open(name: str) -> None:
    scope.choose(view=ONE, feature=name)
    st.session_state["kind"] = st.session_state.get("kinds", {}).get(name, "auto")


def kinds(within: Scope) -> dict[str, str]:
    """Return the reader's kinds by feature: the source's settings, this session's, this link's."""
    said = dict(within.source.kinds) | st.session_state.get("kinds", {})
    chosen, feature = (st.session_state.get(key) for key in ("kind", "feature"))
    if chosen and feature and chosen != "auto":
        said[feature] = chosen
    return {name: kind for name, kind in said.items() if kind in KINDS}
