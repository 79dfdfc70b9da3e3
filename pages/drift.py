import streamlit as st

from lib import ui
from lib.ui import as_azure, drifted, link, measured, problems, ranking, together
from lib.ui import scope as scopes

scope = ui.start("Which features no longer look as before, since when, and how far they moved.")

with st.container(horizontal=True, vertical_alignment="bottom"):
    collection = scopes.identifier(scope)
    scopes.keep_valid("show", ranking.VIEWS)
    view = st.segmented_control(
        "View",
        ranking.VIEWS,
        default=ranking.ALL,
        key="show",
        required=True,
        bind="query-params",
    )
    thresholds = measured.thresholds()

link.say("identifier", "show", *measured.LIMITS)
with ui.panel():
    found = measured.read(scope, collection, thresholds)
    if found is None:
        st.stop()
    with ui.panel():
        compared = found.measured.compared
        problems.say_unread([*compared.days, *compared.before])
    if view == ranking.ONE:
        drifted.show(scope, found)
    elif view == ranking.TOGETHER:
        together.show(scope, found)
    elif view == ranking.AZURE:
        as_azure.show(scope, found)
    else:
        ranking.show(scope, found)
    ranking.definitions(found.measured)
