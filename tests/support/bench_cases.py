"""Made-up results of a benchmark: outcomes, cases, and a run with all subjects."""

from typing import Any

from housing_price_bench.generators.load import Outcome
from housing_price_bench.prices.case import Case
from housing_price_bench.prices.results import Results


def make_outcome(good: int, **changes: Any) -> Outcome:
    figures = {"seconds": 1.0, "good": good, "failures": 0, "p50_ms": 1000 / good, "p95_ms": 5.0, "p99_ms": 9.0}
    return Outcome(**(figures | changes))


SILENT = Outcome(seconds=1.0, good=0, failures=3, p50_ms=None, p95_ms=None, p99_ms=None)


def make_case(subject: Any, *rounds: Outcome, kind: Any = "single", connections: int = 64, **changes: Any) -> Case:
    figures = {"cores": {}, "resident_mb": {}} | changes
    return Case(subject=subject, kind=kind, connections=connections, rounds=rounds, **figures)


def make_mix(refused: int, other: int = 0) -> Case:
    seen = make_outcome(1900, failures=refused + other, statuses={"200": 1900, "422": refused, "503": other})
    return make_case("a", seen, kind="mix", connections=4, refused_share=0.05)


def make_full_results() -> Results:
    singles = {"a": 700, "b": 20, "c": 1000, "e": 1400, "plain": 10}
    cases = [make_case(subject, make_outcome(count)) for subject, count in singles.items()]
    batches = {"a": 8, "b": 4, "d": 10}
    cases += [
        make_case(subject, make_outcome(count), kind="batch", connections=4, rows=1000)
        for subject, count in batches.items()
    ]
    return Results(cases=cases)
