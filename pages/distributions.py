import streamlit as st

from lib import ui
from lib.ui import distributions, feature, link, problems
from lib.ui import scope as scopes

scope = ui.start("How each feature is spread in the window, and how that compares.")

with st.container(horizontal=True, vertical_alignment="bottom"):
    collection = scopes.identifier(scope)
    scopes.keep_valid("view", distributions.VIEWS)
    view = st.segmented_control(
        "View",
        distributions.VIEWS,
        default=distributions.ALL,
        key="view",
        required=True,
        bind="query-params",
    )

link.say("identifier", "view")
with ui.panel():
    found = distributions.read(scope, collection)
    if found is None:
        st.stop()
    with ui.panel():
        distributions.say(scope, collection, found)
        problems.say_unread([*found.days, *found.before])
        problems.notes(found.days)
    if view == distributions.ONE:
        feature.show(scope, collection, found)
    elif view == distributions.TABLE:
        distributions.statistics(scope, collection, found)
    else:
        distributions.all_features(found)
    distributions.definitions()
