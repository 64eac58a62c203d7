"""What load generators tell, read strictly."""

import json
from typing import Any

import pytest
from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.load import parse_outcome_line
from housing_price_bench.generators.oha import parse_oha_report
from housing_price_bench.generators.percentiles import compute_percentile

TOLD = {"seconds": 1.5, "good": 90, "failures": 2, "p50_ms": 1, "p95_ms": 2.5, "p99_ms": 3.5, "statuses": {"200": 90}}


def line(**changes: Any) -> str:
    return f"outcome {json.dumps(TOLD | changes)}"


def test_the_outcome_is_found_among_lines_for_people() -> None:
    outcome = parse_outcome_line(f"Running 1s test\n  1 threads\n{line()}\nRequests/sec: 60\n")

    assert (outcome.good, outcome.failures, outcome.requests) == (90, 2, 92)
    assert (outcome.p50_ms, outcome.p99_ms, outcome.seconds) == (1, 3.5, 1.5)


def test_percentiles_are_unknown_where_nothing_was_answered() -> None:
    assert parse_outcome_line(line(good=0, p50_ms=None, p95_ms=None, p99_ms=None)).p50_ms is None


@pytest.mark.parametrize("text", ["", "unable to connect to 127.0.0.1:1", f"{line()}\n{line()}"])
def test_no_outcome_or_several_are_refused_with_the_last_words(text: str) -> None:
    with pytest.raises(GeneratorError, match=f"instead of one: {text[:6] or 'it wrote nothing'}"):
        parse_outcome_line(text)


@pytest.mark.parametrize(
    "changes",
    [{"p50_ms": float("nan")}, {"good": -1}, {"good": "90"}, {"seconds": 0}, {"more": 1}, {"p99_ms": float("inf")}],
)
def test_an_outcome_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(GeneratorError, match=next(iter(changes))):
        parse_outcome_line(line(**changes))


def oha_document(**changes: Any) -> str:
    """A document with every key that oha's schema requires."""
    summary = {"successRate": 1.0, "total": 2.0, "slowest": 0.09, "fastest": 0.001, "average": 0.01}
    sizes = {"requestsPerSec": 500.0, "totalData": 38000, "sizePerRequest": 38, "sizePerSec": 19000.0}
    percentiles = {"p10": 0.001, "p25": 0.002, "p50": 0.004, "p75": 0.006, "p90": 0.008, "p95": 0.01, "p99": 0.02}
    span = {"average": 0.001, "fastest": 0.0005, "slowest": 0.002}
    document = {
        "summary": summary | sizes,
        "responseTimeHistogram": {"0.001": 10, "0.09": 990},
        "latencyPercentiles": percentiles | {"p99.9": 0.05, "p99.99": 0.08},
        "rps": {"mean": 500.0, "stddev": 10.0, "max": 600.0, "percentiles": percentiles},
        "details": {"DNSDialup": span, "DNSLookup": span},
        "statusCodeDistribution": {"200": 990, "503": 10},
        "errorDistribution": {"aborted due to deadline": 64, "connection refused": 3},
    }
    return json.dumps(document | changes, indent=2)


def test_oha_counts_statuses_and_broken_connections_but_not_what_the_end_cut_off() -> None:
    outcome = parse_oha_report(oha_document())

    assert (outcome.good, outcome.failures) == (990, 13)
    assert (outcome.seconds, outcome.p50_ms, outcome.p95_ms, outcome.p99_ms) == (2.0, 4.0, 10.0, 20.0)


def test_oha_knows_no_percentiles_where_nothing_was_answered() -> None:
    nothing = {"p50": None, "p95": None, "p99": None}

    outcome = parse_oha_report(oha_document(latencyPercentiles=nothing, statusCodeDistribution={}))

    assert (outcome.good, outcome.p99_ms) == (0, None)


@pytest.mark.parametrize("text", ["", "error: unexpected argument", "{}", oha_document(latencyPercentiles={})])
def test_what_is_no_document_of_oha_is_refused(text: str) -> None:
    with pytest.raises(GeneratorError, match="oha's JSON"):
        parse_oha_report(text)


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (95, 4.0), (99, 4.0), (0, 1.0)])
def test_a_percentile_is_one_of_the_samples(percent: float, expected: float) -> None:
    assert compute_percentile([1.0, 2.0, 3.0, 4.0], percent) == expected


def test_nothing_has_no_percentile() -> None:
    assert compute_percentile([], 50) is None
