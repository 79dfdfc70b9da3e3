"""From when on a difference counts, and what it is called then."""

from __future__ import annotations

from dataclasses import dataclass

VERDICTS = ("strong", "drift", "watch", "stable", "not enough data", "not comparable")
"""All verdicts, the most urgent first."""

DRIFTED = ("strong", "drift")
"""The verdicts that say that a feature has drifted."""


@dataclass(frozen=True)
class Thresholds:
    """From when on a feature is to be watched, has drifted, or has drifted strongly.

    `watch`, `drift` and `strong` are Jensen-Shannon distances to base 2, less what
    chance adds. `q` is the false discovery rate up to which a difference is significant.
    A side with less than `fewest` rows is not judged. Raises ValueError unless
    0 < watch < drift < strong < 1, 0 < q < 1 and fewest > 0.
    """

    watch: float = 0.05
    drift: float = 0.10
    strong: float = 0.20
    q: float = 0.01
    fewest: int = 100

    def __post_init__(self) -> None:
        if not 0 < self.watch < self.drift < self.strong < 1:
            raise ValueError("thresholds must ascend: 0 < watch < drift < strong < 1")
        if not 0 < self.q < 1:
            raise ValueError(f"q must lie between 0 and 1, not be {self.q}")
        if self.fewest < 1:
            raise ValueError(f"fewest must be a number of rows, not {self.fewest}")


DEFAULT = Thresholds()
"""What is used unless something else is asked for."""
