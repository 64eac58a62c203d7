"""R28: the registry is down: serving goes on, and a restart works from the local cache."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from free_ports import free_port
from house_record import COLUMNS, example_house, model_row
from registered_version import registered_version

pytestmark = [pytest.mark.resilience, pytest.mark.filterwarnings("ignore::Warning:mlflow")]

START_SECONDS = 240.0
HOUSE = {"dataframe_split": {"columns": list(COLUMNS), "data": [model_row(example_house())]}}


def asked(url: str, body: Mapping[str, Any] | None = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, content, {"Content-Type": "application/json"}), timeout=10) as answer:
        return json.load(answer)


def wait_until_answered(url: str, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(url, timeout=2).close()
        except (URLError, OSError):
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < end, f"{url} did not answer"
            time.sleep(0.05)
        else:
            return


@dataclass(frozen=True)
class Site:
    """Where the registry was, where the model server is to be, its cache, and what it answered before and after the
    registry went."""

    registry: str
    model: str
    cache: Path
    answers: list[Any] = field(default_factory=list)

    @contextmanager
    def model_server(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        arguments = ("serve", "--port", self.model.rpartition(":")[2], "--registry-timeout-seconds", "1", *options)
        places = {"HOUSING_PRICE_MODEL_CACHE_DIR": str(self.cache), "MLFLOW_TRACKING_URI": self.registry}
        process = subprocess.Popen(
            [sys.executable, "-m", "housing_price_model", *arguments],
            env=os.environ | places,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A registry that is killed while its champion is served."""
    with registered_version().served(tmp_path_factory.mktemp("mlflow") / "state") as (address, registry):
        site = Site(address, f"http://127.0.0.1:{free_port()}", tmp_path_factory.mktemp("cache") / "model")
        with site.model_server() as server:
            wait_until_answered(f"{site.model}/ping", server)
            site.answers.append(asked(f"{site.model}/invocations", HOUSE))
            registry.kill()
            registry.wait()
            site.answers.append(asked(f"{site.model}/invocations", HOUSE))
        yield site


def test_r28_serving_goes_on(site: Site) -> None:
    before, after = site.answers

    assert before["predictions"][0]["price"] > 0
    assert after == before


def test_r28_a_restart_serves_the_last_verified_version_and_says_so(site: Site) -> None:
    with site.model_server() as server:
        wait_until_answered(f"{site.model}/ping", server)

        details = asked(f"{site.model}/model")
        [record] = asked(f"{site.model}/invocations", HOUSE)["predictions"]
        server.terminate()
        told = server.communicate(timeout=120)[1]

    assert (details["name"], details["version"], details["alias"]) == ("housing-price", "1", "champion")
    assert record["price"] == pytest.approx(details["golden"]["price"], abs=0.01)
    assert told.count("\n") == 1
    assert told.startswith(f"WARNING: no MLflow server answers at {site.registry}")
    assert "models:/housing-price/1, the last one that was verified, is served from" in told


def test_r28_a_version_that_was_never_served_here_is_not_made_up(site: Site) -> None:
    with site.model_server("--model-uri", "models:/housing-price/2") as server:
        told = server.communicate(timeout=START_SECONDS)[1]

    assert server.returncode == 1
    assert told.splitlines() == [told.strip()]
    assert told.startswith(f"no MLflow server answers at {site.registry}")


def test_r28_a_kept_version_that_was_tampered_with_is_refused(site: Site) -> None:
    [entry] = site.cache.iterdir()
    part = entry / "member-1.npz"
    kept = part.read_bytes()
    part.write_bytes(kept[:-1])
    try:
        with site.model_server() as server:
            told = server.communicate(timeout=START_SECONDS)[1]
    finally:
        part.write_bytes(kept)

    assert server.returncode == 1
    assert "member-1.npz is corrupt" in told
