"""What a target of fuzzing is."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Target:
    """A reader: how a case is made, and what must hold when it is read.

    `check` raises AssertionError where it does not, or whatever the reader should not raise.
    `share` is its part of the time of a run, `slice` its cases in the tests.
    """

    make: Callable[[Random], bytes]
    check: Callable[[bytes], None]
    share: int
    slice: int
