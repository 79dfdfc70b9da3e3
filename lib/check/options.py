"""What is asked for: the command line before its configuration file before what is usual."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from lib import summary, window
from lib.check import places, question, webhook
from lib.check.parser import WEBHOOK, parser
from lib.check.question import LEVELS, Question, Reference
from lib.drift import Thresholds
from lib.errors import DriftlineError

SHARED = (
    *("settings", "folder", "demo", "format", "output"),
    *("webhook", "webhook-format", "always", "quiet"),
)
"""Options that stand once for all checks of a configuration file."""

FLAGS = ("demo", "require-data", "always", "quiet")
"""Options that are there or not."""


@dataclass(frozen=True)
class Orders:
    """All that was asked for: the checks, where to read, and where the answer goes."""

    questions: tuple[Question, ...]
    settings: Path | None
    folder: Path | None
    demo: bool
    form: str
    output: Path | None
    webhook: str = field(repr=False)
    webhook_form: str
    always: bool
    quiet: bool


def read(arguments: Sequence[str], environ: Mapping[str, str]) -> Orders:
    """Return what the command line, its configuration file and the environment ask for.

    The command line goes before a [[check]], that before what stands above it. Lists are
    replaced, not joined. Raises DriftlineError.
    """
    said = _parsed(arguments)
    above, checks = _configured(said.pop("config", None))
    shared = above | said
    today = places.today(environ)
    return Orders(
        questions=tuple(_question(above | check | said, today) for check in checks),
        settings=shared.get("settings"),
        folder=shared.get("folder"),
        demo=shared.get("demo", False),
        form=shared.get("format", "table"),
        output=shared.get("output"),
        webhook=_webhook(shared, environ),
        webhook_form=shared.get("webhook_format", ""),
        always=shared.get("always", False),
        quiet=shared.get("quiet", False),
    )


def _parsed(arguments: Sequence[str]) -> dict[str, Any]:
    return vars(parser().parse_args(arguments))


def _configured(path: Path | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the options above all checks, and those of each; without a file of one check."""
    if path is None:
        return {}, [{}]
    told = places.read_toml(path, "a file of checks")
    checks = told.pop("check", [{}])
    if not isinstance(checks, list) or not checks:
        step = "Write [[check]] in double brackets, and options below."
        raise DriftlineError(f"{str(path)!r}: check is no list of tables.", step)
    above = _options(told, str(path), ())
    return above, [
        _options(check, f"{path}, check {n}", SHARED) for n, check in enumerate(checks, start=1)
    ]


def _options(table: object, where: str, refused: Sequence[str]) -> dict[str, Any]:
    """Return a table of a file as the command line would have given it."""
    if not isinstance(table, dict):
        raise DriftlineError(f"{where} is no table.", "Write options below [[check]].")
    arguments: list[str] = []
    for key, value in table.items():
        name = key.replace("_", "-")
        if name in refused:
            step = "Write it above the first [[check]]."
            raise DriftlineError(f"{where}: {key} is for all checks.", step)
        arguments += _arguments(name, value, where)
    try:
        return _parsed(arguments)
    except DriftlineError as error:
        raise DriftlineError(f"{where}: {error.message}", error.next_step) from None


def _arguments(name: str, value: object, where: str) -> list[str]:
    """Return an option of a file as arguments: a list repeats it, a table gives pairs."""
    known = _names()
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        step = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
        raise DriftlineError(f"{where}: {name!r} is not an option.", step)
    if isinstance(value, bool):
        if name not in FLAGS:
            raise DriftlineError(f"{where}: {name} is true or false.", "Write a value.")
        return [f"--{name}"] * value
    if name in FLAGS:
        raise DriftlineError(f"{where}: {name} has a value.", "Write true or false.")
    if isinstance(value, Mapping):
        return [f"--{name}={key}={each}" for key, each in value.items()]
    values = value if isinstance(value, list) else [value]
    return [f"--{name}={each}" for each in values]


def _names() -> list[str]:
    actions = parser()._actions
    names = (option for action in actions for option in action.option_strings)
    return [n.removeprefix("--") for n in names if n not in ("-h", "--help", "--config")]


def _question(said: Mapping[str, Any], today: date) -> Question:
    asked = said.get("window", question.DAYS)
    if isinstance(asked, int):
        asked = window.ending(said.get("until", today - timedelta(days=1)), asked)
    elif "until" in said:
        step = "Leave out one of them."
        raise DriftlineError("--until says nothing beside --window FIRST..LAST.", step)
    levels = {name: said[name] for name in (*LEVELS, "q", "fewest") if name in said}
    try:
        thresholds = Thresholds(**levels)
    except (ValueError, TypeError) as error:
        step = "Distances ascend from watch to strong, between 0 and 1."
        raise DriftlineError(f"The thresholds do not go together: {error}.", step) from None
    names = ("source", "workspace", "service", "model", "version", "identifier")
    return Question(
        window=asked,
        reference=said.get("reference", Reference()),
        **{name: said[name] for name in names if name in said},
        thresholds=thresholds,
        ignore=tuple(said.get("ignore", ())),
        kinds=tuple(said.get("kinds", ())),
        importance=_importance(said.get("importance")),
        fail_on=said.get("fail_on", "drift"),
        require_data=said.get("require_data", False),
    )


def _importance(path: Path | None) -> tuple[tuple[str, float], ...]:
    if path is None:
        return ()
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{str(path)!r} could not be read: {error.strerror}."
        raise DriftlineError(message, "Name a CSV file of feature,importance.") from None
    return tuple(summary.importances(data, path.name).items())


def _webhook(said: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    url = said.get("webhook") or environ.get(WEBHOOK, "").strip()
    return webhook.checked(url) if url else ""
