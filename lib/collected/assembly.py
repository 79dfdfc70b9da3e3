"""Shapes of rows → one frame: names, columns side by side, rows in the order of the file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from lib.collected import frame, readings, scoring, vectors
from lib.collected.header import Header
from lib.collected.problems import Report, number_of, some
from lib.collected.rows import Places
from lib.collected.shapes import Shape, as_json

Part = tuple[Places, pa.ChunkedArray]
"""Cells of one column, and the places of their rows."""


Layout = tuple[npt.NDArray[np.int64], tuple[str, ...]]
"""Rows of a frame, by their numbers, and the features that they have."""


def assemble(
    shapes: Sequence[Shape], header: Header | None, report: Report, day: date | None = None
) -> tuple[pd.DataFrame, tuple[Layout, ...]]:
    """Put shapes together; a column is missing in the rows that do not have it.

    The layouts say which rows have which features, where not all have all. `day` is that of
    the file's folder.
    """
    places = np.sort(np.concatenate([[], *(shape.places for shape in shapes)])).astype(np.int64)
    names = list(header.features) if header else []
    _report(shapes, header, places, report)
    shapes = _narrowed(shapes, header)
    named = [shape for shape in shapes if _has_names(shape, header)]
    unnamed = [shape for shape in shapes if not _has_names(shape, header)]
    most = max((len(shape.features) for shape in unnamed), default=0)
    columns = [[(s.places, s.features[at]) for s in named] for at in range(len(names))]
    columns += [
        [(s.places, s.features[at]) for s in unnamed if at < len(s.features)] for at in range(most)
    ]
    names += [f"col_{at}" for at in range(most)]
    rest = [(shape.places, shape.rest) for shape in shapes if shape.rest is not None]
    if rest:
        columns.append(rest)
        names.append("rest")
        _report_rest(rest, report)
    names = frame.unique(names, report, place=0)
    text = {name: _gathered(p, places) for name, p in zip(names, columns, strict=True)}
    meta = {
        name: _gathered([(s.places, s.meta[name]) for s in shapes if name in s.meta], places)
        for name in ("correlation_id", "scored_at", "request_id")
    }
    scored_at, findings = scoring.times(meta["scored_at"], day)
    frame.add_findings([("scored_at", found) for found in findings], places, report)
    features = frame.typed(text, places, report, readings.seconds_of(scored_at, day))
    whole = frame.build(
        features,
        meta["correlation_id"],
        frame.positions(meta["correlation_id"]),
        scored_at,
        meta["request_id"],
    )
    layouts = _layouts(shapes, header, names, places)
    return whole, tuple(
        (rows, tuple(vectors.expanded(columns, features))) for rows, columns in layouts
    )


def _layouts(
    shapes: Sequence[Shape], header: Header | None, names: list[str], places: Places
) -> tuple[Layout, ...]:
    """Return the rows that have the header's features, and those that have the first k others."""
    named = len(header.features) if header else 0
    found: dict[tuple[str, ...], list[Places]] = {}
    for shape in shapes:
        start = 0 if _has_names(shape, header) else named
        own = names[start : start + len(shape.features)]
        own += names[-1:] if shape.rest is not None else []
        found.setdefault(tuple(own), []).append(shape.places)
    if len(found) < 2:
        return ()
    return tuple(
        (np.searchsorted(places, np.sort(np.concatenate(own))), columns)
        for columns, own in found.items()
    )


def _has_names(shape: Shape, header: Header | None) -> bool:
    if header is None or shape.rest is not None:
        return False
    return len(shape.features) == len(header.features)


def _gathered(parts: list[Part], places: Places) -> pa.ChunkedArray:
    """Put the cells of one column in the order of all places, missing where there is none."""
    if not parts:
        return pa.chunked_array([pa.nulls(len(places), pa.string())])
    if len(parts) == 1 and len(parts[0][0]) == len(places):
        return parts[0][1]
    cells = pa.chunked_array([chunk for _, column in parts for chunk in column.chunks])
    at = np.searchsorted(places, np.concatenate([own for own, _ in parts]))
    sources = np.full(len(places), -1)
    sources[at] = np.arange(len(at))
    taken = cells.combine_chunks().take(pa.array(sources, mask=sources < 0))
    return pa.chunked_array([taken])


def _narrowed(shapes: Sequence[Shape], header: Header | None) -> Sequence[Shape]:
    """Cut rows without names to as many columns as a frame may have, the others to `rest`."""
    rows = sum(len(shape.places) for shape in shapes)
    most = frame.most_columns(rows, sum(len(s.places) * len(s.features) for s in shapes))
    return [
        shape if _has_names(shape, header) or len(shape.features) <= most else _cut(shape, most)
        for shape in shapes
    ]


