"""Measures calls to a model."""

import time
from collections.abc import Awaitable, Callable

from upstream_resilience.errors import ResilienceError, cause_of

from housing_price_orchestrator.domain import ModelDetails, ModelIdentity, ModelRequest, Predictions, RequestContext
from housing_price_orchestrator.service.events import ModelCalled
from housing_price_orchestrator.service.ports import ServedModel


class InstrumentedModel:
    """A model whose calls are reported: how long each took, how it ended, and which model answered.

    Args:
        model: what is called.
        on_call: hears of each call.
        replica: its name among several.
        now: a clock (seconds).
    """

    def __init__(
        self,
        model: ServedModel,
        on_call: Callable[[ModelCalled], object],
        replica: str = "model",
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._model = model
        self._on_call = on_call
        self._replica = replica
        self._now = now
        self._last: ModelIdentity | None = None

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict, measured."""
        return await self._measure("predict", self._model.predict(request), self._new_identity)

    async def details(self, context: RequestContext) -> ModelDetails:
        """Return the details, measured."""
        return await self._measure("details", self._model.details(context), lambda _details: None)

    async def _measure[Answer](
        self, operation: str, call: Awaitable[Answer], identity_of: Callable[[Answer], ModelIdentity | None]
    ) -> Answer:
        began, outcome, cause, identity = self._now(), "cancelled", None, None
        try:
            answer = await call
            outcome, identity = "answered", identity_of(answer)
        except ResilienceError as error:
            outcome, cause = type(error).__name__, cause_of(error)
            raise
        else:
            return answer
        finally:
            seconds = self._now() - began
            self._on_call(ModelCalled(self._replica, operation, outcome, seconds, cause, identity))

    def _new_identity(self, predictions: Predictions) -> ModelIdentity | None:
        """Return which model answered, if it is another one than before."""
        if predictions.model == self._last:
            return None
        self._last = predictions.model
        return predictions.model
