"""What the model itself costs."""

import pytest
from housing_price_bench.prices.model_cost import read_model_ms
from httpx import Response


@pytest.mark.parametrize(
    ("header", "expected"),
    [("model;dur=0.42", 0.42), ('parse;dur=9, model;desc="x";dur=1.5', 1.5), ("supermodel;dur=3", None), ("", None)],
)
def test_the_computing_time_is_read_from_server_timing(header: str, expected: float | None) -> None:
    assert read_model_ms(Response(200, headers={"server-timing": header})) == expected