def _cut(shape: Shape, most: int) -> Shape:
    cells = zip(*(column.to_pylist() for column in shape.features[most:]), strict=True)
    rest = pa.chunked_array([pa.array(map(as_json, cells), pa.string())])
    return replace(shape, features=shape.features[:most], rest=rest)


def _report_rest(rest: list[Part], report: Report) -> None:
    count = sum(len(places) for places, _ in rest)
    report.add(
        "rest",
        count,
        f"{number_of(count, 'row')} with more cells without names, or of more different "
        "numbers of cells, than a table can hold: the cells that are in no other column are in "
        "the column rest, as one JSON list per row.",
        place=min(int(places[0]) for places, _ in rest),
    )


def _report(shapes: Sequence[Shape], header: Header | None, places: Places, report: Report) -> None:
    if not shapes:
        if header:
            report.add("no_rows", 1, "The file has a header and no rows.", place=0)
        return
    if header:
        _report_header(shapes, header, report)
    else:
        _report_no_header(shapes, places, report)
    bare = [shape for shape in shapes if not shape.meta]
    if bare and (len(bare) < len(shapes) or (header and header.layout != "plain")):
        _add(
            report,
            "no_metadata",
            bare,
            "{rows} without correlation id and time of scoring, although the file has them.",
        )


def _report_header(shapes: Sequence[Shape], header: Header, report: Report) -> None:
    others = [shape for shape in shapes if not _has_names(shape, header)]
    if others:
        _add(
            report,
            "other_width",
            others,
            f"{{rows}} with another shape than the header ({_widths(others)}; header: "
            f"{number_of(len(header.cells), 'cell')}){_cause(shapes, others, header)}. Their "
            "names are not known, so their features are in columns of their own: col_0, col_1, ….",
        )
    longer = [s for s in shapes if _has_names(s, header) and s.meta and header.layout == "plain"]
    if longer:
        _add(
            report,
            "short_header",
            longer,
            f"{{rows}} with metadata under a header of {number_of(len(header.cells), 'cell')} "
            f"without ({_widths(longer)}): the collector wrote its first, shorter header. Nothing "
            "is lost here, but other readers of CSV shift the columns.",
        )


def _cause(shapes: Sequence[Shape], others: Sequence[Shape], header: Header) -> str:
    """Say why rows have another shape than the header, as far as the file shows it."""
    fitting = [shape.places for shape in shapes if _has_names(shape, header)]
    widths = {width for shape in others for width in shape.cells}
    if not fitting:
        more = min(widths) > len(header.cells)
        return ", of which none fits: the features have more values than names" if more else ""
    if len(widths) > 1:
        return ", as predictions of batches have: then every cell is a prediction"
    last, first = max(int(p[-1]) for p in fitting), min(int(s.places[0]) for s in others)
    if last < first:
        return ", all after the last that fits: the model was probably deployed anew"
    return ", among rows that fit"


def _report_no_header(shapes: Sequence[Shape], places: Places, report: Report) -> None:
    report.add(
        "no_header",
        len(places),
        "The file has no header (the model gave the collector no feature_names): "
        "features are called col_0, col_1, ….",
        place=int(places[0]),
    )
    rows = Counter[int]()
    for shape in shapes:
        if shape.rest is None:
            rows[len(shape.features)] += len(shape.places)
    usual = max(rows, key=lambda width: (rows[width], -width))
    others = [shape for shape in shapes if len(shape.features) != usual]
    if others:
        _add(
            report,
            "other_width",
            others,
            f"{{rows}} with another number of features ({_widths(others)}) than most ({usual}). "
            "A one-dimensional array of predictions is collected as one row: then every cell "
            "is a prediction.",
        )


def _widths(shapes: Sequence[Shape]) -> str:
    rows = Counter[int]()
    for shape in shapes:
        rows.update(shape.cells)
    return some(
        f"{number_of(cells, 'cell')}: {number_of(count, 'row')}"
        for cells, count in sorted(rows.items(), key=lambda item: (-item[1], item[0]))
    )


def _add(report: Report, kind: str, shapes: Sequence[Shape], message: str) -> None:
    count = sum(len(shape.places) for shape in shapes)
    report.add(
        kind,
        count,
        message.format(rows=number_of(count, "row")),
        place=min(int(shape.places[0]) for shape in shapes),
    )
