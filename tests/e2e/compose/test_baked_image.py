"""`housing-price-model build-image` of the stack's champion, and the image without any network."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from compose_stack import Stack, docker, eventually
from house_record import COLUMNS, EXAMPLE, example_house, model_row

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]

PORT = 9090
ASK = """
import sys, urllib.request
path, body = sys.argv[1], sys.stdin.buffer.read()
headers = {"content-type": "application/json"}
asked = urllib.request.Request(f"http://127.0.0.1:9090{path}", data=body or None, headers=headers)
sys.stdout.write(urllib.request.urlopen(asked).read().decode())
"""


@pytest.fixture(scope="module")
def baked(stack: Stack) -> Iterator[str]:
    """A running container of the image, healthy, at a port of its own, with no network."""
    image = f"housing-price-e2e:{os.getpid()}"
    command = [sys.executable, "-m", "housing_price_model", "build-image"]
    options = ["--model-uri", "models:/housing-price@champion", "--tag", image]
    environment = os.environ | {"MLFLOW_TRACKING_URI": stack.mlflow_url}
    subprocess.run([*command, *options], env=environment, check=True, capture_output=True)
    confined = ["--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"]
    container = docker("run", "--detach", *confined, "--env", f"PORT={PORT}", image).strip()
    try:
        eventually(lambda: docker("inspect", "--format", "{{.State.Health.Status}}", container).strip() == "healthy")
        yield container
    finally:
        docker("rm", "--force", container)
        docker("image", "rm", image)


def ask(container: str, path: str, body: dict[str, Any] | None = None) -> str:
    command = ["docker", "exec", "--interactive", container, "python", "-c", ASK, path]
    content = json.dumps(body) if body else ""
    return subprocess.run(command, input=content, capture_output=True, text=True, check=True).stdout


def test_it_says_which_version_it_is(baked: str) -> None:
    details = json.loads(ask(baked, "/model"))

    assert (details["name"], details["version"], details["alias"]) == ("housing-price", "1", None)
    assert details["modelUri"] == "models:/housing-price/1"


def test_it_answers_a_ping(baked: str) -> None:
    assert ask(baked, "/ping").strip() == ""


def test_it_prices_as_the_stack_does(baked: str, stack: Stack) -> None:
    rows = {"columns": COLUMNS, "data": [model_row(example_house())]}

    answer = json.loads(ask(baked, "/invocations", {"dataframe_split": rows}))

    assert round(answer["predictions"][0]["price"], 2) == stack.predict(EXAMPLE).json()["predictedPrice"]


def test_it_stops_with_0(baked: str) -> None:
    docker("stop", "--time", "20", baked)

    assert docker("inspect", "--format", "{{.State.ExitCode}}", baked).strip() == "0"
    docker("start", baked)
