"""A model whose calls are measured: the same port, with metrics around it."""

import time
from collections.abc import Awaitable, Callable, Sequence

from house_record import Value
from upstream_resilience.errors import ResilienceError, cause_of

from housing_price_orchestrator.domain import NO_PARAMS, ModelDetails, ModelIdentity, Params, Predictions
from housing_price_orchestrator.observability.metrics import Metrics
from housing_price_orchestrator.service.ports import Model


class ObservedModel:
    """Measures how long each call takes, how it ended, and which model answered.

    Args:
        model: what is asked.
        metrics: where its calls are counted.
        replica: its name among several.
        now: a clock (seconds).
    """

    def __init__(
        self, model: Model, metrics: Metrics, replica: str = "model", now: Callable[[], float] = time.perf_counter
    ) -> None:
        self._model = model
        self._replica = replica
        self._metrics = metrics
        self._now = now
        self._last: ModelIdentity | None = None

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        """Predict, measured."""
        predictions = await self._measured("predict", self._model.predict(columns, rows, params))
        if predictions.model != self._last:
            self._last = predictions.model
            self._metrics.model_answers(predictions.model.name, predictions.model.version)
        return predictions

    async def details(self) -> ModelDetails:
        """Ask for details, measured."""
        return await self._measured("details", self._model.details())

    async def _measured[Answer](self, operation: str, call: Awaitable[Answer]) -> Answer:
        began, outcome = self._now(), "cancelled"
        try:
            answer = await call
            outcome = "answered"
        except ResilienceError as error:
            outcome = type(error).__name__
            self._count_failure(error)
            raise
        else:
            return answer
        finally:
            self._metrics.model_calls.labels(operation, outcome).observe(self._now() - began)

    def _count_failure(self, error: ResilienceError) -> None:
        if cause := cause_of(error):
            self._metrics.call_failures.labels(self._replica, cause).inc()
