"""The service's own model as a source of flows: it prices one house, or a list of them, as the routes for prices do."""

from collections.abc import Mapping, Sequence
from typing import Any

from house_record import House
from house_record.answer import NO_OPTIONS, PriceDocument, PriceOptions, prepared
from house_record.answer.options import DEFAULT_COVERAGE

from housing_price_orchestrator.domain import PricedHouses
from housing_price_orchestrator.errors import InvalidInput, UnusableParams
from housing_price_orchestrator.flow.ports import Answer, Operation, Params, Signature
from housing_price_orchestrator.flow.schema import Schema
from housing_price_orchestrator.service.pricing import PricingService

NAME = "pricing-model"
"""The name of the source."""

MOST_HOUSES = 1000

_COVERAGE = Schema(type="number", minimum=0.5, maximum=0.99, optional=True, description="Coverage of the interval.")
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
        "predictionInterval": _INTERVAL,
        "warnings": Schema(type="array"),
        "modelVersion": Schema(type="string"),
    },
)

SIGNATURES: Mapping[str, Signature] = {
    "predict": Signature({"house": Schema(record="house"), "coverage": _COVERAGE}, _PRICE),
    "predict_batch": Signature(
        {
            "houses": Schema(type="array", items=Schema(record="house"), min_items=1, max_items=MOST_HOUSES),
            "coverage": _COVERAGE,
        },
        Schema(type="array", items=_PRICE),
    ),
}
"""What it offers to flows."""


class PricedStep:
    """The source.

    Args:
        pricing: prices houses.
    """

    def __init__(self, pricing: PricingService) -> None:
        self._pricing = pricing
        self.operations: Mapping[str, Operation] = {"predict": self._predict, "predict_batch": self._predict_batch}

    async def verify(self) -> Sequence[str]:
        """Nothing is declared that could be missing."""
        return ()

    async def _predict(self, params: Params) -> Answer:
        priced = await self._priced([params["house"]], params)
        return Answer(_document(priced.documents[0], priced), 1, _served_by(priced))

    async def _predict_batch(self, params: Params) -> Answer:
        priced = await self._priced(params["houses"], params)
        documents = [_document(document, priced) for document in priced.documents]
        return Answer(documents, len(documents), _served_by(priced))

    async def _priced(self, houses: Sequence[House], params: Params) -> PricedHouses:
        try:
            return await self._pricing.price(list(map(prepared, houses)), _options(params.get("coverage")))
        except InvalidInput as error:
            raise UnusableParams(str(error.details[0]["msg"])) from error


def _options(coverage: float | None) -> PriceOptions:
    """A coverage that is the default one may come from a flow's default: a model without intervals can do without."""
    return NO_OPTIONS if coverage in (None, DEFAULT_COVERAGE) else PriceOptions(coverage=coverage)


def _document(document: PriceDocument, priced: PricedHouses) -> dict[str, Any]:
    if "predictionInterval" not in document:
        document["predictionInterval"] = None
    document["warnings"] = [item.model_dump() for item in document["warnings"]]
    document["modelVersion"] = priced.model.version
    return document


def _served_by(priced: PricedHouses) -> str:
    return f"version {priced.model.version}"
