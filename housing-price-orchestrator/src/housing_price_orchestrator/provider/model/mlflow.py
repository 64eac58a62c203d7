"""Any model behind MLflow's scoring protocol: rows in, predictions out. It knows nothing of houses.

Speaks to an unmodified ``mlflow models serve`` and to our own model server, which also says who it is: by the
headers of each answer, and at ``GET /model``.
"""

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx
from pydantic import ValidationError
from pydantic_core import from_json, to_json
from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable
from upstream_resilience.http.errors import translate_errors, translate_errors_of_body
from upstream_resilience.http.responses import UNAVAILABLE_STATUSES, read_bounded, unavailable_error
from upstream_resilience.http.transport import connection_time_limits

from housing_price_orchestrator.domain import (
    NO_REQUEST,
    UNKNOWN,
    CallTiming,
    ModelDetails,
    ModelIdentity,
    ModelRequest,
    Predictions,
    RequestContext,
)
from housing_price_orchestrator.errors import MODEL_SERVER, ModelNotReady
from housing_price_orchestrator.provider.model.document import parse_details
from housing_price_orchestrator.settings import PricingModelSettings

NAME_HEADER = "x-model-name"
VERSION_HEADER = "x-model-version"
_HEADERS = {"accept": "application/json", "accept-encoding": "identity", "content-type": "application/json"}
_MODEL_TIMING = re.compile(r"\bmodel;dur=([0-9]{1,9}(?:\.[0-9]{1,9})?)")


class MlflowModel:
    """A model server, reached over pooled connections.

    Args:
        url: its address.
        transport: how it is reached.
        bulkhead: how many calls may run at the same time; within the transport's pool.
        settings: the model's name and version, where it does not say them; the answer's limit.
    """

    def __init__(
        self,
        url: str,
        transport: httpx.AsyncBaseTransport,
        bulkhead: Bulkhead,
        settings: PricingModelSettings,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._transport = transport
        # Parsed once: that costs a tenth of a call.
        self._urls = {path: httpx.URL(url + path) for path in ("/invocations", "/model", "/ping")}
        self._time_limits = {"timeout": connection_time_limits(settings.connect_timeout_seconds).as_dict()}
        self._bulkhead = bulkhead
        self._max_answer_bytes = settings.max_answer_bytes
        self._configured = ModelIdentity(settings.name, settings.version or UNKNOWN)
        self._now = now

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict one output a row, in order: a number, or a record of named outputs.

        Raises:
            UpstreamError: if there is no usable answer.
        """
        params = {"params": dict(request.params)} if request.params else {}
        body = to_json({"dataframe_split": {"columns": request.columns, "data": request.rows}, **params})
        began = self._now()
        status, headers, answer = await self._call("POST", "/invocations", request.context, body)
        timing = CallTiming(upstream_seconds=self._now() - began, model_seconds=_model_seconds(headers))
        if status == HTTPStatus.NOT_FOUND:
            raise ModelNotReady
        if status != HTTPStatus.OK:
            raise BadUpstreamAnswer(
                f"status {status} for rows that are valid", blames_rows=400 <= status < 500, upstream=MODEL_SERVER
            )
        return Predictions(_predictions(answer), self._identity(headers), timing)

    async def details(self, context: RequestContext) -> ModelDetails:
        """Return what the server says of its model; for one that says nothing, what the settings say.

        Raises:
            UpstreamError: if the server does not answer.
        """
        status, headers, answer = await self._call("GET", "/model", context)
        if status == HTTPStatus.OK:
            try:
                return parse_details(answer)
            except ValidationError:
                return ModelDetails(self._identity(headers))
        return ModelDetails(self._identity(headers))

    async def ping(self) -> None:
        """Check whether the server answers at all.

        Raises:
            UpstreamError: if it does not.
        """
        status, _, _ = await self._call("GET", "/ping", NO_REQUEST)
        if status != HTTPStatus.OK:
            raise UpstreamUnavailable(f"it answered a ping with status {status}", "status", upstream=MODEL_SERVER)

    async def _call(
        self, method: str, path: str, context: RequestContext, body: bytes | None = None
    ) -> tuple[int, httpx.Headers, bytes]:
        request = httpx.Request(
            method,
            self._urls[path],
            headers={**_HEADERS, **context.outgoing_headers},
            content=body,
            extensions=self._time_limits,
        )
        async with self._bulkhead:
            with translate_errors(MODEL_SERVER):
                response = await self._transport.handle_async_request(request)
            with translate_errors_of_body(MODEL_SERVER):
                try:
                    answer = await read_bounded(response, self._max_answer_bytes, upstream=MODEL_SERVER)
                finally:
                    await response.aclose()
        if response.status_code in UNAVAILABLE_STATUSES:
            raise unavailable_error(response, upstream=MODEL_SERVER)
        return response.status_code, response.headers, answer

    def _identity(self, headers: httpx.Headers) -> ModelIdentity:
        return ModelIdentity(
            headers.get(NAME_HEADER) or self._configured.name,
            headers.get(VERSION_HEADER) or self._configured.version,
        )


def _model_seconds(headers: httpx.Headers) -> float | None:
    found = _MODEL_TIMING.search(headers.get("server-timing", ""))
    return float(found[1]) / 1000 if found else None


def _predictions(answer: bytes) -> list[Any]:
    try:
        document = from_json(answer)
    except ValueError as error:
        raise BadUpstreamAnswer("it is not JSON", upstream=MODEL_SERVER) from error
    predictions = document.get("predictions") if isinstance(document, dict) else None
    if not isinstance(predictions, list):
        raise BadUpstreamAnswer("it holds no list of predictions", upstream=MODEL_SERVER)
    return predictions
