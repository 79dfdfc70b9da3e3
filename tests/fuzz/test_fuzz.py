"""A slice of every target, and all cases that once found something."""

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.targets import TARGETS

SEEDS = sorted((Path(__file__).parents[1] / "samples" / "fuzz").glob("*/*"))


@pytest.fixture(autouse=True)
def _quick_pages(monkeypatch):
    """Begin without what other tests have set."""
    monkeypatch.delenv("DRIFTLINE_DEMO", raising=False)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_read_is_shown_or_named_and_nothing_crashes(name):
    target = TARGETS[name]
    for number in range(target.slice):
        case = target.make(Random(f"{name}/{number}"))
        try:
            target.check(case)
        except Exception as error:
            error.add_note(f"case {number} of {name}: python -m tests.fuzz {name} --first {number}")
            raise


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed.parent.name}-{seed.name}")
def test_what_once_found_something_finds_nothing_any_more(seed):
    TARGETS[seed.parent.name].check(seed.read_bytes())
