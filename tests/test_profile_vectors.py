"""Columns of vectors over files of which some had lists of one value only."""

import numpy as np
import pytest

from lib import collected, profile


def of(*cells):
    """Return the profile of a file of JSON lines whose rows have these cells."""
    lines = "".join(
        f'{{"specversion":"1.0","id":"{n}","time":"2026-03-05T10:00:00Z","data":[{{"v":{cell}}}],'
        f'"correlationid":"c","xrequestid":"c","type":"azureml.inference.inputs"}}\n'
        for n, cell in enumerate(cells)
    )
    name = "modelDataCollector/e/d/inputs/2026/03/05/10/a.jsonl"
    return profile.profile(collected.read(lines.encode(), name).frame)


def values(whole, name):
    numbers = whole.features[name].numbers
    return dict(zip(numbers.values.tolist(), numbers.counts.tolist(), strict=True))


VECTORS = of("[3, 4]", "[1, 2, 2]")
ONES = of("[2]", "[-2]", "null")
MIXED = of("[]", "[5]", "[]")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_lists_of_one_value_are_vectors_where_others_are(order):
    parts = [VECTORS, ONES, MIXED]
    whole = profile.merge(parts[at] for at in order)
    assert set(whole.features) == {"v (length)", "v (norm)"}
    assert values(whole, "v (length)") == {0: 2, 1: 3, 2: 1, 3: 1}
    assert values(whole, "v (norm)") == {0: 2, 2: 2, 3: 1, 5: 2}
    assert {(each.rows, each.missing) for each in whole.features.values()} == {(8, 1)}


def test_lists_of_one_value_alone_stay_numbers():
    whole = profile.merge([ONES, of("[7]")])
    assert list(whole.features) == ["v"]
    assert values(whole, "v") == {-2: 1, 2: 1, 7: 1}


def test_merging_step_by_step_is_merging_at_once():
    steps = profile.merge([profile.merge([ONES, MIXED]), VECTORS])
    for name, feature in profile.merge([ONES, MIXED, VECTORS]).features.items():
        assert np.array_equal(steps.features[name].numbers.counts, feature.numbers.counts)
        assert steps.features[name].rows == feature.rows


def test_what_is_no_list_stays_beside():
    whole = profile.merge([VECTORS, of('"none"', '"n/a"')])
    assert dict(whole.features["v"].texts.items()) == {"none": 1, "n/a": 1}
    assert whole.features["v"].rows == 2
    assert whole.features["v (norm)"].rows == 2
