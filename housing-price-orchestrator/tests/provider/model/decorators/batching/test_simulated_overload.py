"""More is asked for than a slow model can compute: the real policies against an ideal service, in virtual time.

The whole grid takes minutes (``slow``); by default its corners run.
"""

from itertools import pairwise
from typing import NamedTuple

import pytest
from simulated_overload import Case, changing, ideal_goodput, noisy, regular_arrivals, simulate, steady

LEAST_SHARE = 0.9
LOADS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Offered load, in multiples of the capacity."""

CALLS = 150
"""Calls that a place of the model has time for. The first of them teach the service what calls cost."""


class Model(NamedTuple):
    at_once: int
    connections: int = 2
    replicas: int = 1


MODELS = {
    "serial": Model(at_once=1),
    "parallel": Model(at_once=2),
    "serial, four connections": Model(at_once=1, connections=4),
    "parallel, four connections": Model(at_once=4, connections=4),
    "two serial servers": Model(at_once=1, replicas=2),
    "two parallel servers": Model(at_once=2, replicas=2),
}


def make_case(seconds: float, model: str = "serial", max_rows: int = 1) -> Case:
    return Case(seconds_of_call=steady(seconds), max_rows=max_rows, **MODELS[model]._asdict())


def share_of_ideal(case: Case, arrivals: list[float]) -> float:
    return simulate(case, arrivals).goodput(arrivals[-1]) / ideal_goodput(case, arrivals)


def shares(seconds: float, model: str, max_rows: int, loads: tuple[float, ...] = LOADS) -> dict[float, float]:
    case = make_case(seconds, model, max_rows)
    return {load: share_of_ideal(case, case.arrivals(load, CALLS, seconds)) for load in loads}


@pytest.mark.parametrize("load", [0.5, 1.5])
@pytest.mark.parametrize("max_rows", [1, 4])
@pytest.mark.parametrize("model", ["serial", "parallel"])
@pytest.mark.parametrize("seconds", [0.5, 1.5])
def test_a_slow_model_answers_nine_tenths_of_what_is_possible(
    seconds: float, model: str, max_rows: int, load: float
) -> None:
    assert shares(seconds, model, max_rows, (load,))[load] >= LEAST_SHARE


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("max_rows", [1, 8])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.05, 1.25, 1.5])
def test_any_model_answers_nine_tenths_of_what_is_possible(seconds: float, model: str, max_rows: int) -> None:
    found = shares(seconds, model, max_rows)
    assert min(found.values()) >= LEAST_SHARE, found


@pytest.mark.parametrize(
    ("seconds", "model", "max_rows"),
    [(0.5, "serial", 4), (0.5, "parallel", 1)]
    + [
        pytest.param(seconds, model, max_rows, marks=pytest.mark.slow)
        for seconds in (0.05, 0.1, 0.2, 0.3, 0.5)
        for model in MODELS
        for max_rows in (1, 8)
    ],
)
def test_goodput_does_not_fall_when_more_is_asked_for(seconds: float, model: str, max_rows: int) -> None:
    case = make_case(seconds, model, max_rows)
    goodput = {}
    for load in (1.0, 1.5, 3.0):
        arrivals = case.arrivals(load, 60, seconds)
        goodput[load] = simulate(case, arrivals).goodput(arrivals[-1])

    assert min(goodput[load] for load in goodput if load >= 1.5) >= LEAST_SHARE * max(goodput.values()), goodput


def test_regular_arrivals_at_half_as_much_again_as_a_serial_model_computes_are_served_at_its_capacity() -> None:
    case = make_case(0.5, max_rows=16)
    arrivals = regular_arrivals(1.5 * 16 / 0.5, 20.0)

    outcome = simulate(case, arrivals)

    assert outcome.goodput(arrivals[-1]) >= LEAST_SHARE * ideal_goodput(case, arrivals)
    assert max(later - earlier for earlier, later in pairwise(outcome.answered_at)) < 1.1  # no second without answers


@pytest.mark.parametrize("max_rows", [1, 4])
@pytest.mark.parametrize("seconds", [0.5, 1.5])
@pytest.mark.parametrize("model", ["serial", "parallel"])
def test_the_circuit_breaker_does_not_open_before_a_slow_model_that_is_overloaded(
    model: str, seconds: float, max_rows: int
) -> None:
    case = make_case(seconds, model, max_rows)

    outcome = simulate(case, case.arrivals(3.0, 40, seconds))

    assert outcome.breaker_opened == 0


@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.5])
def test_the_circuit_breaker_opens_before_a_model_that_answers_no_more(seconds: float) -> None:
    case = Case(seconds_of_call=changing((0.0, seconds), (20.0, 3600.0)))

    outcome = simulate(case, regular_arrivals(10.0, 50.0))

    assert outcome.breaker_opened >= 1


@pytest.mark.parametrize("max_rows", [1, 4])
@pytest.mark.parametrize("slow_seconds", [0.5, 1.5])
def test_a_model_that_becomes_slow_and_quick_again_is_followed(slow_seconds: float, max_rows: int) -> None:
    case = Case(seconds_of_call=changing((0.0, 0.05), (30.0, slow_seconds), (90.0, 0.05)), max_rows=max_rows)
    arrivals = case.arrivals(1.5, round(120 / slow_seconds), slow_seconds)

    assert share_of_ideal(case, arrivals) >= 0.8


@pytest.mark.parametrize("max_rows", [1, 4])
def test_calls_that_take_unequally_long_change_little(max_rows: int) -> None:
    case = Case(seconds_of_call=noisy(0.5, 0.2), max_rows=max_rows)

    assert share_of_ideal(case, case.arrivals(1.5, CALLS, 0.5)) >= LEAST_SHARE


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_server_that_computes_all_its_calls_side_by_side_is_found_out(at_once: int) -> None:
    case = Case(seconds_of_call=steady(0.5), at_once=at_once, max_rows=4, is_shared=True)

    assert share_of_ideal(case, case.arrivals(1.5, CALLS, 0.5)) >= LEAST_SHARE


@pytest.mark.parametrize("max_rows", [1, 4])
@pytest.mark.parametrize("seconds", [0.7, 1.5])
@pytest.mark.parametrize("model", ["serial", "parallel"])
def test_once_it_is_known_what_calls_cost_nobody_is_let_in_whose_call_can_not_end_in_time(
    model: str, seconds: float, max_rows: int
) -> None:
    case = make_case(seconds, model, max_rows)

    outcome = simulate(case, case.arrivals(3.0, 40, seconds))

    assert outcome.ended_late_after(10 * seconds) == 0
