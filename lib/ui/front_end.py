"""What the front end of a managed online endpoint logged: who failed, and its containers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib.summary import words
from lib.ui import answered, asked
from lib.ui.asked import Answers, Asking
from lib.ui.scope import Scope

ASKED = ("endpoint_failures", "container_events")


def is_logged(within: Scope, asking: Asking) -> bool:
    """Say whether the rows can be of a managed online endpoint: only v2 services are behind one."""
    everybody = not asking.whose.endpoints
    return any(
        collection.generation == "v2" and (everybody or collection.service == within.service)
        for collection in within.found.collections
    )


def show(answers: Answers) -> None:
    """Show whether platform or model failed, and the events of containers."""
    found = asked.frame(answers, "endpoint_failures")
    if found is not None:
        _failures(found)
    events = asked.frame(answers, "container_events")
    if events is not None and len(events):
        st.markdown("**What happened to the containers**")
        answered.table(events, "container_events", "Events of the containers")


def _failures(found: pd.DataFrame) -> None:
    if found.empty:
        st.caption(":material/check_circle: The endpoint's front end logged no failed call.")
        return
    by_origin = found.groupby("origin")["failed"].sum()
    model, platform = (int(by_origin.get(name, 0)) for name in ("model", "platform"))
    text = (
        f"**Platform or model?** The endpoint's front end logged "
        f"{words.count(model + platform, 'failed call')}: {model:,} failed in the model"
    )
    own = found[found["origin"] == "platform"]
    reasons = [
        f"{row['failed']:,} × {row['code']} {words.code(row['reason'])}"
        for _, row in own.iterrows()
    ]
    text += f", {platform:,} in the platform"
    st.markdown(
        text + (f" ({words.several(reasons)}), which the model never saw." if reasons else ".")
    )
    answered.table(
        found,
        "endpoint_failures",
        "Failed calls by who failed",
        mean_ms="Mean duration",
    )
