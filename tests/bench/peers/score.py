"""What a tool said, against what is true."""

from collections.abc import Iterable
from dataclasses import dataclass

import workload


@dataclass(frozen=True)
class Score:
    """Feature-days, or features of one window: how many a tool flagged, and of how many."""

    false: int  # of the stable ones
    stable: int
    found: int  # of those of workload.SHIFTED
    shifted: int
    missing: bool  # whether num_07's missing cells were flagged on at least half of the days
    category: bool  # whether cat_1's new category was
    weekly: int  # flags of the weekly wave, which only a series has
    blamed: dict[str, int]  # false alarms by feature, the most first
    missed: dict[str, int]


def score(flags: dict[str, list[int]], task: str, with_id: bool) -> Score:
    """Compare the flagged days by feature with the truth."""
    days = workload.WINDOW[-1:] if task == "window" else workload.CURRENT
    features = [name for name in workload.FEATURES if with_id or name != workload.ID]
    # Two whole weeks have the same wave, but some tools judge a window by its days.
    apart = workload.WEEKLY
    cells = [(name, day) for name in features for day in days]
    said = {(name, day) for name, found in flags.items() for day in found}
    changed = {cell for cell in cells if workload.is_changed(*cell)}
    stable = {cell for cell in cells if cell not in changed and cell[0] not in apart}
    shifted = {cell for cell in changed if cell[0] in workload.SHIFTED}

    def mostly(name: str) -> bool:
        cells = {cell for cell in changed if cell[0] == name}
        return 2 * len(cells & said) >= len(cells)

    return Score(
        false=len(stable & said),
        stable=len(stable),
        found=len(shifted & said),
        shifted=len(shifted),
        missing=mostly("num_07"),
        category=mostly("cat_1"),
        weekly=len([cell for cell in said if cell[0] in apart]),
        blamed=_by_feature(stable & said),
        missed=_by_feature(shifted - said),
    )


def _by_feature(cells: Iterable[tuple[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, _ in cells:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
