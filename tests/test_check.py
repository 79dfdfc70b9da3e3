"""Questions asked of the demo: what is found, what is not there, and what to compare with."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from lib import catalog, demo, drift, profile, store
from lib.blobs import open as open_container
from lib.check import Question, Reference, exit_code
from lib.check.compare import run
from lib.check.question import days, ignored, reference
from lib.drift import Thresholds
from lib.errors import DriftlineError
from lib.settings import Limits, Profiles, Root, Settings, Source
from lib.window import Window

UNTIL = date(2026, 11, 20)
WEEK = Window(date(2026, 11, 12), date(2026, 11, 18))
EARLIER = Reference("days", Window(date(2026, 11, 1), date(2026, 11, 7)))
CREDIT = Question(WEEK, EARLIER, service="credit-risk-svc", version="4", identifier="inputs")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("account")
    demo.write(folder, UNTIL, days=28)
    return Settings(
        (Source("here", folder=str(folder), workspace="contoso-ml"),), Limits(), Profiles(folder="")
    )


@pytest.fixture(scope="module")
def shelf():
    """What was read by one test need not be read by the next."""
    return store.Shelf(2**28)


@pytest.fixture
def only(told, shelf):
    def ask(question):
        [report] = run(told, question, shelf)
        return report

    return ask


# What is found.


def test_the_planted_change_is_found_and_nothing_else(only):
    report = only(CREDIT)
    assert report.state == "compared"
    assert report.found["feature"].tolist() == ["income"]
    assert report.worst == "strong"
    assert report.counts["strong"] == 1
    assert report.counts["drift"] == report.counts["watch"] == 0
    assert str(report.scope) == "contoso-ml / credit-risk-svc / credit_risk 4 / inputs"
    assert (report.current.days, report.reference.days) == (7, 7)
    assert any(signal.feature == "income" for signal in report.signals)
    assert exit_code([report]) == 1


def test_the_verdicts_are_those_of_the_room_that_the_app_asks(only, told, shelf):
    report = only(CREDIT)
    container = open_container(told.sources[0], "modeldata")
    [collection] = [
        each
        for each in catalog.collections(container).collections
        if (each.version, each.identifier) == ("4", "inputs")
    ]

    def whole(window):
        found = catalog.blobs(container, collection, window.first, window.last)
        return store.merged(shelf, list(store.days(shelf, container, found, window)))

    expected = drift.compare(whole(EARLIER.days), whole(WEEK))
    pd.testing.assert_frame_equal(report.features.drop(columns=["change", "importance"]), expected)


def test_a_feature_that_is_ignored_is_not_compared(only):
    report = only(replace(CREDIT, ignore=("inco*",)))
    assert "income" not in set(report.features["feature"])
    assert exit_code([report]) == 0


def test_a_name_with_brackets_can_be_ignored_as_it_is_written():
    assert ignored("x[0]", ["x[0]"])
    assert ignored("x0", ["x[0]"])
    assert not ignored("x1", ["x[0]", "y*"])


def test_the_level_decides_what_counts(only):
    # Ten of these days have income in cents, six do not.
    half = replace(CREDIT, window=Window(date(2026, 11, 3), date(2026, 11, 18)))
    levels = replace(half, thresholds=Thresholds(0.3, 0.9, 0.95))
    assert exit_code([only(half)]) == 1
    assert exit_code([only(levels)]) == 0
    assert exit_code([only(replace(levels, fail_on="watch"))]) == 1
    assert exit_code([only(replace(half, thresholds=Thresholds(0.9, 0.93, 0.95)))]) == 0


def test_a_kind_of_the_question_goes_before_that_of_the_source(told, shelf):
    source = replace(told.sources[0], kinds=(("income", "identifier"), ("age", "categorical")))
    [report] = run(replace(told, sources=(source,)), CREDIT, shelf)
    kinds = dict(zip(report.features["feature"], report.features["kind"], strict=True))
    assert (kinds["income"], kinds["age"]) == ("identifier", "categorical")
    asked = replace(CREDIT, kinds=(("income", "numeric"),))
    [report] = run(replace(told, sources=(source,)), asked, shelf)
    kinds = dict(zip(report.features["feature"], report.features["kind"], strict=True))
    assert (kinds["income"], kinds["age"]) == ("numeric", "categorical")


def test_importance_weighs_the_share_and_puts_first_what_matters(only):
    plain = only(CREDIT)
    last = plain.features.query("verdict == 'stable'")["feature"].iloc[-1]
    report = only(replace(CREDIT, importance=(("income", 3.0), (last, 1.0))))
    weights = dict(zip(report.features["feature"], report.features["importance"], strict=True))
    assert (weights["income"], weights[last]) == (3.0, 1.0)
    assert report.drifted_share == 0.75
    assert report.features["feature"].iloc[0] == "income"
    assert report.features["verdict"].tolist() == plain.features["verdict"].tolist()
    stable = plain.counts["stable"]
    assert plain.drifted_share == pytest.approx(1 / (1 + stable))


def test_what_changed_is_said_in_words(only):
    row = only(CREDIT).features.iloc[0]
    assert re.fullmatch(r"median [\d,]+ → [\d,]+ \(×(99|100|101)(\.\d+)?\)", row["change"]), row[
        "change"
    ]


def test_globs_match_several_versions_each_for_itself(told, shelf):
    reports = run(told, Question(WEEK, EARLIER, service="c*", identifier="inputs"), shelf)
    assert [(r.scope.service, r.scope.version, r.state) for r in reports] == [
        ("churn-svc", "7", "compared"),
        ("churn-svc", "8", "compared"),
        ("credit-risk-svc", "3", "no data"),
        ("credit-risk-svc", "4", "compared"),
    ]


def test_progress_is_told_of_each_data_set(told, shelf):
    said = []
    run(told, CREDIT, shelf, said.append)
    assert said == ["contoso-ml / credit-risk-svc / credit_risk 4 / inputs"]


# What is not there.


def test_a_version_without_data_is_no_failure_beside_one_that_has_some(told, shelf):
    both = run(told, replace(CREDIT, version="*"), shelf)
    assert [report.state for report in both] == ["no data", "compared"]
    assert both[0].message == "Nothing was collected in 12 – 18 Nov 2026."
    assert exit_code(both) == 1
    assert exit_code(run(told, replace(CREDIT, version="*", require_data=True), shelf)) == 2
    assert exit_code(both[:1]) == 2


def test_a_version_that_is_new_has_no_reference(only):
    report = only(Question(WEEK, EARLIER, version="green", identifier="model_inputs"))
    assert report.state == "no reference"
    assert report.current.rows > 0
    assert exit_code([report]) == 2


@pytest.mark.parametrize(
    ("change", "verdict"),
    [({"thresholds": Thresholds(fewest=10**6)}, "not enough data"), ({"ignore": ("*",)}, "")],
)
def test_without_any_verdict_nothing_was_checked(only, change, verdict):
    report = only(replace(CREDIT, **change))
    assert report.state == "compared"
    assert set(report.features["verdict"]) == ({verdict} if verdict else set())
    assert not report.judged
    assert exit_code([report]) == 2
    assert exit_code([report, only(CREDIT)]) == 1
    assert (
        exit_code([replace(report, question=replace(CREDIT, require_data=True)), only(CREDIT)]) == 2
    )


def test_what_was_wrong_in_the_files_is_counted(only):
    green = Question(WEEK, Reference("version", name="blue"), version="green")
    report = only(replace(green, identifier="model_inputs"))
    # Two lines are no JSON, and the last one was never finished.
    assert dict(report.current.problems)["bad_line"] == 2
    assert report.reference.problems == ()


def test_what_cannot_be_read_is_reported_and_the_rest_is_checked(told, shelf):
    roots = (Root("modeldata"), Root("elsewhere"))
    source = replace(told.sources[0], roots=roots)
    reports = run(Settings((source,), Limits(), Profiles(folder="")), CREDIT, shelf)
    assert [report.state for report in reports] == ["compared", "unread"]
    assert "elsewhere" in reports[1].message
    assert str(reports[1].scope) == "here"
    assert exit_code(reports) == 2


def test_a_source_that_cannot_be_read_at_all_is_reported(tmp_path):
    source = Source("gone", folder=str(tmp_path / "gone"))
    reports = run(Settings((source,), Limits(), Profiles(folder="")), CREDIT)
    assert [report.state for report in reports] == ["unread"]
    assert exit_code(reports) == 2


def test_without_any_match_the_error_says_what_there_is(told, shelf):
    with pytest.raises(DriftlineError) as caught:
        run(told, replace(CREDIT, service="kredit"), shelf)
    assert "--service kredit --version 4 --identifier inputs" in caught.value.message
    assert "credit-risk-svc (3 and 4)" in caught.value.next_step
    with pytest.raises(DriftlineError, match="No source is called 'there'"):
        run(told, replace(CREDIT, source="there"), shelf)


def test_an_empty_account_says_so(tmp_path):
    (tmp_path / "modeldata").mkdir()
    with pytest.raises(DriftlineError, match="No collected data"):
        run(
            Settings((Source("empty", folder=str(tmp_path)),), Limits(), Profiles(folder="")),
            CREDIT,
        )


# Azure.


def test_an_account_in_azure_is_checked_by_the_same_code(azurite_source, upload):
    rng = np.random.default_rng(5)
    files = {}
    for day in (*EARLIER.days, *WEEK):
        frame = pd.DataFrame({"age": rng.normal(40, 9, 60), "city": rng.choice(["a", "b"], 60)})
        frame["age"] += 20 * (day in WEEK)
        path = f"default/default/default/svc/model/1/inputs/{day:%Y/%m/%d}/inputs.csv"
        files[path] = frame.to_csv(index=False).encode()
    upload(azurite_source, "modeldata", files)
    told = Settings((azurite_source,), Limits(), Profiles(folder=""))
    [report] = run(told, Question(WEEK, EARLIER))
    verdicts = dict(zip(report.features["feature"], report.features["verdict"], strict=True))
    assert verdicts == {"age": "strong", "city": "stable"}
    assert (report.current.rows, report.reference.rows) == (420, 420)


# What to compare with.


def test_the_previous_window_is_usual(only):
    report = only(replace(CREDIT, reference=Reference()))
    assert report.reference.windows == (Window(date(2026, 11, 5), date(2026, 11, 11)),)


def test_the_same_weekdays_are_read_as_several_windows(only):
    last_days = Window(date(2026, 11, 17), date(2026, 11, 18))
    report = only(replace(CREDIT, window=last_days, reference=Reference("same-weekdays")))
    assert [w.first.day for w in report.reference.windows] == [10, 3, 27, 20]
    # The demo begins on 24 October.
    assert report.reference.days == 6
    # income was sent in cents from 9 November on, so one of three weeks has it already.
    assert report.features["feature"].iloc[0] == "income"


def test_another_version_is_compared_in_the_same_window_and_not_with_itself(told, shelf):
    wanted = Question(WEEK, Reference("version", name="blue"), service="fraud-scoring")
    reports = run(told, replace(wanted, identifier="model_inputs"), shelf)
    assert [report.scope.version for report in reports] == ["green"]
    assert reports[0].reference.windows == (WEEK,)
    assert reports[0].reference.label == "version blue"
    with pytest.raises(DriftlineError, match="matches"):
        run(told, replace(wanted, version="blue"), shelf)


def test_a_version_that_ended_before_is_compared_in_its_last_days(only):
    report = only(replace(CREDIT, reference=Reference("version", name="3")))
    [window] = report.reference.windows
    assert window.last == date(2026, 10, 26)
    assert len(window) == 7
    assert report.reference.label.startswith("version 3, its last days, ")
    assert report.state == "compared"


def test_a_version_that_does_not_collect_the_same_is_no_reference(only):
    report = only(replace(CREDIT, reference=Reference("version", name="5")))
    assert (report.state, report.message) == (
        "no reference",
        "There is no version 5 with inputs.",
    )


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_training_set_is_a_reference(only, told, shelf, tmp_path, ending):
    container = open_container(told.sources[0], "modeldata")
    name = "credit-risk-svc/credit_risk/4/inputs/2026/11/03"
    blobs = [blob for blob in container.blobs("") if f"{name}/inputs" in blob.name]
    rows = store.all_rows(container, blobs).drop(columns=list(profile.META))
    path = tmp_path / f"training.{ending}"
    rows.to_csv(path, index=False) if ending == "csv" else rows.to_parquet(path)
    report = only(replace(CREDIT, reference=Reference("file", name=str(path))))
    assert report.found["feature"].tolist() == ["income"]
    assert report.reference.rows == len(rows) > 100
    assert report.reference.label == f"the file training.{ending}"
    assert "row volume" not in {signal.code for signal in report.signals}


def test_a_file_without_any_of_the_features_is_no_reference(only, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("height,weight\n1,2\n3,4\n")
    report = only(replace(CREDIT, reference=Reference("file", name=str(path))))
    assert report.state == "no reference"
    assert report.message == "the file other.csv has none of its features."


@pytest.mark.parametrize("content", [None, b"income\n", b"PAR1 is not enough"])
def test_a_file_that_cannot_be_read_says_so_at_once(told, shelf, tmp_path, content):
    path = tmp_path / ("training.parquet" if content and content[:3] == b"PAR" else "training.csv")
    if content:
        path.write_bytes(content)
    with pytest.raises(DriftlineError, match="training"):
        run(told, replace(CREDIT, reference=Reference("file", name=str(path))), shelf)


# How things are written.


def test_days_are_a_number_or_a_window():
    assert days("14") == 14
    assert days("2026-11-12..2026-11-18") == WEEK
    for wrong in (
        "0",
        "-3",
        "x",
        "2026-11-18..2026-11-12",
        "2026-11-12",
        "1..2..3",
        "99999",
        "0001-01-01..2026-01-01",
    ):
        with pytest.raises(ValueError, match="neither a number of days"):
            days(wrong)


def test_a_reference_is_one_of_five():
    assert reference("previous") == Reference()
    assert reference("same-weekdays") == Reference("same-weekdays")
    assert reference("2026-11-01..2026-11-07") == EARLIER
    assert reference("version:a:b") == Reference("version", name="a:b")
    assert reference("file:C:\\x.csv") == Reference("file", name="C:\\x.csv")
    for wrong in ("", "last week", "version:", "blob:x", "2026-11-01"):
        with pytest.raises(ValueError, match="is none of previous"):
            reference(wrong)
