"""The command of oha, and its report."""

import json
from typing import Any

import pytest
from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.oha import make_oha_generator, parse_oha_report
from tiny_servers import make_load


@pytest.mark.parametrize(("help_text", "option"), [("-j, --json", "--json"), ("--output-format", "--output-format")])
def test_the_option_for_json_depends_on_the_version_of_oha(help_text: str, option: str) -> None:
    command = make_oha_generator("oha", "1", help_text).command(make_load(seconds=0.25))

    assert option in command
    assert command[command.index("-z") + 1] == "250ms"


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


def test_requests_cut_off_at_the_end_are_no_failures() -> None:
    outcome = parse_oha_report(oha_document())

    assert (outcome.good, outcome.failures) == (990, 13)
    assert (outcome.seconds, outcome.p50_ms, outcome.p95_ms, outcome.p99_ms) == (2.0, 4.0, 10.0, 20.0)


def test_percentiles_are_unknown_without_a_response() -> None:
    nothing = {"p50": None, "p95": None, "p99": None}

    outcome = parse_oha_report(oha_document(latencyPercentiles=nothing, statusCodeDistribution={}))

    assert (outcome.good, outcome.p99_ms) == (0, None)


@pytest.mark.parametrize("text", ["", "error: unexpected argument", "{}", oha_document(latencyPercentiles={})])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(GeneratorError, match="oha's JSON"):
        parse_oha_report(text)
