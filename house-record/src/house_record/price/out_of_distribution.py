"""Explains to people why a house is unlike the training sales."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from house_record.features import Feature
from house_record.implausibility import Implausibility
from house_record.price.output import Number, OutputPart, Text, find_feature, read_part
from house_record.record import Record
from house_record.vocabulary import NOT_APPLICABLE


class _Reason(OutputPart):
    code: str
    columns: Annotated[list[str], Field(min_length=1)]

    def warning(self, record: Record) -> Implausibility:
        features = [find_feature(record, column) for column in self.columns]
        fields = tuple(feature.wire_name for feature in features)
        return Implausibility(code=self.code, fields=fields, message=self.message(features))

    @abstractmethod
    def message(self, features: Sequence[Feature]) -> str:
        """Return a sentence for people about these features."""


class _BeyondTrainingRange(_Reason):
    code: Literal["BEYOND_TRAINING_RANGE"]
    value: Number
    low: Number
    high: Number

    def message(self, features: Sequence[Feature]) -> str:
        value, low, high = (_shown(number, features[0]) for number in (self.value, self.low, self.high))
        return f"{_names(features)} {value} is beyond the sales that the model learned from: {low} to {high}."


class _UnseenCode(_Reason):
    code: Literal["UNSEEN_CODE"]
    value: Text | Number | None

    def message(self, features: Sequence[Feature]) -> str:
        return (
            f"{_names(features)} {_shown(self.value, features[0])} is in none of the sales that the model learned from."
        )


class _UnusualCombination(_Reason):
    code: Literal["UNUSUAL_COMBINATION"]
    distance: Number
    limit: Number

    def message(self, features: Sequence[Feature]) -> str:
        how_far = f"{self.distance:.3g} away from them, where {self.limit:.3g} is usual at most."
        if len(features) == 1:
            return f"{_names(features)} does not fit the rest of the house as in the sales: {how_far}"
        return f"The combination of {_names(features)} is unlike the sales that the model learned from: {how_far}"


_KIND: TypeAdapter[Sequence[_Reason]] = TypeAdapter(
    list[Annotated[_BeyondTrainingRange | _UnseenCode | _UnusualCombination, Field(discriminator="code")]]
)


def make_warnings(record: Record, part: Any) -> list[Implausibility]:
    """Make a warning for each reason why a house is out of distribution.

    Raises:
        UnusableOutput: if what the model's output says is malformed.
    """
    return [reason.warning(record) for reason in read_part(_KIND, part, "a reason to be out of distribution")]


def _names(features: Sequence[Feature]) -> str:
    return " and ".join(f"`{feature.wire_name}`" for feature in features)


def _shown(value: str | float | None, feature: Feature) -> str:
    if value is None:
        return "without a value"
    if isinstance(value, str):
        return f"null ({feature.absence})" if value == NOT_APPLICABLE and feature.absence else f"`{value}`"
    is_name = bool(feature.codes) or feature.unit == "year"
    return f"{value:.10g}" if is_name else f"{value:,.10g}"
