import streamlit as st

from lib import ui
from lib.ui import asked, behind, requests

scope = ui.start("How often the services were asked, how fast they answered, and where time went.")

with ui.panel():
    asking = asked.start(scope)
    if asking is None:
        st.stop()
    answers = asked.ask(asking, requests.asked_at_once())
    if requests.headline(asking, answers):
        requests.charts_over_time(scope, asking, answers)
        behind.show(asking, failed=False)
        requests.details(asking, answers)
    asked.as_of(answers)
    requests.definitions()
