"""The bounds that the figures of a run must keep."""

from collections.abc import Mapping

from housing_price_bench.options import CONNECTIONS, BenchOptions
from housing_price_bench.prices.case import Kind, Subject
from housing_price_bench.prices.model_cost import ModelCost
from housing_price_bench.prices.results import Results
from housing_price_bench.report.bound import Bound

_NO_GROWTH_MB = 2.0
"""Less than this in 25,000 requests is noise of the allocator: a leak of 100 bytes a request is more."""

_ROWS_MS = ((1, 1.0), (64, 8.0), (1000, 100.0))
"""Rows, and how long the model may compute for them."""


def list_bounds(options: BenchOptions, results: Results, of_run: Mapping[str, float]) -> list[Bound]:
    """List the bounds of the run; some apply to one recipe only."""
    return [
        _make_upper("failed requests of (a)", results.errors, 0),
        *(_list_forest(of_run) if options.is_forest else _list_default(of_run)),
        _make_upper("1 connection, p50, a / c", of_run.get("p50_a_over_c_1"), 10),
        _make_upper("1 connection, p50, a / b", of_run.get("p50_a_over_b_1"), 1),
        _make_lower("batches, rows a second, a / d", of_run.get("batch_rows_a_over_d"), 0.8),
        _make_lower("batches, rows a second, a / b", of_run.get("batch_rows_a_over_b"), 1.2),
        *_list_probes(results),
        *_list_memory(results, options.workers),
        *_list_model(results.model),
    ]


def _list_default(of_run: Mapping[str, float]) -> list[Bound]:
    return [
        _make_lower("64 connections, requests a second, a / c", of_run.get("a_over_c_64"), 0.7),
        _make_upper("64 connections, p99, a / c", of_run.get("p99_a_over_c_64"), 3),
        _make_lower("64 connections, requests a second, a / b", of_run.get("a_over_b_64"), 5),
        _make_lower("16 connections, requests a second, a / c", of_run.get("a_over_c_16"), 0.5),
    ]


def _list_forest(of_run: Mapping[str, float]) -> list[Bound]:
    return [
        _make_lower(f"{CONNECTIONS[-1]} connections, requests a second, a / plain", of_run.get("a_over_plain_64"), 40)
    ]


def _list_probes(results: Results) -> list[Bound]:
    probes: list[tuple[str, Subject, Kind]] = [
        ("orchestrator's /health", "a", "health meanwhile"),
        ("model server's /ping", "d", "ping meanwhile"),
    ]
    found = [(name, results.find_case(subject, kind, 1)) for name, subject, kind in probes]
    return [
        _make_upper(f"{name}, p99 while batches run", case.p99_ms if case else None, 20, " ms") for name, case in found
    ]


def _list_memory(results: Results, workers: int) -> list[Bound]:
    memory = results.memory
    after = f"after {memory.requests:,} requests" if memory else "after many requests"
    end_mb, growth_mb = (memory.end_mb, memory.growth_mb) if memory else ({}, {})
    found = []
    for name, most_mb in (("orchestrator", 110), ("model", 350)):
        found.append(_make_upper(f"memory of the {name} {after}", end_mb.get(name), most_mb * workers, " MB"))
        found.append(
            _make_upper("  its growth in the second half of them", growth_mb.get(name), _NO_GROWTH_MB * workers, " MB")
        )
    return found


def _list_model(cost: ModelCost | None) -> list[Bound]:
    rows_ms = cost.rows_ms if cost else {}
    return [
        *(
            _make_upper(f"the model alone, rows: {count:,}", rows_ms.get(count), limit, " ms")
            for count, limit in _ROWS_MS
        ),
        _make_upper("the model alone, one row explained", cost.explained_ms if cost else None, 3, " ms"),
        _make_upper("the version's files", cost.artefact_mb if cost else None, 25, " MB"),
    ]


def _make_upper(what: str, value: float | None, limit: float, unit: str = "") -> Bound:
    return Bound(what=what, value=value, limit=limit, is_most=True, unit=unit)


def _make_lower(what: str, value: float | None, limit: float) -> Bound:
    return Bound(what=what, value=value, limit=limit, is_most=False)
