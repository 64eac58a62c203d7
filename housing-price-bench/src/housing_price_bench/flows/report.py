"""Results of `--flows` for people and for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from statistics import median
from typing import Any

from rich.table import Table

from housing_price_bench.flows.results import FlowResults
from housing_price_bench.generators.load import Outcome
from housing_price_bench.options import CONNECTIONS


def make_flow_table(results: FlowResults) -> Table:
    """Make a table with one row for each number of connections."""
    table = Table(title="Flows beside the route for prices", title_justify="left", box=None, padding=(0, 1))
    for column in ("conn.", "route/s", "flow/s", "flow / route", "route p50 ms", "flow p50 ms"):
        table.add_column(column, justify="right")
    for connections in CONNECTIONS:
        route, flow = results.direct[connections], results.through_flow[connections]
        share = results.compute_share(connections)
        table.add_row(
            str(connections),
            f"{_compute_rate(route):,.0f}",
            f"{_compute_rate(flow):,.0f}",
            f"{share:.2f}" if share is not None else "-",
            f"{_compute_p50(route):.2f}",
            f"{_compute_p50(flow):.2f}",
        )
    return table


def _compute_rate(rounds: list[Outcome]) -> float:
    return median(outcome.good / outcome.seconds for outcome in rounds)


def _compute_p50(rounds: list[Outcome]) -> float:
    return median(outcome.p50_ms or 0.0 for outcome in rounds)


def make_flow_document(results: FlowResults, *, machine: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Make the document of a run. Times are milliseconds."""
    return {
        "machine": machine,
        "options": {"seconds": seconds},
        "ratios": {f"flow_over_route_{connections}": results.compute_share(connections) for connections in CONNECTIONS},
        "four_sources_p50_ms": results.four.p50_ms,
        "bounds": [asdict(bound) | {"verdict": bound.verdict} for bound in results.list_bounds()],
        "errors": results.errors,
    }
