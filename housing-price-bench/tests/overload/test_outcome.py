"""The outcome of the requests at one rate."""

import pytest
from housing_price_bench.errors import GeneratorError
from housing_price_bench.overload.open_loop import NO_RESPONSE, Sample
from housing_price_bench.overload.outcome import (
    Responses,
    format_outcome_line,
    parse_outcome_line,
    summarize_samples,
)

REFUSAL = b'{"code":"OVERLOADED"}'


def sample(status: int, seconds: float = 0.01, body: bytes = b"{}") -> Sample:
    return Sample(due=0.0, late=0.001, seconds=seconds, status=status, body=body)


def test_prices_refusals_and_errors_are_counted_apart() -> None:
    seen = summarize_samples(
        [
            *(sample(200, 0.1), sample(200, 3.0)),
            *(sample(503, 0.002, REFUSAL), sample(503, 0.1, b'{"code":"UPSTREAM_UNAVAILABLE"}')),
            *(sample(500, 0.1, b'{"code":"INTERNAL_ERROR"}'), sample(NO_RESPONSE), sample(NO_RESPONSE)),
        ],
        seconds=2.0,
        deadline_seconds=2.0,
        connections=7,
    )

    assert (seen.offered_per_second, seen.goodput_per_second, seen.refused_per_second) == (3.5, 0.5, 0.5)
    assert seen.accepted == Responses(count=2, p50_ms=100.0, p99_ms=3000.0)
    assert seen.refused == Responses(count=1, p50_ms=2.0, p99_ms=2.0)
    assert seen.errors == {"503 UPSTREAM_UNAVAILABLE": 1, "500 INTERNAL_ERROR": 1, "no answer": 2}
    assert parse_outcome_line(f"noise\n{format_outcome_line(seen)}") == seen


@pytest.mark.parametrize("text", ["", "outcome {}", "outcome nonsense"])
def test_unusable_output_of_a_generator_is_an_error(text: str) -> None:
    with pytest.raises(GeneratorError, match="generator"):
        parse_outcome_line(text)
