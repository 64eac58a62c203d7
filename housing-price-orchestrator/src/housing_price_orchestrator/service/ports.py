"""What the service needs from a model, on the service's own terms. Providers satisfy it."""

from collections.abc import Sequence
from typing import Protocol

from house_record import Value

from housing_price_orchestrator.domain import NO_PARAMS, ModelDetails, ModelIdentity, Params, Predictions


class Model(Protocol):
    """Any model that answers rows with predictions."""

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        """One output a row, in order.

        Raises:
            UpstreamError: if there is no usable answer.
        """
        ...

    async def details(self) -> ModelDetails:
        """What is known of the model that answers.

        Raises:
            UpstreamError: if the model server does not answer.
        """
        ...


class RememberedModel(Model, Protocol):
    """A model whose answers are remembered, by version."""

    def answered_by(self, identity: ModelIdentity) -> None:
        """Hear which model answered somebody else; what another one said is forgotten."""
        ...
