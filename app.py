"""Driftline: what deployed models were asked, what they answered, and how that drifts."""

import streamlit as st

from lib import ui

# A local icon, first: the icons of pages would be fetched from fonts.gstatic.com for the tab.
st.set_page_config(
    page_icon=".streamlit/icon.svg",
    layout="wide",
    # With an entry of its own the menu is shown, and with it the choice of light or dark.
    menu_items={"About": "Driftline: what deployed models were asked and what they answered."},
)

page = st.navigation(
    [
        st.Page("pages/overview.py", title="Overview", icon=":material/home:", default=True),
        st.Page("pages/drift.py", title="Drift", icon=":material/trending_up:"),
        st.Page("pages/distributions.py", title="Distributions", icon=":material/bar_chart:"),
        st.Page("pages/requests.py", title="Requests", icon=":material/speed:"),
        st.Page("pages/failures.py", title="Failures", icon=":material/error:"),
        st.Page("pages/browse.py", title="Browse", icon=":material/folder_open:"),
    ]
)
st.set_page_config(page_title=f"{page.title} · Driftline")
st.title(page.title)
# Not by the pages: Back from one page to another would reset what the former bound to the URL.
ui.frame()
with ui.panel():
    page.run()
