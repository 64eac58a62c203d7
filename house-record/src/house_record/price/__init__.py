"""The document of a price, made from a model's output. Knows no HTTP and no model.

The API and the command `predict` share this code.
"""

from house_record.price.documents import (
    BatchPrices,
    Comparable,
    Contribution,
    Difference,
    Document,
    Explanation,
    PredictionInterval,
    Price,
    SinglePrice,
)
from house_record.price.errors import OptionNotOffered, UnusableOutput
from house_record.price.options import NO_OPTIONS, PriceOptions
from house_record.price.rendering import (
    PreparedHouse,
    PriceDocument,
    make_price_document,
    prepare_house,
    render_batch_prices,
    render_single_price,
)
from house_record.price.valuation_date import EXPECTED_MONTH, MONTH_PATTERN, ValuationDate, utc_now

__all__ = [
    "EXPECTED_MONTH",
    "MONTH_PATTERN",
    "NO_OPTIONS",
    "BatchPrices",
    "Comparable",
    "Contribution",
    "Difference",
    "Document",
    "Explanation",
    "OptionNotOffered",
    "PredictionInterval",
    "PreparedHouse",
    "Price",
    "PriceDocument",
    "PriceOptions",
    "SinglePrice",
    "UnusableOutput",
    "ValuationDate",
    "make_price_document",
    "prepare_house",
    "render_batch_prices",
    "render_single_price",
    "utc_now",
]
