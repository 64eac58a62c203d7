"""The figures that count: ratios of two subjects in the same run, because machines differ."""

from collections.abc import Callable

from housing_price_bench.options import BATCH_CONNECTIONS, CONNECTIONS
from housing_price_bench.prices.case import Case, Kind, Subject
from housing_price_bench.prices.results import Results

type Figure = Callable[[Case], float | None]


def compute_ratios(results: Results) -> dict[str, float]:
    """Compute the ratios by name, without those whose cases were not measured or got no response."""

    def compare(
        figure: Figure, above: Subject, below: Subject, connections: int, kind: Kind = "single"
    ) -> float | None:
        return _divide(figure, results.find_case(above, kind, connections), results.find_case(below, kind, connections))

    throughput = {
        f"a_over_{other}_{connections}": compare(_get_requests_per_second, "a", other, connections)
        for other in _OTHERS
        for connections in CONNECTIONS
    }
    medians = {
        f"p50_a_over_{other}_{connections}": compare(_get_p50, "a", other, connections)
        for other in _OTHERS
        for connections in CONNECTIONS
    }
    tails = {f"p99_a_over_c_{connections}": compare(_get_p99, "a", "c", connections) for connections in CONNECTIONS}
    batches = {
        f"batch_rows_a_over_{other}": compare(_get_rows_per_second, "a", other, BATCH_CONNECTIONS, "batch")
        for other in _BATCH_OTHERS
    }
    all_ratios = throughput | medians | tails | batches
    return {name: value for name, value in all_ratios.items() if value is not None}


_OTHERS: tuple[Subject, ...] = ("c", "b", "plain", "e")
_BATCH_OTHERS: tuple[Subject, ...] = ("b", "d")


def _divide(figure: Figure, above: Case | None, below: Case | None) -> float | None:
    if above is None or below is None:
        return None
    dividend, divisor = figure(above), figure(below)
    return dividend / divisor if dividend is not None and divisor else None


def _get_requests_per_second(case: Case) -> float | None:
    return case.requests_per_second


def _get_rows_per_second(case: Case) -> float | None:
    return case.rows_per_second


def _get_p50(case: Case) -> float | None:
    return case.p50_ms


def _get_p99(case: Case) -> float | None:
    return case.p99_ms
