"""Figures of a case from its rounds."""

import pytest
from bench_cases import SILENT, make_case, make_mix, make_outcome
from housing_price_bench.prices.case import Case


def test_a_case_has_median_figures_and_summed_failures() -> None:
    measured = make_case("a", make_outcome(100, failures=1), make_outcome(400), make_outcome(200, failures=2))

    assert measured.requests_per_second == 200
    assert measured.p50_ms == 5.0
    assert (measured.failures, measured.requests) == (3, 703)


def test_rounds_without_a_response_do_not_count_for_latency() -> None:
    assert make_case("b", SILENT, make_outcome(100), SILENT).p50_ms == 10
    assert make_case("b", SILENT).p99_ms is None


def test_expected_refusals_are_right_responses() -> None:
    assert (make_mix(100).failures, make_mix(100).requests_per_second) == (0, 2000)


@pytest.mark.parametrize(("refused", "other", "failures"), [(100, 7, 7), (300, 0, 186), (102, 0, 0)])
def test_other_statuses_and_unexpected_refusals_are_failures(refused: int, other: int, failures: int) -> None:
    assert make_mix(refused, other).failures == failures


def refused_too_rarely(priced: int, refused: int, other: int = 0) -> Case:
    seen = make_outcome(priced, failures=refused + other, statuses={"200": priced, "422": refused, "503": other})
    return make_case("a", seen, kind="mix", connections=4, refused_share=0.05)


@pytest.mark.parametrize(
    ("priced", "refused", "failures", "per_second"),
    [(2000, 0, 96, 1904), (1950, 50, 46, 1954), (1905, 95, 1, 1999), (1904, 96, 0, 2000), (50, 0, 0, 50)],
)
def test_priced_houses_that_should_be_refused_are_failures(
    priced: int, refused: int, failures: int, per_second: int
) -> None:
    measured = refused_too_rarely(priced, refused)

    assert (measured.failures, measured.requests_per_second) == (failures, per_second)


def test_a_refusal_that_fails_otherwise_is_one_failure() -> None:
    assert refused_too_rarely(1900, 0, other=100).failures == 100


def test_the_busiest_process_may_be_the_load_generator() -> None:
    cores = {"orchestrator": 0.7, "model": 0.2, "generator": 0.9, "machine": 1.8}

    assert make_case("a", make_outcome(1), cores=cores).busiest == "generator"
