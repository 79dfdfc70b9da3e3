"""Lists of numbers of which some files had lists of one value only.

A file decides by its own cells: `[0.97]` in all of them is the number 0.97, while among longer
lists it is a vector of length 1. Where both meet in a profile, the numbers are vectors too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lib.collected import vectors
from lib.profile import counts, feature, weighted
from lib.profile.feature import Feature, Profile, Shapes, merge_features


def merge(profiles: Iterable[Profile]) -> Profile:
    """Return the profile of all rows of several, as `feature.merge` does.

    A column that is one of vectors in any of them has lengths and norms in all.
    """
    whole = feature.merge(profiles)
    features = dict(whole.features)
    for name in vectors.judged_by_others(features):
        rest, length, norm = _divided(features.pop(name))
        for key, part in zip(vectors.names(name), (length, norm), strict=True):
            features[key] = merge_features([features[key], replace(part, name=key)])
        if rest.present:
            features[name] = rest
    return replace(whole, features=features)


def _divided(one: Feature) -> tuple[Feature, Feature, Feature]:
    """Return what of a feature is no list, and the lengths and norms of its numbers and lists."""
    values, rows = one.numbers.values, one.numbers.counts
    lengths, norms = np.ones(len(values)), np.abs(values)
    rest = replace(one, rows=one.rows - one.missing - one.numbers.count, missing=0)
    rest = replace(rest, numbers=weighted.EMPTY)
    if one.texts.exact and one.texts.count:
        found, norm_of = vectors.lengths_and_norms(one.texts.values)
        known = ~np.isnan(found)
        of_texts = one.texts.counts[known]
        lengths, norms = np.append(lengths, found[known]), np.append(norms, norm_of[known])
        rows = np.append(rows, of_texts)
        left = one.texts.values.filter(pa.array(~known))
        texts = counts.of_counted(left, one.texts.counts[~known])
        rest = replace(rest, texts=texts, rows=rest.rows - int(of_texts.sum()))
    return rest, _measure(lengths, rows, one.missing), _measure(norms, rows, one.missing)


def _measure(values: NDArray[np.float64], rows: NDArray[np.int64], missing: int) -> Feature:
    whole = int(rows[np.rint(values) == values].sum())
    return Feature(
        name="",
        rows=int(rows.sum()) + missing,
        missing=missing,
        numbers=weighted.of_counted(values, rows) if len(values) else weighted.EMPTY,
        shapes=Shapes(whole=whole),
    )
