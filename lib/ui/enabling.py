"""How telemetry comes to a source that has none."""

from __future__ import annotations

import streamlit as st

from lib.settings import Source, checks

ENABLING = """
Driftline reads what Application Insights, or the endpoint's own log, has recorded of this source.

1. **Have it recorded.** For a v1 service: `service.update(enable_app_insights=True)`. For a v2
   online endpoint: `app_insights_enabled: true` in the deployment's YAML, or *Application Insights
   diagnostics* in the studio; for the front end's log a *diagnostic setting* of the endpoint with
   the category *AmlOnlineEndpointTrafficLog*.
2. **Tell Driftline where it is**, in `.streamlit/secrets.toml`, and give the app's identity the
   role *Log Analytics Reader* on that workspace:
"""

EXAMPLE = """[{table}]
workspace_id = "11111111-2222-3333-4444-555555555555"   # Log Analytics workspace, Overview
# or exported telemetry, from a storage account or a folder:
# archive = "https://contosologs.blob.core.windows.net"
"""


def show(source: Source) -> None:
    """Say that no telemetry is configured, and how to have it recorded and found."""
    st.info("No telemetry is configured for this source.", icon=":material/monitoring:")
    st.markdown(ENABLING)
    table = checks.dotted("sources", source.name, "telemetry")
    st.code(EXAMPLE.format(table=table), language=None)
