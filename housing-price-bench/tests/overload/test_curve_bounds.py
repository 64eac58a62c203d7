"""The bounds of a curve."""

import pytest
from bench_curves import GOOD, make_curve, make_rate
from housing_price_bench.overload.curve import Rate
from housing_price_bench.overload.curve_bounds import list_curve_bounds
from housing_price_bench.overload.outcome import (
    Responses,
)


def verdicts(*rates: Rate) -> dict[str, str]:
    return {bound.what: bound.verdict for bound in list_curve_bounds(make_curve(*rates))}


def test_a_good_curve_keeps_every_bound() -> None:
    assert set(verdicts(*GOOD).values()) == {"holds"}
    assert make_curve(*GOOD).peak == 190


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (make_rate(3, 170, 400), "goodput at 3 x, share of the peak"),
        (make_rate(3, 185, 400, refusal_ms=5.1), "p99 of refusals at 3 x"),
        (make_rate(3, 185, 400, accepted=Responses(count=1, p50_ms=1.0, p99_ms=2001.0)), "p99 of prices at 3 x"),
        (make_rate(3, 185, 400, errors={"500 INTERNAL_ERROR": 1}), "answers 500, all rates"),
        (make_rate(3, 185, 400, errors={"504 DEADLINE_EXCEEDED": 1}), "other errors, all rates"),
    ],
)
def test_a_broken_bound_is_the_only_one_reported(bad: Rate, what: str) -> None:
    missed = [name for name, verdict in verdicts(make_rate(1, 190), bad).items() if verdict != "holds"]

    assert missed == [what]


def test_a_missing_rate_is_not_measured() -> None:
    assert verdicts()["goodput at 3 x, share of the peak"] == "not measured"
