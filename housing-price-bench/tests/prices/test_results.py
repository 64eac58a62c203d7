"""Results of a run."""

from bench_cases import make_case, make_mix, make_outcome
from housing_price_bench.prices.memory import Memory
from housing_price_bench.prices.results import Results


def test_errors_are_all_failures_of_the_orchestrator() -> None:
    memory = Memory(requests_half=1, requests=2, half_mb={}, end_mb={}, failures=4)
    cases = [
        make_case("a", make_outcome(9, failures=2)),
        make_case("b", make_outcome(9, failures=50)),
        make_mix(100, other=1),
    ]

    assert Results(cases=cases, memory=memory).errors == 7
