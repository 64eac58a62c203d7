"""A run as JSON. Others rely on the names in `ratios` and `errors`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from housing_price_bench.generators.generator import Generator
from housing_price_bench.options import BenchOptions
from housing_price_bench.prices.bounds import list_bounds
from housing_price_bench.prices.case import Case
from housing_price_bench.prices.memory import Memory
from housing_price_bench.prices.ratios import compute_ratios
from housing_price_bench.prices.results import Results


def make_document(
    options: BenchOptions, results: Results, *, machine: Mapping[str, Any], generator: Generator, ceiling: float
) -> dict[str, Any]:
    """Make the document of a run. Times are milliseconds, memory is in 10⁶ bytes."""
    of_run = compute_ratios(results)
    return {
        "machine": machine,
        "generator": {"name": generator.name, "version": generator.version, "ceiling_requests_per_second": ceiling},
        "options": {
            "data": options.data or "sample",
            "recipe": options.recipe or "default",
            "seconds": options.seconds,
            "workers": options.workers,
        },
        "cases": [_describe_case(case) for case in results.cases],
        "memory": _describe_memory(results.memory) if results.memory else None,
        "model": asdict(results.model) if results.model else None,
        "ratios": of_run,
        "bounds": [asdict(bound) | {"verdict": bound.verdict} for bound in list_bounds(options, results, of_run)],
        "skipped": results.skipped,
        "errors": results.errors,
    }


def _describe_case(case: Case) -> dict[str, Any]:
    return {
        "subject": case.subject,
        "kind": case.kind,
        "connections": case.connections,
        "rounds": len(case.rounds),
        "requests": case.requests,
        "failures": case.failures,
        "requests_per_second": case.requests_per_second,
        "rows_per_second": case.rows_per_second,
        "p50_ms": case.p50_ms,
        "p95_ms": case.p95_ms,
        "p99_ms": case.p99_ms,
        "statuses": [dict(outcome.statuses) for outcome in case.rounds if outcome.statuses],
        "cores": dict(case.cores),
        "resident_mb": dict(case.resident_mb),
    }


def _describe_memory(memory: Memory) -> dict[str, Any]:
    return asdict(memory) | {"growth_mb": memory.growth_mb}
