"""The `let` statements in front of a KQL query: what each says, and what it builds on.

Just enough of KQL's grammar for that: strings, comments and semicolons.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from lib.logs import schema
from lib.logs.answer import Span

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*)"
    r"|```.*?```|@\"(?:[^\"]|\"\")*\"|@'(?:[^']|'')*'|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|(?P<end>;)",
    re.DOTALL,
)
_LET = re.compile(r"\s*let\s+(\w+)\s*=\s*(.+)", re.DOTALL)
_WORD = re.compile(r"\w+")
# What may differ from one time it is asked to the next.
_VOLATILE = re.compile(r"\b(now|ago|rand|new_guid|ingestion_time|sample|take|limit|top)\b")
_TABLE = "|".join(schema.tables())
_OWN_SPAN = re.compile(
    rf"\b(?:{_TABLE})\s*\|\s*where TimeGenerated >= (\w+) and TimeGenerated < (\w+)(?=\s*[|;])"
)
_MOMENT = re.compile(r"datetime\(([^)]+)\)")


@dataclass(frozen=True)
class Let:
    """One statement: the name it defines, by which value, and where it stands in the query."""

    name: str
    value: str
    begins: int
    ends: int
    is_rows: bool

    @property
    def words(self) -> frozenset[str]:
        """All words of the value, among them the names that it builds on."""
        return frozenset(_WORD.findall(self.value))


@dataclass(frozen=True)
class Script:
    """A query: its `let` statements by name, in order, and the words of what comes after them."""

    text: str
    lets: Mapping[str, Let]
    asks: frozenset[str]

    def needed(self, words: Collection[str], given: Collection[str] = ()) -> list[str]:
        """The names that words build on, also indirectly, in order; not through those `given`."""
        found: set[str] = set()
        waiting = set(words) & self.lets.keys()
        while waiting:
            name = waiting.pop()
            found.add(name)
            if name not in given:
                waiting |= (self.lets[name].words & self.lets.keys()) - found
        return [name for name in self.lets if name in found]

    def meaning(self, name: str) -> str:
        """All that a name is made of, as one text: equal for two queries that mean the same."""
        needed = [*self.needed(self.lets[name].words), name]
        return "\n".join(f"let {each} = {self.lets[each].value};" for each in needed)

    def span(self, name: str) -> Span | None:
        """The time that rows are limited to wherever they are read from a table, if they are."""
        text = self.meaning(name)
        limits = _OWN_SPAN.findall(text)
        if not limits or len(limits) != len(re.findall(rf"\b(?:{_TABLE})\b", text)):
            return None
        bounds = [self.lets.get(bound) for pair in limits for bound in pair]
        moments = [_moment(bound.value) if bound else None for bound in bounds]
        known = [moment for moment in moments if moment]
        first, last = known[::2], known[1::2]
        if len(known) < len(moments) or min(first) >= max(last):
            return None
        return Span(min(first), max(last))

    def without(self, given: Collection[str]) -> str:
        """The query for somebody who has tables with the `given` names already.

        The statements that are not needed any more become blank, so that what is left stands
        where it stood, and a complaint about it names the right place.
        """
        needed = set(self.needed(self.asks, given)) - set(given)
        text = self.text
        for let in self.lets.values():
            if let.name not in needed:
                blank = re.sub(r"[^\n]", " ", text[let.begins : let.ends])
                text = text[: let.begins] + blank + text[let.ends :]
        return text

    def rows(self, name: str, given: Collection[str]) -> str:
        """The query for all rows of a name, for somebody who has the `given` tables."""
        needed = [each for each in self.needed(self.lets[name].words, given) if each not in given]
        lets = [f"let {each} = {self.lets[each].value};" for each in [*needed, name]]
        return "\n".join([*lets, name])


def parse(query: str) -> Script | None:
    """The parts of a query; None unless it is `let` statements with other names and one question.

    A `let` defines rows if it pipes a table, or other such rows; it does not count as that if
    it may say something else the next time.
    """
    code = _TOKEN.sub(lambda found: _blank(found) if found["comment"] else found[0], query)
    lets: dict[str, Let] = {}
    begins = 0
    for ends in (token.end() for token in _TOKEN.finditer(code) if token["end"]):
        found = _LET.fullmatch(code, begins, ends - 1)
        if found is None or found[1] in lets or found[1] in schema.tables():
            return None
        let = Let(found[1], found[2].rstrip(), begins, ends, is_rows=False)
        lets[let.name] = replace(let, is_rows=_is_rows(let, lets))
        begins = ends
    asks = code[begins:]
    if not asks.strip() or _LET.match(asks):
        return None
    return Script(query, lets, frozenset(_WORD.findall(asks)))


def _is_rows(let: Let, before: Mapping[str, Let]) -> bool:
    source = re.match(r"(?:materialize\()?(\w+)\s*\|", let.value)
    if not source:
        return False
    is_known = source[1] in schema.tables() or (source[1] in before and before[source[1]].is_rows)
    script = Script("", {**before, let.name: let}, frozenset())
    return is_known and not _VOLATILE.search(script.meaning(let.name))


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _moment(literal: str) -> datetime | None:
    found = _MOMENT.fullmatch(literal)
    try:
        moment = datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
