"""JSON lines: envelopes in any order, payloads of any form, lines that are broken."""

import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import collected, errors
from lib.collected import KINDS, Collected, payload, references

NAME = "modelDataCollector/ep/blue/model_inputs/2026/03/05/22/0f000000.jsonl"
FOLDER = "modelDataCollector/ep/blue/model_inputs/"
ACCOUNT = "https://contoso.blob.core.windows.net"


def event(data: Any, **others: Any) -> dict[str, Any]:
    envelope = {
        "specversion": "1.0",
        "type": "azureml.inference.model_inputs",
        "time": "2026-03-05T22:50:00Z",
        "data": data,
        "correlationid": "c1",
        "xrequestid": "r1",
    }
    return {key: value for key, value in {**envelope, **others}.items() if value is not ...}


def read(*events: Any, fetch: Any = None, end: str = "\n") -> Collected:
    lines = [line if isinstance(line, str) else json.dumps(line) for line in events]
    return collected.read(("\n".join(lines) + end).encode(errors="surrogatepass"), NAME, fetch)


def kinds(result: Collected) -> dict[str, int]:
    return dict(zip(result.problems["kind"], result.problems["count"], strict=True))


def problem(result: Collected, kind: str) -> pd.Series:
    return result.problems.set_index("kind").loc[kind]


def cells(result: Collected, *names: str) -> list[list[object]]:
    """The values of some columns by row, None where missing."""
    values = result.frame[list(names) or result.features].astype(object)
    return values.where(values.notna(), None).to_numpy().tolist()


def test_rows_of_an_event_share_its_envelope() -> None:
    result = read(
        event([{"a": 1, "b": "x"}, {"a": 2, "b": None}], correlationid="c1"),
        event([{"b": "z", "a": 3}], correlationid="c2", time="2026-03-05T23:00:00Z"),
    )
    assert cells(result) == [[1, "x"], [2, None], [3, "z"]]
    assert cells(result, "correlation_id", "position", "request_id") == [
        ["c1", 0, "r1"],
        ["c1", 1, "r1"],
        ["c2", 0, "r1"],
    ]
    assert result.frame["scored_at"].dt.hour.tolist() == [22, 22, 23]
    assert kinds(result) == {}


def test_the_order_of_keys_in_the_envelope_does_not_matter() -> None:
    one = event([{"a": 1}])
    turned = dict(reversed(one.items()))
    assert cells(read(turned)) == cells(read(one)) == [[1]]


def test_rows_with_other_columns_leave_the_rest_missing() -> None:
    result = read(event([{"a": 1}]), event([{"b": True}, {"a": 2, "b": False}]), event([{}]))
    assert cells(result) == [[1, None], [None, "True"], [2, "False"], [None, None]]


def test_a_line_separator_inside_text_does_not_end_a_line() -> None:
    result = read(json.dumps(event([{"a": "x\u2028y\u0085z"}]), ensure_ascii=False))
    assert cells(result) == [["x\u2028y\u0085z"]]


def test_the_same_correlation_id_twice_is_two_events() -> None:
    result = read(event([{"a": 1}], id="1"), event([{"a": 2}], id="2"))
    assert cells(result, "a", "correlation_id", "position") == [[1, "c1", 0], [2, "c1", 0]]
    assert kinds(result) == {}


def test_the_same_event_id_twice_is_kept_and_reported() -> None:
    result = read(event([{"a": 1}], id="1"), event([{"a": 1}], id="1"))
    assert result.rows_read == 2
    assert kinds(result) == {"repeated_event": 1}
    assert problem(result, "repeated_event")["first_line"] == 2


def test_an_event_without_rows_is_told() -> None:
    result = read(event([{"a": 1}]), event([]), event(None))
    assert result.rows_read == 1
    assert kinds(result) == {"no_rows": 2}
    assert problem(result, "no_rows")["message"] == "2 events without rows."


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_row_scored_in_the_first_or_the_last_year_there_is_is_read(year: str) -> None:
    result = read(event([{"a": "x", "at": "01/03/2026"}], time=f"{year}-12-31T23:59:59Z"))
    assert result.rows_read == 1


@pytest.mark.parametrize("data", [[], {"predictions": []}, {"columns": ["a"], "data": []}, None])
def test_an_event_whose_table_is_empty_is_named_whatever_holds_it(data: Any) -> None:
    result = read(event([{"a": 1}]), event(data))
    assert result.rows_read == 1
    assert kinds(result) == {"no_rows": 1}


@pytest.mark.parametrize("time", ["yesterday", None, 5, ..., "2026-02-30T00:00:00Z", ""])
def test_a_missing_or_impossible_time_is_reported(time: Any) -> None:
    result = read(event([{"a": 1}]), event([{"a": 2}, {"a": 3}], time=time), event([], time=time))
    assert result.frame["scored_at"].isna().tolist() == [False, True, True]
    assert kinds(result) == {"no_rows": 1, "bad_time": 2}
    assert problem(result, "bad_time")["first_line"] == 2


