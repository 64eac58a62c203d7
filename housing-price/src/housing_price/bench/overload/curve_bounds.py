"""What is demanded of a service that is asked for more than it can do."""

from collections.abc import Callable, Iterable

from housing_price.bench.bounds import Bound
from housing_price.bench.overload.outcome import RateOutcome
from housing_price.bench.overload.rates import Curve

DEADLINE_SECONDS = 2.0
"""Time in which a price must be there, by the service's own default."""

OVERLOAD_FACTOR = 3.0
_LEAST_SHARE = 0.9
_MOST_REFUSAL_MS = 5.0


def curve_bounds(curve: Curve) -> list[Bound]:
    """The bounds; those on times hold at every rate, so the worst of them counts."""
    overloaded = curve.at(OVERLOAD_FACTOR)
    share = overloaded.outcome.goodput_per_second / curve.peak if overloaded and curve.peak else None
    return [
        Bound(what="goodput at 3 x, share of the peak", value=share, limit=_LEAST_SHARE, is_most=False),
        _most("p99 of prices", _worst(curve, lambda seen: seen.accepted.p99_ms), DEADLINE_SECONDS * 1000, " ms"),
        _most("p99 of refusals", _worst(curve, lambda seen: seen.refused.p99_ms), _MOST_REFUSAL_MS, " ms"),
        _most("answers 500", _bugs(curve), 0),
        _most("other errors", curve.errors - _bugs(curve), 0),
    ]


def _bugs(curve: Curve) -> int:
    every = (count for rate in curve.rates for count in rate.outcome.errors.items())
    return sum(count for name, count in every if name.startswith("500 "))


def _worst(curve: Curve, of: Callable[[RateOutcome], float | None]) -> float | None:
    seen: Iterable[float | None] = (of(rate.outcome) for rate in curve.rates)
    return max((value for value in seen if value is not None), default=None)


def _most(what: str, value: float | None, limit: float, unit: str = "") -> Bound:
    return Bound(what=what, value=value, limit=limit, is_most=True, unit=unit)
