"""What the browse page draws: where one is, what lies below, and what a day holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from lib import ui
from lib.catalog import Collection, Size
from lib.errors import DriftlineError
from lib.summary import words
from lib.ui import link, scope, sources
from lib.ui.scope import Scope

STEPS: dict[str, str] = {
    "workspace": "Workspace",
    "service": "Service",
    "model": "Model",
    "version": "Version",
    "identifier": "Collected data",
}
"""The levels of the hierarchy, from the top; below them come the days."""


def trail(within: Scope) -> str:
    """Draw where one is as a row of steps to go back to, and return the step.

    The step `service` lists the services of the chosen workspace, and so on; `day` is
    the calendar of one collection.
    """
    names = {
        "workspace": within.source.name,
        "service": within.workspace,
        "model": within.service,
        "version": within.model or within.service,
        "identifier": f"{'version' if within.model else 'deployment'} {within.version}",
        "day": "days",
    }
    steps = [step for step in names if step != "model" or within.model]
    if "step" in st.session_state:
        st.query_params["at"] = st.session_state.pop("step")
    here = st.query_params.get("at", "day")
    link.check("at", steps, "day")
    link.say("at")
    here = here if here in steps else "day"
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", key="trail"):
        for step in steps[: steps.index(here)]:
            st.button(
                words.plain(names[step]),
                key=f"to-{step}",
                on_click=ui.callback(go),
                args=(step,),
                type="tertiary",
                icon=":material/chevron_right:",
                icon_position="right",
                help=f"Show every {STEPS[step].lower()} here",
            )
        st.markdown(f"**{words.plain(names[here])}**", width="content")
    return here


def go(step: str) -> None:
    """Show a step of the hierarchy, from a callback; it stands in the URL as `at`.

    It is written there by `trail`, after what was chosen with it: each is an entry of the
    browser's history, and Back is not to show the new step of the former version.
    """
    st.session_state["step"] = step


def level(within: Scope, step: str) -> None:
    """Show what lies at one step of the hierarchy, with sizes; choosing a row goes down."""
    below = [c for c in within.found.collections if _is_below(c, within, step)]
    names = scope.ordered({getattr(c, step) for c in below}, newest_first=step == "version")
    sizes = _sizes(within, below)
    rows = []
    for name in names:
        inside = [c for c in below if getattr(c, step) == name]
        known = [sizes[c] for c in inside if c in sizes]
        whole = sum(known, Size()) if len(known) == len(inside) else None
        rows.append(
            {
                "name": name or "–",
                "below": _below(step, inside),
                "files": whole.files if whole else None,
                "size": words.size(whole.bytes) if whole else None,
                "changed": whole.changed if whole else None,
            }
        )
    table = pd.DataFrame(rows).astype({"files": "Int64"})
    title = STEPS[step]
    st.subheader(f"{title if len(rows) == 1 else _plural(title)} ({len(rows)})")
    _choices(table, f"level-{step}", lambda at: _go_down(within, below, step, names[at]))
    if table["files"].isna().any():
        st.caption("Some sizes are left out: more than 20,000 files lie there. Open one to see it.")


def search(within: Scope, text: str) -> None:
    """Show the collections with all words of a text in their names; choosing a row opens it."""
    wanted = text.casefold().split()
    hits = [c for c in within.found.collections if all(word in _named(c) for word in wanted)]
    if not hits:
        st.info(f"Nothing in {within.source.name} is named like this.", icon=":material/search:")
        return
    table = pd.DataFrame([{step: getattr(c, step) for step in STEPS} for c in hits])
    st.subheader(f"Found ({len(hits)})")
    _choices(table.rename(columns=STEPS), "hits", lambda at: _open(hits[at]))


def _named(collection: Collection) -> str:
    return " ".join(getattr(collection, step) for step in STEPS).casefold()


def _sizes(within: Scope, below: Sequence[Collection]) -> dict[Collection, Size]:
    """Return the sizes of collections; a container that cannot be listed is named."""
    whole: dict[Collection, Size] = {}
    for name in dict.fromkeys(c.container for c in below):
        try:
            inside = tuple(c for c in below if c.container == name)
            whole |= sources.sizes(within.source, name, inside)
        except DriftlineError as error:
            st.warning(f"{words.code(name)} could not be counted. {words.error(error)}")
    return whole


def _choices(table: pd.DataFrame, key: str, choose: Callable[[int], None]) -> None:
    """Draw a table of which one row can be chosen."""

    def chosen() -> None:
        if rows := st.session_state[key].selection.rows:
            choose(rows[0])

    st.dataframe(
        table,
        key=key,
        hide_index=True,
        on_select=ui.callback(chosen),
        selection_mode="single-row",
        column_config={
            "name": "Name",
            "below": "Holds",
            "files": st.column_config.NumberColumn("Files", format="localized"),
            "size": "Size",
            "changed": ui.moment_column("Last change (UTC)"),
        },
        alt="What lies here; choose a row to open it",
    )


def _is_below(collection: Collection, within: Scope, step: str) -> bool:
    """Say whether a collection lies below what was chosen above a step."""
    above = list(STEPS)[: list(STEPS).index(step)]
    return all(getattr(collection, name) == getattr(within, name) for name in above)


def _below(step: str, inside: Sequence[Collection]) -> str:
    """Say what one entry of a step holds: `2 versions, 4 identifiers`."""
    parts = []
    for name in ("service", "version"):
        if list(STEPS).index(name) > list(STEPS).index(step):
            # A version is one only together with all that it belongs to.
            upto = list(STEPS)[: list(STEPS).index(name) + 1]
            count = len({tuple(getattr(c, part) for part in upto) for c in inside})
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    identifiers = scope.by_rank({c.identifier for c in inside})
    return ", ".join([*parts, *(identifiers if step != "identifier" else [])])


def _go_down(within: Scope, below: Sequence[Collection], step: str, name: str) -> None:
    """Choose an entry of a step and show what lies in it, from a callback."""
    if step == "identifier":
        scope.choose(identifier=name)
        go("day")
        return
    inside = [c for c in below if getattr(c, step) == name]
    scope.choose(**{step: name})
    following = list(STEPS)[list(STEPS).index(step) + 1]
    if following == "model" and {c.model for c in inside} == {""}:
        following = "version"
    go(following)


def _open(collection: Collection) -> None:
    """Show the days of a collection, from a callback."""
    scope.choose(**{step: getattr(collection, step) for step in STEPS}, search="")
    go("day")


def _plural(word: str) -> str:
    return word if word == STEPS["identifier"] else f"{word}s"
