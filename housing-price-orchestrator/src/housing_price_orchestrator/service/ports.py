"""What the service needs from a model, on the service's own terms. Providers satisfy it."""

from typing import Protocol

from housing_price_orchestrator.domain import (
    ModelDetails,
    ModelIdentity,
    ModelRequest,
    Predictions,
    RequestContext,
)


class Model(Protocol):
    """Any model that answers rows with predictions."""

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict one output a row, in order.

        Raises:
            UpstreamError: if there is no usable answer.
        """
        ...


class ModelDirectory(Protocol):
    """Knows which model answers."""

    async def details(self, context: RequestContext) -> ModelDetails:
        """Return what is known of the model that answers.

        Raises:
            UpstreamError: if the model server does not answer.
        """
        ...


class ServedModel(Model, ModelDirectory, Protocol):
    """A model that says itself what it is, such as a model server."""


class PredictionCache(Model, Protocol):
    """A model whose predictions are cached, by version."""

    def note_version(self, identity: ModelIdentity) -> None:
        """Note which model answered somebody else; predictions of another one are forgotten."""
        ...
