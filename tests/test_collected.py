"""The face of the room, and what holds for every kind of file."""

import re
from pathlib import Path

import pandas as pd
import pytest

from lib import collected
from lib.collected import KINDS
from lib.collected.problems import Report

ROOM = Path(collected.__file__).parent


def test_the_columns_of_problems() -> None:
    result = collected.read(b"0\n1\n", "x.csv")
    assert result.problems.dtypes.astype(str).to_dict() == {
        "kind": "str",
        "count": "int64",
        "first_line": "int64",
        "sample": "str",
        "message": "str",
    }
    without = collected.read(b"a\n1\n", "x.csv").problems
    assert without.empty
    assert without.dtypes.equals(result.problems.dtypes)


def test_problems_of_one_kind_are_one_row() -> None:
    report = Report()
    report.add("bad_line", 2, "Two.", line=7, sample="seven")
    report.add("bad_line", 1, "One.", line=3, sample="three\r\n")
    report.add("no_rows", 1, "None.")
    assert report.frame().to_numpy().tolist() == [
        ["no_rows", 1, 0, "", "None."],
        ["bad_line", 3, 3, "three", "Two. One."],
    ]


def test_an_unknown_kind_of_problem_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="strange"):
        Report().add("strange", 1, "")


def test_every_kind_of_problem_is_used_and_explained() -> None:
    code = "".join(path.read_text() for path in ROOM.glob("*.py") if path.name != "problems.py")
    assert {kind for kind in KINDS if f'"{kind}"' in code} == set(KINDS)
    assert all(kind.meaning and kind.counts for kind in KINDS.values())
    assert all(re.fullmatch("[a-z0-9_]+", kind) for kind in KINDS)


def test_features_are_the_columns_before_the_metadata() -> None:
    result = collected.read(b"position,a\n1,2\n", "x.csv")
    assert result.features == ["position.1", "a"]
    assert list(result.frame.columns) == [*result.features, *collected.META]


def test_frames_of_other_days_can_be_put_together() -> None:
    frames = [collected.read(data, "x.csv").frame for data in (b"", b"a\n", b"a\n1\n", b"a\nx\n")]
    whole = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    assert whole["scored_at"].dtype == frames[0]["scored_at"].dtype
    assert whole["position"].tolist() == [0, 0]


def test_the_columns_of_a_frame_can_be_changed() -> None:
    frame = collected.read(b"a,b\n1,x\n2,y\n", "x.csv").frame
    frame.loc[0, "a"] = 5
    frame.loc[1, "b"] = "z"
    assert frame[["a", "b"]].to_numpy().tolist() == [[5, "x"], [2, "z"]]
