"""A run for people: the table of cases, and lines about memory, workers and the machine."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from housing_price_bench.generators.generator import Generator
from housing_price_bench.prices.case import SUBJECTS, Case
from housing_price_bench.prices.memory import Memory
from housing_price_bench.prices.results import Results
from housing_price_bench.report.bound import format_figure

_FULL = 0.95
_KINDS = {"batch": "batches of 1,000", "mix": "many houses, 5 % invalid"}


def make_case_table(cases: Iterable[Case]) -> Table:
    """Make a table with one row for each case."""
    table = Table(title="What was measured", title_justify="left", box=None, padding=(0, 1))
    for column in ("subject", "what"):
        table.add_column(column)
    for column in ("conn.", "requests/s", "rows/s", "p50 ms", "p95 ms", "p99 ms", "errors"):
        table.add_column(column, justify="right")
    table.add_column("cores used")
    table.add_column("memory, MB")
    for case in cases:
        table.add_row(*_make_cells(case))
    return table


def format_case(case: Case) -> str:
    """Format a finished case as one line."""
    figures = f"{case.requests_per_second:,.0f} requests/s, p50 {format_figure(case.p50_ms, ' ms')}"
    return f"  ({case.subject}) {_describe_kind(case)}, {case.connections} at once: {figures}, {case.failures:,} errors"


def format_machine(machine: Mapping[str, Any], generator: Generator, ceiling: float) -> list[str]:
    """Format the machine, the versions and the generator."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    place = f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}"
    reached = f"{ceiling:,.0f} requests/s against a fixed answer"
    return [
        f"Machine: {place}; load average {machine['load_average']} at the start",
        f"Versions: {versions}",
        f"Load generator: {generator.name} ({generator.version}), which reaches {reached}",
    ]


def format_memory(memory: Memory | None) -> list[str]:
    """Format the memory of the platform after many single prices."""
    if memory is None:
        return []
    return [
        f"Memory of {name}: {memory.half_mb.get(name, 0):,.1f} MB after {memory.requests_half:,} single prices,"
        f" {end_mb:,.1f} MB after {memory.requests:,}"
        for name, end_mb in memory.end_mb.items()
    ]


def format_saturation(cases: Iterable[Case], machine_cores: int) -> list[str]:
    """Say which resource the mix of houses uses up first."""
    return [_describe_saturation(case, machine_cores) for case in cases if case.kind == "mix" and case.busiest]


def _describe_saturation(case: Case, machine_cores: int) -> str:
    in_all = case.cores["machine"]
    ours = sum(cores for name, cores in case.cores.items() if name != "machine")
    if in_all >= _FULL * machine_cores:
        others = max(in_all - ours, 0)
        first = f"the machine saturates first: {in_all:.2f} cores, {others:.2f} of them for other work; then"
    else:
        first = f"{in_all:.2f} of {machine_cores} cores are busy, and first saturates"
    return f"Under the mix {first} {_NAMES.get(case.busiest, case.busiest)} with {case.cores[case.busiest]:.2f} cores"


def format_workers(workers: int, results: Results) -> list[str]:
    """Say what several workers cost and could reach, beside what was measured."""
    seen = results.find_case("a", "single", 64)
    if workers == 1 or seen is None:
        return []
    one_mb = {name: mb / workers for name, mb in seen.resident_mb.items()}
    memory = ", ".join(f"{name} {workers} x {mb:,.0f} MB" for name, mb in one_mb.items())
    row_ms = results.model.rows_ms.get(1) if results.model else None
    bound = f"{workers / row_ms * 1000:,.0f} requests/s" if row_ms else "unknown: it tells no time"
    return [
        f"Workers: {workers} of each server; memory {memory}",
        f"The model alone allows {bound}; {seen.requests_per_second:,.0f} requests/s were measured",
    ]


_NAMES = {"model": "the model server", "orchestrator": "the orchestrator", "generator": "the load generator"}


def _make_cells(case: Case) -> list[str]:
    return [
        f"({case.subject}) {SUBJECTS[case.subject]}",
        _describe_kind(case),
        str(case.connections),
        f"{case.requests_per_second:,.1f}",
        f"{case.rows_per_second:,.0f}" if case.rows > 1 else "",
        *(format_figure(value) for value in (case.p50_ms, case.p95_ms, case.p99_ms)),
        f"{case.failures:,}",
        ", ".join(f"{name} {cores:.2f}" for name, cores in case.cores.items()),
        ", ".join(f"{name} {mb:,.0f}" for name, mb in case.resident_mb.items()),
    ]


def _describe_kind(case: Case) -> str:
    return _KINDS.get(case.kind, case.kind)
