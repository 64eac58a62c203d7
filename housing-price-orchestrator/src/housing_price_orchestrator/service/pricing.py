"""Prices houses with any model: makes rows of them, and makes sure that what comes back are prices."""

import math
from collections.abc import Mapping, Sequence

from house_record import COLUMNS, House, implausibilities, model_row

from housing_price_orchestrator.domain import ModelDetails, PricedHouse, PricedHouses
from housing_price_orchestrator.errors import BadModelAnswer
from housing_price_orchestrator.service.ports import Model

PRICE = "price"
"""The output that holds the price where a model answers with records."""


class PricingService:
    """Single and batch share one path: a single house is a batch of one."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.answered = 0
        """How many requests were priced so far."""

    async def price(self, houses: Sequence[House]) -> PricedHouses:
        """The price of each house in US dollars, in order.

        Raises:
            ModelError: if the model gives no usable answer.
        """
        predictions = await self._model.predict(COLUMNS, [model_row(house) for house in houses])
        if len(predictions.outputs) != len(houses):
            raise BadModelAnswer(f"{len(predictions.outputs)} predictions for {len(houses)} houses")
        priced = [
            PricedHouse(house.id, _dollars(output), implausibilities(house))
            for house, output in zip(houses, predictions.outputs, strict=True)
        ]
        self.answered += 1
        return PricedHouses(priced, predictions.model)

    async def model(self) -> ModelDetails:
        """Which model answers now.

        Raises:
            ModelError: if the model server does not answer.
        """
        return await self._model.details()


def _dollars(output: object) -> float:
    price = output.get(PRICE) if isinstance(output, Mapping) else output
    if isinstance(price, bool) or not isinstance(price, int | float):
        raise BadModelAnswer("a prediction is no number")
    if not math.isfinite(price) or price <= 0:
        raise BadModelAnswer("a price is not finite and positive")
    return round(float(price), 2)
