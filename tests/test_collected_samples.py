"""Every recorded file, read; what is expected was written down by hand from its text."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import collected, errors
from lib.collected import Collected

SAMPLES = Path(__file__).parent / "samples"
SUBSCRIPTION = "0a1b2c3d-1111-2222-3333-444455556666"
V1 = f"v1/modeldata/{SUBSCRIPTION}/contoso-ml-rg"
V2 = f"v2/azureml-blobstore-{SUBSCRIPTION}/modelDataCollector"
TELEMETRY = [
    "workspaceId",
    " serviceId",
    " modelId",
    " computeName",
    " computeType",
    " computeLocation",
]

# path → rows, features, problems (kind → count)
EXPECTED: dict[str, tuple[int, str, dict[str, int]]] = {
    f"{V1}/contoso-mma/irisapp/7f3e-model.pkl-2/df_raw/2018/04/20/data.csv": (2, "a b", {}),
    f"{V1}/contoso-mma/irisapp/7f3e-model.pkl-2/inputs/2018/04/20/data.csv": (
        6,
        "sepal_length sepal_width species",
        {},
    ),
    f"{V1}/contoso-mma/irisapp/7f3e-model.pkl-2/prediction/2018/04/20/data.csv": (4, "p", {}),
    f"{V1}/contoso-ws/aks-w-collv9/best_model/10/RawInput/2018/12/31/data.csv": (2, "txt n", {}),
    f"{V1}/contoso-ws/aks-w-collv9/best_model/10/inputs/2018/12/31/data.csv": (
        5,
        "feat1 feat2",
        {},
    ),
    f"{V1}/contoso-ws/aks-w-collv9/best_model/10/predictions/2018/12/31/data.csv": (
        5,
        "prediction1",
        {},
    ),
    **{
        f"{V1}/contoso-ws/credit-svc/credit_risk/3/inputs/2026/03/{day}/inputs.csv": (
            12,
            "age income region is_member",
            {},
        )
        for day in ("01", "02", "03")
    },
    **{
        f"{V1}/contoso-ws/credit-svc/credit_risk/3/predictions/2026/03/{day}/predictions.csv": (
            11,
            "score label",
            {},
        )
        for day in ("01", "02", "03")
    },
    f"{V1}/contoso-ws/hdr-svc/hdr_change/1/inputs/2026/03/05/inputs.csv": (
        4,
        "f1 f2 col_0 col_1 col_2",
        {"other_width": 2},
    ),
    f"{V1}/contoso-ws/hour-svc/hourly/1/inputs/2026/03/05/23/inputs.csv": (1, "x", {}),
    f"{V1}/contoso-ws/hour-svc/hourly/1/predictions/2026/03/05/23/predictions.csv": (1, "y", {}),
    f"{V1}/contoso-ws/kill-svc/killed_term/1/inputs/2026/03/09/inputs.csv": (20, "k", {}),
    f"{V1}/contoso-ws/late-svc/late_header/1/inputs/2026/03/06/inputs.csv": (2, "f1", {}),
    f"{V1}/contoso-ws/late-svc/late_header/1/predictions/2026/03/06/predictions.csv": (
        2,
        "score",
        {},
    ),
    f"{V1}/contoso-ws/misc-svc/misc/1/general/2026/03/05/default.csv": (1, "a b", {}),
    f"{V1}/contoso-ws/misc-svc/misc/1/general/2026/03/05/mytable.csv": (1, "a b", {}),
    f"{V1}/contoso-ws/misc-svc/misc/1/labels/2026/03/01/labels.csv": (1, "truth", {}),
    f"{V1}/contoso-ws/misc-svc/misc/1/labels/2026/03/02/labels.csv": (1, "truth", {}),
    f"{V1}/contoso-ws/misc-svc/misc/1/labels/2026/03/05/labels.csv": (0, "truth", {"no_rows": 1}),
    f"{V1}/contoso-ws/misc-svc/misc/1/signals/2026/03/05/feedback.csv": (1, "a b", {}),
    f"{V1}/contoso-ws/noheader-svc/noheader_model/1/inputs/2026/03/05/inputs.csv": (
        5,
        "col_0 col_1 col_2",
        {"no_header": 5},
    ),
    f"{V1}/contoso-ws/noheader-svc/noheader_model/1/predictions/2026/03/05/predictions.csv": (
        3,
        "col_0 col_1 col_2",
        {"no_header": 3, "other_width": 1},
    ),
    f"{V1}/contoso-ws/odd-svc/odd_values/1/inputs/2026/03/05/inputs.csv": (
        7,
        "text num flag nested",
        {"rounded": 1},
    ),
    f"{V1}/contoso-ws/roll-svc/roll_list/1/inputs/2026/03/06/inputs.csv": (7, "f1 f2", {}),
    f"{V1}/contoso-ws/roll-svc/roll_list/1/inputs/2026/03/07/inputs.csv": (5, "f1 f2", {}),
    f"{V1}/contoso-ws/roll-svc/roll_list/1/predictions/2026/03/06/predictions.csv": (7, "y", {}),
    f"{V1}/contoso-ws/roll-svc/roll_list/1/predictions/2026/03/07/predictions.csv": (5, "y", {}),
    f"{V1}/contoso-ws/roll-svc/roll_pandas/1/inputs/2026/03/06/inputs.csv": (7, "a b", {}),
    f"{V1}/contoso-ws/roll-svc/roll_pandas/1/inputs/2026/03/07/inputs.csv": (5, "a b", {}),
    f"{V1}/contoso-ws/roll-svc/roll_plain/1/predictions/2026/03/06/predictions.csv": (7, "y", {}),
    f"{V1}/contoso-ws/roll-svc/roll_plain/1/predictions/2026/03/07/predictions.csv": (5, "y", {}),
    f"{V2}/credit-default/blue/model_inputs/2026/03/05/22/"
    "4fda2efaa7364394a89c37989af9db93000000.jsonl": (6, "LIMIT_BAL AGE region is_new ratio", {}),
    f"{V2}/credit-default/blue/model_inputs/2026/03/05/23/"
    "4fda2efaa7364394a89c37989af9db93000000.jsonl": (26, "LIMIT_BAL AGE region is_new ratio", {}),
    f"{V2}/credit-default/blue/model_inputs/2026/03/06/00/"
    "4fda2efaa7364394a89c37989af9db93000000.jsonl": (
        9,
        "text num big flag when cat nested slash $dollar.dot tiny td 0 1 a ('a',·'x') ('a',·'y')",
        {"no_rows": 1, "large_integers": 1, "mixed_types": 1},
    ),
    f"{V2}/credit-default/blue/model_inputs_outputs/2026/03/06/01/"
    "ef484bd292bc4cd4ad462efc33ddbbbe000000.jsonl": (2, "LIMIT_BAL AGE DEFAULT_NEXT_MONTH", {}),
    f"{V2}/credit-default/blue/model_outputs/2026/03/05/22/"
    "4fda2efaa7364394a89c37989af9db93000000.jsonl": (6, "DEFAULT_NEXT_MONTH prob", {}),
    f"{V2}/credit-default/blue/model_outputs/2026/03/05/23/"
    "4fda2efaa7364394a89c37989af9db93000000.jsonl": (25, "DEFAULT_NEXT_MONTH prob", {}),
    f"{V2}/credit-default/blue/model_outputs/2026/03/06/00/"
    "4fda2efaa7364394a89c37989af9db93000000.jsonl": (4, "p", {}),
    f"{V2}/credit-default/blue/model_outputs/2026/03/06/01/"
    "ef484bd292bc4cd4ad462efc33ddbbbe000000.jsonl": (4, "0 corr_id", {}),
    f"{V2}/credit-default/green-day/model_inputs/2026/03/06/"
    "0f1e2d3c4b5a69788796a5b4c3d2e1f0000000.jsonl": (
        7,
        "LIMIT_BAL AGE NEW_COL corr_id",
        {"mixed_types": 1},
    ),
    f"{V2}/credit-default/green-day/model_inputs_outputs/2026/03/06/"
    "0f1e2d3c4b5a69788796a5b4c3d2e1f0000000.jsonl": (2, "LIMIT_BAL AGE DEFAULT_NEXT_MONTH", {}),
    f"{V2}/credit-default/green-day/model_outputs/2026/03/06/"
    "0f1e2d3c4b5a69788796a5b4c3d2e1f0000000.jsonl": (4, "0 corr_id", {}),
    f"{V2}/dataref-ep/blue/model_inputs/2026/03/05/09/"
    "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf000000.jsonl": (3, "f1 f2", {}),
    f"{V2}/payload-ep/blue/request/2026/03/05/08/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf000000.jsonl": (
        4,
        "col_0 col_1 col_2 a b payload",
        {"no_header": 2, "payload": 1, "not_readable": 1},
    ),
    f"{V2}/payload-ep/blue/response/2026/03/05/08/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf000000.jsonl": (
        4,
        "col_0 predictions error",
        {"no_header": 2},
    ),
    f"{V2}/torn-ep/blue/model_inputs/2026/03/05/10/c0c1c2c3c4c5c6c7c8c9cacbcccdcecf000000.jsonl": (
        1,
        "f1",
        {"torn_line": 1},
    ),
    f"{V2}/torn-ep/blue/model_inputs/2026/03/05/10/c0c1c2c3c4c5c6c7c8c9cacbcccdcecf000001.jsonl": (
        0,
        "",
        {"no_rows": 1},
    ),
}

# Blobs beside the collected files, which events refer to.
BESIDE = {
    f"{V2}/dataref-ep/blue/model_inputs/2026/03/05/09/f2b524a7-3272-45df-a530-c945004de305.json",
    f"{V2}/payload-ep/blue/request/2026/03/05/08/ba993308-f630-4fe2-833f-481b2e4d169a",
}


def read(path: str) -> Collected:
    container, name = "/".join(path.split("/")[:2]), "/".join(path.split("/")[2:])

    def fetch(blob: str) -> bytes:
        if not (SAMPLES / container / blob).is_file():
            raise errors.NotFound(f"There is no blob {blob}.", "Look for it.")
        return (SAMPLES / container / blob).read_bytes()

    return collected.read((SAMPLES / path).read_bytes(), name, fetch)


def frame(path: str) -> pd.DataFrame:
    return read(path).frame


def all_samples() -> set[str]:
    files = (path for path in SAMPLES.glob("v*/**/*") if path.is_file())
    return {path.relative_to(SAMPLES).as_posix() for path in files}


def test_no_sample_is_left_out() -> None:
    telemetry = {path for path in all_samples() if path.endswith("/aml_telemetry.csv")}
    assert all_samples() == set(EXPECTED) | BESIDE | telemetry


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.split(SUBSCRIPTION)[1])
def test_a_sample_gives_the_rows_features_and_problems_that_its_text_shows(path: str) -> None:
    rows, features, problems = EXPECTED[path]
    result = read(path)
    assert result.rows_read == len(result.frame) == rows
    assert [name.replace(" ", "·") for name in result.features] == features.split()
    assert dict(zip(result.problems["kind"], result.problems["count"], strict=True)) == problems
    assert list(result.frame.columns[-4:]) == list(collected.META)


def test_the_companion_file_reads_as_the_plain_table_it_is() -> None:
    for path in all_samples():
        if path.endswith("/aml_telemetry.csv"):
            result = read(path)
            assert (result.features, result.rows_read) == (TELEMETRY, 1)


@pytest.mark.parametrize("path", sorted(BESIDE))
def test_a_blob_that_is_no_collected_file_raises_nothing(path: str) -> None:
    assert set(read(path).problems["kind"]) & {"not_an_event", "invalid_utf8"}


def test_types_of_a_normal_day() -> None:
    day = frame(f"{V1}/contoso-ws/credit-svc/credit_risk/3/inputs/2026/03/01/inputs.csv")
    assert day.dtypes.astype(str).to_dict() == {
        "age": "int64",
        "income": "float64",
        "region": "str",
        "is_member": "bool",
        "correlation_id": "str",
        "position": "int64",
        "scored_at": "datetime64[us, UTC]",
        "request_id": "str",
    }
    first = day.iloc[0]
    assert (first["age"], first["income"], first["region"]) == (47, 33216.73, "öst")
    assert first["is_member"]
    assert first["correlation_id"] == "d116e753-ee5e-491d-845d-a79ee53c2096"
    assert first["scored_at"] == dt.datetime(2026, 3, 1, 10, 0, 5, 424614, tzinfo=dt.UTC)
    assert day["request_id"].isna().all()
    assert set(day["region"]) == {"öst", "south", "north", "東"}


def test_predictions_join_their_inputs_by_correlation_id_and_position() -> None:
    folder = f"{V1}/contoso-ws/credit-svc/credit_risk/3"
    inputs = frame(f"{folder}/inputs/2026/03/02/inputs.csv")
    predictions = frame(f"{folder}/predictions/2026/03/02/predictions.csv")
    both = inputs.merge(predictions, on=["correlation_id", "position"], how="left")
    assert len(both) == 12
    assert np.flatnonzero(both["score"].isna()).tolist() == [5]


def test_leading_metadata_of_the_first_generations() -> None:
    folder = f"{V1}/contoso-mma/irisapp/7f3e-model.pkl-2"
    inputs = frame(f"{folder}/inputs/2018/04/20/data.csv")
    assert inputs["sepal_length"].tolist() == [5.1, 6.1, 7.1, 8.1, 1.0, 4.0]
    assert inputs["species"].tolist()[:2] == ["a,b", 'setosa "x"']
    assert inputs["species"].tolist()[4:] == ["3.0", "6.0"]
    assert inputs["correlation_id"].tolist()[:4] == ["loan-0", "loan-1", "loan-2", "loan-3"]
    assert inputs["correlation_id"].isna().tolist() == [False] * 4 + [True] * 2
    assert inputs["scored_at"][5] == pd.Timestamp("2018-04-20T10:00:02.122821Z")
    raw = frame(f"{V1}/contoso-ws/aks-w-collv9/best_model/10/RawInput/2018/12/31/data.csv")
    assert raw["txt"].tolist() == ["a,b", 'c"d\ne']
    assert raw["n"].isna().tolist() == [False, True]
    assert raw["position"].tolist() == [0, 0]


def test_odd_values_keep_their_text_where_the_column_is_no_number() -> None:
    odd = frame(f"{V1}/contoso-ws/odd-svc/odd_values/1/inputs/2026/03/05/inputs.csv")
    assert odd["text"].tolist() == [
        "plain",
        'says "hi", then\nnew line',
        "crlf\r\nhere; semi",
        "naïve café ☃ 😀",
        "$aml_dc_correlation_id",
        "=cmd|calc",
        "x",
    ]
    assert odd["num"].dtype == "float64"
    assert odd["num"].isna().tolist() == [False, True, False, False, False, False, False]
    assert odd["num"].tolist()[2:] == [np.inf, -np.inf, 1e-20, 1e30, 1.0]
    assert odd["flag"].fillna("").tolist() == ["True", "False", "", "", "True", "7", "True"]
    assert odd["nested"].tolist() == [
        "[1, 2, 3]",
        "{'a': 1}",
        r"b'\x00\xff'",
        "[1. 2.]",
        "0.1",
        "2024-01-02 03:04:05",
        "t",
    ]
    assert odd["correlation_id"][6] == "loan-4711-72343791-f809-4700-9a7c-ddcaa7758ec5"


def test_rows_of_a_wider_model_under_an_old_header_have_columns_of_their_own() -> None:
    result = read(f"{V1}/contoso-ws/hdr-svc/hdr_change/1/inputs/2026/03/05/inputs.csv")
    wider = result.frame[["col_0", "col_1", "col_2"]].fillna(-1).to_numpy().tolist()
    assert wider == [[-1, -1, -1], [-1, -1, -1], [1, 2, 30], [3, 4, 40]]
    assert result.frame[["f1", "f2"]].fillna(-1).to_numpy().tolist()[:2] == [[1, 2], [3, 4]]
    assert result.frame["correlation_id"].str[:8].tolist() == [
        "f849ac0a",
        "ba46cb87",
        "f926013c",
        "ea6442ad",
    ]
    problem = result.problems.iloc[0]
    assert problem["first_line"] == 4
    assert problem["sample"].startswith("1,2,30,f926013c-")
    assert "(11 cells: 2 rows; header: 10 cells)" in problem["message"]


def test_without_a_header_the_first_line_is_data() -> None:
    inputs = frame(f"{V1}/contoso-ws/noheader-svc/noheader_model/1/inputs/2026/03/05/inputs.csv")
    assert inputs["col_0"].tolist() == [5.1, 4.9, 4.7, 5.1, 5.1]
    assert inputs["col_1"].isna().tolist() == [False, True, False, False, False]
    assert inputs["col_2"][2] == np.inf
    assert inputs["position"].tolist() == [0, 1, 2, 0, 0]
    path = f"{V1}/contoso-ws/noheader-svc/noheader_model/1/predictions/2026/03/05/predictions.csv"
    predictions = read(path)
    assert predictions.frame["col_0"].tolist() == [0, 0, 2]
    assert predictions.frame["col_2"].fillna(-1).tolist() == [1, -1, -1]
    assert predictions.problems["sample"].tolist() == ["0,1,1", "0,1,1"]


def test_labels_take_metadata_from_the_columns_their_writer_named() -> None:
    labels = [
        frame(f"{V1}/contoso-ws/misc-svc/misc/1/labels/2026/03/{day}/labels.csv")
        for day in ("01", "02", "05")
    ]
    assert labels[0]["correlation_id"].tolist() == ["id-1"]
    assert labels[0]["scored_at"][0] == pd.Timestamp("2026-03-01T10:00:00.5Z")
    assert labels[1]["scored_at"][0] == pd.Timestamp("2026-03-02T23:59:59Z")
    assert labels[1]["truth"].tolist() == ["no"]
    assert labels[2].empty


def test_values_of_json_keep_the_types_they_were_sent_with() -> None:
    odd = frame(
        f"{V2}/credit-default/blue/model_inputs/2026/03/06/00/"
        "4fda2efaa7364394a89c37989af9db93000000.jsonl"
    )
    assert odd["text"].tolist()[:3] == ["plain", 'says "hi",\nnew line\u2028sep', "naïve ☃ 😀"]
    assert odd["big"].tolist()[:4] == ["9007199254740993", "1", "2", "3"]
    assert odd["flag"].tolist()[:4] == ["True", "False", "True", "False"]
    assert odd["when"].tolist()[:2] == [1704164645678, 1704240000000]
    assert odd["nested"].tolist()[:2] == ["[1, 2]", '{"a": 1}']
    assert odd["slash"].tolist()[:3] == ["a/b", "https://x/y", ""]
    assert odd["tiny"].tolist()[:3] == [0.0, 0.3, 1e300]
    assert odd["0"].dropna().tolist() == [1, 3]
    assert odd["position"].tolist() == [0, 1, 2, 3, 0, 1, 0, 1, 0]
    assert odd["correlation_id"].tolist()[:4] == ["loan-4711"] * 4


def test_a_number_that_was_text_once_is_reported_with_its_column() -> None:
    result = read(
        f"{V2}/credit-default/green-day/model_inputs/2026/03/06/"
        "0f1e2d3c4b5a69788796a5b4c3d2e1f0000000.jsonl"
    )
    assert result.frame["LIMIT_BAL"].tolist()[:6] == ["1000", "2000", "10k", "5000.5", "1", "2"]
    assert result.frame["AGE"].fillna("").tolist() == ["50", "51", "fifty", "", "30", "31", "2"]
    assert result.frame["correlation_id"].tolist()[:2] == ["dup-id", "dup-id"]
    problem = result.problems.iloc[0]
    assert "AGE (text in 1 of 6 rows, otherwise number)" in problem["message"]
    assert problem["first_line"] == 3


def test_data_kept_in_a_blob_of_their_own_are_fetched() -> None:
    path = (
        f"{V2}/dataref-ep/blue/model_inputs/2026/03/05/09/"
        "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf000000.jsonl"
    )
    result = frame(path)
    assert result["f1"].tolist() == [1, 2, 3]
    assert result["f2"].tolist() == ["x", "big", "big2"]
    assert result["position"].tolist() == [0, 0, 1]
    unfetched = collected.read((SAMPLES / path).read_bytes(), "/".join(path.split("/")[2:]))
    assert unfetched.rows_read == 1
    assert unfetched.problems["kind"].tolist() == ["not_readable"]


def test_logged_payloads_become_rows_where_they_are_tables() -> None:
    requests = frame(
        f"{V2}/payload-ep/blue/request/2026/03/05/08/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf000000.jsonl"
    )
    assert requests[["col_0", "col_1", "col_2"]][:2].to_numpy().tolist() == [[1, 2, 3], [4, 5, 6]]
    assert requests.loc[2, ["a", "b"]].tolist() == [1, "x"]
    assert requests["payload"][3] == "plain text body"
    responses = frame(
        f"{V2}/payload-ep/blue/response/2026/03/05/08/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf000000.jsonl"
    )
    assert responses["col_0"].tolist()[:2] == [11055.97, 4503.07]
    assert responses["predictions"][2] == "a"
    assert responses["error"][3] == "bad"
