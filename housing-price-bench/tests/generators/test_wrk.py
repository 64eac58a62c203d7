"""The command of wrk."""

from housing_price_bench.generators.wrk import make_wrk_generator
from tiny_servers import make_load


def test_wrk_gets_whole_seconds() -> None:
    assert "-d3s" in make_wrk_generator("wrk", "4").command(make_load(seconds=2.1))


def test_wrk_counts_statuses_only_on_request() -> None:
    assert make_wrk_generator("wrk", "4").command(make_load())[-1] == "bodies.jsonl"
    assert make_wrk_generator("wrk", "4").command(make_load(counts_statuses=True))[-1] == "statuses"
