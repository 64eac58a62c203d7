"""A PostgreSQL server of the test's own, from Debian's package, on a free port."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from free_ports import free_port
from machine import demand, postgres_programs

PASSWORD = "hunter2"


@dataclass
class PostgresServer:
    """A server whose user `alice` may do everything."""

    folder: Path
    port: int

    @property
    def place(self) -> str:
        """Its address without user and password."""
        return f"postgresql://127.0.0.1:{self.port}/postgres"

    @property
    def url(self) -> str:
        """Its address, password included."""
        return f"postgresql://alice:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once; callers lose their connections."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def pause(self) -> None:
        """It keeps its connections, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    def create(self) -> None:
        """Make its files."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self._run("initdb", "-D", "data", "-U", "alice", "-A", "scram-sha-256", "--pwfile", str(password))

    def _signal(self, number: signal.Signals) -> None:
        first = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *children):
            os.kill(int(process), number)

    def _run(self, program: str, *arguments: str) -> None:
        # It refuses to run as root: the user that its package makes runs it then.
        user = {"user": "postgres"} if os.geteuid() == 0 else {}
        command = [f"{postgres_programs()}/{program}", *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=120, **user)  # type: ignore[call-overload]  # one of two shapes


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that is running; the test skips, or fails in CI, where none is installed."""
    demand("postgres")
    with TemporaryDirectory() as name:
        postgres = PostgresServer(Path(name), free_port())
        if os.geteuid() == 0:
            shutil.chown(name, "postgres")
        postgres.create()
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.resume()
            postgres.stop()


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server for all tests of a module."""
    with postgres_server() as server:
        yield server
