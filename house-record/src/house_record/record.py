"""What a house is in one town, as a value: the class of its houses, and everything that is derived from it.

A composition root chooses the record and passes it on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from house_record.features import Feature, Value, read_fields
from house_record.implausibility import Implausibility, Rule
from house_record.json_schema import describe_fields
from house_record.vocabulary import NOT_APPLICABLE


class AnyHouse(BaseModel):
    """Base of the classes of houses, each with an id, then the features: strict, and camelCase on the wire."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        allow_inf_nan=False,
        extra="forbid",
        frozen=True,
        json_schema_extra=describe_fields,
        serialize_by_alias=True,
        strict=True,
        use_attribute_docstrings=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    id: int
    """The caller's own number for the house."""


@dataclass(frozen=True, eq=False)
class Record[House: AnyHouse = AnyHouse]:
    """The record of a town.

    Args:
        name: the town, in lower case.
        version: changes when a feature is added, removed, renamed or read differently. Each model records it.
        house: the class of the town's houses, which validates them.
        rules: what its real houses have in common. A house that breaks one is priced with a warning.
    """

    name: str
    version: str
    house: type[House]
    rules: tuple[Rule[Any], ...] = ()

    @cached_property
    def fields(self) -> tuple[Feature, ...]:
        """The id and the features, in file order."""
        return read_fields(self.house)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """What a model may use, in file order."""
        return self.fields[1:]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The model's columns, in file order."""
        return tuple(feature.column for feature in self.features)

    @cached_property
    def feature_by_column(self) -> Mapping[str, Feature]:
        """Each feature by the name of its column."""
        return MappingProxyType({feature.column: feature for feature in self.features})

    @cached_property
    def field_by_name(self) -> Mapping[str, Feature]:
        """Each field by its attribute and by its wire name."""
        return MappingProxyType({name: field for field in self.fields for name in (field.name, field.wire_name)})

    @cached_property
    def example(self) -> Mapping[str, Any]:
        """The example house of the documentation and the readiness probe as a request body, in wire names."""
        return MappingProxyType({field.wire_name: field.example for field in self.fields})

    @cached_property
    def none_columns(self) -> frozenset[str]:
        """The columns in which ``NA`` is the code of a house that does not have the thing."""
        return frozenset(feature.column for feature in self.features if feature.has_none)

    @cached_property
    def _read_values(self) -> Callable[[Mapping[str, Value]], tuple[Value, ...]]:
        return itemgetter(*(feature.name for feature in self.features))

    @cached_property
    def _none_places(self) -> Sequence[tuple[int, str]]:
        return [(place, feature.name) for place, feature in enumerate(self.features) if feature.has_none]

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the parts; what is derived from them is made again."""
        return type(self), (self.name, self.version, self.house, self.rules)

    def row(self, house: AnyHouse) -> tuple[Value, ...]:
        """Return the features of a house in the order of ``columns``.

        A field that was left out is None: unknown. An explicit null is the code ``NA`` in ``none_columns``, and None
        elsewhere.
        """
        row = list(self._read_values(house.__dict__))  # faster than by attribute
        told = house.model_fields_set
        for place, name in self._none_places:
            if row[place] is None and name in told:
                row[place] = NOT_APPLICABLE
        return tuple(row)

    def find_implausibilities(self, house: AnyHouse) -> list[Implausibility]:
        """Return what is improbable about a house, in the order of the rules."""
        return [rule.implausibility for rule in self.rules if rule.is_broken_by(house)]

    def example_house(self, **changes: Any) -> House:
        """Return the example house with some fields changed, by attribute or wire name.

        Raises:
            pydantic.ValidationError: if a change makes it invalid.
        """
        return self.house.model_validate(self.example_document(**changes))

    def example_document(self, **changes: Any) -> dict[str, Any]:
        """Return the example house as a request body. Changes may be invalid, so that refusals can be tested."""
        names = self.field_by_name
        return {
            **self.example,
            **{names[name].wire_name if name in names else name: value for name, value in changes.items()},
        }

    def minimal_document(self) -> dict[str, Any]:
        """Return the example house with required fields only, the shortest valid body."""
        return {field.wire_name: field.example for field in self.fields if field.required}
