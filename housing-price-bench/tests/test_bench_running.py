"""`bench` as a user starts it, and the servers that it starts."""

import json
import math
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from house_record import example_document
from housing_price_bench.prices.model_cost import read_model_ms
from housing_price_bench.servers.echo import app
from housing_price_bench.servers.lifetime import run_to_end, start_servers
from housing_price_bench.servers.usage import measure_usage
from httpx import Response
from supervised_processes.errors import ChildEndedError
from supervised_processes.process import Process

pytestmark = pytest.mark.integration

ANNOUNCED_RATIOS = {
    *("a_over_c_1", "a_over_c_16", "a_over_c_64", "a_over_b_64", "p50_a_over_c_1", "p50_a_over_b_1"),
    *("p99_a_over_c_64", "batch_rows_a_over_b", "batch_rows_a_over_d"),
}


def bench(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "housing_price", "bench", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | variables)


def test_the_echo_answers_valid_houses_alone() -> None:
    with TestClient(app) as client:
        priced = client.post("/predict", json=example_document(id=7))
        refused = client.post("/predict", json=example_document(street="Cobblestone"))

    assert priced.json() == {"id": 7, "predictedPrice": 128528.33}
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("header", "expected"),
    [("model;dur=0.42", 0.42), ('parse;dur=9, model;desc="x";dur=1.5', 1.5), ("supermodel;dur=3", None), ("", None)],
)
def test_the_models_own_time_is_read_where_it_is_told(header: str, expected: float | None) -> None:
    assert read_model_ms(Response(200, headers={"server-timing": header})) == expected


def process(code: str, port: int | None = None) -> Process:
    url = f"http://127.0.0.1:{port}/" if port else None
    return Process(
        name="it", command=(sys.executable, "-c", code), environment=dict(os.environ), ready_url=url, finishes=not port
    )


def server(code: str = "") -> Process:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    serve = f"from housing_price_bench.servers.fixed_response import serve; import asyncio\nasyncio.run(serve({port}))"
    return process(code or serve, port)


async def test_the_use_of_a_server_is_known_while_it_runs() -> None:
    running = server()

    async with start_servers(running):
        use = measure_usage([running])

    assert 5 < use["it"].resident_mb < 200
    assert use["it"].cpu_seconds > 0
    assert measure_usage([running]) == {}


async def test_a_server_that_ends_ends_the_measuring() -> None:
    with pytest.raises(ChildEndedError, match=r"it ended with exit code 3.*\n  no model"):
        async with start_servers(server("print('no model', flush=True); raise SystemExit(3)")):
            pytest.fail("it was never ready")


async def test_a_command_that_fails_is_told() -> None:
    with pytest.raises(ChildEndedError, match=r"exit code 4"):
        await run_to_end(process("raise SystemExit(4)"))


def test_a_file_that_cannot_be_written_is_told_before_anything_starts(tmp_path: Path) -> None:
    ended = bench("--json", str(tmp_path / "nowhere" / "run.json"))

    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        f"housing-price bench: --json {tmp_path / 'nowhere' / 'run.json'}: there is no folder {tmp_path / 'nowhere'}"
    ]


def test_a_generator_that_is_not_installed_is_one_line(tmp_path: Path) -> None:
    ended = bench("--generator", "wrk", PATH=str(tmp_path))

    assert ended.returncode == 1
    assert ended.stderr == ("housing-price bench: wrk is not installed: install it, or choose --generator bundled\n")


def test_a_short_overload_is_measured_and_drawn(tmp_path: Path) -> None:
    file, plot = tmp_path / "run.json", tmp_path / "curve.svg"

    ended = bench("--overload", "--seconds", "0.3", "--json", str(file), "--plot", str(plot), TMPDIR=str(tmp_path))

    assert ended.returncode == 0, ended.stderr
    document: dict[str, Any] = json.loads(file.read_text())
    assert [rate["factor"] for rate in document["rates"]] == [0.5, 1, 2, 3, 5]
    assert all(rate["accepted"]["count"] > 0 for rate in document["rates"])
    assert document["rates"][-1]["refused"]["count"] > 0
    assert document["errors"] == 0
    assert "What is demanded" in ended.stdout
    assert plot.read_text().startswith("<svg")
    assert set(tmp_path.iterdir()) == {file, plot}


def test_flows_are_measured_beside_the_route_for_prices(tmp_path: Path) -> None:
    file = tmp_path / "run.json"

    ended = bench("--flows", "--seconds", "0.6", "--generator", "bundled", "--json", str(file), TMPDIR=str(tmp_path))

    assert ended.returncode == 0, ended.stderr
    document: dict[str, Any] = json.loads(file.read_text())
    assert document["ratios"].keys() == {"flow_over_route_1", "flow_over_route_16", "flow_over_route_64"}
    assert document["four_sources_p50_ms"] >= 50
    assert document["errors"] == 0
    assert set(tmp_path.iterdir()) == {file}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_short_run_measures_everything_without_a_failed_request(tmp_path: Path) -> None:
    file = tmp_path / "run.json"

    ended = bench("--seconds", "0.3", "--generator", "bundled", "--json", str(file), TMPDIR=str(tmp_path))

    assert ended.returncode == 0, ended.stderr
    document: dict[str, Any] = json.loads(file.read_text())
    assert document["errors"] == 0
    # In so short a time the stock server may answer none of its callers on a slow machine: no ratio to it then.
    to_the_stock_server = {name for name in ANNOUNCED_RATIOS if "_over_b" in name}
    assert document["ratios"].keys() >= ANNOUNCED_RATIOS - to_the_stock_server
    assert all(math.isfinite(ratio) and ratio > 0 for ratio in document["ratios"].values())
    assert {case["subject"] for case in document["cases"]} >= {"a", "b", "c", "d"}
    assert document["memory"]["end_mb"].keys() == {"model", "orchestrator"}
    assert "What is demanded" in ended.stdout
    assert list(tmp_path.iterdir()) == [file]
