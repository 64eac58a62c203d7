"""Several workers on one address: figures at the start, metrics summed, a killed one replaced, all ended together."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from house_record import COLUMNS, example_house, model_row
from housing_price_model.registry.connection import wait_until_reachable
from new_callers import new_callers
from waiting import wait_until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in /proc"),
]

SECONDS = 240.0
BODY = json.dumps({"dataframe_split": {"columns": COLUMNS, "data": [model_row(example_house())]}})

type Start = Callable[..., subprocess.Popen[str]]


class Served:
    """Two workers, and the process that started them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.line, self.figures = process.stdout.readline(), process.stdout.readline()  # type: ignore[union-attr] # a pipe
        self.address = self.line.split()[-1]

    def ask(self, method: str, path: str, body: str | None = None) -> str:
        connection = HTTPConnection(self.address.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        assert answer.status == 200, text
        return text

    def price(self) -> bool:
        """Whether there was an answer; none is what the caller of a killed worker sees."""
        with suppress(HTTPException, OSError):
            return len(json.loads(self.ask("POST", "/invocations", BODY))["predictions"]) == 1
        return False

    def workers(self) -> set[int]:
        parent = self.process.pid
        children = {int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()}
        return {pid for pid in children if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()}


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def can_connect(host: str, port: int) -> bool:
    with suppress(ConnectionRefusedError), socket.create_connection((host, port), timeout=10):
        return True
    return False


@contextmanager
def serving(start: Start, artefact: Path, nowhere: str) -> Iterator[Served]:
    process = start(nowhere, "serve", "--model-uri", str(artefact), "--port", "0", "--workers", "2")
    try:
        served = Served(process)
        wait_until_reachable(served.address, timeout_seconds=SECONDS)
        yield served
    finally:
        process.kill()
        process.communicate()


def test_workers_are_counted_together_replaced_and_ended_together(
    good_artefact: Path, nowhere: str, start: Start
) -> None:
    with serving(start, good_artefact, nowhere) as served:
        assert re.match(r"2 workers of \d+ MB are \d+ MB; a single row takes \d+\.\d\d ms, so at most", served.figures)

        assert all(served.price() for _ in range(20))
        assert "model_server_rows_total 20.0" in served.ask("GET", "/metrics")

        before = served.workers()
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: len(served.workers() - {killed}) == 2)
        wait_until(served.price)
        assert "model_server_rows_total 21.0" in served.ask("GET", "/metrics")

        workers = served.workers()
        served.process.send_signal(signal.SIGTERM)
        _, errors = served.process.communicate(timeout=120)

    assert (served.process.returncode, errors) == (0, "")
    assert not any(map(is_running, workers))


def test_a_failing_worker_ends_all_with_one_line(
    good_artefact: Path, nowhere: str, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    with serving(start, good_artefact, nowhere) as served:
        (trees,) = tmp_path.glob("housing-price-model-*/*/member-2.treelite")
        trees.write_bytes(b"no trees, " * 10)
        os.kill(min(served.workers()), signal.SIGKILL)
        _, errors = served.process.communicate(timeout=SECONDS)

    assert served.process.returncode == 1
    assert re.fullmatch(r"a worker failed, so all were ended: the model can't be loaded \([^\n]*\n", errors)


def test_nobody_may_connect_while_workers_finish_what_they_have(
    good_artefact: Path, nowhere: str, start: Start
) -> None:
    with serving(start, good_artefact, nowhere) as served:
        host, _, port = served.address.removeprefix("http://").rpartition(":")
        connection = HTTPConnection(host, int(port), timeout=10)
        connection.putrequest("POST", "/invocations")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(BODY)))
        connection.endheaders(BODY[:10].encode())
        served.ask("GET", "/ping")

        served.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not can_connect(host, int(port)))
        connection.send(BODY[10:].encode())

        assert connection.getresponse().status == 200
        connection.close()
        assert served.process.wait(SECONDS) == 0


@pytest.mark.slow
def test_callers_that_connect_anew_are_answered_or_refused_but_never_reset(
    good_artefact: Path, nowhere: str, start: Start
) -> None:
    with serving(start, good_artefact, nowhere) as served:
        port = int(served.address.rpartition(":")[2])
        head = b"POST /invocations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        request = head + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY.encode()
        with new_callers(port, request) as callers:
            wait_until(lambda: callers.seen["answered"] > 100)
            served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(SECONDS) == 0

    assert (callers.seen["lost"], callers.seen["refused"]) == (0, 8)


def test_workers_end_with_the_process_that_started_them(good_artefact: Path, nowhere: str, start: Start) -> None:
    with serving(start, good_artefact, nowhere) as served:
        workers = served.workers()
        assert len(workers) == 2

        served.process.kill()

        wait_until(lambda: not any(map(is_running, workers)))
