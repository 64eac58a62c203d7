"""Ends calls to a model in time."""

from housing_price_orchestrator.domain import ModelDetails, ModelRequest, Predictions, RequestContext
from housing_price_orchestrator.service.ports import ServedModel


class DeadlineModel:
    """A model that answers before the deadline of the request, less a margin, or not at all."""

    def __init__(self, model: ServedModel) -> None:
        self._model = model

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict one output a row, in order.

        Raises:
            DeadlineExceeded: if it takes too long.
            UpstreamError: if there is no usable answer.
        """
        if request.deadline is None:
            return await self._model.predict(request)
        async with request.deadline.limit_call():
            return await self._model.predict(request)

    async def details(self, context: RequestContext) -> ModelDetails:
        """Return what is known of the model that answers.

        Raises:
            DeadlineExceeded: if it takes too long.
            UpstreamError: if the model server does not answer.
        """
        if context.deadline is None:
            return await self._model.details(context)
        async with context.deadline.limit_call():
            return await self._model.details(context)
