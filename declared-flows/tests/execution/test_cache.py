"""Keys of cached calls."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import pytest
from declared_flows.execution.cache import key_of
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
