"""The routes that price houses."""

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter

from fastapi import APIRouter
from house_record import AnyHouse, Record
from house_record.price import (
    BatchPrices,
    PreparedHouse,
    SinglePrice,
    ValuationDate,
    prepare_house,
    render_batch_prices,
    render_single_price,
)
from starlette.requests import Request
from starlette.responses import Response
from upstream_resilience.admission import Admission

from housing_price_orchestrator.api.documents import HouseBatch, ModelDocument
from housing_price_orchestrator.api.http.body import BodyReader
from housing_price_orchestrator.api.http.openapi import answers, takes
from housing_price_orchestrator.api.options import (
    TIME_LIMIT_PARAMETER,
    Options,
    check_rows,
    read_options,
    read_time_limit,
)
from housing_price_orchestrator.api.query import read_query
from housing_price_orchestrator.domain import PricedHouses, RequestContext
from housing_price_orchestrator.observability.request_context import request_context
from housing_price_orchestrator.service.events import OnPricesAnswered, PricesAnswered
from housing_price_orchestrator.service.pricing import PricingService
from housing_price_orchestrator.service.stages import Stages
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


class Pricing:
    """Requests for prices: read, priced, answered, and measured on the way.

    Responses are serialized here, once, and leave as bytes.

    Args:
        pricing: prices houses.
        body: reads them.
        admission: lets requests in, or refuses them.
        settings: in which time requests are answered.
        as_of: returns the date of valuation, where neither a house nor a request states one.
        on_answered: hear of each request that was answered.
    """

    def __init__(
        self,
        pricing: PricingService,
        body: BodyReader,
        admission: Admission,
        settings: PricingModelSettings,
        as_of: Callable[[], ValuationDate],
        on_answered: Sequence[OnPricesAnswered] = (),
    ) -> None:
        self._pricing = pricing
        self._admission = admission
        self._body = body
        self._settings = settings
        self._as_of = as_of
        self._on_answered = on_answered

    async def predict_price(self, request: Request) -> Response:
        """The price of one house."""
        place = self._admission.of("single")
        place.look()
        scope = request.scope
        options = read_options(scope["query_string"])
        seconds = read_time_limit(scope["headers"], self._settings.timeout_seconds)
        body = await self._body.read(request)
        with place:
            began, context = perf_counter(), request_context(scope)
            async with context.start_deadline(seconds).limit():
                houses = [self._preparation(options)(self._body.parse_house(body))]
                validate_seconds = perf_counter() - began
                priced = await self._price(houses, context, options)
            document = render_single_price(priced.documents[0], priced.model.version)
        stages = Stages.of(priced.timing, validate=validate_seconds, total=perf_counter() - began)
        return self._respond(document, context, houses, priced, stages, options)

    async def predict_prices(self, request: Request) -> Response:
        """The prices of several houses, all by one version of the model; one bad house refuses the batch."""
        place = self._admission.of("batch")
        place.look()
        scope = request.scope
        options = read_options(scope["query_string"])
        seconds = read_time_limit(scope["headers"], self._settings.batch_timeout_seconds)
        body = await self._body.read(request)
        with place:
            began, context = perf_counter(), request_context(scope)
            async with context.start_deadline(seconds).limit():
                houses = await self._body.parse_batch(body, self._preparation(options))
                check_rows(options, len(houses))
                validate_seconds = perf_counter() - began
                priced = await self._price(houses, context, options)
            document = render_batch_prices(priced.documents, priced.model.version)
        stages = Stages.of(priced.timing, validate=validate_seconds, total=perf_counter() - began)
        return self._respond(document, context, houses, priced, stages, options)

    async def get_model(self, request: Request) -> ModelDocument:
        """The model that answers now, and what its server says of it."""
        context = request_context(request.scope)
        read_query(request.scope["query_string"], ())
        seconds = read_time_limit(request.scope["headers"], self._settings.timeout_seconds)
        async with context.start_deadline(seconds).limit():
            return ModelDocument.of(await self._pricing.model(context))

    def _preparation(self, options: Options) -> Callable[[AnyHouse], PreparedHouse]:
        return partial(prepare_house, self._pricing.record, as_of=options.as_of or self._as_of())

    async def _price(self, houses: Sequence[PreparedHouse], context: RequestContext, options: Options) -> PricedHouses:
        context.rows = len(houses)
        return await self._pricing.price(houses, context, options)

    def _respond(
        self,
        document: bytes,
        context: RequestContext,
        houses: Sequence[PreparedHouse],
        priced: PricedHouses,
        stages: Stages,
        options: Options,
    ) -> Response:
        if self._on_answered:
            event = PricesAnswered(context, houses, priced.documents, priced.model.version, stages)
            for on_answered in self._on_answered:
                on_answered(event)
        headers = {"server-timing": stages.server_timing()} if options.timing else None
        return Response(document, headers=headers, media_type="application/json")


def pricing_routes(endpoints: Pricing, record: Record, batch: type[HouseBatch]) -> APIRouter:
    """The routes below ``/api/v1/price``."""
    whole, short = dict(record.example), record.minimal_document()
    houses = {
        "all fields": whole,
        "what anybody knows": record.everyday_document(),
        "required fields only": short,
    }
    batches = {"two houses": {"data": [whole, short | {"id": 1462}]}}
    router = APIRouter(prefix="/api/v1/price", tags=["price"])
    router.post(
        "/predict",
        summary="Price one house",
        response_model=SinglePrice,
        responses=answers(*_PREDICTING),
        openapi_extra=takes(record.house, houses),
    )(endpoints.predict_price)
    router.post(
        "/predict/batch",
        summary="Price a batch of houses",
        response_model=BatchPrices,
        responses=answers(*_PREDICTING),
        openapi_extra=takes(batch, batches),
    )(endpoints.predict_prices)
    router.get(
        "/model",
        summary="The model in use",
        responses=answers(*_ASKING, "VALIDATION_ERROR"),
        openapi_extra={"parameters": [TIME_LIMIT_PARAMETER]},
    )(endpoints.get_model)
    return router
