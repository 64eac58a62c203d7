"""What can be asked for beside a price."""

import math
from typing import Any

import pytest
from house_record.price import NO_OPTIONS, PriceOptions
from pydantic import ValidationError


@pytest.mark.parametrize(
    ("asked", "params"),
    [
        ({}, {}),
        ({"coverage": 0.9, "explain": False, "comparables": 0}, {}),
        ({"coverage": 0.8}, {"coverage": 0.8}),
        ({"explain": True, "comparables": 3}, {"explain": True, "comparables": 3}),
    ],
)
def test_sends_a_model_only_options_that_are_not_defaults(asked: dict[str, Any], params: dict[str, Any]) -> None:
    assert PriceOptions.model_validate(asked).params == params


def test_the_default_coverage_can_be_asked_for_by_name() -> None:
    assert PriceOptions(coverage=0.9).asks_for_coverage
    assert not NO_OPTIONS.asks_for_coverage


@pytest.mark.parametrize("asked", [{"coverage": 0.5}, {"coverage": 0.99}, {"comparables": 0}, {"comparables": 20}])
def test_the_bounds_are_within(asked: dict[str, Any]) -> None:
    PriceOptions.model_validate(asked)


@pytest.mark.parametrize(
    "asked",
    [{"coverage": 0.499}, {"coverage": 0.991}, {"coverage": math.nan}, {"comparables": -1}, {"comparables": 21}],
)
def test_what_is_beyond_them_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PriceOptions.model_validate(asked)
