"""What real servers and exporters wrote, and what the questions must answer about it."""

from pathlib import Path

import pytest
import telemetry_cases as cases

from lib.telemetry import Filter

SCRIPT = "/var/azureml-app/"


@pytest.mark.parametrize(
    ("name", "requests", "failed", "hidden", "codes"),
    [
        ("success_missing", 20, 10, 0, {"200": 0, "500": 10}),
        ("success_always", 30, 10, 10, {"200": 0, "404": 0, "500": 10}),
        ("grpc_codes", 10, 10, 0, {"503": 10}),
    ],
)
def test_what_failed_of_other_producers(
    tmp_path: Path, name: str, requests: int, failed: int, hidden: int, codes: dict[str, int]
) -> None:
    account = cases.account(tmp_path / "account", name)
    found = cases.ask(account, ["overview", "result_codes", "disagreement"])
    [row] = found["overview"].to_dict("records")
    assert (row["service"], row["requests"], row["failed"]) == ("credit", requests, failed)
    assert found["disagreement"][["server", "hidden"]].values.tolist() == [["as written", hidden]]
    assert found["result_codes"].groupby("code")["failed"].sum().to_dict() == codes


def test_query_strings_are_no_operations(tmp_path: Path) -> None:
    account = cases.account(tmp_path / "account", "query_strings")
    found = cases.ask(account, ["operations"])["operations"]
    assert found[["operation", "requests"]].values.tolist() == [["/score", 5]]


def test_a_server_without_names_is_known_by_its_containers(tmp_path: Path) -> None:
    account = cases.account(tmp_path / "account", "server_0_4")
    names = ["overview", "exceptions", "dependencies", "failures_explained", "nameless"]
    found = cases.ask(account, names, Filter().scope("loan-svc", ["1"]))
    [row] = found["overview"].to_dict("records")
    counts = ("service", "requests", "failed", "exceptions")
    assert [row[name] for name in counts] == ["loan-svc", 41, 14, 9]
    problems = found["exceptions"].set_index("problem")
    assert problems["exceptions"].to_dict() == {
        "FeatureStoreError in lookup": 2,
        "ValueError in work": 2,
        "KeyError in work": 2,
        "ZeroDivisionError in work": 1,
        "TimeoutException in work": 1,
        "JSONDecodeError in run": 1,
    }
    assert problems.loc["JSONDecodeError in run", "place"] == f"{SCRIPT}score04.py"
    assert problems.loc["FeatureStoreError in lookup", "place"] == f"{SCRIPT}feature_store.py"
    assert set(problems["origin"]) == {"script"}
    [calls] = found["dependencies"].to_dict("records")
    assert (calls["service"], calls["calls"], calls["by_site"]) == ("loan-svc", 27, 27)
    explained = found["failures_explained"]
    assert explained.loc[explained["problem"] != "", "failed"].sum() == 9
    assert found["nameless"].empty


def test_without_traces_a_nameless_server_is_listed_as_such(tmp_path: Path) -> None:
    account = cases.account(tmp_path / "account", "server_0_4")
    for path in account.rglob("insights-logs-apptraces/**/PT1H.json"):
        path.unlink()
    found = cases.ask(account, ["overview", "nameless", "dependencies", "exceptions"])
    assert found["overview"][["service", "requests"]].values.tolist() == [["", 41]]
    listed = found["nameless"][["container", "requests", "failed"]]
    assert listed.values.tolist() == [["pod-d1a", 35, 14], ["pod-d1b", 6, 0]]
    for name in ("dependencies", "exceptions"):
        assert set(found[name]["service"]) == {""}
    assert found["dependencies"]["by_site"].tolist() == [0]


def test_calls_of_a_process_are_those_of_the_instances_only_service(tmp_path: Path) -> None:
    account = cases.account(tmp_path / "account", "server_1_3_dependencies")
    found = cases.ask(account, ["overview", "dependencies"], Filter().scope("churn-ep", ["blue"]))
    assert found["overview"][["requests", "failed"]].values.tolist() == [[34, 12]]
    [row] = found["dependencies"].to_dict("records")
    assert (row["service"], row["calls"], row["by_site"]) == ("churn-ep-blue", 21, 21)


def test_the_last_error_of_a_chain_is_the_scripts(tmp_path: Path) -> None:
    account = cases.account(tmp_path / "account", "chained_error")
    found = cases.ask(account, ["exceptions", "failures_explained"])
    [row] = found["exceptions"].to_dict("records")
    assert (row["problem"], row["exceptions"]) == ("FeatureStoreError in lookup", 2)
    assert row["error"] == "feature_store.FeatureStoreError"
    assert row["message"] == "no features for customer 58:"
    assert row["place"] == f"{SCRIPT}feature_store.py"
    explained = found["failures_explained"].set_index("problem")["failed"].to_dict()
    assert explained == {"": 7, "FeatureStoreError in lookup": 2}


def test_the_servers_own_errors_are_told_from_the_scripts(tmp_path: Path) -> None:
    account = cases.account(tmp_path / "account", "server_own_errors")
    found = cases.ask(account, ["exceptions", "failures_explained", "totals"])
    by_origin = found["exceptions"].groupby("origin")["exceptions"].sum().to_dict()
    assert by_origin == {"script": 9, "server": 3}
    assert found["totals"][["requests", "failed"]].values.tolist() == [[34, 12]]
    explained = found["failures_explained"].groupby("problem")["failed"].sum().to_dict()
    assert explained == {
        "": 3,
        "FeatureStoreError in lookup": 2,
        "JSONDecodeError in run": 1,
        "KeyError in work": 2,
        "UserScriptTimeout in invoke_run": 1,
        "ValueError in work": 2,
        "ZeroDivisionError in work": 1,
    }
