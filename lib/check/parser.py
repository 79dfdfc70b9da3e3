"""The options of the command line, which a configuration file knows by the same names."""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path
from typing import NoReturn

from lib.check import messages, question, webhook
from lib.check.question import LEVELS, Reference
from lib.drift import Thresholds
from lib.errors import DriftlineError
from lib.settings import KINDS
from lib.window import Window

FORMS = ("table", "json", "markdown")

WEBHOOK = "DRIFTLINE_WEBHOOK"

DESCRIPTION = """\
Compare collected data with a reference and tell by the exit code whether they
drifted: the verdicts of the app's drift page, for cron, pipelines and alerts.
"""

EXAMPLES = """
examples:
  python -m lib.check --demo
  python -m lib.check --service credit-risk-svc --version 4 --identifier inputs
  python -m lib.check --window 7 --reference same-weekdays --format json --output drift.json
  python -m lib.check --service 'fraud*' --reference version:blue --fail-on strong
  python -m lib.check --reference file:training.parquet --ignore 'customer_*'
  DRIFTLINE_WEBHOOK=https://… python -m lib.check --quiet      (from cron, every morning)
  python -m lib.check --config checks.toml

checks.toml has the same names; what stands above [[check]] is for all of them:
  window = 7
  webhook-format = "teams"
  [[check]]
  service = "credit-risk-svc"
  ignore = ["customer_id"]
  [[check]]
  service = "churn-svc"
  reference = "same-weekdays"
  kinds = { postcode = "categorical" }

exit code:
  0  nothing found
  1  drift at or above --fail-on in at least one data set
  2  something could not be checked: wrong options, nothing to compare at all, a source that
     cannot be read, or a webhook that took nothing; a message says what to do
"""


class _Parser(argparse.ArgumentParser):
    """Raises what it has to say, and repeats no address of a webhook."""

    def error(self, message: str) -> NoReturn:
        """Raise DriftlineError with argparse's own words."""
        said = re.sub(r"(?i)https?:\S+", "https:…", message)
        raise DriftlineError(f"{said[:1].upper()}{said[1:]}.", f"{self.prog} --help lists all.")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; it leaves out whatever was not given."""
    made = _Parser(
        prog="python -m lib.check",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    _add_places(made)
    _add_names(made)
    _add_days(made)
    _add_levels(made)
    _add_answers(made)
    return made


def _add_places(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("where the data lie")
    add = group.add_argument
    add(
        "--settings",
        metavar="FILE",
        type=Path,
        help="default: .streamlit/secrets.toml, as the "
        "app, and the environment's DRIFTLINE_… variables",
    )
    add(
        "--folder",
        metavar="DIR",
        type=Path,
        help="a folder with a sub-folder per container, instead of the settings",
    )
    add("--demo", action="store_true", help="made-up data, instead of the settings")
    add("--config", metavar="FILE", type=Path, help="these options from a TOML file, see below")


def _add_names(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group(
        "what is checked",
        "Names may be globs ('credit-*', quoted). Left out, all are checked, each for itself.",
    )
    for name in ("source", "workspace", "service", "model", "version", "identifier"):
        group.add_argument(f"--{name}", metavar="NAME")
    group.add_argument(
        "--ignore",
        metavar="FEATURE",
        action="append",
        help="leave features out; a glob, may be repeated",
    )
    group.add_argument(
        "--kinds",
        metavar="FEATURE=KIND",
        action="append",
        type=_kind,
        help=f"what a feature is, may be repeated: {', '.join(KINDS)}",
    )
    group.add_argument(
        "--importance",
        metavar="FILE",
        type=Path,
        help="CSV of feature,importance: what matters comes first, its share is added up",
    )


def _add_days(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("when, and beside what (days are UTC, both ends included)")
    add = group.add_argument
    add(
        "--window",
        metavar="DAYS|FIRST..LAST",
        type=_days,
        help=f"a number of days, or 2026-11-01..2026-11-14 (default: {question.DAYS})",
    )
    add(
        "--until",
        metavar="DATE",
        type=_date,
        help="the last day of a window of so many days "
        "(default: yesterday, the last day that is whole)",
    )
    add(
        "--reference",
        metavar="REFERENCE",
        type=_reference,
        help="previous (as many days just "
        "before, the default), same-weekdays (of up to four weeks before), FIRST..LAST, "
        "version:NAME, or file:PATH (CSV or Parquet, such as a training set)",
    )


def _add_levels(made: argparse.ArgumentParser) -> None:
    usual = Thresholds()
    group = made.add_argument_group("what counts as drift")
    for level in LEVELS:
        group.add_argument(
            f"--{level}",
            metavar="DISTANCE",
            type=float,
            help=f"debiased Jensen–Shannon distance (default: {getattr(usual, level):g})",
        )
    group.add_argument(
        "--q",
        metavar="Q",
        type=float,
        help=f"share of false alarms allowed, after correction (default: {usual.q:g})",
    )
    group.add_argument(
        "--fewest",
        metavar="ROWS",
        type=int,
        help=f"rows below which there is no verdict (default: {usual.fewest})",
    )
    group.add_argument(
        "--fail-on",
        choices=LEVELS,
        help="the mildest verdict that gives exit code 1 (default: drift)",
    )
    group.add_argument(
        "--require-data",
        action="store_true",
        help="exit code 2 if any data set has nothing to compare, not only if all have",
    )


def _add_answers(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("where the answer goes")
    add = group.add_argument
    add("--format", choices=FORMS, help="default: table")
    add("--output", metavar="FILE", type=Path, help="write there instead of printing")
    add(
        "--webhook",
        metavar="URL",
        type=_url,
        help="post what was found there; the address is "
        f"a secret, so better put it into the variable {WEBHOOK}",
    )
    add(
        "--webhook-format", choices=messages.FORMATS, help="default: by the address, otherwise json"
    )
    add("--always", action="store_true", help="post also if nothing was found")
    add("--quiet", action="store_true", help="print nothing but errors")


def _days(text: str) -> Window | int:
    try:
        return question.days(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _date(text: str) -> date:
    try:
        return question.day(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-11-24") from None


def _reference(text: str) -> Reference:
    try:
        return question.reference(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _kind(text: str) -> tuple[str, str]:
    feature, equals, kind = text.rpartition("=")
    if not equals or not feature or kind not in KINDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not FEATURE= and one of {', '.join(KINDS)}")
    return feature, kind


def _url(text: str) -> str:
    try:
        return webhook.checked(text)
    except DriftlineError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
