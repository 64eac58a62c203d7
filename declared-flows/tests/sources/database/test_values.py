"""Values between JSON and databases."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from declared_flows.errors import UnusableParams
from declared_flows.notation.schema import Schema
from declared_flows.sources.database.binding import array, check_value, json_text
from declared_flows.sources.database.values import NoJson, fit, to_plain


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (None, None),
        (True, True),
        (Decimal("12.50"), 12.5),
        (Decimal("12"), 12),
        (Decimal("1E+3"), 1000),
        (date(2026, 11, 21), "2026-11-21"),
        (datetime(2026, 11, 21, 8, 30, tzinfo=UTC), "2026-11-21T08:30:00+00:00"),
        (time(8, 30), "08:30:00"),
        (timedelta(hours=25), "P1DT1H"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ([Decimal("0.5"), {"a": date(2026, 1, 1)}], [0.5, {"a": "2026-01-01"}]),
    ],
)
def test_a_value_becomes_what_json_has(value: Any, json: Any) -> None:
    assert to_plain(value) == json
    assert type(to_plain(value)) is type(json)


@pytest.mark.parametrize(
    "value",
    [b"bytes", float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity"), Decimal("1E+400"), [float("nan")], 1j],
)
def test_a_value_that_json_has_not_is_refused(value: Any) -> None:
    with pytest.raises(NoJson):
        to_plain(value)


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("boolean", 1, True),
        ("boolean", 2, 2),
        ("integer", 5.0, 5),
        ("integer", 5.5, 5.5),
        ("object", '{"a": [1]}', {"a": [1]}),
        ("array", "no json", "no json"),
        ("string", '{"a": 1}', '{"a": 1}'),
        (None, 1, 1),
    ],
)
def test_a_value_is_of_the_type_that_is_declared(kind: Any, value: Any, fits: Any) -> None:
    found = fit(value, Schema(type=kind))

    assert found == fits
    assert type(found) is type(fits)


@pytest.mark.parametrize("value", ["a\0b", "\ud800", float("nan"), float("inf"), 2**63, [1], {"a": 1}, object()])
def test_a_parameter_no_database_takes_is_refused_without_its_value(value: Any) -> None:
    with pytest.raises(UnusableParams, match="parameter `name`"):
        check_value("name", value)


@pytest.mark.parametrize("value", [[float("nan")], ["a\0b"], {"\ud800": 1}, [object()]])
def test_json_that_no_database_takes_is_refused(value: Any) -> None:
    with pytest.raises(UnusableParams, match="parameter `name`"):
        json_text("name", value)


def test_an_array_is_of_one_kind() -> None:
    assert array("name", [1, 2.5, None]) == [1.0, 2.5, None]
    with pytest.raises(UnusableParams, match="several kinds"):
        array("name", [1, "a"])
