"""The settings of a check: those of the app, a folder named in passing, or the demo."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from lib import demo, settings
from lib.errors import DriftlineError, SettingsError
from lib.settings import Limits, Profiles, Settings, Source


def today(environ: Mapping[str, str]) -> date:
    """Return today in UTC, or what DRIFTLINE_TODAY tells, as the app does."""
    told = environ.get("DRIFTLINE_TODAY")
    try:
        return date.fromisoformat(told) if told else datetime.now(UTC).date()
    except ValueError:
        message = "DRIFTLINE_TODAY is no date."
        raise DriftlineError(message, "Write it as 2026-11-24, or leave it out.") from None


@contextmanager
def opened(
    path: Path | None, folder: Path | None, is_demo: bool, environ: Mapping[str, str]
) -> Iterator[Settings]:
    """Give the settings from a file, of a folder, or of a demo that lies there meanwhile.

    `folder` and `is_demo` go before whatever is configured, and so does DRIFTLINE_DEMO unless
    a file is named. Raises DriftlineError where there is nothing to read from.
    """
    if folder:
        if not folder.is_dir():
            message = f"{str(folder)!r} is not a folder."
            raise DriftlineError(message, "Name one that has a sub-folder per container.")
        name = folder.resolve().name or "folder"
        kept = settings.profiles.read({}, environ)
        yield Settings((Source(name, folder=str(folder)),), Limits(), kept)
    elif is_demo or (environ.get("DRIFTLINE_DEMO") and not path):
        with tempfile.TemporaryDirectory(prefix="driftline-") as written:
            demo.write(Path(written, "demo"), today(environ))
            source = Source(
                "Demo", folder=str(Path(written, "demo")), workspace="contoso-ml", demo=True
            )
            # It is gone afterwards, so nothing is kept of it.
            yield Settings((source,), Limits(), Profiles(folder=""))
    else:
        told = settings.load(_secrets(path), environ)
        if not told.sources:
            raise DriftlineError(
                "There is no source to read from.",
                "Describe one in .streamlit/secrets.toml or the environment, name another file "
                "with --settings, a folder with --folder, or try --demo.",
            )
        yield told


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Return a TOML file as a mapping. Raises SettingsError that repeats nothing of it."""
    example = '[sources.contoso]\naccount_url = "https://contoso.blob.core.windows.net"'
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        problem, step = f"could not be read: {error.strerror}", f"Name {what} that is there."
    except (ValueError, RecursionError):  # brackets within brackets, hundreds deep
        # The parser's own words can quote a line, and with it a secret.
        problem, step = "is not valid TOML", "Texts stand in quotation marks, lists in brackets."
    raise SettingsError(f"{str(path)!r} {problem}.", step, str(path), example)


def _secrets(path: Path | None) -> dict[str, Any]:
    """Return what secrets.toml says: the file named, or the two that Streamlit reads itself."""
    if path:
        return read_toml(path, "a secrets.toml")
    usual = [Path.home() / ".streamlit/secrets.toml", Path(".streamlit/secrets.toml")]
    told: dict[str, Any] = {}
    for each in usual:
        if each.is_file():
            told |= read_toml(each, "a secrets.toml")
    return told
