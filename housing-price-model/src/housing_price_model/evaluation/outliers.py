"""Finds the sales with the largest errors and their share of the total error. All sales stay in every score."""

from dataclasses import dataclass

import numpy as np

from housing_price_model.evaluation.priced_sales import PricedSales

SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BadlyPriced:
    """A sale, its prices in US dollars, and its share of the sum of squared log errors."""

    id: int
    neighborhood: str
    actual: float
    predicted: float
    relative_error: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outliers:
    """The worst sales first, their share of the error, and how many sales make up half of it."""

    worst: list[BadlyPriced]
    share: float
    half_count: int
    half_share: float


def find_outliers(sales: PricedSales, shown: int = SHOWN) -> Outliers:
    """Find the sales with the largest squared log errors; ``shown`` is how many are described."""
    errors = sales.squared_log_errors
    order = np.argsort(-errors, kind="stable")
    shares = errors[order] / max(float(errors.sum()), np.finfo(np.float64).tiny)
    half = int(np.searchsorted(np.cumsum(shares), 0.5)) + 1
    half = min(half, len(sales))
    worst = [
        _describe_sale(sales, int(place), float(share)) for place, share in zip(order, shares[:shown], strict=False)
    ]
    return Outliers(worst=worst, share=float(shares[:shown].sum()), half_count=half, half_share=half / len(sales))


def _describe_sale(sales: PricedSales, place: int, share: float) -> BadlyPriced:
    return BadlyPriced(
        id=int(sales.ids[place]),
        neighborhood=str(sales.frame["Neighborhood"].iloc[place]),
        actual=float(sales.actual[place]),
        predicted=float(sales.predicted[place]),
        relative_error=float(sales.relative_errors[place]),
        share=share,
    )
