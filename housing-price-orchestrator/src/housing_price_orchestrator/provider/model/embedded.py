"""A registered model inside this process, without a model server. Needs the extra ``embedded``."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from house_record import Record, Value
from upstream_resilience.errors import BadUpstreamAnswer

from housing_price_orchestrator.domain import (
    CallTiming,
    ModelDetails,
    ModelRequest,
    Params,
    Predictions,
    RequestContext,
)
from housing_price_orchestrator.errors import MODEL_SERVER, EmbeddedModelUnavailable
from housing_price_orchestrator.provider.model.document import parse_details
from housing_price_orchestrator.settings import PricingModelSettings

REGISTRY_TIMEOUT_SECONDS = 10.0

type Price = Callable[[Sequence[str], Sequence[Sequence[Value]], Params], Sequence[Any]]


class EmbeddedModel:
    """Prices in a thread of its own, one call after another, so that the event loop is never blocked.

    Args:
        price: outputs for rows, each a price in US dollars or a record with it; raises ``ValueError`` for rows that it
            does not take.
        details: which model that is.
    """

    def __init__(self, price: Price, details: ModelDetails, now: Callable[[], float] = time.perf_counter) -> None:
        self._price = price
        self._details = details
        self._now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedded-model")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict one output a row, in order: a number, or a record of named outputs.

        Raises:
            BadUpstreamAnswer: if the model does not take the rows.
        """
        began = self._now()
        try:
            outputs, seconds = await asyncio.get_running_loop().run_in_executor(self._thread, self._measure, request)
        except ValueError as error:
            raise BadUpstreamAnswer("it does not take these rows", upstream=MODEL_SERVER) from error
        timing = CallTiming(upstream_seconds=self._now() - began, model_seconds=seconds)
        return Predictions(outputs, self._details.identity, timing)

    async def details(self, _context: RequestContext) -> ModelDetails:
        """Return which model it is."""
        return self._details

    def _measure(self, request: ModelRequest) -> tuple[Sequence[Any], float]:
        began = self._now()
        return self._price(request.columns, request.rows, request.params), self._now() - began


def load_embedded_model(settings: PricingModelSettings, record: Record) -> EmbeddedModel:
    """Load the model that ``settings.model_uri`` means, verified as a model server would do it.

    Raises:
        EmbeddedModelUnavailable: if there is none, or the extra is not installed.
    """
    try:
        from housing_price_model.process_environment import prepare_environment
    except ImportError as error:
        raise EmbeddedModelUnavailable(
            "the mode embedded needs the package housing-price-model: install housing-price-orchestrator[embedded]"
        ) from error
    prepare_environment()
    from housing_price_model.delivery.loading import load_model
    from housing_price_model.errors import ModelError
    from housing_price_model.serving.identity import identify

    try:
        model = load_model(settings.model_uri, record, timeout_seconds=REGISTRY_TIMEOUT_SECONDS)
    except ModelError as error:
        raise EmbeddedModelUnavailable(str(error)) from error
    return EmbeddedModel(model.predict, parse_details(identify(model).model_dump_json(by_alias=True)))
