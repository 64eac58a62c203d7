"""What is stored of a typed model: how rows become a matrix, and what turns the matrix into prices. Pure data."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Literal[1] = 1
"""Changes when an older program would read a document differently."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Part):
    """A column of the rows that are taken."""

    name: str
    type: Literal["number", "text"]


class NumberFeature(_Part):
    """A number as it is; ``absent`` stands for one that is not there, None for NaN."""

    kind: Literal["number"] = "number"
    column: str
    absent: float | None = None


class CodeFeature(_Part):
    """A code as its place; ``absent`` and ``unknown`` are the places of no code and of any other, None for NaN."""

    kind: Literal["code"] = "code"
    column: str
    places: dict[str, float]
    absent: float | None
    unknown: float | None


class OneHotFeature(_Part):
    """A code as ``width`` columns of which one is 1; no place in ``places`` leaves all of them 0."""

    kind: Literal["one_hot"] = "one_hot"
    column: str
    width: int
    places: dict[str, int]
    absent: int | None


type Feature = Annotated[NumberFeature | CodeFeature | OneHotFeature, Field(discriminator="kind")]


class Encoding(_Part):
    """The columns of a row in order, and the features of the matrix in order.

    ``precision`` is what the regressor was fitted with: its splits are between numbers rounded like that.
    """

    columns: tuple[Column, ...]
    features: tuple[Feature, ...]
    precision: Literal["float32", "float64"] = "float64"


class TreeEnsemble(_Part):
    """Trees in treelite's own format, in ``file``; ``output`` says what they give: a price, or log(1 + price)."""

    kind: Literal["trees"] = "trees"
    file: str
    output: Literal["price", "log1p_price"]


class TypedDocument(_Part):
    """Everything but the trees."""

    format: Literal[1] = FORMAT
    encoding: Encoding
    regressor: TreeEnsemble
