"""Which versions collect, and the sentences that say so."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from lib import profile, summary
from lib.store import Day
from lib.summary import Version
from lib.window import Window

TODAY = date(2026, 3, 10)
WINDOW = Window(date(2026, 3, 1), TODAY)
ALL = range(1, 11)


def day(number: int, rows: int = 2, problems: int = 0, columns: str = "x") -> Day:
    return Day(
        day=date(2026, 3, number),
        container="account/modeldata",
        blobs=(),
        rows=rows,
        profile=profile.profile(pd.DataFrame({name: range(rows) for name in columns})),
        problems=pd.DataFrame({"kind": ["bad"], "count": [problems]}),
    )


def version(service, name, days=ALL, *, last=..., model="m", workspace="ws", others=()) -> Version:
    """Return a version with two rows on some days of March; the last is its newest day."""
    days = [each if isinstance(each, Day) else day(each) for each in days]
    if last is ...:
        last = days[-1].day if days else None
    return Version(workspace, service, model, name, last, tuple(days), tuple(others))


def headline(*found: Version, window: Window = WINDOW) -> str:
    return summary.headline(summary.versions(found, window, TODAY), window)


@pytest.mark.parametrize(
    ("days_ago", "service_is_live", "said"),
    [
        (0, False, "collecting"),
        (1, True, "collecting"),
        (-1, False, "collecting"),
        (2, True, "replaced"),
        (2, False, "silent for 2 days"),
        (400, False, "silent for 400 days"),
        (None, True, "no data"),
        (None, False, "no data"),
    ],
)
def test_the_state_follows_from_the_newest_day(days_ago, service_is_live, said):
    last = None if days_ago is None else TODAY - timedelta(days_ago)
    assert summary.state(version("s", "1", (), last=last), TODAY, service_is_live) == said


def test_a_version_is_replaced_only_by_one_of_its_own_service_and_workspace():
    found = [
        version("a", "1", [1, 2]),
        version("a", "2", [9, 10]),
        version("b", "1", [1, 2]),
        version("a", "1", [1, 2], workspace="other"),
    ]
    table = summary.versions(found, WINDOW, TODAY)
    states = {(*row[:2], row[3]): row[4] for row in table.itertuples(index=False)}
    assert states == {
        ("ws", "a", "1"): "replaced",
        ("ws", "a", "2"): "collecting",
        ("ws", "b", "1"): "silent for 8 days",
        ("other", "a", "1"): "silent for 8 days",
    }


def test_a_row_tells_what_there_is_of_a_version():
    days = [day(2, rows=5, problems=3), day(3, rows=7, columns="xy"), day(6, rows=1, columns="z")]
    found = version("a", "1", days, last=TODAY, others=[day(2, rows=99, problems=4, columns="w")])
    window = Window(date(2026, 3, 2), date(2026, 3, 7))
    table = summary.versions([found], window, TODAY)
    assert len(table) == 1
    assert table.loc[0].to_dict() == {
        "workspace": "ws",
        "service": "a",
        "model": "m",
        "version": "1",
        "state": "collecting",
        "last_day": TODAY,
        "drift": "",
        "drifted": "nothing to compare",
        "rows_per_day": [5.0, 7.0, 0.0, 0.0, 1.0, 0.0],
        "rows": 13,
        "days_missing": 2,
        "features": 3,
        "problems": 7,
    }


@pytest.mark.parametrize(
    ("verdicts", "worst", "said"),
    [
        (["strong", "drift", "drift", "watch", "stable"], "strong", "3 of 5: f0, f1 and 1 more"),
        (["watch", "stable", "not comparable"], "watch", "0 of 2"),
        (["not enough data"], "not enough data", ""),
        ([], "", ""),
    ],
)
def test_a_row_tells_what_drifted(verdicts, worst, said):
    table = pd.DataFrame({"feature": [f"f{n}" for n in range(len(verdicts))], "verdict": verdicts})
    found = replace(version("a", "1", [10], last=TODAY), verdicts=table)
    row = summary.versions([found], WINDOW, TODAY).loc[0]
    assert (row["drift"], row["drifted"]) == (worst, said)


def test_the_headline_names_the_versions_that_drifted():
    table = pd.DataFrame({"feature": ["f"], "verdict": ["drift"]})
    found = [replace(version("a", "1", [10], last=TODAY), verdicts=table)]
    found.append(version("b", "1", [10], last=TODAY))
    said = summary.headline(summary.versions(found, WINDOW, TODAY), WINDOW)
    assert "**Drift** in `a 1`." in said


def test_what_fails_more_is_said_behind_what_drifted():
    table = summary.versions([version("a", "1"), version("b", "1", [1])], WINDOW, TODAY)
    said = summary.headline(table, WINDOW, "`a` **fails more** than before.")
    assert said == (
        "**1 version of 1 service is collecting.** `a` **fails more** than before. "
        "`b 1` has been silent for 9 days."
    )


def test_the_newest_data_come_first_then_the_most_rows_then_as_given():
    found = [
        version("never", "1", ()),
        version("old", "1", [1]),
        version("few", "1", [day(10, rows=1)]),
        version("many", "1", [day(10, rows=9)]),
        version("few", "2", [day(10, rows=1)]),
    ]
    table = summary.versions(found, WINDOW, TODAY)
    assert (table["service"] + table["version"]).tolist() == [
        "many1",
        "few1",
        "few2",
        "old1",
        "never1",
    ]
    assert table.index.tolist() == [0, 1, 2, 3, 4]


def test_no_versions_are_an_empty_table_and_a_sentence():
    table = summary.versions([], WINDOW, TODAY)
    assert list(table.columns)[:5] == ["workspace", "service", "model", "version", "state"]
    assert headline() == "**No version is collecting.** There are no rows in 1 – 10 Mar 2026."


def test_one_version_is_singular():
    assert headline(version("a", "1")) == "**1 version of 1 service is collecting.**"


def test_only_services_that_collect_are_counted_and_replaced_versions_are_no_news():
    found = [version("a", "2"), version("a", "3"), version("b", "1"), version("a", "1", [1])]
    assert headline(*found) == "**3 versions of 2 services are collecting.**"


def test_services_of_the_same_name_in_two_workspaces_are_two():
    found = [version("a", "1"), version("a", "1", workspace="other")]
    assert headline(*found) == "**2 versions of 2 services are collecting.**"


def test_a_gap_of_one_version():
    assert headline(version("churn-svc", "7", [8, 10])) == (
        "**1 version of 1 service is collecting.** `churn-svc 7` has no data on 1 day in between."
    )


def test_versions_with_the_same_gap_are_named_in_one_sentence():
    days = [1, 4, 5, 10]  # six days without data
    found = [version("churn-svc", "8", days), version("churn-svc", "7", days), version("b", "1")]
    assert headline(*found) == (
        "**3 versions of 2 services are collecting.** "
        "`churn-svc 7` and `churn-svc 8` have no data on 6 days in between."
    )


def test_the_longest_gaps_come_first():
    found = [version("a", "1", [8, 10]), version("b", "1", [1, 10]), version("c", "1", [8, 10])]
    assert headline(*found).endswith(
        ".** `b 1` has no data on 8 days in between. "
        "`a 1` and `c 1` have no data on 1 day in between."
    )


def test_three_versions_with_the_same_gap_are_named_and_the_rest_counted():
    found = [version("a", str(n), [8, 10]) for n in range(7)]
    assert headline(*found).endswith(
        ".** `a 0`, `a 1`, `a 2` and 4 more have no data on 1 day in between."
    )


def test_three_gaps_are_told_apart_and_the_rest_counted():
    found = [version("a", str(n), [n, 10]) for n in range(1, 8)]
    assert headline(*found) == (
        "**7 versions of 1 service are collecting.** "
        "`a 1` has no data on 8 days in between. "
        "`a 2` has no data on 7 days in between. "
        "`a 3` has no data on 6 days in between. "
        "4 more have no data on some days in between."
    )
    assert headline(*found[:4]).endswith(" 1 more has no data on some days in between.")


def test_silent_versions_and_those_without_any_data_are_named():
    found = [
        version("a", "1"),
        version("b", "1", [1, 2]),
        version("c", "1", [2]),
        version("d", "1", [5]),
        version("e", "1", ()),
        version("f", "1", ()),
    ]
    assert headline(*found) == (
        "**1 version of 1 service is collecting.** "
        "`d 1` has been silent for 5 days. "
        "`b 1` and `c 1` have been silent for 8 days. "
        "`e 1` and `f 1` have no data yet."
    )


def test_many_silent_versions_make_no_long_text():
    found = [version(f"s{n}", "1", [n]) for n in range(1, 9)]
    assert headline(*found).endswith(
        " `s6 1` has been silent for 4 days. 5 more have been silent for some time."
    )


def test_a_window_without_rows_is_said():
    window = Window(date(2020, 1, 1), date(2020, 1, 7))
    assert headline(version("a", "1", (), last=TODAY), window=window) == (
        "**1 version of 1 service is collecting.** There are no rows in 1 – 7 Jan 2020."
    )


def test_names_are_as_long_as_tells_them_apart():
    gap = [8, 10]
    models = [version("a", "1", gap, model=model) for model in "mn"]
    assert "`a m 1` and `a n 1` have" in headline(*models)
    workspaces = [version("a", "1", gap, model="", workspace=name) for name in ("w", "x")]
    assert "`w a 1` and `x a 1` have" in headline(*workspaces)


def test_names_are_no_markdown():
    assert "`` **a** :red[x] $`$ 1 `` has no data" in headline(
        version("**a**\n:red[x] $`$", "1", [8, 10])
    )
