"""A curve for people and for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.table import Table

from housing_price_bench.overload.curve import Curve, Rate
from housing_price_bench.overload.curve_bounds import list_curve_bounds
from housing_price_bench.overload.outcome import Responses


def make_rate_table(curve: Curve) -> Table:
    """Make a table with one row for each rate."""
    table = Table(title="More load than can be served", title_justify="left", box=None, padding=(0, 1))
    columns = ("offered", "a second", "goodput", "refused", "errors", "price p50 ms", "p99", "refusal p50 ms", "p99")
    for column in (*columns, "sent late p99 ms", "memory +MB", "cores", "load average"):
        table.add_column(column, justify="right")
    for rate in curve.rates:
        table.add_row(*_make_cells(rate))
    return table


def format_rate(rate: Rate) -> str:
    """Format a finished rate as one line."""
    seen = rate.outcome
    return (
        f"  {rate.factor:g} x, {seen.offered_per_second:,.0f} a second: goodput {seen.goodput_per_second:,.1f},"
        f" refused {seen.refused_per_second:,.1f}, {sum(seen.errors.values()):,} errors"
    )


def format_errors(curve: Curve) -> list[str]:
    """List the errors of each rate."""
    return [
        f"Errors at {rate.factor:g} x: {name}: {count:,}"
        for rate in curve.rates
        for name, count in rate.outcome.errors.items()
    ]


def make_curve_document(curve: Curve, *, machine: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Make the document of a run. Times are milliseconds, memory is in 10⁶ bytes."""
    return {
        "machine": machine,
        "options": {"seconds": seconds},
        "capacity_per_second": curve.capacity,
        "idle_mb": curve.idle_mb,
        "peak_goodput_per_second": curve.peak,
        "rates": [_describe_rate(rate) for rate in curve.rates],
        "bounds": [asdict(bound) | {"verdict": bound.verdict} for bound in list_curve_bounds(curve)],
        "errors": curve.errors,
    }


def _describe_rate(rate: Rate) -> dict[str, Any]:
    seen = rate.outcome
    rates = {
        "offered_per_second": seen.offered_per_second,
        "goodput_per_second": seen.goodput_per_second,
        "refused_per_second": seen.refused_per_second,
    }
    return {"factor": rate.factor, **rates, **asdict(seen)} | {
        "growth_mb": rate.growth_mb,
        "cores": rate.cores,
        "load_average": rate.load_average,
    }


def _make_cells(rate: Rate) -> list[str]:
    seen = rate.outcome
    return [
        f"{rate.factor:g} x",
        *(f"{each:,.1f}" for each in (seen.offered_per_second, seen.goodput_per_second, seen.refused_per_second)),
        f"{sum(seen.errors.values()):,}",
        *_format_times(seen.accepted),
        *_format_times(seen.refused),
        _format_figure(seen.late_p99_ms),
        f"{rate.growth_mb:+.1f}",
        f"{rate.cores:.2f}",
        f"{rate.load_average:.2f}",
    ]


def _format_times(responses: Responses) -> tuple[str, str]:
    return _format_figure(responses.p50_ms), _format_figure(responses.p99_ms)


def _format_figure(value: float | None) -> str:
    return "none" if value is None else f"{value:,.2f}"
