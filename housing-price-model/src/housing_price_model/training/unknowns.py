"""Copies of sales of which less is known, as callers send them: some fields are omitted."""

from collections.abc import Sequence

import numpy as np
from house_record import Feature
from numpy.typing import NDArray

from housing_price_model.data import Row

ALWAYS_KNOWN = ("MoSold", "YrSold")
"""A price has a date, even if the caller gives none."""

SEED = 42


def keep_required(features: Sequence[Feature], rows: Sequence[Row]) -> list[Row]:
    """Return rows of which only the required fields and the date are known."""
    known = np.array([feature.required or feature.column in ALWAYS_KNOWN for feature in features])
    return _keep(rows, np.broadcast_to(known, (len(rows), len(features))))


def omit_at_random(features: Sequence[Feature], rows: Sequence[Row], *, copies: int) -> list[list[Row]]:
    """Return copies of rows without a random part of their fields, from none to all of those that may be omitted.

    In the first copy any field may be omitted, since a server takes such rows too; in the others no required one.
    """
    rng = np.random.default_rng(SEED)
    always = np.array([feature.column in ALWAYS_KNOWN for feature in features])
    required = always | np.array([feature.required for feature in features])
    return [_keep(rows, _draw(rng, always if copy == 0 else required, len(rows))) for copy in range(copies)]


def _draw(rng: np.random.Generator, always: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    shares = rng.uniform(size=(count, 1))
    drawn: NDArray[np.bool_] = always | (rng.uniform(size=(count, len(always))) < shares)
    return drawn


def _keep(rows: Sequence[Row], known: NDArray[np.bool_]) -> list[Row]:
    return [
        tuple(value if keep else None for value, keep in zip(row, own, strict=True))
        for row, own in zip(rows, known.tolist(), strict=True)
    ]
