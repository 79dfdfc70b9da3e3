"""One feature large: how it is spread, day by day, and split by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from lib import charts, profile, summary
from lib.catalog import Collection
from lib.profile import Feature
from lib.settings import KINDS
from lib.ui import link, reading, scope
from lib.ui.boundary import callback, panel
from lib.ui.distributions import CLIP, Compared
from lib.ui.scope import Scope

MOST_GROUPS = 5
Height = Literal["share", "count", "density"]
NOTHING = "(nothing)"
BINS = ("auto", "10", "20", "40", "60", "100")
HEIGHTS: dict[str, Height] = {"Share of rows": "share", "Rows": "count", "Density": "density"}


@dataclass(frozen=True)
class Look:
    """How the histogram is drawn."""

    bins: int | Literal["auto"]
    log: bool
    whole: bool
    y: Height


def show(within: Scope, collection: Collection, found: Compared) -> None:
    """Draw one feature: choices, a sentence, its distribution, and its days."""
    name, by = _choices(found)
    kind = found.kind(name)
    parts = found.parts(name)
    st.markdown(summary.feature_sentence(name, parts, kind))
    with panel():
        _numbers(parts, kind)
    with panel():
        series = _split(within, collection, found, name, by) if by else parts
        if kind in summary.MEASURED:
            _measured(name, series, kind)
        else:
            _values(name, series, kind)
    with panel():
        _over_time(within, found, name, kind)


def _choices(found: Compared) -> tuple[str, str]:
    """Draw the choice of the feature, of its kind, and of what to split by."""
    scope.keep_valid("feature", found.names)
    link.say("feature")
    with st.container(horizontal=True):
        name = st.selectbox(
            "Feature",
            found.names,
            key="feature",
            bind="query-params",
            on_change=callback(_recall_kind),
        )
        st.selectbox(
            "Treat as",
            ["auto", *KINDS],
            key="kind",
            bind="query-params",
            on_change=callback(_remember_kind),
            help=f"Found in the data: {found.found_kind(name)}. If that is wrong, say what it is; "
            "for good in the setting `sources.<name>.kinds`.",
        )
        groups = found.groups(name)
        scope.keep_valid("split", [NOTHING, *groups])
        by = st.selectbox(
            "Split by",
            [NOTHING, *groups],
            key="split",
            bind="query-params",
            help="One distribution for each of the most frequent values of another feature.",
        )
    link.say("split")
    return name, "" if by == NOTHING else by


def _numbers(parts: Mapping[str, Feature], kind: str) -> None:
    """Draw the few numbers that people ask for first, with the reference's beside."""
    with st.container(horizontal=True):
        for label, value, before, style in summary.key_numbers(parts, kind):
            st.metric(
                label,
                value,
                border=True,
                help=style,
                delta=before,
                delta_color="off",
                delta_arrow="off",
            )


def _split(
    within: Scope, collection: Collection, found: Compared, name: str, by: str
) -> dict[str, Feature]:
    """Return the feature for each of the most frequent values of another."""
    values = profile.groups(found.current.features[by], MOST_GROUPS, found.kind(by))
    return reading.by_group(within, [(collection, within.window)], by, values, name)


def _look() -> Look:
    """Draw the choices of how to draw, out of the way until asked for."""
    with st.popover("Bins and axes", icon=":material/tune:"):
        bins = st.select_slider("Bins", BINS, key="bins", bind="query-params")
        y = st.segmented_control(
            "Height",
            list(HEIGHTS),
            default="Share of rows",
            key="height",
            required=True,
            bind="query-params",
        )
        log = st.toggle("Logarithmic axis", key="log", bind="query-params")
        whole = st.toggle(
            "Whole range",
            key="whole",
            bind="query-params",
            help="Else the axis leaves out the outermost 0.1 % at either end, and says how many.",
        )
    return Look("auto" if bins == "auto" else int(bins), log, whole, HEIGHTS[y or "Share of rows"])


def _measured(name: str, series: Mapping[str, Feature], kind: str) -> None:
    look = _look()
    time = kind == "datetime"
    numbers = {label: profile.numbers_of(part, kind) for label, part in series.items()}
    numbers = {label: part for label, part in numbers.items() if part.count}
    edges = profile.edges(
        list(numbers.values()),
        look.bins,
        log=look.log,
        clip=None if look.whole else CLIP,
        time=time,
    )
    left, right = st.columns(2)
    with left:
        st.markdown("**Histogram**")
        bins = {label: profile.histogram(part, edges) for label, part in numbers.items()}
        st.plotly_chart(
            charts.histogram(edges, bins, y=look.y, log_x=look.log, time=time),
            key="histogram",
            alt=f"Histogram of {name}",
        )
        outside = sum(sum(profile.outside(part, edges)) for part in numbers.values())
        if outside:
            st.caption(f"{outside:,} rows lie beyond the axis (“Bins and axes”, “Whole range”).")
    with right:
        st.markdown("**Share of rows at or below a value**")
        st.plotly_chart(
            charts.ecdf(
                {label: profile.ecdf(part) for label, part in numbers.items()},
                log_x=look.log,
                time=time,
            ),
            key="ecdf",
            alt=f"Cumulative distribution of {name}",
        )


def _values(name: str, series: Mapping[str, Feature], kind: str) -> None:
    st.markdown("**Most frequent values**")
    labels, counts = summary.side_by_side(series, 20)
    figure = charts.bars(labels, counts, y="share" if len(series) > 1 else "count")
    st.plotly_chart(figure, key="bars", alt=f"Most frequent values of {name}")


def _over_time(within: Scope, found: Compared, name: str, kind: str) -> None:
    """Draw the feature day by day, its missing share below."""
    left, right = st.columns(2)
    with left:
        if kind in summary.MEASURED:
            st.markdown("**Day by day: median, middle 50 % and 90 % of rows**")
            table = summary.quantiles_per_day(found.days, within.window, name, kind)
            figure = charts.quantile_bands(
                table,
                reference=summary.quantiles(found.parts(name).get("reference"), kind),
                time=kind == "datetime",
            )
        else:
            st.markdown("**Day by day: share of each value**")
            figure = charts.categories_per_day(summary.categories_per_day(found.days, name))
        st.plotly_chart(figure, key="days", alt=f"{name} day by day")
    with right:
        st.markdown("**Day by day: missing**")
        missing = summary.missing_per_day(found.days, within.window, name)
        now = found.parts(name).get("current")
        if now is None or not now.rows:
            st.caption("No row of the window has this feature.")
            return
        if not now.missing:
            st.caption(f":material/check_circle: Each of {now.rows:,} rows has a value.")
            return
        st.plotly_chart(
            charts.share_per_day(missing, title="Missing"),
            key="missing",
            alt=f"Share of rows without {name}, day by day",
        )


def _remember_kind() -> None:
    """Keep the reader's kind of this feature for the session."""
    kinds = dict(st.session_state.get("kinds", {}))
    kinds[st.session_state["feature"]] = st.session_state["kind"]
    st.session_state["kinds"] = kinds


def _recall_kind() -> None:
    """Set the kind to what the reader said of the newly chosen feature, if anything."""
    feature = st.session_state["feature"]
    st.session_state["kind"] = st.session_state.get("kinds", {}).get(feature, "auto")
