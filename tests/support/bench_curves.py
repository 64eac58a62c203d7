"""Made-up curves of an overload."""

from dataclasses import replace
from typing import Any

from housing_price_bench.overload.curve import Curve, Rate
from housing_price_bench.overload.outcome import (
    RateOutcome,
    Responses,
)


def make_rate(factor: float, goodput: int, refused: int = 0, *, refusal_ms: float = 2.0, **changes: Any) -> Rate:
    outcome = RateOutcome(
        seconds=1.0,
        sent=goodput + refused,
        in_time=goodput,
        accepted=Responses(count=goodput, p50_ms=50.0, p99_ms=110.0),
        refused=Responses(count=refused, p50_ms=1.0, p99_ms=refusal_ms if refused else None),
        errors={},
        late_p99_ms=1.0,
        connections=128,
    )
    return Rate(factor=factor, outcome=replace(outcome, **changes), growth_mb=0.5, cores=0.4, load_average=0.1)


def make_curve(*rates: Rate) -> Curve:
    return Curve(capacity=190.0, idle_mb=60.0, rates=rates)


GOOD = make_rate(0.5, 100), make_rate(1, 190), make_rate(3, 185, 400), make_rate(5, 180, 800)