def test_ids_that_are_missing_or_no_text() -> None:
    result = read(
        event([{"a": 1}], correlationid=..., xrequestid=...),
        event([{"a": 2}], correlationid=7, xrequestid="00000000-0000-0000-0000-000000000000"),
    )
    assert cells(result, "correlation_id", "request_id") == [[None, None], ["7", None]]


def test_names_that_are_reserved_are_changed() -> None:
    result = read(event([{"position": 5, "": 6, "bad\ud83d": 7}]))
    assert result.features == ["position.1", "col_1", "bad?"]
    assert cells(result) == [[5, 6, 7]]
    assert kinds(result) == {"renamed": 2}


def test_a_bad_line_is_left_out_with_its_number_and_text() -> None:
    result = read(event([{"a": 1}]), '{"data": [],}', "", event([{"a": 2}]), "5", '{"x": 1}')
    assert cells(result) == [[1], [2]]
    assert kinds(result) == {"bad_line": 1, "not_an_event": 2}
    assert problem(result, "bad_line")["first_line"] == 2
    assert problem(result, "bad_line")["sample"] == '{"data": [],}'
    assert problem(result, "not_an_event")["first_line"] == 5


def test_a_last_line_cut_short_is_told_from_a_bad_one() -> None:
    result = read(event([{"a": 1}]), json.dumps(event([{"a": 2}]))[:-9], end="")
    assert kinds(result) == {"torn_line": 1}
    assert kinds(read(event([{"a": 1}]), end="")) == {}


def test_a_sample_is_only_the_beginning_of_a_line() -> None:
    result = read("x" * 500)
    assert problem(result, "bad_line")["sample"] == "x" * 120


def test_json_that_would_exhaust_the_reader_is_a_bad_line() -> None:
    result = read(event([{"a": 1}]), "[" * 100_000, '{"data": [{"a": ' + "9" * 5_000 + "}]}")
    assert cells(result) == [[1]]
    assert kinds(result) == {"bad_line": 2}


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_file_gives_an_empty_frame(data: bytes) -> None:
    result = collected.read(data, NAME)
    assert list(result.frame.columns) == list(collected.META)
    assert kinds(result) == {"no_rows": 1}


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    line = json.dumps(event([{"a": "?"}])).encode().replace(b"?", b"\xff")
    result = collected.read(line + b"\n", NAME)
    assert cells(result) == [["\ufffd"]]
    assert kinds(result) == {"invalid_utf8": 1}


def test_the_kind_of_file_is_told_by_its_name_or_else_its_first_byte() -> None:
    line = json.dumps(event([{"a": 1}])).encode()
    assert collected.read(line, "folder/file").features == ["a"]
    assert collected.read(b"a,b\n1,2\n", "folder/file").features == ["a", "b"]
    assert kinds(collected.read(b"a,b\n1,2\n", "file.jsonl")) == {"bad_line": 2}
    assert collected.read(b"{a,b\n1,2\n", "file.csv").features == ["{a", "b"]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ([[1, 2], [3, 4]], [{"col_0": 1, "col_1": 2}, {"col_0": 3, "col_1": 4}]),
        ([[1], [2, 3]], [{"col_0": 1}, {"col_0": 2, "col_1": 3}]),
        ([0.5, None], [{"col_0": 0.5}, {"col_0": None}]),
        ({"data": [[1, 2]]}, [{"col_0": 1, "col_1": 2}]),
        ({"data": [{"a": 1}]}, [{"a": 1}]),
        ({"input_data": {"columns": ["a"], "index": [0], "data": [["x"]]}}, [{"a": "x"}]),
        ({"input_data": {"columns": ["a", "b"], "data": []}}, []),
        ({"dataframe_split": {"columns": [0], "data": [[1]]}}, [{"0": 1}]),
        ({"dataframe_records": [{"a": 1}], "params": {"x": 1}}, [{"a": 1}]),
        ({"Inputs": {"data": [{"a": 1}]}, "GlobalParameters": 1.0}, [{"a": 1}]),
        ({"predictions": ["a", "b"]}, [{"predictions": "a"}, {"predictions": "b"}]),
        ({"age": 5, "region": None}, [{"age": 5, "region": None}]),
        ("text", None),
        (5, None),
        ({}, None),
        ([{"a": 1}, 5], None),
        ([[1], {"a": 1}], None),
        ({"a": [1, 2], "b": [3, 4]}, [{"a": 1, "b": 3}, {"a": 2, "b": 4}]),
        ({"columns": ["a", "b"], "data": [[1]]}, None),
        ({"columns": ["a", "a"], "data": [[1, 2]]}, None),
        ({"columns": ["a"], "data": 5}, None),
        ([[0] * 10_001], None),
    ],
)
def test_payloads_that_are_tables(data: Any, rows: list[dict[str, Any]] | None) -> None:
    assert payload.table(data) == rows


def test_a_payload_that_is_no_table_is_kept_as_text() -> None:
    result = read(event({"a": [1, {"b": "ö"}], "c": 2}), event("plain"), event([{"a": 1}]))
    assert cells(result) == [['{"a": [1, {"b": "ö"}], "c": 2}', None], ["plain", None], [None, 1]]
    assert kinds(result) == {"payload": 2}


