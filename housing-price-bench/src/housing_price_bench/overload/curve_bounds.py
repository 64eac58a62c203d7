"""The bounds that a service must keep under more load than it can serve."""

from housing_price_bench.overload.curve import Curve
from housing_price_bench.report.bound import Bound

DEADLINE_SECONDS = 2.0
"""The service's own default: how long a caller waits for a price."""

OVERLOAD_FACTOR = 3.0
_LEAST_SHARE = 0.9
MOST_REFUSAL_MS = 5.0


def list_curve_bounds(curve: Curve) -> list[Bound]:
    """List the bounds: times and goodput at three times the capacity, errors at every rate."""
    rate = curve.find_rate(OVERLOAD_FACTOR)
    seen = rate.outcome if rate else None
    share = seen.goodput_per_second / curve.peak if seen and curve.peak else None
    return [
        Bound(what="goodput at 3 x, share of the peak", value=share, limit=_LEAST_SHARE, is_most=False),
        _make_upper("p99 of prices at 3 x", seen.accepted.p99_ms if seen else None, DEADLINE_SECONDS * 1000, " ms"),
        _make_upper("p99 of refusals at 3 x", seen.refused.p99_ms if seen else None, MOST_REFUSAL_MS, " ms"),
        _make_upper("answers 500, all rates", _count_bugs(curve), 0),
        _make_upper("other errors, all rates", curve.errors - _count_bugs(curve), 0),
    ]


def _count_bugs(curve: Curve) -> int:
    every = (count for rate in curve.rates for count in rate.outcome.errors.items())
    return sum(count for name, count in every if name.startswith("500 "))


def _make_upper(what: str, value: float | None, limit: float, unit: str = "") -> Bound:
    return Bound(what=what, value=value, limit=limit, is_most=True, unit=unit)
