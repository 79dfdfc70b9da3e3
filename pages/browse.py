import streamlit as st

from lib import ui
from lib.ui import browse, day, link, problems, reading
from lib.ui import scope as scopes

scope = ui.start("What was collected, where it lies, and whether every day is there.")

text = st.text_input(
    "Search",
    key="search",
    bind="query-params",
    placeholder="Service, model, version or collected data",
    icon=":material/search:",
)
if text.strip():
    browse.search(scope, text)
    st.stop()

step = browse.trail(scope)
if step != "day":
    browse.level(scope, step)
    st.stop()

collection = scopes.identifier(scope)
link.say("identifier")
wanted = [(collection, scope.window)]
with ui.panel():
    if not reading.agreed(scope, wanted):
        day.sizes_by_day(scope, collection)
        st.stop()
    (days,) = reading.days(scope, wanted)
    if not days:
        ui.nothing_in_window(scope, collection)
        st.stop()
    with ui.panel():
        day.headline(scope, collection, days)
        problems.say_unread(days)
    with ui.panel():
        day.calendar(scope, collection, days)
    day.show(scope, collection, day.pick(days))
