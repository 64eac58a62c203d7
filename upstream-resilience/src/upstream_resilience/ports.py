"""What the wrappers need of the model that they wrap. They offer the same, so one can be put around another."""

from collections.abc import Sequence
from typing import Protocol

from house_record import Value
from housing_price_orchestrator.domain import NO_PARAMS, ModelDetails, Params, Predictions


class Model(Protocol):
    """Any model that answers rows with predictions."""

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        """One output a row, in order."""
        ...

    async def details(self) -> ModelDetails:
        """What is known of the model that answers."""
        ...
