"""Payloads over 4 MB: the event says where they lie instead of holding them."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from lib import errors
from lib.collected.problems import UnusableError


def fetched(reference: Any, name: str, fetch: Callable[[str], bytes] | None) -> Any:
    """Return the data that an event of the blob `name` refers to. Raises UnusableError."""
    blob = blob_name(reference, name) if isinstance(reference, str) else None
    if blob is None:
        raise UnusableError("not_readable", "left out: the data lie in another folder")
    if fetch is None:
        raise UnusableError("not_readable", "left out: the data lie in another blob")
    try:
        return json.loads(fetch(blob).decode("utf-8-sig"))
    except errors.NotFound:
        raise UnusableError("not_readable", "left out: the data are gone") from None
    except errors.OF_ONE_BLOB as error:
        why = f"left out: the data cannot be read. {error.message}"
        raise UnusableError("not_readable", why) from None
    except (ValueError, RecursionError):
        raise UnusableError("not_readable", "left out: the data are not JSON") from None


def blob_name(reference: str, name: str) -> str | None:
    """Return the name of the blob that a URL or path means, if it is of the same collection.

    The names of containers are not known here, so what counts is the folder: all before
    the year in `name`.
    """
    folder = re.match(r".*?/(?=[0-9]{4}/)", name)
    try:
        path = unquote(urlsplit(reference).path) if "://" in reference else reference
    except ValueError:
        return None
    path = path.lstrip("/")
    inside_container = path.partition("/")[2]
    inside_datastore = path.partition("/paths/")[2]
    for blob in (path, inside_container, inside_datastore):
        if folder and blob.startswith(folder[0]) and not {"", ".", ".."} & set(blob.split("/")):
            return blob
    return None
