import inspect
import re

import pytest

from lib import errors
from lib.errors import DriftlineError, NotAllowed, SettingsError, SourceError

ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


def drawn():
    """Return the tree of the module's docstring: each name with the name that it hangs below."""
    parents, above = {}, []
    for indent, name in re.findall(r"^( *)[*x+] (\w+)", errors.__doc__, re.MULTILINE):
        depth = len(indent) // 2
        above[depth:] = [name]
        parents[name] = above[depth - 1] if depth else "Exception"
    return parents


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes():
    assert drawn() == {kind.__name__: kind.__bases__[0].__name__ for kind in ALL}


def test_an_error_says_what_happened_and_what_to_do():
    error = NotAllowed("The role is missing.", "Give it to the app.")
    assert (error.message, error.next_step) == ("The role is missing.", "Give it to the app.")
    assert str(error) == "The role is missing. Give it to the app."


def test_a_settings_error_names_the_key_and_shows_it_right():
    error = SettingsError("It is no number.", "Write one.", "limits.read_mb", "read_mb = 512")
    assert (error.key, error.example) == ("limits.read_mb", "read_mb = 512")
    assert str(error) == "It is no number. Write one."


def test_whoever_catches_one_kind_of_error_catches_those_below_it():
    with pytest.raises(SourceError):
        raise NotAllowed("No.", "Ask.")
    assert all(issubclass(kind, DriftlineError) for kind in ALL)