def test_rows_without_names_are_reported() -> None:
    result = read(event([[1, 2], [3, 4]]), event([0.5]), event({"predictions": [1]}))
    assert kinds(result) == {"no_header": 3}


def test_binary_data_are_reported() -> None:
    result = read(event(f"{ACCOUNT}/c/{FOLDER}2026/03/05/08/ba99", datainblob="true"))
    assert result.rows_read == 0
    assert kinds(result) == {"not_readable": 1}


BLOB = f"{FOLDER}2026/03/05/22/f2b5.json"


@pytest.mark.parametrize(
    "reference",
    [
        f"{ACCOUNT}/azureml-blobstore-0a1b/{BLOB}",
        f"{ACCOUNT}/azureml-blobstore-0a1b/{BLOB}?sv=1&sig=x",
        f"{ACCOUNT}/c/{BLOB.replace('_', '%5F')}",
        f"abfss://container@contoso.dfs.core.windows.net/{BLOB}",
        f"azureml://subscriptions/s/datastores/workspaceblobstore/paths/{BLOB}",
        f"/container/{BLOB}",
        BLOB,
    ],
)
def test_references_into_the_same_folder(reference: str) -> None:
    assert references.blob_name(reference, NAME) == BLOB


@pytest.mark.parametrize(
    "reference",
    [
        f"{ACCOUNT}/c/{BLOB.replace('model_inputs', 'model_outputs')}",
        f"{ACCOUNT}/c/{FOLDER}../../secret",
        f"{ACCOUNT}/c/{FOLDER}%2e%2e/%2e%2e/secret",
        f"{ACCOUNT}/c/{FOLDER}/2026/x",
        f"{ACCOUNT}/c/{FOLDER}",
        "https://[broken/",
        "",
    ],
)
def test_references_elsewhere(reference: str) -> None:
    assert references.blob_name(reference, NAME) is None


def test_a_name_without_a_date_has_no_folder_to_compare() -> None:
    assert references.blob_name(BLOB, "file.jsonl") is None


def test_fetched_data_take_part_like_any_other() -> None:
    def fetch(name: str) -> bytes:
        assert name == BLOB
        return json.dumps([{"a": 1}, {"a": 2}]).encode()

    result = read(event(..., dataref=f"{ACCOUNT}/c/{BLOB}"), event([{"a": 3}]), fetch=fetch)
    assert cells(result, "a", "position", "correlation_id") == [
        [1, 0, "c1"],
        [2, 1, "c1"],
        [3, 0, "c1"],
    ]
    assert kinds(result) == {}


def gone(name: str) -> bytes:
    raise errors.NotFound(f"There is no blob {name}.", "Look for it.")


@pytest.mark.parametrize(
    ("reference", "fetch", "words"),
    [
        (BLOB, None, "in another blob"),
        ("elsewhere/2026/x", gone, "in another folder"),
        (BLOB, gone, "gone"),
        (BLOB, lambda _: b"\xff", "not JSON"),
        (BLOB, lambda _: b"[", "not JSON"),
        (5, gone, "in another folder"),
    ],
)
def test_data_that_cannot_be_fetched_are_reported(reference: Any, fetch: Any, words: str) -> None:
    result = read(event(..., dataref=reference), event([{"a": 3}]), fetch=fetch)
    assert cells(result) == [[3]]
    assert kinds(result) == {"not_readable": 1}
    assert words in problem(result, "not_readable")["message"]


def test_a_store_that_cannot_be_reached_is_not_a_problem_of_the_file() -> None:
    def fetch(name: str) -> bytes:
        raise errors.Unreachable("No answer.", "Try again.")

    with pytest.raises(errors.Unreachable):
        read(event(..., dataref=BLOB), fetch=fetch)


def test_a_key_of_its_own_in_every_row_does_not_make_a_huge_frame() -> None:
    result = read(*(event([{f"key {n}": n, "a": n}]) for n in range(6_000)))
    assert result.frame.size < 21_000_000
    assert kinds(result)["rest"] == 6_000 - (len(result.features) - 2)
    assert json.loads(str(result.frame["rest"].iloc[-1])) == {"key 5999": 5_999}
    assert result.frame["a"].tolist() == list(range(6_000))


VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
)
RECORD = st.dictionaries(st.text(max_size=3), VALUE, max_size=3)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.lists(RECORD, max_size=3).map(event),
            st.recursive(
                VALUE, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
            ).map(event),
            st.sampled_from(["{", "5", "null", '"x"', '{"data"}']),
            st.just(event(..., dataref="elsewhere")),
        ),
        max_size=6,
    )
)
def test_what_was_read_and_what_was_left_out_is_all_there_was(lines: list[Any]) -> None:
    result = read(*lines)
    rows = 0
    for line in lines:
        data = line.get("data", ...) if isinstance(line, dict) else ...
        if data is None or data == []:
            continue
        table = [None] if data is ... else payload.table(data)
        rows += 1 if table is None else len(table)
    lost = sum(count for kind, count in kinds(result).items() if KINDS[kind].lost)
    assert result.rows_read + lost == rows
