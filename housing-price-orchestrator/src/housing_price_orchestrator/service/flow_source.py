"""The source `pricing-model`: prices one house or a list of houses, as the routes for prices do."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from declared_flows.errors import UnusableParams
from declared_flows.notation.records import leave_out_nulls
from declared_flows.notation.schema import Schema
from declared_flows.sources.port import Answer, Call, Operation, Params, Signature
from house_record import Record
from house_record.price import (
    MONTH_PATTERN,
    NO_OPTIONS,
    PreparedHouse,
    PriceDocument,
    PriceOptions,
    ValuationDate,
    prepare_house,
)
from house_record.price.options import DEFAULT_COVERAGE
from house_record.refusals import describe_missing
from pydantic import ValidationError
from upstream_resilience.admission import Traffic

from housing_price_orchestrator.domain import PricedHouses, RequestContext
from housing_price_orchestrator.errors import InvalidInput
from housing_price_orchestrator.service.events import OnPricesAnswered, PricesAnswered
from housing_price_orchestrator.service.flow_records import describe_house
from housing_price_orchestrator.service.pricing import PricingService

NAME = "pricing-model"
"""The name of the source."""

DESCRIPTION = "The service's own model; it needs no declaration."

MOST_HOUSES = 1000
HOUSES_AT_ONCE = 32
"""Houses of a batch that are checked before other tasks get a turn."""

MOST_MISTAKES = 1000
"""If one house has more, none is described: to list them all would take seconds."""

_COVERAGE = Schema(type="number", minimum=0.5, maximum=0.99, optional=True, description="Coverage of the interval.")
_AS_OF = Schema(
    type="string",
    pattern=MONTH_PATTERN,
    optional=True,
    description="The month as of which houses without a date of sale are priced.",
)
_INTERVAL = Schema(
    type="object",
    nullable=True,
    properties={"lower": Schema(type="number"), "upper": Schema(type="number"), "coverage": Schema(type="number")},
)
_PRICE = Schema(
    type="object",
    properties={
        "id": Schema(type="integer"),
        "predictedPrice": Schema(type="number", description="US dollars."),
        "pricedAsOf": Schema(
            type="string", optional=True, description="The month as of which the house is priced; examples may omit it."
        ),
        "predictionInterval": _INTERVAL,
        "warnings": Schema(type="array"),
        "modelVersion": Schema(type="string"),
    },
)


def signatures(record: Record) -> Mapping[str, Signature]:
    """Return what it offers to flows for houses of this record."""
    house, houses = Schema.of(describe_house(record)), Schema(type="array", min_items=1, max_items=MOST_HOUSES)
    return {
        "predict": Signature({"house": house, "coverage": _COVERAGE, "as_of": _AS_OF}, _PRICE),
        "predict_batch": Signature(
            {"houses": houses, "coverage": _COVERAGE, "as_of": _AS_OF}, Schema(type="array", items=_PRICE)
        ),
    }


type Admit = Callable[[Traffic], AbstractContextManager[None]]
"""Lets a request for prices in, or refuses it with ``Overloaded``."""


class PricingModelSource:
    """The pricing model as a source of flows.

    Args:
        pricing: prices houses.
        as_of: returns the date of valuation, where neither a house nor a step states one.
        admit: lets requests in, as those for prices are.
        on_answered: hear of what was priced.
    """

    def __init__(
        self,
        pricing: PricingService,
        as_of: Callable[[], ValuationDate],
        admit: Admit = lambda _traffic: nullcontext(),
        on_answered: Sequence[OnPricesAnswered] = (),
    ) -> None:
        self._pricing = pricing
        self._record = pricing.record
        self._as_of = as_of
        self._admit = admit
        self._on_answered = on_answered
        self.operations: Mapping[str, Operation] = {"predict": self._predict, "predict_batch": self._predict_batch}

    async def verify(self) -> Sequence[str]:
        """Return nothing: there is no declaration that could be wrong."""
        return ()

    async def _predict(self, params: Params, call: Call) -> Answer:
        with self._admit("single"):
            house = prepare_house(self._record, params["house"], self._date(params))
            priced = await self._price([house], params, call)
        return Answer(_document(priced.documents[0], priced), 1, _served_by(priced))

    async def _predict_batch(self, params: Params, call: Call) -> Answer:
        with self._admit("batch"):
            houses = await prepare_all(self._record, params["houses"], self._date(params))
            priced = await self._price(houses, params, call)
        documents = [_document(document, priced) for document in priced.documents]
        return Answer(documents, len(documents), _served_by(priced))

    def _date(self, params: Params) -> ValuationDate:
        text = params.get("as_of")
        return self._as_of() if text is None else ValuationDate.parse(text)

    async def _price(self, houses: Sequence[PreparedHouse], params: Params, call: Call) -> PricedHouses:
        context = call.context if isinstance(call.context, RequestContext) else RequestContext()
        options = _options(params.get("coverage"))
        try:
            priced = await self._pricing.price(houses, context, options, deadline=call.deadline)
        except InvalidInput as error:
            raise UnusableParams(str(error.details[0]["msg"]), "coverage") from error
        if self._on_answered:
            event = PricesAnswered(context, houses, priced.documents, priced.model.version)
            for on_answered in self._on_answered:
                on_answered(event)
        return priced


async def prepare_all(record: Record, houses: Sequence[Any], as_of: ValuationDate) -> list[PreparedHouse]:
    """Prepare houses for pricing. That takes a while, so other tasks get a turn in between."""
    found: list[PreparedHouse] = []
    for index, house in enumerate(houses):
        if index % HOUSES_AT_ONCE == 0:
            await asyncio.sleep(0)
        try:
            valid = house if isinstance(house, record.house) else record.house.model_validate(leave_out_nulls(house))
            found.append(prepare_house(record, valid, as_of))
        except ValidationError as error:
            raise UnusableParams(_mistake(record, index, error), "houses") from error
    return found


def _mistake(record: Record, index: int, error: ValidationError) -> str:
    """The first thing that is wrong with a house."""
    if error.error_count() > MOST_MISTAKES:
        return f"`houses.{index}`: there are {error.error_count():,} mistakes in it"
    mistakes = error.errors(include_url=False, include_input=False)
    if missing := [str(mistake["loc"][-1]) for mistake in mistakes if mistake["type"] == "missing"]:
        return f"`houses.{index}`: {describe_missing(record, missing)}"
    first = mistakes[0]
    place = ".".join(map(str, ("houses", index, *first["loc"])))
    message = "input should be an object" if first["type"] == "model_type" else _begin_small(first["msg"])
    return f"`{place}`: {message}"


def _begin_small(message: str) -> str:
    return message[:1].lower() + message[1:]


def _options(coverage: float | None) -> PriceOptions:
    """Leave out the default coverage, which a flow may pass by default: a model without intervals knows none."""
    return NO_OPTIONS if coverage in (None, DEFAULT_COVERAGE) else PriceOptions(coverage=coverage)


def _document(document: PriceDocument, priced: PricedHouses) -> dict[str, Any]:
    if "predictionInterval" not in document:
        document["predictionInterval"] = None
    document["warnings"] = [item.model_dump() for item in document["warnings"]]
    document["modelVersion"] = priced.model.version
    return document


def _served_by(priced: PricedHouses) -> str:
    return f"version {priced.model.version}"
