"""Prices houses with any model: makes rows of them, and makes sure that what comes back are prices."""

from collections.abc import Sequence

from house_record import Record
from house_record.price import (
    NO_OPTIONS,
    OptionNotOffered,
    PreparedHouse,
    PriceDocument,
    PriceOptions,
    UnusableOutput,
    ValuationDate,
    make_price_document,
)
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import BadUpstreamAnswer

from housing_price_orchestrator.domain import ModelDetails, ModelRequest, Predictions, PricedHouses, RequestContext
from housing_price_orchestrator.errors import MODEL_SERVER, InvalidInput
from housing_price_orchestrator.service.ports import Model, ModelDirectory, PredictionCache


class PricingService:
    """Single and batch share one path: a single house is a batch of one.

    Args:
        record: what a house is.
        model: predicts prices.
        directory: says which model answers.
        cache: answers callers in the model's place, where predictions are cached.
    """

    def __init__(
        self, record: Record, model: Model, directory: ModelDirectory, cache: PredictionCache | None = None
    ) -> None:
        self.record = record
        self._columns = record.columns
        self._model = model
        self._directory = directory
        self._cache = cache
        self.answered = 0
        """How many requests the model answered so far, those from the cache not among them."""

    async def price(
        self,
        houses: Sequence[PreparedHouse],
        context: RequestContext,
        options: PriceOptions = NO_OPTIONS,
        *,
        deadline: Deadline | None = None,
    ) -> PricedHouses:
        """Price each house in US dollars, in order, and add what the options ask for.

        Args:
            houses: the houses.
            context: the request that they are of.
            options: what it asks for beside prices.
            deadline: when the prices must be there, if that is not the request's deadline.

        Raises:
            UpstreamError: if the model gives no usable answer.
            InvalidInput: if it does not give what the options ask for.
        """
        if self._cache is None or options.has_large_answers:
            return await self.price_uncached(houses, context, options, deadline=deadline)
        return await self._price(houses, self._cache, context, options, deadline)

    async def price_uncached(
        self,
        houses: Sequence[PreparedHouse],
        context: RequestContext,
        options: PriceOptions = NO_OPTIONS,
        *,
        deadline: Deadline | None = None,
    ) -> PricedHouses:
        """Do the same with the model as it is now.

        Raises:
            UpstreamError: if the model gives no usable answer.
            InvalidInput: if it does not give what the options ask for.
        """
        priced = await self._price(houses, self._model, context, options, deadline)
        if self._cache is not None:
            self._cache.note_version(priced.model)
        return priced

    async def model(self, context: RequestContext) -> ModelDetails:
        """Return which model answers now.

        Raises:
            UpstreamError: if the model server does not answer.
        """
        return await self._directory.details(context)

    async def _price(
        self,
        houses: Sequence[PreparedHouse],
        model: Model,
        context: RequestContext,
        options: PriceOptions,
        deadline: Deadline | None,
    ) -> PricedHouses:
        rows = [house.row for house in houses]
        request = ModelRequest(self._columns, rows, options.params, context, deadline or context.deadline)
        predictions = await model.predict(request)
        if len(predictions.outputs) != len(houses):
            reason = f"{len(predictions.outputs)} predictions for {len(houses)} houses"
            raise BadUpstreamAnswer(reason, upstream=MODEL_SERVER)
        documents = _documents(houses, predictions, options)
        self.answered += predictions.timing.upstream_seconds > 0
        return PricedHouses(documents, predictions.model, predictions.timing)


def is_usable(record: Record, output: object) -> bool:
    """Return whether a house can be answered with an output of a model, apart from what only options ask for."""
    try:
        make_price_document(PreparedHouse(record, 0, (), (), _ANY_DATE), output)
    except UnusableOutput:
        return False
    return True


_ANY_DATE = ValuationDate(2010, None)


def _documents(houses: Sequence[PreparedHouse], predictions: Predictions, options: PriceOptions) -> list[PriceDocument]:
    try:
        return [
            make_price_document(house, output, options)
            for house, output in zip(houses, predictions.outputs, strict=True)
        ]
    except UnusableOutput as error:
        raise BadUpstreamAnswer(str(error), upstream=MODEL_SERVER) from error
    except OptionNotOffered as error:
        lacks = f"The model that answers, version {predictions.model.version}, gives no {error.offer}"
        raise InvalidInput.of_option(error.option, "not_offered", lacks) from error
