"""Prices houses with any model: makes rows of them, and makes sure that what comes back are prices."""

import asyncio
import math
from collections.abc import Mapping, Sequence

from house_record import COLUMNS, House, implausibilities, model_row

from housing_price_orchestrator.domain import ModelDetails, PreparedHouse, PricedHouse, PricedHouses
from housing_price_orchestrator.errors import BadModelAnswer
from housing_price_orchestrator.service.ports import Model, RememberedModel

PRICE = "price"
"""The output that holds the price where a model answers with records."""


def prepared(house: House) -> PreparedHouse:
    """A house, ready to be priced."""
    return PreparedHouse(house.id, model_row(house), implausibilities(house))


class PricingService:
    """Single and batch share one path: a single house is a batch of one.

    Args:
        model: is asked for prices.
        remembered: is asked in its place by callers, where prices are remembered.
    """

    def __init__(self, model: Model, remembered: RememberedModel | None = None) -> None:
        self._model = model
        self._remembered = remembered
        self.answered = 0
        """How many requests the model priced so far, those from memory not among them."""
        self._asking: asyncio.Task[ModelDetails] | None = None

    async def price(self, houses: Sequence[PreparedHouse]) -> PricedHouses:
        """The price of each house in US dollars, in order.

        Raises:
            ModelError: if the model gives no usable answer.
        """
        return await self._priced(houses, self._model if self._remembered is None else self._remembered)

    async def price_afresh(self, houses: Sequence[PreparedHouse]) -> PricedHouses:
        """The same, as the model says it now.

        Raises:
            ModelError: if the model gives no usable answer.
        """
        priced = await self._priced(houses, self._model)
        if self._remembered is not None:
            self._remembered.answered_by(priced.model)
        return priced

    async def _priced(self, houses: Sequence[PreparedHouse], model: Model) -> PricedHouses:
        predictions = await model.predict(COLUMNS, [house.row for house in houses])
        if len(predictions.outputs) != len(houses):
            raise BadModelAnswer(f"{len(predictions.outputs)} predictions for {len(houses)} houses")
        priced = [
            PricedHouse(house.id, _dollars(output), house.implausibilities)
            for house, output in zip(houses, predictions.outputs, strict=True)
        ]
        self.answered += predictions.timing.upstream_seconds > 0
        return PricedHouses(priced, predictions.model, predictions.timing)

    async def model(self) -> ModelDetails:
        """Which model answers now. Who asks while another does gets the same answer.

        Raises:
            ModelError: if the model server does not answer.
        """
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._model.details())
            self._asking.add_done_callback(self._asked)
        return await asyncio.shield(self._asking)

    def _asked(self, asking: "asyncio.Task[ModelDetails]") -> None:
        self._asking = None
        if not asking.cancelled():
            asking.exception()  # who still waits for it is told; that nobody does is no mistake


def is_price(output: object) -> bool:
    """Whether an output of a model is a usable price."""
    try:
        _dollars(output)
    except BadModelAnswer:
        return False
    return True


def _dollars(output: object) -> float:
    price = output.get(PRICE) if isinstance(output, Mapping) else output
    if isinstance(price, bool) or not isinstance(price, int | float):
        raise BadModelAnswer("a prediction is no number")
    if not math.isfinite(price) or price <= 0:
        raise BadModelAnswer("a price is not finite and positive")
    return round(float(price), 2)
