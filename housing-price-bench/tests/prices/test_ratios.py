"""Ratios of subjects."""

import pytest
from bench_cases import SILENT, make_case, make_full_results, make_outcome
from housing_price_bench.prices.ratios import compute_ratios
from housing_price_bench.prices.results import Results


def test_ratios_compare_the_orchestrator_with_the_others() -> None:
    seen = compute_ratios(make_full_results())

    assert seen["a_over_c_64"] == pytest.approx(0.7)
    assert seen["a_over_b_64"] == pytest.approx(35)
    assert seen["a_over_plain_64"] == pytest.approx(70)
    assert seen["a_over_e_64"] == pytest.approx(0.5)
    assert seen["p50_a_over_c_64"] == pytest.approx(1 / 0.7)
    assert seen["p99_a_over_c_64"] == pytest.approx(1)
    assert (seen["batch_rows_a_over_b"], seen["batch_rows_a_over_d"]) == pytest.approx((2, 0.8))


def test_a_ratio_to_nothing_is_left_out() -> None:
    answers, silence = make_outcome(5), SILENT

    assert compute_ratios(Results(cases=[make_case("a", answers)])) == {}
    assert compute_ratios(Results(cases=[make_case("a", answers), make_case("c", silence)])) == {}
    assert compute_ratios(Results(cases=[make_case("a", silence), make_case("c", answers)])) == {"a_over_c_64": 0}
