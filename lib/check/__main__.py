"""Checks from the command line: python -m lib.check --help."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from lib.check import account, compare, document, messages, options, pages, places, webhook
from lib.check.options import Orders
from lib.check.report import FAILED, UNREAD, Report, exit_code
from lib.errors import DriftlineError

FORMS: dict[str, Callable[[Sequence[Report]], str]] = {
    "table": pages.table,
    "markdown": pages.markdown,
    "json": lambda reports: f"{document.text(document.document(reports), indent=2)}\n",
}


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Check, print or write what was found, tell the webhook, and return the exit code."""
    try:
        orders = options.read(arguments, environ)
        reports, problems = _answered(orders, environ)
        code = FAILED if problems else exit_code(reports)
        for problem in [*problems, *(r.message for r in reports if r.state == UNREAD)]:
            _complain(problem)
        if reports:
            _write(FORMS[orders.form](reports), orders)
            if orders.webhook and (code or orders.always):
                form = orders.webhook_form or messages.form_of(orders.webhook)
                webhook.post(orders.webhook, messages.message(reports, form))
    except DriftlineError as error:
        _complain(str(error))
        return FAILED
    return code


def _answered(orders: Orders, environ: Mapping[str, str]) -> tuple[list[Report], list[str]]:
    """Return the reports of all checks, and what kept some of them from being made."""
    reports: list[Report] = []
    problems: list[str] = []
    progress = None if orders.quiet or not sys.stderr.isatty() else _progress
    with places.opened(orders.settings, orders.folder, orders.demo, environ) as told:
        shelf = account.shelf(told)
        for question in orders.questions:
            try:
                reports += compare.run(told, question, shelf, progress)
            except DriftlineError as error:
                problems.append(str(error))
    return reports, problems


def _write(text: str, orders: Orders) -> None:
    if orders.output is None:
        if not orders.quiet:
            _print(text)
        return
    try:
        Path(orders.output).write_text(text, "utf-8", "replace", newline="\n")
    except OSError as error:
        message = f"{str(orders.output)!r} could not be written: {error.strerror}."
        raise DriftlineError(message, "Name a file in a folder that can be written to.") from None


def _print(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads along has seen enough, as `head` has: that is no finding and no failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _progress(text: str) -> None:
    sys.stderr.write(f"Checking {pages.seen(text)} …\n")


def _complain(text: str) -> None:
    sys.stderr.write(f"driftline: {pages.seen(text)}\n")


def _failed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End a crash with the code of a failure: Python's own, 1, would pass for drift."""
    sys.__excepthook__(kind, error, trace)
    sys.exit(FAILED)


if __name__ == "__main__":
    sys.excepthook = _failed
    # Names may hold what the terminal's encoding does not have.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:], os.environ))
