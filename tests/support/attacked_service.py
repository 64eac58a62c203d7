"""The orchestrator as a process before a model server as a process, for tests that attack it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from programmable import model_process
from running_orchestrator import orchestrator

SINGLE = "/api/v1/price/predict"
JSON = {"content-type": "application/json"}

type Service = tuple[httpx.Client, psutil.Process]
"""Who asks it, and its process."""


@contextmanager
def attacked(folder: Path) -> Iterator[Service]:
    """A fresh one; a body has two seconds to arrive."""
    settings = {"LIMITS__BODY_TIMEOUT_SECONDS": "2", "PRICING_MODEL__BATCH_TIMEOUT_SECONDS": "30"}
    with (
        model_process() as model,
        orchestrator(folder, PRICING_MODEL__URL=model.url, **settings) as (port, process),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client,
    ):
        yield client, psutil.Process(process.pid)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests of a module."""
    with attacked(tmp_path_factory.mktemp("attacked")) as found:
        yield found


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error's answer."""
    return answer.status_code, answer.json().get("code", "")
