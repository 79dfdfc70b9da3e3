"""Numbers, days and names as people write them; names are untrusted, the sentences Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, timedelta

from lib.errors import DriftlineError
from lib.window import Window

MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")

UNPRINTABLE = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+"
)
"""White space, and what hides or reverses a text, so that a name cannot pass for another."""

REPLACED = re.compile(
    r"(?<=:)(?=material[/_]|streamlit:|//)|(?<=www)(?=\.)|(?<=@)(?=[\w-])|(?<=[<>~-])(?=[-=>])",
    re.IGNORECASE,
)
"""Places within icons, addresses and arrows, which Streamlit 1.67 replaces although escaped."""

JOINER = "\u2060"
"""A character that is not seen, and that a text with it in its midst is not recognised by."""


def code(text: str) -> str:
    """Return untrusted text as inline code in Markdown, where nothing in it means anything."""
    # Streamlit 1.67 rewrites the beginning of an icon even in code.
    text = _visible(text).replace(":material/", f":{JOINER}material/")
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{ticks} {text} {ticks}" if "`" in text else f"{ticks}{text}{ticks}"


def plain(text: str) -> str:
    """Return untrusted text so that Markdown shows it as it is."""
    return MARKDOWN.sub(r"\\\1", REPLACED.sub(JOINER, _visible(text)))


def several(texts: Sequence[str], most: int = 3) -> str:
    """Return texts in a row, and how many more there are: `a, b, c and 4 more`, `a and b`."""
    shown = [*texts[:most], *([f"{len(texts) - most:,} more"] if len(texts) > most else [])]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def error(problem: DriftlineError) -> str:
    """Return what went wrong, which may name a blob, and what to do, which is Markdown."""
    return f"{plain(problem.message)} {problem.next_step}"


def title(name: str) -> str:
    """Return a column's name as a heading, `missing_share` as `Missing share`."""
    return name.replace("_", " ").capitalize()


def count(number: int, noun: str) -> str:
    """Return a number of things, `1 day` or `2,400 days`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def number(value: float) -> str:
    """Return a number with four digits that matter: `0.01234`, `1,240`, `1.2e+12`."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else str(value)
    if value != 0 and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.3g}"
    if abs(value) >= 999.95:
        return f"{value:,.0f}"
    return f"{value + 0.0:.4g}"  # the sum, since there is a −0.0


def percent(share: float) -> str:
    """Return a share of 1 in percent; what is not quite nothing or all does not look so."""
    if math.isnan(share):
        return "–"
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{share * 100:.3g} %"


def size(amount: float) -> str:
    """Return bytes in powers of 1,024: `35.2 MB`."""
    if amount < 1024:
        return count(round(amount), "byte")
    for unit in ("kB", "MB", "GB"):
        amount /= 1024
        if amount < 1023.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1024:,.1f} TB"


def runs(days: Sequence[date]) -> list[Window]:
    """Return days as windows of days that follow one another."""
    found: list[Window] = []
    for day in sorted(set(days)):
        if found and day == found[-1].last + timedelta(days=1):
            found[-1] = Window(found[-1].first, day)
        else:
            found.append(Window(day, day))
    return found


def _visible(text: str) -> str:
    """Return a text in one line, without characters that cannot be seen."""
    return UNPRINTABLE.sub(" ", text).strip() or "(empty)"
