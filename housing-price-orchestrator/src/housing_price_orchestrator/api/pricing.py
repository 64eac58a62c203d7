"""The routes that price houses."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from house_record import EXAMPLE, House, minimal_document

from housing_price_orchestrator.api.body import BodyReader
from housing_price_orchestrator.api.documents import BatchPrices, HouseBatch, ModelDocument, SinglePrice
from housing_price_orchestrator.api.openapi import answers, takes
from housing_price_orchestrator.domain import PricedHouses
from housing_price_orchestrator.observability.metrics import Metrics
from housing_price_orchestrator.observability.request_record import request_record
from housing_price_orchestrator.resilience.deadline import deadline
from housing_price_orchestrator.service.pricing import PricingService
from housing_price_orchestrator.settings import PricingModelSettings

_ASKING = (
    "UPSTREAM_BAD_ANSWER",
    "MODEL_NOT_READY",
    "UPSTREAM_UNAVAILABLE",
    "OVERLOADED",
    "DEADLINE_EXCEEDED",
)
_PREDICTING = (
    *_ASKING,
    "REQUEST_TIMEOUT",
    "TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "VALIDATION_ERROR",
)
_HOUSES = {"all fields": dict(EXAMPLE), "required fields alone": minimal_document()}
_BATCHES = {"two houses": {"data": [dict(EXAMPLE), minimal_document() | {"id": 1462}]}}


def pricing_routes(
    pricing: PricingService,
    body: BodyReader,
    metrics: Metrics,
    settings: PricingModelSettings,
    batch: type[HouseBatch],
) -> APIRouter:
    """The routes below ``/api/v1/price``."""
    router = APIRouter(prefix="/api/v1/price", tags=["price"])

    @router.post(
        "/predict", summary="Price one house", responses=answers(*_PREDICTING), openapi_extra=takes(House, _HOUSES)
    )
    async def predict_price(request: Request) -> SinglePrice:
        """The price of one house."""
        house = await body.read(request, House)
        return SinglePrice.of_request(await price([house], settings.timeout_seconds))

    @router.post(
        "/predict/batch",
        summary="Price a batch of houses",
        responses=answers(*_PREDICTING),
        openapi_extra=takes(batch, _BATCHES),
    )
    async def predict_prices(request: Request) -> BatchPrices:
        """The prices of several houses, all by one version of the model; one bad house refuses the batch."""
        houses = await body.read(request, batch)
        return BatchPrices.of(await price(houses.data, settings.batch_timeout_seconds))

    @router.get("/model", summary="Which model answers", responses=answers(*_ASKING))
    async def get_model() -> ModelDocument:
        """The model that answers now, and what its server says of it."""
        async with deadline(settings.timeout_seconds):
            return ModelDocument.of(await pricing.model())

    async def price(houses: Sequence[House], seconds: float) -> PricedHouses:
        record = request_record()
        record.rows = len(houses)
        async with deadline(seconds):
            priced = await pricing.price(houses)
        record.model_version = priced.model.version
        metrics.houses_priced(priced)
        return priced

    return router
