import streamlit as st

from lib import summary, ui
from lib.ui import observed, overview, problems, reading

scope = ui.start("Which models are collecting, whether it is whole, what drifted, and what failed.")

parts = overview.parts(scope)
if not reading.agreed(scope, overview.wanted(scope, parts)):
    overview.sizes(scope, parts)
    st.stop()
found = overview.read(scope, parts)
table = summary.versions(found, scope.window, scope.today)

headline = st.empty()
with ui.panel():
    headline.markdown(overview.headline(table, scope.window, parts))
with ui.panel():
    problems.say_unread([day for version in found for day in version.days])
with ui.panel():
    overview.metrics(table)

# All that is known by now is drawn before the telemetry is asked, which may take seconds.
middle = st.container()
with ui.panel():
    problems.show(scope, [day for version in found for day in (*version.days, *version.others)])

seen = None
with middle:
    with ui.panel():
        if seen := observed.of_all(scope, parts, table):
            table = summary.with_telemetry(table, seen.names, seen.answer, seen.days)
    with ui.panel():
        overview.show(table, scope.window)
        overview.download(table, scope.window)
if seen:
    with middle, ui.panel():
        observed.also_seen(seen)
    with ui.panel():
        failing = observed.failing(scope, seen)
        headline.markdown(overview.headline(table, scope.window, parts, failing))
