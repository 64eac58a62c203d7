"""The bounds of a run."""

from typing import Any

from bench_cases import make_full_results
from housing_price_bench.options import BenchOptions
from housing_price_bench.prices.bounds import list_bounds
from housing_price_bench.prices.memory import Memory
from housing_price_bench.prices.ratios import compute_ratios
from housing_price_bench.prices.results import Results


def verdicts(results: Results, **options: Any) -> dict[str, str]:
    of_run = list_bounds(BenchOptions(**options), results, compute_ratios(results))
    return {bound.what: bound.verdict for bound in of_run}


def test_each_recipe_has_bounds_of_its_own() -> None:
    default, forest = verdicts(make_full_results()), verdicts(make_full_results(), recipe="random-forest")

    assert default["64 connections, requests a second, a / c"] == "holds"
    assert forest["64 connections, requests a second, a / plain"] == "holds"
    assert "64 connections, requests a second, a / plain" not in default
    assert "64 connections, requests a second, a / c" not in forest


def test_memory_that_grows_in_the_second_half_breaks_its_bound() -> None:
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
