"""The demo's files: their layout, their bytes, and that the planted stories are in them."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import catalog, demo
from lib.errors import DriftlineError

UNTIL = date(2026, 11, 23)
META = [
    "$aml_dc_correlation_id",
    "$aml_dc_scoring_timestamp",
    "$aml_dc_boundary",
    "$aml_workspace",
    "$aml_service_name",
    "$aml_model_name",
    "$aml_model_version",
    "$aml_request_id",
]
WORKSPACE = "0a1b2c3d-1111-2222-3333-444455556666/contoso-ml-rg/contoso-ml"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
DAY = r"20\d\d/[01]\d/[0-3]\d"

CREDIT_3, CREDIT_4, CHURN_7, CHURN_8, BLUE, GREEN = demo.DEPLOYMENTS


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> demo.Demo:
    """The demo of 45 days, as people get it."""
    return demo.write(tmp_path_factory.mktemp("whole"), UNTIL)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> demo.Demo:
    """The last three days only."""
    return demo.write(tmp_path_factory.mktemp("short"), UNTIL, days=3)


def day(offset: int) -> date:
    return UNTIL + timedelta(days=offset)


def v1_file(written: demo.Demo, of: demo.Deployment, kind: str, offset: int) -> Path:
    version = f"{of.service}/{of.model}/{of.version}/{kind}"
    path = f"modeldata/{WORKSPACE}/{version}/{day(offset):%Y/%m/%d}/{kind}.csv"
    return written.folder / path


def v1_frame(written: demo.Demo, of: demo.Deployment, kind: str, *offsets: int) -> pd.DataFrame:
    paths = [v1_file(written, of, kind, offset) for offset in offsets]
    return pd.concat([pd.read_csv(path, dtype={"postcode": str}) for path in paths])


def v1_cells(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))


def v2_files(written: demo.Demo, of: demo.Deployment, kind: str, *offsets: int) -> list[Path]:
    root = next(written.folder.glob("azureml-blobstore-*")) / "modelDataCollector"
    days = [f"{of.service}/{of.version}/{kind}/{day(offset):%Y/%m/%d}" for offset in offsets]
    return [path for each in days for path in sorted((root / each).glob("*/*.jsonl"))]


def v2_lines(
    written: demo.Demo, of: demo.Deployment, kind: str, *offsets: int
) -> tuple[list[str], list[str]]:
    """The lines that are JSON, and those that are not."""
    good, bad = [], []
    for path in v2_files(written, of, kind, *offsets):
        for line in path.read_text().splitlines():
            try:
                json.loads(line)
            except json.JSONDecodeError:
                bad.append(line)
            else:
                good.append(line)
    return good, bad


def v2_frame(written: demo.Demo, of: demo.Deployment, kind: str, *offsets: int) -> pd.DataFrame:
    good, _ = v2_lines(written, of, kind, *offsets)
    return pd.concat([pd.DataFrame(json.loads(line)["data"], dtype=object) for line in good])


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return total.hexdigest()


# --- layout


def test_every_path_follows_the_grammar_of_its_generation(whole: demo.Demo) -> None:
    v1 = re.compile(
        rf"modeldata/{WORKSPACE}/"
        r"(credit-risk-svc/credit_risk/[34]|churn-svc/churn/[78])/"
        rf"(inputs/{DAY}/(inputs|aml_telemetry)\.csv|predictions/{DAY}/predictions\.csv"
        rf"|labels/{DAY}/labels\.csv)"
    )
    v2 = re.compile(
        rf"azureml-blobstore-{UUID}/modelDataCollector/fraud-scoring/(blue|green)/"
        rf"(model_inputs|model_outputs)/{DAY}/[0-2]\d/[0-9a-f]{{32}}\d{{6}}\.jsonl"
    )
    paths = [path for path in whole.folder.rglob("*") if path.is_file()]
    names = [path.relative_to(whole.folder).as_posix() for path in paths]
    strange = [name for name in names if not v1.fullmatch(name) and not v2.fullmatch(name)]
    assert strange == ["driftline-demo.txt"]
    assert len(names) - 1 == whole.files


def test_the_catalog_knows_every_data_file(short: demo.Demo) -> None:
    known = {(d.generation, d.service, d.model, d.version) for d in demo.DEPLOYMENTS[1:]}
    for container in demo.CONTAINERS:
        files = [path for path in (short.folder / container).rglob("*.*") if path.is_file()]
        for path in files:
            name = path.relative_to(short.folder / container).as_posix()
            blob = catalog.parse(name, container, demo.WORKSPACE)
            if path.name == "aml_telemetry.csv":
                assert blob is None
                continue
            assert blob is not None
            of = blob.collection
            assert (of.generation, of.service, of.model, of.version) in known
            assert of.workspace == demo.WORKSPACE
            assert day(-2) <= blob.start.date() <= UNTIL
            assert blob.span == ("hour" if of.generation == "v2" else "day")


def test_every_container_is_a_folder_of_its_own(short: demo.Demo) -> None:
    folders = sorted(path.name for path in short.folder.iterdir() if path.is_dir())
    assert folders == sorted(demo.CONTAINERS)


def test_every_inputs_folder_has_the_companion_file(short: demo.Demo) -> None:
    companions = sorted(short.folder.rglob("aml_telemetry.csv"))
    assert [p.parent for p in companions] == [
        p.parent for p in sorted(short.folder.rglob("inputs.csv"))
    ]
    assert {path.read_bytes() for path in companions} == {
        b"workspaceId, serviceId, modelId, computeName, computeType, computeLocation\n, , , , , \n"
    }


def test_it_is_small_enough_and_says_its_size(whole: demo.Demo) -> None:
    files = [p for name in demo.CONTAINERS for p in (whole.folder / name).rglob("*.*")]
    sizes = [path.stat().st_size for path in files if path.is_file()]
    assert (whole.files, whole.size_bytes) == (len(sizes), sum(sizes))
    assert 20e6 < whole.size_bytes < 60e6
    assert (whole.first, whole.until) == (date(2026, 10, 10), UNTIL)


# --- v1 bytes


def test_v1_files_end_with_the_eight_columns_of_the_collector(short: demo.Demo) -> None:
    header, *rows = v1_cells(v1_file(short, CREDIT_4, "inputs", 0))
    assert header[-8:] == META
    for cells in rows:
        correlation_id, scored_at, boundary, workspace, *version, request_id = cells[-8:]
        assert re.fullmatch(UUID, correlation_id)
        assert re.fullmatch(r"2026-11-23T\d\d:\d\d:\d\d(\.\d{6})?", scored_at)
        assert (boundary, workspace, version) == (
            "1440", WORKSPACE, ["credit-risk-svc", "credit_risk", "4"],
        )  # fmt: skip
        assert re.fullmatch(UUID, request_id)


def test_rows_of_lists_end_with_crlf_and_rows_of_frames_with_lf(short: demo.Demo) -> None:
    lists = v1_file(short, CREDIT_4, "inputs", 0).read_bytes()
    assert lists.count(b"\n") == lists.count(b"\r\n") > 500
    header, frames = v1_file(short, CHURN_7, "inputs", 0).read_bytes().split(b"\r\n")
    assert header.startswith(b"tenure_months,")
    assert frames.count(b"\n") > 100


def test_text_stays_text(short: demo.Demo) -> None:
    credit = v1_frame(short, CREDIT_4, "inputs", 0)
    assert "öst" in set(credit["region"])
    assert credit["postcode"].str.fullmatch(r"\d{5}").all()
    assert credit["postcode"].str.startswith("0").mean() > 0.1
    assert set(credit["is_member"]) == {True, False}
    churn = v1_frame(short, CHURN_8, "inputs", 0)
    assert {'tablet 11"', "phone"} < set(churn["device"])
    assert "bank transfer, automatic" in set(churn["payment_method"])


def test_times_ascend_per_replica_and_not_over_all(short: demo.Demo) -> None:
    asked = demo.requests(CREDIT_4, UNTIL, UNTIL).set_index("correlation_id")["replica"]
    in_file = v1_frame(short, CREDIT_4, "inputs", 0)
    times = pd.Series(pd.to_datetime(in_file[META[1]]).to_numpy())
    replicas = asked.loc[in_file[META[0]]].to_numpy()
    assert not times.is_monotonic_increasing
    assert all(times[replicas == replica].is_monotonic_increasing for replica in (0, 1))


def test_rows_of_frames_are_as_pandas_writes_each_request(short: demo.Demo) -> None:
    _, body = v1_file(short, CHURN_7, "inputs", 0).read_bytes().decode().split("\r\n")
    lines = pd.Series(body.splitlines(keepends=True))
    by_request = lines.groupby(lines.str.extract(f"({UUID})")[0], sort=False).sum()
    for text in by_request:
        frame = pd.read_csv(io.StringIO(text), header=None)
        assert frame.to_csv(index=False, header=False, lineterminator="\n") == text
    assert by_request.str.contains(",[1-5].0,").any()
    assert by_request.str.contains(",[1-5],").any()


@pytest.mark.parametrize("deployment", [CREDIT_4, CHURN_7, CHURN_8], ids=lambda d: d.version)
def test_predictions_belong_to_inputs(short: demo.Demo, deployment: demo.Deployment) -> None:
    asked = v1_frame(short, deployment, "inputs", -2, -1, 0)[META]
    answered = v1_frame(short, deployment, "predictions", -2, -1, 0)[META]
    has_answer = asked[META[0]].isin(answered[META[0]])
    assert asked[has_answer].reset_index(drop=True).equals(answered.reset_index(drop=True))
    assert has_answer.mean() > 0.99


def test_predictions_follow_from_inputs(whole: demo.Demo) -> None:
    ratio = v1_frame(whole, CREDIT_4, "inputs", -13).groupby(META[0])["debt_ratio"].first()
    outputs = v1_frame(whole, CREDIT_4, "predictions", -13).groupby(META[0])[["score", "label"]]
    both = outputs.first().join(ratio)
    assert np.corrcoef(both["debt_ratio"], both["score"])[0, 1] > 0.3
    assert set(both["label"]) == {"good", "bad"}
    assert ((both["score"] > 0.5) == (both["label"] == "bad")).all()


# --- v2 bytes


def test_v2_lines_are_the_events_of_the_collector(short: demo.Demo) -> None:
    lines, bad = v2_lines(short, BLUE, "model_inputs", 0)
    assert (len(bad), len({tuple(json.loads(line)) for line in lines})) == (0, 3)  # orders of keys
    for line in lines:
        event = json.loads(line)
        raw = re.search(r'"data":(\[\{.*\}\]),"', line)
        assert raw
        length = len(raw[1].encode())
        assert event == {
            "specversion": "1.0",
            "id": event["id"],
            "source": "/subscriptions/0a1b2c3d-1111-2222-3333-444455556666/resourceGroups/"
            "contoso-ml-rg/providers/Microsoft.MachineLearningServices/workspaces/contoso-ml/"
            "onlineEndpoints/fraud-scoring/deployments/blue",
            "type": "azureml.inference.model_inputs",
            "datacontenttype": "application/json",
            "time": event["time"],
            "data": event["data"],
            "contentrange": f"bytes 0-{length - 1}/{length}",
            "correlationid": event["xrequestid"],
            "xrequestid": event["xrequestid"],
            "modelversion": "default",
            "collectdatatype": "pandas.core.frame.DataFrame",
            "agent": "azureml-ai-monitoring/1.0.0",
        }
        assert re.fullmatch(UUID, event["id"])
        assert re.fullmatch(r"2026-11-23T\d\d:\d\d:\d\dZ", event["time"])
        assert pd.DataFrame(event["data"]).to_json(orient="records") == raw[1]


def test_v2_lines_lie_in_the_file_of_their_hour(short: demo.Demo) -> None:
    for path in v2_files(short, BLUE, "model_outputs", -2, -1, 0):
        times = [json.loads(line)["time"] for line in path.read_text().splitlines()]
        assert times == sorted(times)
        assert {time[11:13] for time in times} == {path.parent.name}


def test_sometimes_two_instances_share_an_hour(whole: demo.Demo) -> None:
    hours = [path.parent for path in v2_files(whole, BLUE, "model_inputs", *range(-6, 1))]
    files_an_hour = pd.Series(hours).value_counts().value_counts()
    assert set(files_an_hour.index) == {1, 2}
    assert files_an_hour[1] > files_an_hour[2]


@pytest.mark.parametrize("deployment", [BLUE, GREEN], ids=lambda d: d.version)
def test_outputs_belong_to_inputs(short: demo.Demo, deployment: demo.Deployment) -> None:
    asked, answered = (
        {event["correlationid"]: len(event["data"]) for event in map(json.loads, lines)}
        for lines, _ in (
            v2_lines(short, deployment, collection, -1)
            for collection in ("model_inputs", "model_outputs")
        )
    )
    assert answered.items() <= asked.items()
    assert len(answered) > 0.9 * len(asked)


# --- the same every time, and the requests behind it


def test_files_changed_last_when_their_day_or_hour_ended(short: demo.Demo) -> None:
    daily = next((short.folder / "modeldata").rglob("inputs.csv"))
    hourly = next((short.folder / demo.CONTAINERS[1]).rglob("*.jsonl"))
    for path, parts in ((daily, 3), (hourly, 4)):
        begun = datetime(*map(int, path.parts[-1 - parts : -1]), tzinfo=UTC)
        span = timedelta(hours=1) if parts == 4 else timedelta(days=1)
        assert path.stat().st_mtime == (begun + span).timestamp()


def test_two_runs_write_the_same_bytes(short: demo.Demo, tmp_path: Path) -> None:
    assert digest(demo.write(tmp_path, UNTIL, days=3).folder) == digest(short.folder)


def test_fewer_days_are_the_end_of_more_days(short: demo.Demo, whole: demo.Demo) -> None:
    for deployment in (CREDIT_4, CHURN_8):
        for kind in ("inputs", "predictions"):
            of_three, of_all = (v1_file(w, deployment, kind, -2) for w in (short, whole))
            assert of_three.read_bytes() == of_all.read_bytes()


def test_another_day_is_other_data(tmp_path: Path) -> None:
    one = demo.requests(CREDIT_4, day(0), UNTIL)
    assert set(one["request_id"]).isdisjoint(demo.requests(CREDIT_4, day(-1), UNTIL)["request_id"])
    assert set(one["request_id"]).isdisjoint(one["correlation_id"])


@pytest.mark.parametrize("deployment", [CREDIT_4, CHURN_7], ids=lambda d: d.service)
def test_requests_tell_what_v1_files_hold(short: demo.Demo, deployment: demo.Deployment) -> None:
    asked = demo.requests(deployment, day(-1), UNTIL)
    assert asked["time"].dtype == "datetime64[us, UTC]"
    assert asked["time"].is_monotonic_increasing
    in_file = v1_frame(short, deployment, "inputs", -1)
    counted = in_file.groupby(META[0]).agg(rows=(META[1], "size"), time=(META[1], "first"))
    expected = asked.set_index("correlation_id")[["rows", "time"]].sort_index()
    assert counted["rows"].tolist() == expected["rows"].tolist()
    assert counted.index.tolist() == expected.index.tolist()
    assert pd.to_datetime(counted["time"], utc=True).tolist() == expected["time"].tolist()
    answered = set(v1_frame(short, deployment, "predictions", -1)[META[0]])
    assert answered == set(asked.loc[asked["answered"], "correlation_id"])


def test_requests_tell_what_v2_files_hold(short: demo.Demo) -> None:
    asked = demo.requests(GREEN, day(-1), UNTIL)
    assert (asked["correlation_id"] == asked["request_id"]).all()
    lines, _ = v2_lines(short, GREEN, "model_inputs", -1)
    held = {event["xrequestid"]: event["time"] for event in map(json.loads, lines)}
    times = asked["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert held == dict(zip(asked["request_id"], times, strict=True))


def test_request_ids_are_in_the_files_of_an_old_server_only(short: demo.Demo) -> None:
    asked = demo.requests(CREDIT_4, UNTIL, UNTIL)
    assert set(v1_frame(short, CREDIT_4, "inputs", 0)[META[7]]) == set(asked["request_id"])
    zeros = {"00000000-0000-0000-0000-000000000000"}
    assert set(v1_frame(short, CHURN_7, "inputs", 0)[META[7]]) == zeros


def test_days_are_busy_weekends_are_quiet_and_nights_are_still() -> None:
    asked = pd.concat([demo.requests(CREDIT_4, day(k), UNTIL) for k in range(-13, 1)])
    assert asked.groupby(asked["time"].dt.date).size().between(800, 1_400).all()
    churn = pd.concat([demo.requests(CHURN_7, day(k), UNTIL) for k in range(-13, 1)])
    by_weekday = churn.groupby(churn["time"].dt.day_of_week).size()
    assert by_weekday[[5, 6]].max() < 0.7 * by_weekday[:5].min()
    by_hour = asked.groupby(asked["time"].dt.hour).size()
    assert by_hour[3] < 0.4 * by_hour[13]


# --- the stories


def test_every_story_names_a_deployment_and_a_span() -> None:
    known = {(d.service, d.version) for d in demo.DEPLOYMENTS}
    known |= {(d.service, "") for d in demo.DEPLOYMENTS}
    for story in demo.STORIES:
        assert (story.service, story.version) in known
        assert -44 <= story.first_day <= story.last_day <= 0
        assert story.sentence.endswith(".")


def test_a_story_tells_its_dates() -> None:
    income = next(story for story in demo.STORIES if story.kind == "unit change")
    assert income.dates(UNTIL) == (date(2026, 11, 12), UNTIL)
    assert [income.covers(offset) for offset in (-12, -11, 0, 1)] == [False, True, True, False]


def test_a_short_demo_tells_only_what_is_in_it(short: demo.Demo, whole: demo.Demo) -> None:
    assert whole.stories == demo.STORIES
    assert {story.kind for story in short.stories}.isdisjoint({"silence", "failures"})
    note = (short.folder / "driftline-demo.txt").read_text()
    assert note.endswith(short.told())
    assert short.told().count("\n") == len(short.stories)


def test_version_4_takes_over_from_version_3(whole: demo.Demo) -> None:
    days = range(-44, 1)
    three, four = (
        [k for k in days if v1_file(whole, version, "inputs", k).exists()]
        for version in (CREDIT_3, CREDIT_4)
    )
    assert (three, four) == ([*range(-44, -24)], [*range(-27, 1)])
    last = v1_frame(whole, CREDIT_3, "inputs", -25)[META[1]].max()
    assert last < "2026-10-29T12:00:00"


def test_income_turns_into_cents_and_the_scores_fall(whole: demo.Demo) -> None:
    before, after = ([*range(-14, -11)], [*range(-11, -8)])
    incomes = [v1_frame(whole, CREDIT_4, "inputs", *k)["income"].median() for k in (before, after)]
    assert 95 < incomes[1] / incomes[0] < 105
    scores = [v1_frame(whole, CREDIT_4, "predictions", *k) for k in ([-14, -13, -12], after)]
    assert scores[0]["score"].median() > 3 * scores[1]["score"].median()
    assert (scores[0]["label"] == "bad").mean() > 0.2
    assert (scores[1]["label"] == "bad").mean() < 0.01


def test_a_redeploy_makes_the_rows_wider_than_their_header(whole: demo.Demo) -> None:
    header, *rows = v1_cells(v1_file(whole, CREDIT_4, "inputs", -20))
    assert (len(header), "months_at_address" in header) == (21, False)
    wide = [len(cells) == len(header) + 1 for cells in rows]
    late = [cells[-7][11:16] >= "14:00" for cells in rows]
    assert wide == late
    assert 0.3 < np.mean(wide) < 0.7
    next_day = v1_cells(v1_file(whole, CREDIT_4, "inputs", -19))
    assert next_day[0][13] == "months_at_address"
    assert {len(cells) for cells in next_day} == {22}


def test_one_day_has_a_narrow_header_over_its_predictions(whole: demo.Demo) -> None:
    widths = {
        offset: [len(cells) for cells in v1_cells(v1_file(whole, CREDIT_4, "predictions", offset))]
        for offset in range(-27, 1)
    }
    assert [offset for offset, of_day in widths.items() if of_day[0] == 2] == [-15]
    assert {width for of_day in widths.values() for width in of_day[1:]} == {10}


def test_satisfaction_fades_over_three_weeks(whole: demo.Demo) -> None:
    def missing(*offsets: int) -> float:
        frames = [v1_frame(whole, version, "inputs", *offsets) for version in (CHURN_7, CHURN_8)]
        return float(pd.concat(frames)["satisfaction"].isna().mean())

    assert missing(*range(-44, -20)) == pytest.approx(0.02, abs=0.005)
    rates = [missing(*range(first, first + 5)) for first in (-15, -10, -5)]
    assert rates == sorted(rates)
    assert missing(0) == pytest.approx(0.35, abs=0.01)


@pytest.mark.parametrize("kind", ["inputs", "predictions", "labels"])
@pytest.mark.parametrize("deployment", [CHURN_7, CHURN_8], ids=lambda d: d.version)
def test_churn_is_silent_for_two_days(
    whole: demo.Demo, deployment: demo.Deployment, kind: str
) -> None:
    silent = [k for k in range(-44, 1) if not v1_file(whole, deployment, kind, k).parent.exists()]
    assert silent == [-17, -16]


def test_labels_are_late_and_filed_under_the_day_of_the_prediction(whole: demo.Demo) -> None:
    def share(offset: int) -> float:
        labels = v1_frame(whole, CHURN_7, "labels", offset)
        assert labels.columns.tolist() == [*META[:2], "churned"]
        assert labels[META[1]].astype(str).str.startswith(f"{day(offset)}").all()
        predictions = v1_frame(whole, CHURN_7, "predictions", offset)
        assert set(labels[META[0]]) <= set(predictions[META[0]])
        return len(labels) / len(predictions)

    assert v1_file(whole, CHURN_7, "labels", 0).read_bytes() == (
        b"$aml_dc_correlation_id,$aml_dc_scoring_timestamp,churned\r\n"
    )
    assert share(-1) < 0.3 < share(-4) < 0.75 < share(-7)
    assert share(-30) == pytest.approx(11 / 12, abs=0.06)


def test_labels_come_more_often_where_churn_was_likely(whole: demo.Demo) -> None:
    days = range(-40, -30)
    labels = v1_frame(whole, CHURN_7, "labels", *days).groupby(META[0])["churned"].first()
    predictions = v1_frame(whole, CHURN_7, "predictions", *days).groupby(META[0])
    both = predictions["churn_probability"].first().to_frame().join(labels, how="inner")
    likely = both["churn_probability"] > 0.5
    assert both.loc[likely, "churned"].mean() > 2 * both.loc[~likely, "churned"].mean()


def test_a_voice_is_heard_from_nine_days_ago(whole: demo.Demo) -> None:
    def voice(*offsets: int) -> float:
        return float((v2_frame(whole, BLUE, "model_inputs", *offsets)["channel"] == "voice").mean())

    assert voice(*range(-44, -9)) == 0
    assert 0 < voice(-9, -8, -7) < voice(-2, -1, 0)
    assert voice(0) == pytest.approx(0.12, abs=0.01)


def test_green_goes_live_and_takes_three_in_ten(whole: demo.Demo) -> None:
    live = [k for k in range(-44, 1) if v2_files(whole, GREEN, "model_inputs", k)]
    assert live == [*range(-6, 1)]
    assert min(path.parent.name for path in v2_files(whole, GREEN, "model_inputs", -6)) >= "09"
    blue, green = (
        sum(len(demo.requests(version, day(k), UNTIL)) for k in range(-5, 1))
        for version in (BLUE, GREEN)
    )
    assert green / (blue + green) == pytest.approx(0.3, abs=0.04)


def test_green_sends_text_for_amounts_and_sees_fraud_everywhere(whole: demo.Demo) -> None:
    days = range(-6, 1)
    blue, green = (v2_frame(whole, v, "model_inputs", *days)["amount"] for v in (BLUE, GREEN))
    is_text = green.map(lambda value: isinstance(value, str))
    assert is_text.mean() == pytest.approx(1 / 3, abs=0.02)
    assert green[is_text].str.fullmatch(r"[€$£][\d,]+\.\d\d|[\d,]+\.\d\d kr").all()
    assert blue.map(lambda value: isinstance(value, float)).all()
    medians = [
        v2_frame(whole, version, "model_outputs", *days)["fraud_probability"].astype(float).median()
        for version in (BLUE, GREEN)
    ]
    assert medians[1] > 0.2 > 4 * medians[0]


def test_green_fails_for_six_hours_of_one_day() -> None:
    asked = pd.concat([demo.requests(GREEN, day(k), UNTIL) for k in range(-6, 1)])
    bad_day = asked["time"].dt.date == day(-4)
    burst = bad_day & asked["time"].dt.hour.between(9, 14)
    assert (~asked["answered"][burst]).mean() == pytest.approx(0.4, abs=0.2)
    assert (~asked["answered"][~burst]).mean() < 0.05


def test_green_tears_three_lines(whole: demo.Demo) -> None:
    for offset in range(-6, 1):
        _, bad = v2_lines(whole, GREEN, "model_inputs", offset)
        assert len(bad) == (3 if offset == -4 else 0)
    last = v2_files(whole, GREEN, "model_inputs", -4)[-1].read_bytes()
    assert not last.endswith(b"\n")
    _, bad = v2_lines(whole, BLUE, "model_inputs", *range(-44, 1))
    assert bad == []


def moved(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    """The features whose mean, missing share or share of a value is plainly another one."""
    names = set()
    for name in before.columns.difference([*META, "memo", "recent_amounts"]):
        old, new = before[name].infer_objects(), after[name].infer_objects()
        change = abs(new.isna().mean() - old.isna().mean())
        if pd.api.types.is_numeric_dtype(old) and not pd.api.types.is_bool_dtype(old):
            change = max(change, abs(new.mean() - old.mean()) / old.std() / 3)
        elif old.nunique() < 20:
            shares = [side.value_counts(normalize=True) for side in (old, new)]
            change = max(change, shares[1].sub(shares[0], fill_value=0).abs().max())
        if change > 0.06:
            names.add(name)
    return names


@pytest.mark.parametrize(
    ("deployment", "kind", "planted"),
    [
        (CREDIT_4, "inputs", {"income"}),
        (CREDIT_4, "predictions", {"score", "label"}),
        (CHURN_7, "inputs", {"satisfaction"}),
        (CHURN_7, "predictions", set()),
        (CHURN_8, "inputs", {"satisfaction"}),
        (CHURN_8, "predictions", set()),
        (BLUE, "model_inputs", {"channel"}),
        (BLUE, "model_outputs", set()),
    ],
)
def test_only_what_was_planted_moves_in_the_last_week(
    whole: demo.Demo, deployment: demo.Deployment, kind: str, planted: set[str]
) -> None:
    frame = v2_frame if deployment.generation == "v2" else v1_frame
    # Version 4 of credit-risk-svc has a week of even rows between two of its stories.
    before = range(-19, -15) if deployment == CREDIT_4 else range(-44, -23)
    after = range(-6, 1)
    frames = [frame(whole, deployment, kind, *days) for days in (before, after)]
    assert moved(*frames) == planted


# --- writing and the command


def test_a_demo_is_replaced_by_the_next(tmp_path: Path) -> None:
    demo.write(tmp_path, day(-5), days=1)
    written = demo.write(tmp_path, UNTIL, days=1)
    dates = {match[0] for p in tmp_path.rglob("*") if (match := re.search(DAY, p.as_posix()))}
    assert dates == {"2026/11/23"}
    assert written.files == sum(1 for p in tmp_path.rglob("*.*") if p.suffix in {".csv", ".jsonl"})


def test_data_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "modeldata").mkdir()
    (tmp_path / "modeldata" / "mine.csv").write_text("a\n")
    with pytest.raises(DriftlineError, match="not written by the demo"):
        demo.write(tmp_path, UNTIL, days=1)
    assert [path.name for path in tmp_path.rglob("*.*")] == ["mine.csv"]


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DriftlineError, match="could not be written"):
        demo.write(tmp_path / "file", UNTIL, days=1)


def test_a_demo_has_at_least_one_day(tmp_path: Path) -> None:
    with pytest.raises(DriftlineError, match="one day or more"):
        demo.write(tmp_path, UNTIL, days=0)


def test_the_command_says_where_how_much_and_what(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lib.demo", str(tmp_path / "d"), "--days", "2"]
    done = subprocess.run(
        [*command, "--until", "2026-11-23"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    first, _, planted, *stories = done.stdout.splitlines()
    assert first.startswith(f"{tmp_path / 'd'}: ")
    assert first.endswith("2026-11-22 to 2026-11-23")
    assert planted == "Planted:"
    assert any("income (unit change)" in line for line in stories)
    assert (tmp_path / "d" / "modeldata").is_dir()


@pytest.mark.parametrize("hour", [0, 1, 12, 23])
def test_nothing_is_later_than_the_moment_at_which_the_demo_ends(tmp_path: Path, hour: int) -> None:
    ends = datetime(UNTIL.year, UNTIL.month, UNTIL.day, hour, 40, tzinfo=UTC)
    demo.write(tmp_path / "demo", UNTIL, days=2, telemetry=True, ends=ends)
    found = list((tmp_path / "demo").rglob("*.csv")) + list((tmp_path / "demo").rglob("*.json*"))
    pattern = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d")
    rows = {
        kind: max(
            moment
            for path in found
            if (path.suffix == ".json") == kind
            for moment in pattern.findall(path.read_text("utf-8"))
        )
        for kind in (False, True)
    }
    for newest in rows.values():
        behind = ends - datetime.fromisoformat(newest).replace(tzinfo=UTC)
        assert timedelta() <= behind < timedelta(minutes=15)


def test_a_demo_that_ends_today_ends_now(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    whole = demo.write(tmp_path / "a", before.date(), days=2)
    all_day = demo.write(tmp_path / "b", before.date(), days=2, ends=before + timedelta(days=1))
    assert whole.rows <= all_day.rows
    newest = max(
        moment
        for path in (tmp_path / "a").rglob("*.csv")
        for moment in re.findall(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d", path.read_text("utf-8"))
    )
    assert newest <= f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
