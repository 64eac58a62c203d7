"""A run for people: the cases, the bounds, and what they were measured on."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from housing_price_bench.bounds import Bound
from housing_price_bench.case import SUBJECTS, Case
from housing_price_bench.generators.generator import Generator
from housing_price_bench.memory import Memory
from housing_price_bench.results import Results

_FULL = 0.95
_KINDS = {"batch": "batches of 1,000", "mix": "many houses, 5 % invalid"}


def case_table(cases: Iterable[Case]) -> Table:
    """One row a case."""
    table = Table(title="What was measured", title_justify="left", box=None, padding=(0, 1))
    for column in ("subject", "what"):
        table.add_column(column)
    for column in ("conn.", "requests/s", "rows/s", "p50 ms", "p95 ms", "p99 ms", "errors"):
        table.add_column(column, justify="right")
    table.add_column("cores used")
    table.add_column("memory, MB")
    for case in cases:
        table.add_row(*_cells(case))
    return table


def bound_table(bounds: Iterable[Bound]) -> Table:
    """One row a bound."""
    table = Table(title="What is demanded", title_justify="left", box=None, padding=(0, 1))
    table.add_column("figure")
    table.add_column("seen", justify="right")
    table.add_column("bound", justify="right")
    table.add_column("")
    for bound in bounds:
        sign = "at most" if bound.is_most else "at least"
        table.add_row(
            bound.what, _figure(bound.value, bound.unit), f"{sign} {bound.limit:g}{bound.unit}", bound.verdict
        )
    return table


def case_line(case: Case) -> str:
    """A case in one line, as it is finished."""
    figures = f"{case.requests_per_second:,.0f} requests/s, p50 {_figure(case.p50_ms, ' ms')}"
    return f"  ({case.subject}) {_kind(case)}, {case.connections} at once: {figures}, {case.failures:,} errors"


def machine_lines(machine: Mapping[str, Any], generator: Generator, ceiling: float) -> list[str]:
    """The machine, the versions and the generator."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    place = f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}"
    reached = f"{ceiling:,.0f} requests/s against a fixed answer"
    return [
        f"Machine: {place}; load average {machine['load_average']} at the start",
        f"Versions: {versions}",
        f"Load generator: {generator.name} ({generator.version}), which reaches {reached}",
    ]


def memory_lines(memory: Memory | None) -> list[str]:
    """Memory of the platform under many single prices."""
    if memory is None:
        return []
    return [
        f"Memory of {name}: {memory.half_mb.get(name, 0):,.1f} MB after {memory.requests_half:,} single prices,"
        f" {end_mb:,.1f} MB after {memory.requests:,}"
        for name, end_mb in memory.end_mb.items()
    ]


def saturation_lines(cases: Iterable[Case], machine_cores: int) -> list[str]:
    """Which resource is the first to be used up under the realistic mix."""
    return [_saturation(case, machine_cores) for case in cases if case.kind == "mix" and case.busiest]


def _saturation(case: Case, machine_cores: int) -> str:
    in_all = case.cores["machine"]
    ours = sum(cores for name, cores in case.cores.items() if name != "machine")
    if in_all >= _FULL * machine_cores:
        others = max(in_all - ours, 0)
        first = f"the machine saturates first: {in_all:.2f} cores, {others:.2f} of them for other work; then"
    else:
        first = f"{in_all:.2f} of {machine_cores} cores are busy, and first saturates"
    return f"Under the mix {first} {_SPOKEN.get(case.busiest, case.busiest)} with {case.cores[case.busiest]:.2f} cores"


def worker_lines(workers: int, results: Results) -> list[str]:
    """What several workers cost and could reach, beside what was measured."""
    seen = results.case("a", "single", 64)
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


_SPOKEN = {"model": "the model server", "orchestrator": "the orchestrator", "generator": "the load generator"}


def _cells(case: Case) -> list[str]:
    return [
        f"({case.subject}) {SUBJECTS[case.subject]}",
        _kind(case),
        str(case.connections),
        f"{case.requests_per_second:,.1f}",
        f"{case.rows_per_second:,.0f}" if case.rows > 1 else "",
        *(_figure(value) for value in (case.p50_ms, case.p95_ms, case.p99_ms)),
        f"{case.failures:,}",
        ", ".join(f"{name} {cores:.2f}" for name, cores in case.cores.items()),
        ", ".join(f"{name} {mb:,.0f}" for name, mb in case.resident_mb.items()),
    ]


def _kind(case: Case) -> str:
    return _KINDS.get(case.kind, case.kind)


def _figure(value: float | None, unit: str = "") -> str:
    return "none" if value is None else f"{value:,.2f}{unit}"
