import streamlit as st

from lib import summary, ui
from lib.ui import overview, problems, ranking, reading

scope = ui.start("Which models are collecting, whether it is whole, and what drifted.")

parts = overview.parts(scope)
if not reading.agreed(scope, overview.wanted(scope, parts)):
    overview.sizes(scope, parts)
    st.stop()
found = overview.read(scope, parts)
table = summary.versions(found, scope.window, scope.today)

st.markdown(summary.headline(table, scope.window))
with st.container(horizontal=True):
    st.metric("Services", table["service"].nunique(), border=True)
    st.metric("Versions collecting", int((table["state"] == "collecting").sum()), border=True)
    st.metric("Rows of inputs", int(table["rows"].sum()), format="compact", border=True)
    st.metric("Problems", int(table["problems"].sum()), format="compact", border=True)

chosen = st.dataframe(
    table.assign(drift=table["drift"].map(lambda verdict: [verdict] if verdict else [])).drop(
        columns=[] if table["workspace"].nunique() > 1 else ["workspace"]
    ),
    key="versions",
    hide_index=True,
    on_select=lambda: overview.open_row(table),
    selection_mode="single-row",
    row_height=44,
    column_config={
        "workspace": "Workspace",
        "service": "Service",
        "model": "Model",
        "version": "Version",
        "state": st.column_config.TextColumn(
            "State",
            help="Collecting: data from today or yesterday. Replaced: another version of the "
            "service collects. Silent: nothing for two days or more.",
        ),
        "drift": ranking.verdict_column("Drift"),
        "drifted": st.column_config.TextColumn(
            "Features drifted",
            help="Of the inputs, and of those that can be compared with as many days before.",
        ),
        "last_day": st.column_config.DateColumn("Newest data", format="D MMM YYYY"),
        "rows_per_day": st.column_config.BarChartColumn(
            "Rows per day", help=f"Inputs per day, {scope.window}", y_min=0, width="medium"
        ),
        "rows": st.column_config.NumberColumn("Rows", format="localized"),
        "days_missing": st.column_config.NumberColumn(
            "Days missing", help="Days without any inputs between the first and the last with some."
        ),
        "features": st.column_config.NumberColumn("Features", help="Columns of the inputs."),
        "problems": st.column_config.NumberColumn(
            "Problems", format="localized", help="Rows or lines that were not as they should be."
        ),
    },
    alt="One row per service, model and version with its freshness, rows and problems",
)
if chosen.selection.rows:
    # Bound widgets keep their parameters; an empty mapping says not to clear them.
    st.switch_page("pages/browse.py", query_params={"at": "day"})
st.caption("Choose a row to open it. Counts are of the chosen window, in UTC days.")
with st.container(horizontal=True):
    ui.downloads(lambda: table.astype({"rows_per_day": "str"}), "overview", str(scope.window))

problems.show([day for version in found for day in (*version.days, *version.others)])
