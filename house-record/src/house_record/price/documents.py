"""The documents of a price on the wire: keys in this order, left out if there is no value.

``rendering.py`` writes the same without making these objects, which describe it to OpenAPI and to readers.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

from house_record.implausibility import Implausibility


class Document(BaseModel):
    """Base of all documents: camelCase on the wire."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        serialize_by_alias=True,
        use_attribute_docstrings=True,
        validate_by_name=True,
    )

    def json_bytes(self) -> bytes:
        """Return the document as on the wire, faster than through text."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True)


class PredictionInterval(Document):
    """Where the price of a house like this one lies, in US dollars rounded to cents."""

    lower: Annotated[float, Field(examples=[109880.45])]
    """Lower end; not above the price."""
    upper: Annotated[float, Field(examples=[150341.2])]
    """Upper end; not below the price."""
    coverage: Annotated[float, Field(gt=0, lt=1, examples=[0.9])]
    """Share of houses whose price lies within."""


class Contribution(Document):
    """What one field adds to the price or subtracts from it."""

    field: Annotated[str, Field(examples=["grLivArea"])]
    """Wire name of the field."""
    amount: Annotated[float, Field(examples=[-21310.07])]
    """US dollars, rounded to cents."""


class Explanation(Document):
    """What drives the price. The baseline and all amounts add up to the price to the cent."""

    baseline_price: Annotated[float, Field(examples=[163000.0])]
    """The price of an average house, in US dollars."""
    contributions: list[Contribution]
    """The fields that change the price by a cent or more, the largest change first."""


class Difference(Document):
    """One field in which a comparable sale differs."""

    field: Annotated[str, Field(examples=["grLivArea"])]
    """Wire name of the field."""
    house: Annotated[str | int | float | None, Field(examples=[896.0])]
    """Its value in the house."""
    comparable: Annotated[str | int | float | None, Field(examples=[1056.0])]
    """Its value in the sale."""


class AssumedValues(RootModel[dict[str, str | int | float | None]]):
    """The values of fields by wire name; null is none, as in a house without a garage."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"garageCars": 1, "fireplaceQu": None}]})


def _is_nothing(value: object) -> bool:
    return value is None


# Left out of the response if there is none, because null is not a valid value.
_LEFT_OUT = Field(default=None, exclude_if=_is_nothing)


_SALE = {
    "grLivArea": 1056.0,
    "yearBuilt": 1958,
    "neighborhood": "NAmes",
    "bldgType": "1Fam",
    "overallQual": 5,
    "saleCondition": "Normal",
    "moSold": 7,
    "yrSold": 2009,
}


class Comparable(Document):
    """A training sale, and how it differs from the house."""

    id: Annotated[int, Field(examples=[1234])]
    """Number of the sale in the training data."""
    price: Annotated[float, Field(gt=0, examples=[131500.0])]
    """The price paid, in US dollars."""
    distance: Annotated[float, Field(ge=0, examples=[0.42])]
    """The distance from the house; 0 if everything that counts is equal."""
    sale: Annotated[dict[str, str | int | float | None] | SkipJsonSchema[None], _LEFT_OUT, Field(examples=[_SALE])]
    """What people want to know of the sale first, by wire name: living area, year of construction, neighborhood, type,
    quality, condition of sale, month and year."""
    abnormal_sale: Annotated[Literal[True] | SkipJsonSchema[None], _LEFT_OUT]
    """Sold under conditions that make its price no market price, such as a foreclosure or a sale within a family."""
    other_neighborhood: Annotated[Literal[True] | SkipJsonSchema[None], _LEFT_OUT]
    """In another neighborhood than the house."""
    differences: list[Difference]
    """The fields in which it differs."""


class Price(Document):
    """The price of one house."""

    id: Annotated[int, Field(examples=[1461])]
    """The caller's own number for the house."""
    predicted_price: Annotated[float, Field(gt=0, examples=[128528.33])]
    """The price in US dollars, rounded to cents."""
    priced_as_of: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2})?$", examples=["2010-06"])]
    """The month as of which the house is priced, or only the year if the house states no month."""
    prediction_interval: Annotated[PredictionInterval | SkipJsonSchema[None], _LEFT_OUT]
    """Where the price lies, if the model gives intervals."""
    out_of_distribution: Annotated[Literal[True] | SkipJsonSchema[None], _LEFT_OUT]
    """The model has seen no house like this one: `warnings` say why, and the price is a guess."""
    warnings: list[Implausibility]
    """What is improbable about the house, what its price assumes, and what is new to the model."""
    assumed: Annotated[AssumedValues | SkipJsonSchema[None], _LEFT_OUT]
    """What the model assumed for unknown fields, with `explain`."""
    explanation: Annotated[Explanation | SkipJsonSchema[None], _LEFT_OUT]
    """What drives the price, with `explain`."""
    comparables: Annotated[list[Comparable] | SkipJsonSchema[None], _LEFT_OUT]
    """The nearest training sales, nearest first, with `comparables`."""


EXAMPLE_PRICE: dict[str, Any] = {
    "id": 1461,
    "predictedPrice": 128528.33,
    "pricedAsOf": "2010-06",
    "predictionInterval": {"lower": 109880.45, "upper": 150341.2, "coverage": 0.9},
    "warnings": [],
}


class SinglePrice(Price):
    """The price of one house, and the version behind it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PRICE | {"modelVersion": "3"}]})

    model_version: Annotated[str, Field(examples=["3"])]
    """Version of the model; `unknown` if the model server does not state it."""


class BatchPrices(Document):
    """The prices of a batch, in the order of its houses."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"predictions": [EXAMPLE_PRICE], "count": 1, "modelVersion": "3"}]}
    )

    predictions: list[Price]
    """One price for each house."""
    count: Annotated[int, Field(examples=[2])]
    """The number of predictions."""
    model_version: Annotated[str, Field(examples=["3"])]
    """The version that priced all of them."""
