"""What a link asks for and is not there: said once, with what is shown instead and the nearest.

The address is read when a session begins; later it follows the widgets, and holds nothing of
its own.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from lib.summary import words
from lib.ui.boundary import callback

_LINK, _NOTES = "link", "link-notes"

LEVELS = ("source", "workspace", "service", "model", "version")
"""Where one is missing, those below it belong to another one and mean nothing."""

NOUNS: Mapping[str, tuple[str, str]] = {
    "source": ("source", "configured here"),
    "workspace": ("workspace", "in this source"),
    "service": ("service", "in this source"),
    "model": ("model", "in this service"),
    "version": ("version", "in this source"),
    "identifier": ("collected data", "there for this version"),
    "window": ("window", "a choice here"),
    "dates": ("days", "a choice here"),
    "reference": ("reference days", "a choice here"),
    "compare": ("reference", "a choice here"),
    "other": ("reference", "in this source"),
    "data": ("reference data", "there for this version"),
    "day": ("day", "among the days with data in this window"),
    "feature": ("feature", "in these data"),
    "split": ("feature to split by", "in these data"),
    "view": ("view", "on this page"),
    "show": ("view", "on this page"),
    "sort": ("order", "a choice here"),
    "whose": ("scope", "a choice here"),
    "refresh": ("refresh interval", "a choice here"),
    "details": ("detail", "on this page"),
    "at": ("level", "on this page"),
    "watch": ("threshold", "a distance that counts"),
    "drift": ("threshold", "a distance that counts"),
    "strong": ("threshold", "a distance that counts"),
    "q": ("limit of q", "a share that counts"),
    "fewest": ("number of rows", "a number that counts"),
}
"""What each parameter is called, and where it should be."""


@dataclass(frozen=True)
class Note:
    """What was asked for in vain, what the widget holds instead, and the nearest that there is."""

    text: str
    held: str
    nearest: str


def arrive() -> None:
    """Remember what the link asks for, in the first run of a session."""
    if _LINK not in st.session_state:
        params = st.query_params
        st.session_state[_LINK] = {key: params.get_all(key) for key in params}
        st.session_state[_NOTES] = {}


def take(key: str) -> list[str]:
    """Return what the link gives a parameter, the first time that is asked; else nothing."""
    values: list[str] = st.session_state.get(_LINK, {}).pop(key, [])
    return values


def check(key: str, options: Sequence[str], shown: str, of: str = "") -> None:
    """Note if the link asks for something that is not among the options; `of` names its owner."""
    wanted = take(key)
    if not wanted or wanted[0] in options:
        return
    if key in LEVELS:
        for below in LEVELS[LEVELS.index(key) + 1 :]:
            take(below)
    near = difflib.get_close_matches(wanted[0], options, 1)
    missing(key, wanted[0], shown, next((each for each in near if each != shown), ""), of)


def check_number(key: str, shown: float) -> None:
    """Note if the link gives a number that the widget, which was drawn, did not take."""
    wanted = take(key)
    if not wanted:
        return
    with suppress(ValueError):
        if float(wanted[0]) == shown:
            return
    missing(key, wanted[0], f"{shown:g}", held=shown)


def missing(
    key: str, wanted: str, shown: str, nearest: str = "", of: str = "", held: object = None
) -> None:
    """Note that something is not there, and what is shown instead, which the widget holds."""
    noun, where = NOUNS.get(key, (key, "a choice here"))
    text = f"The link asks for the {noun} {words.code(wanted)}, which is not {where}. "
    if key == "version" and of:
        text = f"{words.code(of)} {words.code(wanted)} is not {where}; the newest is "
        text += f"{words.code(shown)}, shown here."
    else:
        text += f"{words.code(shown)} is shown instead."
    st.session_state.setdefault(_NOTES, {})[key] = Note(text, str(held or shown), nearest)


def say(*keys: str) -> None:
    """Show the notes on some parameters, as long as what is shown is what they say."""
    notes: dict[str, Note] = st.session_state.get(_NOTES, {})
    for key in [key for key in notes if key in keys]:
        note = notes[key]
        if str(st.session_state.get(key, note.held)) != note.held:
            del notes[key]
            continue
        st.info(note.text, icon=":material/link_off:")
        if note.nearest:
            st.button(
                f"Show {words.plain(note.nearest)}",
                key=f"nearest-{key}",
                on_click=callback(_show_nearest),
                args=(key, note.nearest),
            )


def _show_nearest(key: str, nearest: str) -> None:
    st.session_state.get(_NOTES, {}).pop(key, None)
    st.session_state[key] = nearest
