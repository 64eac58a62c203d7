"""A model that fails as often as the test says, and answers then."""

from housing_price_orchestrator.domain import ModelDetails, ModelIdentity, ModelRequest, Predictions, RequestContext
from scripted_model import outputs_for


class FailingModel:
    """Raises these errors, one a call, and answers after the last; None among them is an answer too."""

    def __init__(self, *errors: Exception | None, version: str = "1") -> None:
        self.errors = list(errors)
        self.version = version
        self.asked = 0

    async def predict(self, request: ModelRequest) -> Predictions:
        self._fail()
        return Predictions(outputs_for(request.rows), ModelIdentity("model", self.version))

    async def details(self, context: RequestContext) -> ModelDetails:
        self._fail()
        return ModelDetails(ModelIdentity("model", self.version))

    def _fail(self) -> None:
        self.asked += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
