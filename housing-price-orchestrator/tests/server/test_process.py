"""The orchestrator as a process: what happens below HTTP, at the start, and at the end."""

import json
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest
from fake_model_server import FakeModelServer, serving
from free_ports import free_port
from house_record import minimal_document
from price_routes import PREDICT
from running_orchestrator import command, environment, orchestrator
from waiting import wait_until

pytestmark = pytest.mark.integration


def wait_for_readiness(port: int, status: int) -> None:
    wait_until(lambda: httpx.get(f"http://127.0.0.1:{port}/ready").status_code == status)


def raw(port: int, data: bytes) -> tuple[int, dict[str, object]]:
    """Status and problem document of the answer to raw bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall(data)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return int(head.split()[1]), json.loads(body)


def refused_start(folder: Path, *options: str, **settings: str) -> tuple[int, list[str]]:
    ended = subprocess.run(
        command(*options),
        check=False,
        env=environment(**settings),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return ended.returncode, ended.stderr.splitlines()


def test_broken_slow_and_endless_requests_are_documented_problems(tmp_path: Path) -> None:
    with orchestrator(tmp_path, LIMITS__BODY_TIMEOUT_SECONDS="0.5") as (port, _):
        status, problem = raw(port, b"GARBAGE\r\n\r\n")
        assert (status, problem["code"]) == (400, "MALFORMED_REQUEST")

        status, problem = raw(port, b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 40_000 + b"\r\n\r\n")
        assert (status, problem["code"]) == (431, "HEADERS_TOO_LARGE")

        many = b"".join(b"x%d: y\r\n" % number for number in range(10_000))
        status, problem = raw(port, b"GET /health HTTP/1.1\r\nhost: localhost\r\n" + many + b"\r\n")
        assert (status, problem["code"]) == (431, "HEADERS_TOO_LARGE")

        endless = b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 100_000
        status, problem = raw(port, endless)
        assert (status, problem["code"]) == (431, "HEADERS_TOO_LARGE")

        status, problem = raw(port, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert (status, problem["code"]) == (431, "HEADERS_TOO_LARGE")

        status, problem = raw(port, b"GET /health HTTP/1.1\r\nhost: ")
        assert (status, problem["code"]) == (408, "REQUEST_TIMEOUT")

        head = f"POST {PREDICT} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n"
        status, problem = raw(port, f"{head}content-length: 100\r\n\r\n".encode() + b"{")
        assert (status, problem["code"]) == (408, "REQUEST_TIMEOUT")

        counted = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert 'http_requests_total{method="",route="unmatched",status="431"} 4.0' in counted


def test_without_a_model_server_it_answers_503_and_says_so(tmp_path: Path) -> None:
    with orchestrator(tmp_path) as (port, _):
        url = f"http://127.0.0.1:{port}"

        answer = httpx.post(url + PREDICT, json=minimal_document())
        assert (answer.status_code, answer.json()["code"]) == (503, "UPSTREAM_UNAVAILABLE")
        assert answer.headers["retry-after"]
        ready = httpx.get(url + "/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
        assert httpx.get(url + "/health").status_code == 200


def test_it_recovers_each_time_the_model_server_returns(tmp_path: Path) -> None:
    model_port = free_port()
    often = {"READINESS__INTERVAL_SECONDS": "0.01", "READINESS__TIMEOUT_SECONDS": "5"}
    with orchestrator(tmp_path, PRICING_MODEL__URL=f"http://127.0.0.1:{model_port}", **often) as (port, _):
        for _ in range(2):
            with serving(FakeModelServer(), model_port):
                wait_for_readiness(port, 200)
                assert httpx.post(f"http://127.0.0.1:{port}{PREDICT}", json=minimal_document()).status_code == 200
            wait_for_readiness(port, 503)
            assert httpx.post(f"http://127.0.0.1:{port}{PREDICT}", json=minimal_document()).status_code == 503


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_exit_code_0_when_asked_to(tmp_path: Path, number: signal.Signals) -> None:
    with orchestrator(tmp_path) as (_, process):
        process.send_signal(number)

        _, log = process.communicate(timeout=120)

    assert process.returncode == 0
    assert "Traceback" not in log


def test_its_log_is_json_with_the_environments_name(tmp_path: Path) -> None:
    with orchestrator(tmp_path, ENVIRONMENT="staging") as (port, process):
        httpx.post(f"http://127.0.0.1:{port}{PREDICT}", json={}, headers={"x-request-id": "abc"})
        process.terminate()
        _, log = process.communicate(timeout=120)

    lines = [json.loads(line) for line in log.splitlines()]
    assert {line["environment"] for line in lines} == {"staging"}
    [completed] = [line for line in lines if line["event"] == "request completed"]
    assert (completed["request_id"], completed["status"]) == ("abc", 422)


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        code, lines = refused_start(tmp_path, "serve", "--port", port)

    assert code == 1
    assert len(lines) == 1
    assert port in lines[0]
    assert "--port" in lines[0]


@pytest.mark.parametrize(("host", "expected"), [("", 2), ("..", 2), ("no.such.host.example", 1), ("203.0.113.1", 1)])
def test_a_host_of_another_machine_is_one_line(tmp_path: Path, host: str, expected: int) -> None:
    code, lines = refused_start(tmp_path, "serve", "--host", host)

    assert code == expected
    assert len(lines) == 1


def test_wrong_settings_are_one_line_each(tmp_path: Path) -> None:
    code, lines = refused_start(tmp_path, "serve", PROT="1", PORT="x")

    assert code == 1
    assert len(lines) == 2
    assert all("ORCHESTRATOR_P" in line for line in lines)


def test_it_prints_its_openapi_document_whatever_the_environment(tmp_path: Path) -> None:
    printed = subprocess.run(
        command("print-openapi"), env=environment(PROT="1"), cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert "/api/v1/price/predict" in json.loads(printed.stdout)["paths"]
