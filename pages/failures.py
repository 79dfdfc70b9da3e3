import streamlit as st

from lib import ui
from lib.ui import answered, asked, behind, failures, front_end, objective, raised

scope = ui.start("How many requests failed, why, since when, and how much more may fail.")

with ui.panel():
    asking = asked.start(scope)
    if asking is None:
        st.stop()
    goal = objective.pick()
    questions = [*failures.ASKED, *raised.ASKED]
    if logged := front_end.is_logged(scope, asking):
        questions += front_end.ASKED
    answers = answered.any_of(asked.ask(asking, questions))
    used = asked.ask(asking, objective.ASKED, target_ms=goal.target_ms)
    requests, failed = failures.headline(asking, answers)
    failures.disagreement(asking, answers)
    if requests:
        failures.metrics(answers, used, goal)
    if failed:
        failures.over_time(asking, answers, goal)
        behind.show(asking)
        failures.operations(asking, answers)
    raised.show(asking, answers)
    if failed:
        raised.explained(answers)
    if requests:
        objective.show(asking, used, goal)
    if logged:
        front_end.show(answers)
    asked.as_of(answers)
    failures.definitions()
