import streamlit as st

from lib import summary, ui
from lib.ui import overview, problems, reading

scope = ui.start("Which models are collecting, whether it is whole, what drifted, and what failed.")

parts = overview.parts(scope)
if not reading.agreed(scope, overview.wanted(scope, parts)):
    overview.sizes(scope, parts)
    st.stop()
found = overview.read(scope, parts)
table = summary.versions(found, scope.window, scope.today)

headline = st.empty()
headline.markdown(summary.headline(table, scope.window))
with st.container(horizontal=True):
    st.metric("Services", table["service"].nunique(), border=True)
    st.metric("Versions collecting", int((table["state"] == "collecting").sum()), border=True)
    st.metric("Rows of inputs", int(table["rows"].sum()), format="compact", border=True)
    st.metric("Problems", int(table["problems"].sum()), format="compact", border=True)

# All that is known by now is drawn before the telemetry is asked, which may take seconds.
middle = st.container()
problems.show([day for version in found for day in (*version.days, *version.others)])

with middle:
    observed = overview.observed(scope, parts, table)
    if observed:
        table = summary.with_telemetry(table, observed.names, observed.answer, observed.days)
    overview.show(table, scope.window)
    with st.container(horizontal=True):
        ui.downloads(lambda: table.astype({"rows_per_day": "str"}), "overview", str(scope.window))
    if observed:
        overview.also_seen(observed)
if observed:
    failing = overview.failing(scope, observed)
    headline.markdown(summary.headline(table, scope.window, failing))
