"""The main job as a new user does it: up, the pasted curl, Ctrl-C, and up again."""

import csv
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from free_ports import free_port
from house_record import FIELDS, example_document
from markdown_pages import all_pages
from model_server_contract import assert_keeps_the_contract
from reader_of_pages import Reader
from running_platform import Platform, running_platform
from shown_commands import ShownCommand, shown_commands

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "state"


@pytest.fixture(scope="module")
def first(state_dir: Path) -> Iterator[Platform]:
    with running_platform(state_dir) as platform:
        yield platform


@contextmanager
def embedded_orchestrator(mlflow_url: str) -> Iterator[str]:
    """The API alone, with the champion in its own process; its address once it is ready."""
    port = free_port()
    command = [sys.executable, "-m", "housing_price_orchestrator", "serve", "--port", str(port)]
    chosen = {"ORCHESTRATOR_PRICING_MODEL__MODE": "embedded", "MLFLOW_TRACKING_URI": mlflow_url}
    process = subprocess.Popen(command, env={**os.environ, **chosen}, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()


def wait_until(is_reached: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up and process.poll() is None:
        with suppress(httpx.TransportError):
            if is_reached():
                return
        time.sleep(0.05)
    pytest.fail("the orchestrator did not get ready")


def pasted_curl(platform: Platform) -> list[str]:
    [line] = [line for line in platform.text.splitlines() if line.startswith("curl ")]
    return shlex.split(line)


def test_the_table_says_that_the_data_are_generated(first: Platform) -> None:
    assert re.search(r"Champion +housing-price version 1", first.text)
    assert re.search(r"Recipe +default", first.text)
    assert re.search(r"Data +sample.*GENERATED", first.text)


def test_the_link_to_mlflow_opens_the_runs_of_the_experiment(first: Platform) -> None:
    found = re.search(r"MLflow +(\S+)/#/experiments/(\d+)/runs\n", first.text)
    assert found, first.text
    asked = {"experiment_ids": [found[2]], "max_results": 10}

    runs = httpx.post(f"{found[1]}/api/2.0/mlflow/runs/search", json=asked).raise_for_status().json()["runs"]

    assert runs


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_pasted_curl_answers_with_a_price(first: Platform) -> None:
    answered = subprocess.run(pasted_curl(first), capture_output=True, text=True, check=True)

    assert '"predictedPrice":' in answered.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, first: Platform) -> Reader:
    folder = tmp_path_factory.mktemp("reader")
    (folder / "house.json").write_text(pasted_curl(first)[-1])
    (folder / "typo.json").write_text(json.dumps(example_document(street="Pavd", mo_sold=13)))
    write_sale(folder / "grouped.csv", SalePrice="208.500")
    write_sale(folder / "typo.csv", Street="Pavd")
    return Reader(folder, api=first.url, model_server=first.model_url, mlflow=first.mlflow_url)


def write_sale(path: Path, **changes: str) -> None:
    example = {field.column: "NA" if field.example is None else str(field.example) for field in FIELDS}
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*example, "SalePrice"])
        writer.writeheader()
        writer.writerow({**example, "SalePrice": "208500", **changes})


SHOWN = [
    shown
    for shown in shown_commands(*all_pages())
    if shown.output and (shown.situation == "sample" or (shown.situation == "engine" and shown.command[:5] == "curl "))
]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("shown", [shown for shown in SHOWN if str(shown.page) != "README.md"], ids=str)
def test_a_command_of_a_page_prints_what_the_page_shows(reader: Reader, shown: ShownCommand) -> None:
    assert shown.difference(reader.run(shown.command)) == ""


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_main_job_prints_what_the_readme_shows(reader: Reader, first: Platform) -> None:
    [up, pasted] = [shown for shown in SHOWN if str(shown.page) == "README.md"]

    printed, announced, _ = reader.as_shown(first.text).partition("Ctrl-C stops everything.")
    assert up.difference(printed + announced) == ""
    assert pasted.difference(reader.run(shlex.join(pasted_curl(first)))) == ""


def test_every_route_answers(first: Platform) -> None:
    for route in ("/health", "/ready", "/metrics", "/docs", "/redoc", "/openapi.json", "/api/v1/price/model"):
        assert httpx.get(first.url + route).status_code == 200, route


def test_the_model_server_keeps_the_contract(first: Platform) -> None:
    assert_keeps_the_contract(first.model_url, says_who_it_is=True)


def test_a_model_inside_the_orchestrator_gives_the_same_prices(first: Platform) -> None:
    houses = {"data": [example_document(id=number, lot_area=5_000 + 10 * number) for number in range(300)]}
    over_http = httpx.post(f"{first.url}/api/v1/price/predict/batch", json=houses).json()

    with embedded_orchestrator(first.mlflow_url) as url:
        inside = httpx.post(f"{url}/api/v1/price/predict/batch", json=houses)

    assert inside.status_code == 200
    assert inside.json() == over_http


def test_the_command_that_needs_no_server_prints_what_the_api_answers(first: Platform) -> None:
    # A garage dated 2207: the answer has a warning, too.
    house = json.dumps(example_document(garage_yr_blt=2207, lot_area=9_000))
    over_http = httpx.post(
        f"{first.url}/api/v1/price/predict?coverage=0.8", content=house, headers={"content-type": "application/json"}
    )

    command = [sys.executable, "-m", "housing_price_model", "predict", "-", "--coverage", "0.8"]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": first.mlflow_url}
    printed = subprocess.run(command, input=house, env=environment, capture_output=True, text=True, check=True).stdout

    assert over_http.status_code == 200, over_http.text
    assert over_http.json()["warnings"]
    # Pairs, so that the order of the keys counts.
    assert json.loads(printed, object_pairs_hook=list) == json.loads(over_http.text, object_pairs_hook=list)


def test_ctrl_c_leaves_nothing_and_a_second_up_trains_nothing(first: Platform, state_dir: Path) -> None:
    assert first.stop(signal.SIGINT) == 0
    assert first.processes_left() == []

    with running_platform(state_dir) as second:
        assert "version 1" in second.text
        assert "cross-validation" not in second.text
        assert second.stop(signal.SIGTERM) == 0
        assert second.processes_left() == []
