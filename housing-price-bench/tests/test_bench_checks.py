"""What `bench` refuses before anything starts, and what it starts whatever the environment says."""

import gc
import os
import sys
from pathlib import Path

import pytest
import uvicorn
from housing_price_bench.errors import UsageError
from housing_price_bench.option_checks import require_usable_files
from housing_price_bench.options import BenchOptions
from housing_price_bench.prices.run import run_bench
from housing_price_bench.servers import echo
from housing_price_bench.servers.commands import plan_servers


@pytest.mark.parametrize(
    ("place", "reason"), [("", "this is a folder"), ("nowhere/run.json", "there is no folder"), ("file/x", "no folder")]
)
def test_a_file_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path, place: str, reason: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match=rf"^--json .*{reason}.*$") as refusal:
        run_bench(BenchOptions(json_file=tmp_path / place))

    assert refusal.value.exit_code == 2


def test_a_place_without_the_right_to_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda place, _mode: Path(place) != tmp_path)

    with pytest.raises(UsageError, match="cannot be written"):
        require_usable_files(BenchOptions(json_file=tmp_path / "run.json"))


def test_data_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file, and neither of sample, openml"):
        run_bench(BenchOptions(data=str(tmp_path / "sales.csv")))


@pytest.mark.parametrize("data", [None, "sample", "openml", __file__])
def test_data_by_name_or_file_and_a_new_file_of_results_are_fine(tmp_path: Path, data: str | None) -> None:
    require_usable_files(BenchOptions(data=data, json_file=tmp_path / "run.json"))


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


def test_the_echo_keeps_what_exists_at_its_start_out_of_garbage_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen: list[int] = []
    monkeypatch.setattr(sys, "argv", ["echo", "1"])
    monkeypatch.setattr(uvicorn.Server, "run", lambda _server: frozen.append(gc.get_freeze_count()))

    echo.main()
    gc.unfreeze()

    assert frozen[0] > 10_000
