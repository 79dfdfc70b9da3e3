"""What the front end of a managed online endpoint logged: who failed, and its containers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib.summary import words
from lib.ui import answered, asked
from lib.ui.asked import Answers, Asking
from lib.ui.scope import Scope

ASKED = ("endpoint_failures", "endpoint_traffic", "container_events")


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
        _failures(found, answered.rows(answers, "endpoint_traffic"))
    events = asked.frame(answers, "container_events")
    if events is not None and len(events):
        st.markdown("**What happened to the containers**")
        answered.table(events, "container_events", "Events of the containers")


def _failures(found: pd.DataFrame, traffic: pd.DataFrame | None) -> None:
    if found.empty:
        st.caption(_none(traffic))
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


def _none(traffic: pd.DataFrame | None) -> str:
    """Return that no call failed, of how many; no praise where nothing was logged."""
    if traffic is None:
        return (
            "The endpoint's front end logged no failed call; how many calls it logged is unknown."
        )
    calls = int(traffic["requests"].sum())
    if not calls:
        return (
            "The endpoint's front end logged no calls in this window. It logs them where the "
            "endpoint has a diagnostic setting with the category *AmlOnlineEndpointTrafficLog*."
        )
    logged = f"{words.count(calls, 'call')} that the endpoint's front end logged"
    return f":material/check_circle: None of the {logged} failed."
