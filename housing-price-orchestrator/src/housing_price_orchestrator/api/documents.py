"""The documents of the API: what goes in beside a single house, and what comes out."""

from typing import Annotated, Any, Literal

from house_record import House, Implausibility
from pydantic import BaseModel, ConfigDict, FailFast, Field, create_model
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from housing_price_orchestrator.domain import ModelDetails, PricedHouses
from housing_price_orchestrator.service.readiness import Readiness


class _Document(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        serialize_by_alias=True,
        use_attribute_docstrings=True,
        validate_by_name=True,
    )

    def json_bytes(self) -> bytes:
        """The document as it goes over the wire; quicker than by way of text."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True)


class HouseBatch(_Document):
    """Houses to be priced together, by one version of the model."""

    data: Annotated[list[House], Field(min_length=1), FailFast()]
    """The houses; their order is kept. Ids may repeat."""


def house_batch(max_rows: int) -> type[HouseBatch]:
    """A batch that takes so many houses at most."""
    houses = Annotated[list[House], Field(min_length=1, max_length=max_rows), FailFast()]
    return create_model("HouseBatch", __base__=HouseBatch, __doc__=HouseBatch.__doc__, data=(houses, ...))


class Price(_Document):
    """The price of one house."""

    id: Annotated[int, Field(examples=[1461])]
    """The caller's own number for the house."""
    predicted_price: Annotated[float, Field(gt=0, examples=[128528.33])]
    """The price in US dollars, rounded to cents."""
    warnings: list[Implausibility]
    """What is improbable about the house; mostly nothing."""


class SinglePrice(Price):
    """The price of one house, and which model found it."""

    model_version: Annotated[str, Field(examples=["3"])]
    """Version of the model; `unknown` where the model server does not say."""

    @classmethod
    def of_request(cls, priced: PricedHouses) -> "SinglePrice":
        house = priced.houses[0]
        return cls(
            id=house.id,
            predicted_price=house.price,
            warnings=list(house.implausibilities),
            model_version=priced.model.version,
        )


class BatchPrices(_Document):
    """The prices of a batch, in its order."""

    predictions: list[Price]
    """One price a house."""
    count: Annotated[int, Field(examples=[2])]
    """How many there are."""
    model_version: Annotated[str, Field(examples=["3"])]
    """Version of the model that priced all of them."""


def batch_prices_json(priced: PricedHouses) -> bytes:
    """The document ``BatchPrices`` of a batch; an object for each price would take a tenth of the batch's time."""
    predictions = [
        {"id": id_, "predictedPrice": price, "warnings": implausibilities}
        for id_, price, implausibilities in priced.houses
    ]
    return to_json({"predictions": predictions, "count": len(predictions), "modelVersion": priced.model.version})


class FeatureDocument(_Document):
    """A column that the model wants."""

    name: str
    type: str


class ModelDocument(_Document):
    """Which model answers. What its server does not say is null."""

    name: str | None
    """Name in the registry."""
    version: Annotated[str, Field(examples=["3"])]
    """Version in the registry; `unknown` where the model server does not say."""
    alias: Annotated[str | None, Field(examples=["champion"])]
    """Alias by which it was found."""
    run_id: str | None
    """MLflow run that trained it."""
    recipe: Annotated[str | None, Field(examples=["default"])]
    """Recipe by which it was trained."""
    record_version: Annotated[str | None, Field(examples=["1"])]
    """Version of the house record that it knows."""
    trained_at: str | None
    """When it was trained (ISO 8601, UTC)."""
    data: dict[str, Any] | None
    """The sales that it was trained on: source, checksum, rows, whether they are generated."""
    metrics: dict[str, float] | None
    """How well it did when it was evaluated."""
    features: list[FeatureDocument]
    """The columns that it wants."""

    @classmethod
    def of(cls, details: ModelDetails) -> "ModelDocument":
        return cls(
            name=details.identity.name,
            version=details.identity.version,
            alias=details.alias,
            run_id=details.run_id,
            recipe=details.recipe,
            record_version=details.record_version,
            trained_at=details.trained_at,
            data=dict(details.data) if details.data is not None else None,
            metrics=dict(details.metrics) if details.metrics is not None else None,
            features=_features(details),
        )


def _features(details: ModelDetails) -> list[FeatureDocument]:
    return [FeatureDocument(name=feature.name, type=feature.type) for feature in details.features]


class Health(_Document):
    """The process can answer."""

    status: Literal["ok"] = "ok"


class ReadinessDocument(_Document):
    """Whether houses can be priced now, and what was found when that was last tried."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str]
    """What was tried, and `passed` or a sentence that says what is wrong."""
    model_name: str | None
    model_version: str | None

    @classmethod
    def of(cls, readiness: Readiness) -> "ReadinessDocument":
        checks, model = readiness.checks, readiness.model
        return cls(
            status="ready" if readiness.is_ready else "not ready",
            checks={
                "modelServer": checks.model_server,
                "features": checks.features,
                "goldenRequest": checks.golden_request,
            },
            model_name=model.name if model else None,
            model_version=model.version if model else None,
        )
