"""Prices houses with any model: makes rows of them, and makes sure that what comes back are prices."""

from collections.abc import Sequence

from house_record import COLUMNS
from house_record.price import (
    NO_OPTIONS,
    OptionNotOffered,
    PreparedHouse,
    PriceDocument,
    PriceOptions,
    UnusableOutput,
    price_document,
)
from upstream_resilience.errors import BadUpstreamAnswer

from housing_price_orchestrator.domain import ModelDetails, Predictions, PricedHouses
from housing_price_orchestrator.errors import MODEL_SERVER, InvalidInput
from housing_price_orchestrator.service.ports import Model, RememberedModel


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

    async def price(self, houses: Sequence[PreparedHouse], options: PriceOptions = NO_OPTIONS) -> PricedHouses:
        """The price of each house in US dollars, in order, and what the options ask for beside it.

        Raises:
            UpstreamError: if the model gives no usable answer.
            InvalidInput: if it does not give what the options ask for.
        """
        if self._remembered is None or options.has_large_answers:
            return await self.price_afresh(houses, options)
        return await self._priced(houses, self._remembered, options)

    async def price_afresh(self, houses: Sequence[PreparedHouse], options: PriceOptions = NO_OPTIONS) -> PricedHouses:
        """The same, as the model says it now.

        Raises:
            UpstreamError: if the model gives no usable answer.
            InvalidInput: if it does not give what the options ask for.
        """
        priced = await self._priced(houses, self._model, options)
        if self._remembered is not None:
            self._remembered.answered_by(priced.model)
        return priced

    async def _priced(self, houses: Sequence[PreparedHouse], model: Model, options: PriceOptions) -> PricedHouses:
        predictions = await model.predict(COLUMNS, [house.row for house in houses], options.params)
        if len(predictions.outputs) != len(houses):
            raise BadUpstreamAnswer(
                f"{len(predictions.outputs)} predictions for {len(houses)} houses", upstream=MODEL_SERVER
            )
        documents = _documents(houses, predictions, options)
        self.answered += predictions.timing.upstream_seconds > 0
        return PricedHouses(documents, predictions.model, predictions.timing)

    async def model(self) -> ModelDetails:
        """Which model answers now.

        Raises:
            UpstreamError: if the model server does not answer.
        """
        return await self._model.details()


def is_usable(output: object) -> bool:
    """Whether a house can be answered with an output of a model, what was not asked for left aside."""
    try:
        price_document(_ANY_HOUSE, output)
    except UnusableOutput:
        return False
    return True


_ANY_HOUSE = PreparedHouse(0, (), ())


def _documents(houses: Sequence[PreparedHouse], predictions: Predictions, options: PriceOptions) -> list[PriceDocument]:
    try:
        return [
            price_document(house, output, options) for house, output in zip(houses, predictions.outputs, strict=True)
        ]
    except UnusableOutput as error:
        raise BadUpstreamAnswer(str(error), upstream=MODEL_SERVER) from error
    except OptionNotOffered as error:
        lacks = f"The model that answers, version {predictions.model.version}, gives no {error.offer}"
        raise InvalidInput.of_option(error.option, "not_offered", lacks) from error
