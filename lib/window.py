"""Windows of whole UTC days: the unit in which collected data are chosen and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Window:
    """The days from `first` to `last`, both included, in UTC."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a window cannot end ({self.last}) before it begins ({self.first})")

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(len(self)))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return spell(self.first) if self.first == self.last else _between(self.first, self.last)

    @property
    def previous(self) -> Window:
        """The window of the same length that ends the day before this one begins."""
        return ending(self.first - timedelta(days=1), len(self))


def ending(last: date, days: int) -> Window:
    """Return the window of `days` days (at least one) that ends with `last`."""
    return Window(last - timedelta(days=max(days, 1) - 1), last)


def joined(windows: Iterable[Window]) -> list[Window]:
    """Return the same days in as few windows as possible: what touches or overlaps is one."""
    found: list[Window] = []
    for each in sorted(windows):
        if found and each.first <= found[-1].last + timedelta(days=1):
            found[-1] = Window(found[-1].first, max(found[-1].last, each.last))
        else:
            found.append(each)
    return found


def same_weekdays(window: Window) -> tuple[Window, ...]:
    """Return the window shifted back by whole weeks, so that Mondays meet Mondays; newest first.

    None of them overlaps another or the window. There are as many as give 28 days, four weeks
    of which average out what a single one had by chance, but at most four.
    """
    step = timedelta(weeks=-(-len(window) // 7))
    shifts = min(-(-28 // len(window)), 4)
    return tuple(
        Window(window.first - n * step, window.last - n * step) for n in range(1, shifts + 1)
    )


def spell(day: date) -> str:
    """Return a day as people write it, `4 Nov 2026`; months are English whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _between(first: date, last: date) -> str:
    """Return two days with what they share said once: `4 – 10 Nov 2026`."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {spell(last)}"
    if first.year == last.year:
        return f"{first.day} {MONTHS[first.month - 1]} – {spell(last)}"
    return f"{spell(first)} – {spell(last)}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
