"""What a house is in one town, as a value: the class of its houses, and everything that is derived from it.

A composition root chooses the record and passes it on: docs/decisions/0020-the-record-is-a-value.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from house_record.assumptions import make_fields_warning, make_none_warning
from house_record.features import Feature, Value, read_fields
from house_record.implausibility import Implausibility, Rule
from house_record.json_schema import describe_fields
from house_record.things import Finding, Thing, ThingInRow
from house_record.vocabulary import NOT_APPLICABLE

type Row = tuple[Value, ...]
type Findings = Sequence[tuple[ThingInRow, Finding]]


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
        things: what a house may have, and the fields that say so.
        nulls_explained_by: columns in which a null says no more than a 0 or none in the other column.
        everyday_columns: what people know of their house beside the required fields.
        date_columns: the date of a sale. Where it is unknown, a price has a date of its own, so nothing is assumed.
    """

    name: str
    version: str
    house: type[House]
    rules: tuple[Rule[Any], ...] = ()
    things: tuple[Thing, ...] = ()
    nulls_explained_by: Mapping[str, str] = MappingProxyType({})
    everyday_columns: tuple[str, ...] = ()
    date_columns: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> tuple[Feature, ...]:
        """The id and the features, in file order."""
        return read_fields(self.house)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """What a model may use, in file order."""
        return self.fields[1:]

    @cached_property
    def id_column(self) -> str:
        """The column of the id in data files."""
        return self.fields[0].column

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
    def smallest_set(self) -> tuple[str, ...]:
        """The wire names of the fields without which there is no price."""
        return tuple(field.wire_name for field in self.fields if field.required)

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
        texts = (dict(self.nulls_explained_by), self.everyday_columns, self.date_columns)
        return type(self), (self.name, self.version, self.house, self.rules, self.things, *texts)

    @cached_property
    def _nullable_places(self) -> Sequence[int]:
        """The places of optional features without a none."""
        features = enumerate(self.features)
        return [place for place, feature in features if not (feature.required or feature.has_none)]

    @cached_property
    def _things(self) -> Sequence[ThingInRow]:
        return [ThingInRow(thing, self.features) for thing in self.things]

    @cached_property
    def _explaining_places(self) -> Mapping[int, int]:
        places = {column: place for place, column in enumerate(self.columns)}
        return {places[column]: places[other] for column, other in self.nulls_explained_by.items()}

    @cached_property
    def _date_places(self) -> frozenset[int]:
        return frozenset(self.columns.index(column) for column in self.date_columns)

    def row(self, house: AnyHouse) -> Row:
        """Return the features of a house in the order of ``columns``.

        A field that was left out is None: unknown. An explicit null is the code ``NA`` in ``none_columns``, and None
        elsewhere.
        """
        said, _ = self._read_row(house)
        return said

    def find_implausibilities(self, house: AnyHouse) -> list[Implausibility]:
        """Return what is improbable about a house: broken rules, then contradictions, each in their order."""
        said, _ = self._read_row(house)
        return self._find_implausibilities(house, self._judge(said))

    def list_contradictions(self) -> list[Implausibility]:
        """Return the warnings about fields that contradict each other, in their order."""
        found = [(thing.none_is_contradicted, thing.size_is_contradicted) for thing in self._things]
        return [warning for warnings in found for warning in warnings if warning]

    def read(self, house: AnyHouse) -> tuple[Row, list[Implausibility]]:
        """Return a house's row as it is to be priced, with what is improbable about it and what its price assumes.

        If fields contradict each other, those that are not believed are None in this row.
        """
        row, unknown = self._read_row(house)
        findings = self._judge(row)
        warnings = self._find_implausibilities(house, findings)
        if findings:
            doubted = [place for _, found in findings if found.contradiction for place in found.places]
            row, unknown = _unset(row, doubted), [*unknown, *doubted]
            warnings += self._warn_of_nones(findings)
        if unknown and (fields := self._list_assumed(house, row, unknown)):
            warnings.append(make_fields_warning(tuple(fields), len(self.features)))
        return row, warnings

    def _read_row(self, house: AnyHouse) -> tuple[Row, list[int]]:
        """Return the row as it was said, and the places of what is unknown."""
        row = list(self._read_values(house.__dict__))  # faster than by attribute
        unknown, told = [place for place in self._nullable_places if row[place] is None], house.model_fields_set
        for place, name in self._none_places:
            if row[place] is None:
                if name in told:
                    row[place] = NOT_APPLICABLE
                else:
                    unknown.append(place)
        return tuple(row), unknown

    def _judge(self, said: Row) -> Findings:
        return [(thing, found) for thing in self._things if (found := thing.judge(said))]

    def _find_implausibilities(self, house: AnyHouse, findings: Findings) -> list[Implausibility]:
        found = [rule.implausibility for rule in self.rules if rule.is_broken_by(house)]
        return found + [found.contradiction for _, found in findings if found.contradiction] if findings else found

    def _warn_of_nones(self, findings: Findings) -> list[Implausibility]:
        """Make the warning about nulls that were read as none, if there are any."""
        nones = [(thing, found.places) for thing, found in findings if found.contradiction is None]
        if not nones:
            return []
        fields = tuple([self.features[place].wire_name for _, places in nones for place in places])
        return [make_none_warning(fields, tuple([size for thing, _ in nones for size in thing.sizes]))]

    def _list_assumed(self, house: AnyHouse, row: Row, unknown: Sequence[int]) -> list[str]:
        """The wire names of the unknown fields whose values a price assumes.

        That is neither the date of the sale, nor a null that says what other fields say: there is no such thing.
        """
        told, assumed = house.model_fields_set, []
        for place in sorted(unknown):
            feature, other = self.features[place], self._explaining_places.get(place)
            is_explained = other is not None and row[other] in (0, NOT_APPLICABLE) and feature.name in told
            if not (is_explained or place in self._date_places):
                assumed.append(feature.wire_name)
        return assumed

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

    def everyday_document(self) -> dict[str, Any]:
        """Return what people would type of the example house: the required fields, and others that anybody knows."""
        known = self.everyday_columns
        return {field.wire_name: field.example for field in self.fields if field.required or field.column in known}


def _unset(row: Row, places: Sequence[int]) -> Row:
    """Return the row with None in these places."""
    return tuple([None if place in places else value for place, value in enumerate(row)])
