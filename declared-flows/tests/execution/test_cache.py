"""Keys of cached calls."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import pytest
from declared_flows.execution.cache import key_of
from house_record import House, minimal_document
from pydantic import BaseModel, Field


class Record(BaseModel):
    """A record whose document has other names."""

    lot_area: int = Field(alias="lotArea")
    inner: Any = None


RECORD = Record(lotArea=3)


@pytest.mark.parametrize(
    ("params", "equal"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": RECORD}, {"a": {"lotArea": 3, "inner": None}}),
        ({"a": [Record(lotArea=3, inner=RECORD)]}, {"a": [{"lotArea": 3, "inner": {"lotArea": 3, "inner": None}}]}),
        ({"a": MappingProxyType({"b": (RECORD,)})}, {"a": {"b": [{"lotArea": 3, "inner": None}]}}),
        ({"a": date(2026, 1, 2)}, {"a": date(2026, 1, 2)}),
        ({"a": datetime(2026, 1, 2, tzinfo=UTC)}, {"a": datetime(2026, 1, 2, tzinfo=UTC)}),
        ({"a": b"bytes"}, {"a": b"bytes"}),
        ({"a": {1: {"x"}}}, {"a": {1: {"x"}}}),
    ],
)
def test_equal_parameters_have_one_key(params: Mapping[str, Any], equal: Mapping[str, Any]) -> None:
    assert key_of("find", params) == key_of("find", equal)


@pytest.mark.parametrize("other", [None, 1, "3", [3], {"lotArea": 4, "inner": None}, Record(lotArea=4)])
def test_other_parameters_have_another_key(other: object) -> None:
    assert key_of("find", {"a": RECORD}) != key_of("find", {"a": other})


def test_a_null_is_not_a_field_that_was_left_out() -> None:
    given = {"told": minimal_document() | {"garageType": None}, "not told": minimal_document()}
    houses = {name: House.model_validate(document) for name, document in given.items()}

    keys = {key_of("find", {"house": house}) for house in houses.values()}
    in_lists = {key_of("find", {"houses": [{"house": house}]}) for house in houses.values()}

    assert (len(keys), len(in_lists)) == (2, 2)
