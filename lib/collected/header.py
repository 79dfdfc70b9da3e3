"""The first line of a collected CSV: is it a header, and what does it name?

The collectors write a header once per file, and often the wrong one or none
(azureml-monitoring 0.1.0a21): lists without `feature_names` have none, and the header
of predictions may lack the metadata that the rows have. So the rows say where their
metadata are, and the header is asked for names only.
"""

import re
from dataclasses import dataclass

from lib.collected import types

TAIL = (
    "$aml_dc_correlation_id",
    "$aml_dc_scoring_timestamp",
    "$aml_dc_boundary",
    "$aml_workspace",
    "$aml_service_name",
    "$aml_model_name",
    "$aml_model_version",
    "$aml_request_id",
)
"""The last eight columns of azureml-monitoring 0.1.0a15 and later."""

LEAD = ("$Timestamp", "$CorrelationId", "$RequestId")
"""The first three columns of its predecessors (azureml.datacollector, 0.1.0a14)."""

SCORED_AT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
BOUNDARIES = ("60", "1440")
"""Minutes that a file may cover: an hour or a day."""
GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

MOST_REPEATS = 2
"""A plain first line seen more often than this, and in over 1 of 20 rows, is data."""


@dataclass(frozen=True)
class Header:
    """The names of the first line: all cells, and those that are features.

    `layout` says where it puts metadata: "tail", "lead", "named" (some of the metadata
    columns anywhere, as users write them into labels) or "plain" (nowhere).
    """

    cells: tuple[str, ...]
    layout: str
    features: tuple[str, ...]


def parse(cells: list[str]) -> Header:
    """Return what a header line names."""
    if tuple(cells[-8:]) == TAIL:
        return Header(tuple(cells), "tail", tuple(cells[:-8]))
    if tuple(cells[:3]) == LEAD:
        return Header(tuple(cells), "lead", tuple(cells[3:]))
    features = tuple(name for name in cells if name not in TAIL)
    layout = "plain" if len(features) == len(cells) else "named"
    return Header(tuple(cells), layout, features)


def has_tail(cells: list[str]) -> bool:
    """Whether a row ends in the eight metadata cells."""
    return len(cells) >= 8 and cells[-6] in BOUNDARIES and bool(re.fullmatch(SCORED_AT, cells[-7]))


def has_lead(cells: list[str]) -> bool:
    """Whether a row without a header to say so begins with the three metadata cells."""
    return (
        len(cells) >= 3
        and bool(re.fullmatch(SCORED_AT, cells[0]))
        and bool(re.fullmatch(GUID, cells[2]))
    )


def layout_of(cells: list[str], header: Header | None) -> str:
    """Return where a row has its metadata: "tail", "lead" or "plain" (nowhere)."""
    if has_tail(cells):
        return "tail"
    if header is None:
        return "lead" if has_lead(cells) else "plain"
    is_lead = header.layout == "lead" and len(cells) >= 3 and re.fullmatch(SCORED_AT, cells[0])
    return "lead" if is_lead else "plain"


def is_header(cells: list[str], frame_columns: bool, repeats: int, rows: int) -> bool:
    """Whether the first line names columns rather than being a row.

    `frame_columns`: the line ends in CR LF and the next in LF, which the collector does
    for a DataFrame, whose unnamed columns are called 0, 1, 2, …. `repeats` is how often
    the same line comes again among the `rows`.
    """
    if has_tail(cells) or has_lead(cells):
        return False
    if cells[0] == LEAD[0] or any(name in TAIL for name in cells):
        return True
    if frame_columns and cells == [str(at) for at in range(len(cells))]:
        return True
    values = [cell for cell in cells if cell and types.looks_like_value(cell)]
    words = [cell for cell in cells if cell and not types.looks_like_value(cell)]
    if not words or len(values) + len(words) < len(cells) - 1:
        return False
    if values:
        # Some feature names are whole numbers (one per category); then they differ.
        return all(map(types.is_integer, values)) and len(set(cells)) == len(cells)
    return not (repeats > MOST_REPEATS and repeats * 20 > rows)
