"""Medians, ratios and bounds of what was measured."""

from typing import Any

import pytest
from housing_price_bench.generators.load import Outcome
from housing_price_bench.options import BenchOptions
from housing_price_bench.prices.bounds import list_bounds
from housing_price_bench.prices.case import Case
from housing_price_bench.prices.memory import Memory
from housing_price_bench.prices.ratios import compute_ratios
from housing_price_bench.prices.results import Results
from housing_price_bench.report.bound import Bound


def outcome(good: int, **changes: Any) -> Outcome:
    told = {"seconds": 1.0, "good": good, "failures": 0, "p50_ms": 1000 / good, "p95_ms": 5.0, "p99_ms": 9.0}
    return Outcome(**(told | changes))


SILENT = Outcome(seconds=1.0, good=0, failures=3, p50_ms=None, p95_ms=None, p99_ms=None)


def case(subject: Any, *rounds: Outcome, kind: Any = "single", connections: int = 64, **changes: Any) -> Case:
    figures = {"cores": {}, "resident_mb": {}} | changes
    return Case(subject=subject, kind=kind, connections=connections, rounds=rounds, **figures)


def test_a_case_is_the_median_of_its_rounds_and_the_sum_of_its_failures() -> None:
    measured = case("a", outcome(100, failures=1), outcome(400), outcome(200, failures=2))

    assert measured.requests_per_second == 200
    assert measured.p50_ms == 5.0
    assert (measured.failures, measured.requests) == (3, 703)


def test_rounds_without_an_answer_do_not_count_for_latency() -> None:
    assert case("b", SILENT, outcome(100), SILENT).p50_ms == 10
    assert case("b", SILENT).p99_ms is None


def mixed(refused: int, other: int = 0) -> Case:
    seen = outcome(1900, failures=refused + other, statuses={"200": 1900, "422": refused, "503": other})
    return case("a", seen, kind="mix", connections=4, refused_share=0.05)


def test_refusals_that_were_asked_for_are_answers() -> None:
    assert (mixed(100).failures, mixed(100).requests_per_second) == (0, 2000)


@pytest.mark.parametrize(("refused", "other", "failures"), [(100, 7, 7), (300, 0, 186), (102, 0, 0)])
def test_other_statuses_and_more_refusals_than_asked_for_are_failures(refused: int, other: int, failures: int) -> None:
    assert mixed(refused, other).failures == failures


def refused_too_rarely(priced: int, refused: int, other: int = 0) -> Case:
    seen = outcome(priced, failures=refused + other, statuses={"200": priced, "422": refused, "503": other})
    return case("a", seen, kind="mix", connections=4, refused_share=0.05)


@pytest.mark.parametrize(
    ("priced", "refused", "failures", "per_second"),
    [(2000, 0, 96, 1904), (1950, 50, 46, 1954), (1905, 95, 1, 1999), (1904, 96, 0, 2000), (50, 0, 0, 50)],
)
def test_houses_that_are_priced_and_should_be_refused_are_failures_but_for_those_open_at_the_end(
    priced: int, refused: int, failures: int, per_second: int
) -> None:
    measured = refused_too_rarely(priced, refused)

    assert (measured.failures, measured.requests_per_second) == (failures, per_second)


def test_a_refusal_that_failed_otherwise_is_one_failure() -> None:
    assert refused_too_rarely(1900, 0, other=100).failures == 100


def test_the_busiest_process_may_be_the_load_generator_but_not_the_machine() -> None:
    cores = {"orchestrator": 0.7, "model": 0.2, "generator": 0.9, "machine": 1.8}

    assert case("a", outcome(1), cores=cores).busiest == "generator"


def of_everything() -> Results:
    singles = {"a": 700, "b": 20, "c": 1000, "e": 1400, "plain": 10}
    cases = [case(subject, outcome(count)) for subject, count in singles.items()]
    batches = {"a": 8, "b": 4, "d": 10}
    cases += [
        case(subject, outcome(count), kind="batch", connections=4, rows=1000) for subject, count in batches.items()
    ]
    return Results(cases=cases)


def test_ratios_set_the_orchestrator_beside_the_others() -> None:
    seen = compute_ratios(of_everything())

    assert seen["a_over_c_64"] == pytest.approx(0.7)
    assert seen["a_over_b_64"] == pytest.approx(35)
    assert seen["a_over_plain_64"] == pytest.approx(70)
    assert seen["a_over_e_64"] == pytest.approx(0.5)
    assert seen["p50_a_over_c_64"] == pytest.approx(1 / 0.7)
    assert seen["p99_a_over_c_64"] == pytest.approx(1)
    assert (seen["batch_rows_a_over_b"], seen["batch_rows_a_over_d"]) == pytest.approx((2, 0.8))


def test_a_ratio_to_nothing_is_left_out_and_one_of_nothing_is_zero() -> None:
    answers, silence = outcome(5), SILENT

    assert compute_ratios(Results(cases=[case("a", answers)])) == {}
    assert compute_ratios(Results(cases=[case("a", answers), case("c", silence)])) == {}
    assert compute_ratios(Results(cases=[case("a", silence), case("c", answers)])) == {"a_over_c_64": 0}


@pytest.mark.parametrize(
    ("value", "is_most", "verdict"),
    [(3.0, True, "holds"), (3.1, True, "does not hold"), (3.0, False, "holds"), (2.9, False, "does not hold")],
)
def test_a_bound_holds_up_to_its_limit(value: float, is_most: bool, verdict: str) -> None:
    assert Bound(what="", value=value, limit=3, is_most=is_most).verdict == verdict


def test_a_bound_without_a_figure_is_not_measured() -> None:
    assert Bound(what="", value=None, limit=3, is_most=True).verdict == "not measured"


def verdicts(results: Results, **options: Any) -> dict[str, str]:
    of_run = list_bounds(BenchOptions(**options), results, compute_ratios(results))
    return {bound.what: bound.verdict for bound in of_run}


def test_the_default_recipe_is_held_to_the_echo_and_the_tutorials_to_a_plain_stock_server() -> None:
    default, forest = verdicts(of_everything()), verdicts(of_everything(), recipe="random-forest")

    assert default["64 connections, requests a second, a / c"] == "holds"
    assert forest["64 connections, requests a second, a / plain"] == "holds"
    assert "64 connections, requests a second, a / plain" not in default
    assert "64 connections, requests a second, a / c" not in forest


def test_memory_that_grows_in_the_second_half_does_not_hold() -> None:
    grown = Memory(
        requests_half=25_000,
        requests=50_000,
        half_mb={"orchestrator": 80.0, "model": 200.0},
        end_mb={"orchestrator": 90.0, "model": 201.0},
        failures=0,
    )

    seen = list_bounds(BenchOptions(), Results(memory=grown), {})

    of_memory = [(bound.value, bound.verdict) for bound in seen if "files" not in bound.what and bound.unit == " MB"]
    assert of_memory == [(90, "holds"), (10, "does not hold"), (201, "holds"), (1, "holds")]


def test_errors_are_failures_of_the_orchestrator_wherever_they_were_seen() -> None:
    memory = Memory(requests_half=1, requests=2, half_mb={}, end_mb={}, failures=4)
    cases = [case("a", outcome(9, failures=2)), case("b", outcome(9, failures=50)), mixed(100, other=1)]

    assert Results(cases=cases, memory=memory).errors == 7
