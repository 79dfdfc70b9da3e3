"""The drift page in process, over a demo account in which things go wrong on purpose."""

import io

import numpy as np
import pandas as pd
import pytest
from test_pages import TODAY, markdown, page_over

from lib import demo

CREDIT = {"service": "credit-risk-svc", "model": "credit_risk", "version": "4"}
CHURN = {"service": "churn-svc", "version": "8"}
BLUE = {"service": "fraud-scoring", "version": "blue"}
WEEK = {"window": "7 days"}


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """Return the folder of a demo account of the last 32 days."""
    return demo.write(tmp_path_factory.mktemp("demo") / "account", TODAY, days=32).folder


@pytest.fixture
def drift_page(account, monkeypatch):
    """Return `drift_page(**parameters)`, which runs the drift page over the account."""
    return page_over(monkeypatch, account, "drift")


def ranking(app):
    return app.dataframe[0].value.set_index("feature")


def test_the_sentence_on_top_names_what_drifted_since_when_and_how_far(drift_page):
    said = markdown(drift_page(**CREDIT))
    assert "of `inputs` drifted** since 9 Nov 2026; `income` most: median" in said
    assert "(×9" in said


def test_the_ranking_begins_with_the_most_drifted_and_ends_with_what_has_no_verdict(drift_page):
    table = ranking(drift_page(**CREDIT))
    assert table.index[0] == "income"
    assert table["verdict"].iloc[0] == ["strong"]
    assert {verdict for (verdict,) in table["verdict"].iloc[1:]} <= {"stable", "not comparable"}


def test_what_the_model_answered_stands_beside_what_it_was_asked(drift_page):
    app = drift_page(**CREDIT)
    labels = {metric.label: metric.value for metric in app.metric}
    assert labels["Drift of predictions"] == "strong"
    assert "score" in app.dataframe[1].value["feature"].tolist()


def test_missing_cells_are_drift_and_are_named(drift_page):
    app = drift_page(**CHURN)
    table = ranking(app)
    assert table.index[0] == "satisfaction"
    assert table["moved"].iloc[0].startswith("missing")
    assert "missing" in app.dataframe[-1].value["signal"].tolist()


def test_a_new_value_is_found(drift_page):
    table = ranking(drift_page(**BLUE))
    assert "new categories" in table.loc["channel", "signals"]


@pytest.mark.parametrize(
    ("compare", "also"),
    [
        ("Previous window", {}),
        ("Same weekdays before", {}),
        ("Other days", {"reference": ["2026-10-22", "2026-10-30"]}),
        ("Version 3", {}),
        ("Another service", {"other": "churn-svc / churn_classifier / 8"}),
        ("Other collected data", {"data": "predictions"}),
    ],
)
def test_every_reference_gives_a_table_and_is_named(drift_page, compare, also):
    app = drift_page(**CREDIT, **WEEK, compare=compare, **also)
    assert not app.error
    assert len(app.dataframe) >= 1
    assert "compared with" in markdown(app)


def test_a_version_that_ended_is_compared_by_its_last_days(drift_page):
    assert "version 3, its last days" in markdown(drift_page(**CREDIT, **WEEK, compare="Version 3"))


def test_an_uploaded_training_set_is_the_reference(drift_page):
    app = drift_page(**CREDIT, **WEEK, compare="A file")
    assert "Compare with" in app.info[0].value
    rows = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"age": rows.integers(18, 80, 2_000), "income": rows.normal(4_000, 800, 2_000), "extra": 1}
    )
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    app.sidebar.file_uploader[0].upload("training.parquet", buffer.getvalue()).run()
    assert not app.exception
    said = markdown(app)
    assert "the file training\\.parquet" in said
    assert any("only the reference has `extra`" in caption.value for caption in app.caption)
    assert ranking(app).loc["income", "verdict"] == ["strong"]


def test_a_file_that_is_none_is_named_and_the_page_goes_on(drift_page):
    app = drift_page(**CREDIT, **WEEK, compare="A file")
    app.sidebar.file_uploader[0].upload("training.parquet", b"no").run()
    assert not app.exception
    assert "training" in app.sidebar.error[0].value


def test_one_feature_is_shown_large_with_its_measures(drift_page):
    app = drift_page(**CREDIT, show="One feature", feature="income")
    said = markdown(app)
    assert "`income` has **drifted strongly**" in said
    assert "It changed on **9 Nov 2026**" in said
    labels = [metric.label for metric in app.metric]
    assert {"Verdict", "Distance", "Shift (sd)", "PSI", "KS", "q"} <= set(labels)
    assert not app.error


def test_groups_of_another_feature_are_compared_each(drift_page):
    app = drift_page(**CREDIT, **WEEK, show="One feature", feature="income", split="region")
    table = app.dataframe[-1].value
    assert len(table) > 2
    assert (table["n_current"] > 0).all()


def test_thresholds_come_from_the_link(drift_page):
    usual = ranking(drift_page(**CREDIT))["verdict"]
    strict = ranking(drift_page(**CREDIT, watch="0.9", drift="0.95", strong="0.99"))["verdict"]
    assert usual["income"] == ["strong"]
    assert strict["income"] == ["stable"]


def test_azure_says_what_it_would_have_said(drift_page):
    table = drift_page(**CREDIT, **WEEK, show="As Azure ML").dataframe[0].value
    assert {"w1_sd", "js", "driftline"} <= set(table.columns)


def test_rows_of_both_sides_are_told_apart_when_asked(drift_page):
    app = drift_page(**CREDIT, show="All together")
    assert not app.metric
    next(button for button in app.button if button.label == "Tell them apart").click().run()
    assert not app.exception
    assert float(next(m.value for m in app.metric if m.label == "AUC")) > 0.9


def test_nothing_to_compare_with_is_said(drift_page):
    assert "compare with" in drift_page(**CREDIT, compare="Nothing").info[0].value.lower()


def test_a_reference_without_rows_is_said(drift_page):
    app = drift_page(**CREDIT, compare="Other days", reference=["2025-01-01", "2025-01-05"])
    assert "no rows to compare with" in app.warning[0].value
