"""A model that fails as often as the test says, and answers then."""

from collections.abc import Sequence

from house_record import Value
from housing_price_orchestrator.domain import NO_PARAMS, ModelDetails, ModelIdentity, Params, Predictions
from scripted_model import outputs_for


class FailingModel:
    """Raises these errors, one a call, and answers after the last; None among them is an answer too."""

    def __init__(self, *errors: Exception | None, version: str = "1") -> None:
        self.errors = list(errors)
        self.version = version
        self.asked = 0

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        self._fail()
        return Predictions(outputs_for(rows), ModelIdentity("model", self.version))

    async def details(self) -> ModelDetails:
        self._fail()
        return ModelDetails(ModelIdentity("model", self.version))

    def _fail(self) -> None:
        self.asked += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
