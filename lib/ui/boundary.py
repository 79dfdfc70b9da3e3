"""The one place where errors end, also those that nobody foresaw.

Around every part of a page, the page itself, the frame and what runs between two runs
(callbacks, downloads). An error of `lib.errors` is explained. Any other is logged with a
number, and of it the reader is told that number alone: its text may hold somebody's data.
"""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st

from lib.errors import DriftlineError, SettingsError
from lib.summary import words

LATER = "errors-of-callbacks"
"""Where the session holds what callbacks met, until the next run shows it."""

_LOG = logging.getLogger("driftline")

T = TypeVar("T")


@contextmanager
def panel() -> Iterator[None]:
    """Show an error of this part of the page in its place; the rest of the page goes on."""
    with boundary(explain):
        yield


@contextmanager
def boundary(show: Callable[[DriftlineError], None]) -> Iterator[None]:
    """Hand every error raised inside to `show`, as one that a reader can act on.

    Streamlit's own signals (stop, rerun, another page) are no errors to Python and pass.
    """
    try:
        yield
    except DriftlineError as error:
        show(error)
    except Exception as error:
        show(unforeseen(error))


def unforeseen(error: Exception) -> DriftlineError:
    """Log an error that nobody foresaw, and return what a reader is told of it."""
    number = secrets.token_hex(3).upper()
    _LOG.error("Error %s", number, exc_info=error)
    return DriftlineError(
        f"This part could not be shown because of an error in Driftline, number {number}.",
        "Reload the page. If it stays, give this number to whoever runs the app: the app's log "
        "has the details under it.",
    )


def explain(error: DriftlineError) -> None:
    """Say what went wrong and what to do next."""
    text = f"{words.plain(error.message)}\n\n**What to do:** {error.next_step}"
    st.error(text, icon=":material/error:")
    if isinstance(error, SettingsError):
        st.markdown(f"The setting is `{error.key}`. In `.streamlit/secrets.toml` it reads:")
        # In colour, tables and numbers would be too pale to read (1.67): no language.
        st.code(error.example, language=None)


def callback(call: Callable[..., object]) -> Callable[..., None]:
    """Return a widget's callback whose errors are shown by the run that follows it."""

    @functools.wraps(call)
    def run(*args: Any, **values: Any) -> None:
        with boundary(_show_later):
            call(*args, **values)

    return run


def explain_callbacks() -> None:
    """Show what callbacks met since the last run."""
    for error in st.session_state.pop(LATER, ()):
        explain(error)


def download(make: Callable[[], T]) -> Callable[[], T]:
    """Return what makes a file when it is asked for; an error is logged with its number.

    It runs outside of any page. The browser says beside the button that the file could not be
    made, and gets none: half a file would pass for a whole one.
    """

    def run() -> T:
        try:
            return make()
        except DriftlineError:
            raise
        except Exception as error:
            raise unforeseen(error) from None

    return run


def _show_later(error: DriftlineError) -> None:
    st.session_state.setdefault(LATER, []).append(error)
