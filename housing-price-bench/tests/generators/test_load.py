"""The outcome line of load generators."""

import json
from typing import Any

import pytest
from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.load import parse_outcome_line

TOLD = {"seconds": 1.5, "good": 90, "failures": 2, "p50_ms": 1, "p95_ms": 2.5, "p99_ms": 3.5, "statuses": {"200": 90}}


def line(**changes: Any) -> str:
    return f"outcome {json.dumps(TOLD | changes)}"


def test_the_outcome_is_found_among_other_lines() -> None:
    outcome = parse_outcome_line(f"Running 1s test\n  1 threads\n{line()}\nRequests/sec: 60\n")

    assert (outcome.good, outcome.failures, outcome.requests) == (90, 2, 92)
    assert (outcome.p50_ms, outcome.p99_ms, outcome.seconds) == (1, 3.5, 1.5)


def test_percentiles_are_unknown_without_a_response() -> None:
    assert parse_outcome_line(line(good=0, p50_ms=None, p95_ms=None, p99_ms=None)).p50_ms is None


@pytest.mark.parametrize("text", ["", "unable to connect to 127.0.0.1:1", f"{line()}\n{line()}"])
def test_no_outcome_or_several_are_refused_with_the_last_lines(text: str) -> None:
    with pytest.raises(GeneratorError, match=f"instead of one: {text[:6] or 'it wrote nothing'}"):
        parse_outcome_line(text)


@pytest.mark.parametrize(
    "changes",
    [{"p50_ms": float("nan")}, {"good": -1}, {"good": "90"}, {"seconds": 0}, {"more": 1}, {"p99_ms": float("inf")}],
)
def test_an_impossible_outcome_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(GeneratorError, match=next(iter(changes))):
        parse_outcome_line(line(**changes))
