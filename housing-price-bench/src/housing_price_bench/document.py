"""A run as JSON: the names of `ratios` and `errors` are relied on by others."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from housing_price_bench.bounds import bounds
from housing_price_bench.case import Case
from housing_price_bench.generators.generator import Generator
from housing_price_bench.memory import Memory
from housing_price_bench.options import BenchOptions
from housing_price_bench.ratios import ratios
from housing_price_bench.results import Results


def run_document(
    options: BenchOptions, results: Results, *, machine: Mapping[str, Any], generator: Generator, ceiling: float
) -> dict[str, Any]:
    """Everything that was measured, and on what. Times are milliseconds, memory is in 10⁶ bytes."""
    of_run = ratios(results)
    return {
        "machine": machine,
        "generator": {"name": generator.name, "version": generator.version, "ceiling_requests_per_second": ceiling},
        "options": {
            "data": options.data or "sample",
            "recipe": options.recipe or "default",
            "seconds": options.seconds,
            "workers": options.workers,
        },
        "cases": [_case(case) for case in results.cases],
        "memory": _memory(results.memory) if results.memory else None,
        "model": asdict(results.model) if results.model else None,
        "ratios": of_run,
        "bounds": [asdict(bound) | {"verdict": bound.verdict} for bound in bounds(options, results, of_run)],
        "skipped": results.skipped,
        "errors": results.errors,
    }


def _case(case: Case) -> dict[str, Any]:
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


def _memory(memory: Memory) -> dict[str, Any]:
    return asdict(memory) | {"growth_mb": memory.growth_mb}
