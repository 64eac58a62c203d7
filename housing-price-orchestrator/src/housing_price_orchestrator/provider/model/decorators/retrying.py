"""Makes failed calls to a model again; the one layer that does."""

from functools import partial

from upstream_resilience.retry import Retry

from housing_price_orchestrator.domain import ModelRequest, Predictions
from housing_price_orchestrator.service.ports import Model


class RetryingModel:
    """A model whose calls are made again when there was no answer. A prediction changes nothing, so two do no harm.

    Args:
        model: what is called.
        retry: decides how often, and when.
    """

    def __init__(self, model: Model, retry: Retry) -> None:
        self._model = model
        self._retry = retry

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict one output a row, in order.

        Raises:
            UpstreamError: if there is no usable answer, the last time.
        """
        return await self._retry.call(partial(self._model.predict, request), deadline=request.deadline)
