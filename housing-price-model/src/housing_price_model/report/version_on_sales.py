"""Prices sales with a version itself, and finds those that it was trained on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from house_record import Value
from house_record.vocabulary import NOT_APPLICABLE

from housing_price_model.errors import ServingError
from housing_price_model.evaluation.intervals import COVERAGES, Interval
from housing_price_model.evaluation.own_errors import FEWEST_SALES
from housing_price_model.evaluation.priced_sales import Flags, PricedSales
from housing_price_model.inference import DOCUMENT_FILE, CompiledDocument, KnownSales, Output, read_price
from housing_price_model.registry.manifest import Manifest

if TYPE_CHECKING:
    from housing_price_model.data import Sales
    from housing_price_model.delivery.loading import LoadedModel
    from housing_price_model.progress import Progress

ROWS_AT_ONCE = 1_000

STEPS = len(COVERAGES)
"""Number of steps that the progress shows while sales are priced."""


@dataclass(frozen=True, eq=False, kw_only=True)
class VersionOnSales:
    """A version, and its own prices of sales.

    ``name`` says which version. ``source`` is where the sales come from. ``trained_on`` says which of them the version
    was trained on, None if it has not stored its sales.
    """

    name: str
    manifest: Manifest
    source: str
    is_generated: bool
    sales: PricedSales
    trained_on: Flags | None
    priced_at: datetime

    @property
    def known_count(self) -> int:
        """The number of sales that the version was trained on."""
        return 0 if self.trained_on is None else int(self.trained_on.sum())

    @property
    def unseen(self) -> PricedSales | None:
        """The other sales, if there are enough of both."""
        if self.trained_on is None or not self.known_count or len(self.sales) - self.known_count < FEWEST_SALES:
            return None
        return self.sales.of(~self.trained_on)

    @property
    def judged(self) -> PricedSales:
        """The sales by which the version is judged: those that are new to it, or else all."""
        return self.unseen or self.sales


def price_sales(model: "LoadedModel", sales: "Sales", progress: "Progress") -> PricedSales:
    """Price sales as a model server does, with intervals of each coverage that is evaluated.

    Raises:
        ServingError: if the model can't price them.
    """
    outputs: dict[float, list[Output]] = {}
    for coverage in COVERAGES:
        progress.step(f"price {len(sales):,} sales, with intervals at {coverage:.0%}")
        outputs[coverage] = _price(model, sales, coverage)
    first = outputs[COVERAGES[0]]
    return PricedSales(
        record=sales.record,
        frame=sales.frame,
        ids=np.asarray(sales.ids, dtype=np.int64),
        actual=np.asarray(sales.prices, dtype=np.float64),
        predicted=np.array([read_price(output) for output in first]),
        intervals=_read_intervals(outputs),
        marked=np.array([isinstance(output, dict) and bool(output.get("outside")) for output in first]),
    )


def _price(model: "LoadedModel", sales: "Sales", coverage: float) -> list[Output]:
    columns, rows = sales.record.columns, sales.rows
    try:
        return [
            output
            for start in range(0, len(rows), ROWS_AT_ONCE)
            for output in model.predict(columns, rows[start : start + ROWS_AT_ONCE], {"coverage": coverage})
        ]
    # The rows are sales, so an error is always the model's fault.
    except ValueError as error:
        raise ServingError(f"the model can't price these sales: {error}") from error


def _read_intervals(outputs: Mapping[float, Sequence[Output]]) -> Mapping[float, Interval]:
    intervals = {}
    for coverage, records in outputs.items():
        ends = [(one["lower"], one["upper"]) for one in records if isinstance(one, dict) and "lower" in one]
        if len(ends) == len(records):
            lower, upper = np.array(ends, dtype=np.float64).T
            intervals[coverage] = Interval(lower, upper)
    return intervals


def find_trained_on(folder: Path, sales: "Sales") -> Flags | None:
    """Return which sales are among those that a version has stored, with the same fields and price.

    Args:
        folder: the version's verified files.
        sales: those to look for.
    """
    description = CompiledDocument.model_validate_json((folder / DOCUMENT_FILE).read_bytes())
    if description.sales is None:
        return None
    known = KnownSales.model_validate_json((folder / description.sales).read_bytes())
    places = [sales.record.columns.index(column.name) for column in description.encoding.columns]
    keys = set(_make_keys(known.rows, known.prices))
    rows = ([row[place] for place in places] for row in sales.rows)
    return np.array([key in keys for key in _make_keys(rows, sales.prices)], dtype=np.bool_)


def _make_keys(rows: Iterable[Sequence[Value]], prices: Iterable[float]) -> list[tuple[object, ...]]:
    """Make keys that are equal for the same sale, whether its file says none or nothing."""
    return [
        (price, *(None if value == NOT_APPLICABLE else value for value in row))
        for row, price in zip(rows, prices, strict=True)
    ]
