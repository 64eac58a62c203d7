"""Several workers on one port: what they share, what one loses, and how they end."""

import os
import signal
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Self

import httpx
import pytest
from fake_model_server import FakeModelServer, serving
from free_ports import free_port
from house_record import minimal_document
from price_routes import PREDICT
from prometheus_client.parser import text_string_to_metric_families
from running_orchestrator import command, environment, orchestrator
from waiting import is_refused, wait_until

pytestmark = pytest.mark.integration

PRICED = (("method", "POST"), ("route", PREDICT), ("status", "200"))


@pytest.fixture
def folder_of_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of every process that runs."""
    listed = subprocess.run(["ps", "-axww", "-o", "pid,ppid,stat,command"], capture_output=True, text=True, check=True)
    rows = [line.split(maxsplit=3) for line in listed.stdout.splitlines()[1:]]
    return {int(pid): (int(parent), text) for pid, parent, state, text in rows if not state.startswith("Z")}


def children_of(parent: int, mention: str = "") -> set[int]:
    return {pid for pid, (of, text) in processes().items() if of == parent and mention in text}


def workers_of(parent: int) -> set[int]:
    return children_of(parent, "--multiprocessing-fork")


def post(port: int, **headers: str) -> httpx.Response:
    """A price, by a connection of its own."""
    return httpx.post(f"http://127.0.0.1:{port}{PREDICT}", json=minimal_document(), headers=headers, timeout=120)


def metric(port: int, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def priced(port: int) -> float:
    """How many requests for a price were counted."""
    return metric(port, "http_requests_total").get(PRICED, 0.0)


class HoldingModelServer(FakeModelServer):
    """Answers some requests only when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = Event()
        self._arrived: dict[str, Event] = defaultdict(Event)

    def hold(self, pool: ThreadPoolExecutor, port: int) -> Future[httpx.Response]:
        """Ask for a price, and return when the request has arrived here."""
        name = f"held-{len(self._arrived)}"
        arrived = self._arrived[name]
        answer = pool.submit(post, port, **{"x-request-id": name})
        assert arrived.wait(120)
        return answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if arrived := self._arrived.get(request.headers.get("x-request-id", "")):
            arrived.set()
            assert self.may_answer.wait(120)
        return super().__call__(request)


