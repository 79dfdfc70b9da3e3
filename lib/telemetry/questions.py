"""The questions: a KQL text each in lib/kql, with what it takes, what it answers, and why so.

A file begins with a comment: what is asked, then how far it looks back, if further than the
window, then a line per column of the answer. After it come the parameters, a `let` with a literal
each. Files whose names begin with `_` define what several
questions read; whoever names what they define gets them in front.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from lib.logs import literal
from lib.logs.literals import Scalar

Value = Scalar | Sequence[Scalar]
"""What a parameter may be set to; a sequence becomes a dynamic array."""

FOLDER = Path(__file__).parents[1] / "kql"

_PARAMETER = re.compile(
    r"^let (?P<name>\w+) = (?P<literal>datetime\([^)]*\)|dynamic\(\[.*\]\)|true|false|"
    r'"[^"]*"|\d+(?:ms|[smhd])|\d+\.?\d*(?:e\d+)?);$',
    re.MULTILINE,
)
_DEFINED = re.compile(r"^let (\w+) =", re.MULTILINE)
_LOOKS_BACK = re.compile(
    r"^// looks back: (?:(?P<again>the window again)(?:, (?P<least>\d+)d at least)?"
    r"|(?P<days>\d+)d(?P<from_end> from its end)?)$",
    re.MULTILINE,
)
_COLUMN = re.compile(r"^// (\w+) +(bool|datetime|int|long|real|string|timespan) +(.+)$")


@dataclass(frozen=True)
class Column:
    """One column of an answer: its type as KQL calls it, and what it means."""

    type: str
    meaning: str


@dataclass(frozen=True)
class LookBack:
    """How far before a window a question reads rows, as its header says; not at all by default.

    `again` is as far as the window is shifted to be compared with the same hours before, `days`
    so many days before it (both: whichever is further), or before its end if `from_end`.
    """

    again: bool = False
    days: int = 0
    from_end: bool = False


@dataclass(frozen=True)
class Question:
    """One question.

    `title` is its first sentence, `note` what else is to be said. `text` is the whole KQL, with
    the parameters at their defaults. `parameters` maps the name of each to its default literal.
    """

    name: str
    title: str
    note: str
    columns: Mapping[str, Column]
    parameters: Mapping[str, str]
    text: str
    looks_back: LookBack


def fill(name: str, **values: Value) -> str:
    """Return the KQL of a question with its parameters set, as Azure's portal takes it too.

    Values become literals, escaped by `literal`; what is not given keeps its default.
    Raises KeyError for a question, and TypeError for a parameter, that does not exist.
    """
    question = QUESTIONS[name]
    if unknown := values.keys() - question.parameters.keys():
        raise TypeError(f"{name} does not take {', '.join(sorted(unknown))}")

    def line(parameter: re.Match[str]) -> str:
        given = parameter["name"]
        return f"let {given} = {literal(values[given])};" if given in values else parameter[0]

    return _PARAMETER.sub(line, question.text)


def _questions() -> Mapping[str, Question]:
    paths = sorted(FOLDER.glob("[!_]*.kql"))
    return MappingProxyType({path.stem: _question(path) for path in paths})


def _question(path: Path) -> Question:
    own = path.read_text("utf-8")
    lines = own.splitlines()
    comment = [line for line in lines if line.startswith("//")]
    columns = {
        found[1]: Column(found[2], found[3]) for line in comment if (found := _COLUMN.match(line))
    }
    facts = (_COLUMN, _LOOKS_BACK)
    said = [
        line.removeprefix("//").strip()
        for line in comment
        if not any(fact.match(line) for fact in facts)
    ]
    title, _, note = " ".join(filter(None, said)).partition(". ")
    text = "".join(f"{part}\n" for part in [*_needed(own), own])
    parameters = {found["name"]: found["literal"] for found in _PARAMETER.finditer(text)}
    return Question(
        path.stem,
        title.rstrip("."),
        note,
        MappingProxyType(columns),
        MappingProxyType(parameters),
        text.rstrip("\n") + "\n",
        _looks_back(own),
    )


def _looks_back(text: str) -> LookBack:
    line = _LOOKS_BACK.search(text)
    if line is None:
        return LookBack()
    days = int(line["days"] or line["least"] or 0)
    return LookBack(bool(line["again"]), days, bool(line["from_end"]))


def _needed(text: str) -> list[str]:
    """Return the texts that a text builds on, in the order in which they have to stand."""
    found: list[str] = []
    words = set(re.findall(r"\w+", text))
    for part, defined in _parts():
        if part != text and defined & words:
            found += [needed for needed in _needed(part) if needed not in found]
            if part not in found:
                found.append(part)
    return found


@cache
def _parts() -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the shared texts, and the names that each defines."""
    texts = [path.read_text("utf-8") for path in sorted(FOLDER.glob("_*.kql"))]
    return tuple((text, frozenset(_DEFINED.findall(text))) for text in texts)


QUESTIONS: Mapping[str, Question] = _questions()
"""All questions by their names, which are those of the files in lib/kql."""
