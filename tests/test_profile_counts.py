import numpy as np
import pyarrow as pa
import pytest

from lib.profile import counts, sketch
from lib.profile.counts import Counts


def of(rows: dict[str, int]) -> Counts:
    return counts.of_counted(pa.array(list(rows), pa.string()), np.array(list(rows.values())))


def numbered(first: int, last: int, rows: int = 1) -> dict[str, int]:
    return {f"value {n:06d}": rows for n in range(first, last)}


def test_texts_come_by_frequency_then_by_value():
    found = of({"b": 2, "c": 5, "a": 2, "ä": 2, "": 1})
    assert list(found.items()) == [("c", 5), ("a", 2), ("b", 2), ("ä", 2), ("", 1)]
    assert (found.count, found.distinct, found.other, found.exact) == (12, 5, 0, True)


def test_ten_thousand_texts_are_all_listed_and_one_more_is_not():
    assert of(numbered(0, 10_000)).exact
    found = of(numbered(0, 10_001) | {"often": 7})
    assert not found.exact
    assert len(found.values) == 1_000
    assert (found.other, found.count, found.distinct) == (9_002, 10_008, 10_002)
    # Ties are broken by value, so that every run lists the same.
    assert list(found.items())[:2] == [("often", 7), ("value 000000", 1)]


def test_exact_lists_merge_as_if_counted_at_once():
    one, other = {"a": 1, "b": 2}, {"b": 3, "c": 1}
    assert list(counts.merge([of(one), of(other)]).items()) == [("b", 5), ("a", 1), ("c", 1)]
    whole = counts.merge([of(numbered(0, 8_000)), of(numbered(4_000, 12_000))])
    at_once = of(numbered(0, 12_000) | numbered(4_000, 8_000, rows=2))
    assert list(whole.items()) == list(at_once.items())
    assert whole.sketch.tolist() == at_once.sketch.tolist()
    assert (whole.other, whole.distinct) == (at_once.other, at_once.distinct)


def test_a_list_merged_with_a_full_one_is_full_and_loses_no_row():
    full, few = of(numbered(0, 20_000)), of({"a": 30, "value 019999": 4})
    for parts in ([full, few], [few, full]):
        whole = counts.merge(parts)
        assert not whole.exact
        assert whole.count == 20_034
        assert len(whole.values) == 1_000
        # The one row with this text on the full day was among its others.
        assert list(whole.items())[:2] == [("a", 30), ("value 019999", 4)]


@pytest.mark.parametrize("overlap", [0, 10_000, 20_000])
def test_distinct_texts_of_full_lists_are_estimated(overlap):
    parts = [of(numbered(0, 20_000)), of(numbered(20_000 - overlap, 40_000 - overlap))]
    assert counts.merge(parts).distinct == pytest.approx(40_000 - overlap, rel=0.1)


def test_an_estimate_is_within_the_bounds_that_are_known():
    one, other = of(numbered(0, 15_000)), of(numbered(0, 15_000))
    assert 15_000 <= counts.merge([one, other]).distinct <= 30_000
    assert counts.merge([one, counts.EMPTY]) is one


def test_long_texts_are_shortened_and_stay_apart():
    long = "x" * 500
    found = dict(of({long + "a": 1, long + "b": 2, "y" * 120: 3}).items())
    assert list(found.values()) == [3, 2, 1]
    assert found["y" * 120] == 3
    shortened = [text for text in found if text.startswith("x")]
    assert len(set(shortened)) == 2
    assert all(text.startswith("x" * 100 + "… #") and len(text) == 119 for text in shortened)
    again = counts.merge([of({long + "a": 1}), of({long + "a": 1, long + "b": 2})])
    assert dict(again.items()) == {
        shortened[0]: 2,
        shortened[1]: 2,
    }


def test_hashes_are_the_same_on_every_machine_and_day():
    found = [f"{n:016x}" for n in sketch.digests(pa.array(["a", "ß"]))]
    assert found == ["c1999a454057bfd0", "cffd58a40506d8fb"]


def test_estimates_are_within_three_standard_errors():
    for distinct in (1_500, 30_000, 500_000):
        found = sketch.estimate(sketch.of_numbers(np.arange(float(distinct))))
        assert found == pytest.approx(distinct, rel=3 * 0.031)
    assert sketch.estimate(sketch.of_numbers(np.arange(1_000.0))) == 1_000


def test_a_merged_sketch_is_the_sketch_of_the_union():
    parts = [np.arange(n, n + 5_000.0) for n in range(0, 60_000, 3_000)]
    merged = sketch.merge(sketch.of_numbers(part) for part in parts)
    assert merged.tolist() == sketch.of_numbers(np.unique(np.concatenate(parts))).tolist()
