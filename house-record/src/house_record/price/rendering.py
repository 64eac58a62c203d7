"""Makes the document of a price from a house and a model's output, as plain values, because objects would take time.

``documents.py`` describes what is written here; a test holds the two together.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic_core import to_json

from house_record.features import Value
from house_record.implausibility import Implausibility
from house_record.price.assumed import make_assumed
from house_record.price.comparables import make_comparables, make_reach_warnings
from house_record.price.errors import OptionNotOffered, UnusableOutput
from house_record.price.explanation import make_explanation
from house_record.price.options import NO_OPTIONS, PriceOptions
from house_record.price.out_of_distribution import make_warnings
from house_record.price.sales_period import make_period_warnings
from house_record.price.valuation_date import ValuationDate
from house_record.record import AnyHouse, Record

PRICE = "price"
"""The output with the price, if a model returns records."""

type PriceDocument = dict[str, Any]
"""A ``Price`` as plain values, in wire names."""

_NOTHING: Mapping[str, Any] = {}
_MONTH_AND_YEAR, _YEAR = ("moSold", "yrSold"), ("yrSold",)


class PreparedHouse(NamedTuple):
    """A valid house of a record, ready to be priced: its model row, its warnings, and its date of valuation.

    Warnings say what is improbable about it and what its price assumes. ``date_fields`` are the wire names of the
    fields that state the date, empty if the caller or the service does.
    """

    record: Record
    id: int
    row: Sequence[Value]
    implausibilities: Sequence[Implausibility]
    as_of: ValuationDate
    date_fields: Sequence[str] = ()


def prepare_house(record: Record, house: AnyHouse, as_of: ValuationDate) -> PreparedHouse:
    """Prepare a house of the record for pricing, as of its own date of sale or else ``as_of``."""
    date, fields = ValuationDate.of_house(house, as_of), _date_fields(house)
    dated = house if fields else house.model_copy(update={"yr_sold": date.year, "mo_sold": date.month})
    row, warnings = record.read(dated)
    return PreparedHouse(record, house.id, row, warnings, date, fields)


def _date_fields(house: AnyHouse) -> tuple[str, ...]:
    if getattr(house, "yr_sold", None) is None:
        return ()
    return _YEAR if getattr(house, "mo_sold", None) is None else _MONTH_AND_YEAR


def make_price_document(house: PreparedHouse, output: object, options: PriceOptions = NO_OPTIONS) -> PriceDocument:
    """The document of a house's price.

    Args:
        house: what was priced.
        output: what the model answered: a number of US dollars, or a record with ``price`` and more.
        options: what was asked for beside the price. What was not asked for is left out, but for the interval.

    Raises:
        UnusableOutput: if the output is no price, or malformed.
        OptionNotOffered: if it lacks what was asked for.
    """
    outputs, said = (output, output.get(PRICE)) if isinstance(output, dict) else (_NOTHING, output)
    price = _dollars(said)
    document: PriceDocument = {"id": house.id, "predictedPrice": price, "pricedAsOf": str(house.as_of)}
    if outputs and (interval := _interval(outputs, price, options)):
        document["predictionInterval"] = interval
    elif options.asks_for_coverage:
        raise OptionNotOffered("coverage")
    outside = outputs.get("outside")
    if outside:
        document["outOfDistribution"] = True
    document["warnings"] = [
        *house.implausibilities,
        *make_period_warnings(outputs, house.as_of, house.date_fields),
        *(make_warnings(house.record, outside) if outside else ()),
    ]
    if options.explain:
        if assumed := outputs.get("assumed"):
            document["assumed"] = make_assumed(house.record, assumed)
        document["explanation"] = make_explanation(house.record, _require(outputs, "explanation", "explain"), price)
    if options.comparables:
        sales = make_comparables(house.record, _require(outputs, "comparables", "comparables"), house.row)
        document["warnings"] += make_reach_warnings(outputs.get("comparables_reach"), sales)
        document["comparables"] = sales
    return document


def render_single_price(document: PriceDocument, model_version: str) -> bytes:
    """The document ``SinglePrice`` of one house."""
    return to_json({**document, "modelVersion": model_version})


def render_batch_prices(documents: Sequence[PriceDocument], model_version: str) -> bytes:
    """The document ``BatchPrices`` of several."""
    return to_json({"predictions": documents, "count": len(documents), "modelVersion": model_version})


def _interval(outputs: Mapping[str, Any], price: float, options: PriceOptions) -> dict[str, float] | None:
    ends = outputs.get("lower"), outputs.get("upper")
    if ends == (None, None):
        return None
    lower, upper, coverage = round(_number(ends[0]), 2), round(_number(ends[1]), 2), _number(outputs.get("coverage"))
    if not (lower <= price <= upper and 0 < coverage < 1):
        raise UnusableOutput("an interval does not hold its price, or has no coverage between 0 and 1")
    if options.asks_for_coverage and not math.isclose(coverage, options.coverage):
        raise UnusableOutput(f"an interval has a coverage of {coverage:g}, not of {options.coverage:g}")
    return {"lower": lower, "upper": upper, "coverage": coverage}


def _require(outputs: Mapping[str, Any], part: str, option: str) -> Any:
    found = outputs.get(part)
    if found is None:
        raise OptionNotOffered(option)
    return found


def _dollars(price: object) -> float:
    dollars = round(_number(price), 2)
    if dollars <= 0:
        raise UnusableOutput("a price is not positive")
    return dollars


def _number(value: object) -> float:
    if type(value) is float and math.isfinite(value):  # almost always, and quicker than what follows
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnusableOutput("a prediction is not a number")
    try:
        number = float(value)
    except OverflowError:  # an integer of hundreds of digits
        number = math.inf
    if not math.isfinite(number):
        raise UnusableOutput("a prediction is not finite")
    return number
