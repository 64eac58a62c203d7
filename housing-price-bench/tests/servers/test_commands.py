"""The commands of the servers."""

from pathlib import Path

import pytest
from housing_price_bench.options import BenchOptions
from housing_price_bench.servers.commands import plan_servers


@pytest.mark.parametrize("workers", [1, 3])
def test_the_environment_does_not_change_the_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setenv("HOUSING_PRICE_MODEL_WORKERS", "7")
    monkeypatch.setenv("WEB_CONCURRENCY", "7")

    servers = plan_servers(BenchOptions(workers=workers), tmp_path)

    for process in (servers.model, servers.orchestrator, servers.embedded):
        assert process.command[-2:] == ("--workers", str(workers))
        assert "WEB_CONCURRENCY" not in process.environment