@contextmanager
def workers(
    folder: Path, server: FakeModelServer, count: int, *options: str, **settings: str
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Workers that are ready, and the model server behind them."""
    often = {"READINESS__INTERVAL_SECONDS": "0.1", "READINESS__TIMEOUT_SECONDS": "5"}
    options = ("--workers", str(count), *options)
    with (
        serving(server) as url,
        orchestrator(folder, *options, PRICING_MODEL__URL=url, **often | settings) as (port, process),
    ):
        wait_until(lambda: len(workers_of(process.pid)) == count)
        wait_until(lambda: all_are_ready(port, process.pid))
        yield port, process


@contextmanager
def two_workers(folder: Path, server: FakeModelServer, **settings: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Two workers that are ready, and the model server behind them."""
    with workers(folder, server, 2, **settings) as started:
        yield started


def all_are_ready(port: int, parent: int) -> bool:
    answers = by_each_worker(parent, lambda: httpx.get(f"http://127.0.0.1:{port}/ready", timeout=120))
    return all(answer.status_code == 200 for answer in answers.values())


def by_each_worker[Answer](parent: int, ask: Callable[[], Answer]) -> dict[int, Answer]:
    """The answer of each worker, while the others stand still."""
    workers = workers_of(parent)
    return {worker: _while_stopped(workers - {worker}, ask) for worker in workers}


def _while_stopped[Answer](stopped: set[int], ask: Callable[[], Answer]) -> Answer:
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        return ask()
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def test_the_counts_of_all_workers_are_summed_wherever_one_asks(tmp_path: Path) -> None:
    with two_workers(tmp_path, FakeModelServer()) as (port, process):
        answers = by_each_worker(process.pid, lambda: [post(port).status_code for _ in range(10)])

        assert [*answers.values()] == [[200] * 10] * 2
        wait_until(lambda: priced(port) == 20)
        assert [*by_each_worker(process.pid, lambda: priced(port)).values()] == [20, 20]
        assert metric(port, "request_stage_seconds_count")[("stage", "model"),] == 20
        assert metric(port, "ready") == {(): 1}
        assert metric(port, "process_resident_memory_bytes")[()] > 1.5 * memory_of(answers.popitem()[0])


def memory_of(pid: int) -> int:
    listed = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(listed.stdout) * 1024


def test_all_workers_show_the_present_model_only(tmp_path: Path) -> None:
    server = FakeModelServer()
    with two_workers(tmp_path, server) as (port, _):
        server.version = "4"

        wait_until(lambda: metric(port, "model_info") == {(("name", "housing-price"), ("version", "4")): 1})


def test_a_killed_worker_loses_its_own_requests_and_is_replaced(tmp_path: Path) -> None:
    server = HoldingModelServer()
    with (
        two_workers(tmp_path, server, PRICING_MODEL__TIMEOUT_SECONDS="30") as (port, process),
        ThreadPoolExecutor() as pool,
    ):
        held = by_each_worker(process.pid, lambda: server.hold(pool, port))
        assert metric(port, "http_requests_in_flight") == {(): 3}

        killed, lost = held.popitem()
        os.kill(killed, signal.SIGKILL)
        assert isinstance(lost.exception(), httpx.TransportError)
        server.may_answer.set()

        assert [answer.result().status_code for answer in held.values()] == [200]
        wait_until(lambda: len(workers_of(process.pid) - {killed}) == 2)
        assert held.keys() < workers_of(process.pid)
        wait_until(lambda: metric(port, "http_requests_in_flight") == {(): 1})


def test_the_counts_of_a_killed_worker_are_kept(tmp_path: Path) -> None:
    with two_workers(tmp_path, FakeModelServer()) as (port, process):
        by_each_worker(process.pid, lambda: post(port))
        wait_until(lambda: priced(port) == 2)
        cpu_seconds = metric(port, "process_cpu_seconds_total")[()]

        killed = workers_of(process.pid).pop()
        os.kill(killed, signal.SIGKILL)

        assert post(port).status_code == 200
        wait_until(lambda: priced(port) == 3)
        wait_until(lambda: len(workers_of(process.pid) - {killed}) == 2)
        wait_until(lambda: all_are_ready(port, process.pid))
        assert [*by_each_worker(process.pid, lambda: priced(port)).values()] == [3, 3]
        assert metric(port, "process_cpu_seconds_total")[()] >= cpu_seconds


@pytest.mark.parametrize(("end", "number"), [(os.kill, signal.SIGTERM), (os.killpg, signal.SIGINT)])
def test_workers_answer_what_is_in_flight_and_end_together(
    tmp_path: Path, folder_of_temporary_files: Path, end: Callable[[int, int], None], number: signal.Signals
) -> None:
    server = HoldingModelServer()
    with (
        two_workers(tmp_path, server, PRICING_MODEL__TIMEOUT_SECONDS="30") as (port, process),
        ThreadPoolExecutor() as pool,
    ):
        held = by_each_worker(process.pid, lambda: server.hold(pool, port))
        children = children_of(process.pid)

        end(process.pid, number)
        wait_until(lambda: is_refused(port))
        server.may_answer.set()

        assert [answer.result().status_code for answer in held.values()] == [200, 200]
        _, log = process.communicate(timeout=120)
        assert process.returncode == 0
        assert "Traceback" not in log
        wait_until(lambda: not children & processes().keys())
        assert not list(folder_of_temporary_files.iterdir())


def test_workers_end_when_their_parent_is_killed(tmp_path: Path, folder_of_temporary_files: Path) -> None:
    with two_workers(tmp_path, FakeModelServer()) as (_, process):
        children = children_of(process.pid)

        process.kill()

        wait_until(lambda: not children & processes().keys())
        assert not list(folder_of_temporary_files.iterdir())


def test_a_worker_that_fails_to_start_ends_them_all(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif '--multiprocessing-fork' in sys.orig_argv: os._exit(7)\n"
    )

    ended = subprocess.run(
        command("serve", "--port", str(free_port()), "--workers", "2"),
        check=False,
        env=environment() | {"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode == 1
    assert "exit code 7" in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(("count", "connection"), [(1, "keep-alive"), (2, "close")])
def test_replacing_workers_after_max_requests_loses_no_request(tmp_path: Path, count: int, connection: str) -> None:
    patient = {"ADMISSION__MAX_WAIT_SECONDS": "10", "PRICING_MODEL__TIMEOUT_SECONDS": "10"}
    with workers(tmp_path, FakeModelServer(), count, "--max-requests", "60", **patient) as (port, process):
        first = workers_of(process.pid)
        with Load(port, {"connection": connection}) as load:
            wait_until(lambda: not first & workers_of(process.pid), seconds=120)
        assert set(load.answers) == {200}

        wait_until(lambda: priced(port) == load.answers[200])  # also those of the workers that have retired
        process.terminate()
        _, log = process.communicate(timeout=120)

    assert process.returncode == 0
    assert "a worker has retired" in log
    assert "a worker ended and is replaced" not in log


class Load:
    """Callers that ask for prices one after the other while the block lasts; how often they got which answer."""

    CALLERS = 4

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.answers: Counter[int | str] = Counter()
        self._url = f"http://127.0.0.1:{port}{PREDICT}"
        self._headers = headers
        self._is_over = Event()
        self._pool = ThreadPoolExecutor(self.CALLERS)

    def __enter__(self) -> Self:
        self._callers = [self._pool.submit(self._call) for _ in range(self.CALLERS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for caller in self._callers:
            caller.result()

    def _call(self) -> None:
        with httpx.Client(timeout=120, headers=self._headers) as client:
            while not self._is_over.is_set():
                try:
                    answer: int | str = client.post(self._url, json=minimal_document()).status_code
                except httpx.TransportError as error:
                    answer = repr(error)
                self.answers[answer] += 1


def test_a_worker_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In the parent alone, whose limit it is. Long enough that a worker on a busy machine does not seem to hang.
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "if '--multiprocessing-fork' not in sys.orig_argv:\n"
        "    from housing_price_orchestrator.server import workers\n"
        "    workers.HANG_SECONDS = 10\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    options = ("--workers", "1", "--max-requests", "1000000")
    quick = {"SHUTDOWN__NOTICE_SECONDS": "0", "SHUTDOWN__DRAIN_SECONDS": "1"}
    with (
        serving(FakeModelServer()) as url,
        orchestrator(tmp_path, *options, PRICING_MODEL__URL=url, **quick) as started,
    ):
        port, process = started
        assert post(port).status_code == 200
        [hanging] = workers_of(process.pid)

        os.kill(hanging, signal.SIGSTOP)

        wait_until(lambda: workers_of(process.pid) - {hanging}, seconds=120)
        assert post(port).status_code == 200


def test_a_hanging_worker_does_not_keep_the_service_from_ending(tmp_path: Path) -> None:
    quick = {"SHUTDOWN__NOTICE_SECONDS": "0", "SHUTDOWN__DRAIN_SECONDS": "1"}
    with workers(tmp_path, FakeModelServer(), 2, **quick) as (_, process):
        children = children_of(process.pid)
        os.kill(workers_of(process.pid).pop(), signal.SIGSTOP)

        process.terminate()
        _, log = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "a worker did not end and is killed" in log
    wait_until(lambda: not children & processes().keys())
