"""`docker compose up` from a checkout: what a user sees from outside, and what happens when parts of it go."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from compose_stack import Stack, docker, eventually
from concurrent_callers import calling
from house_record import EXAMPLE

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]

MODEL, ORCHESTRATOR, MLFLOW = "housing-price-model", "housing-price-orchestrator", "mlflow-server"
ANSWER_SECONDS = 1.0
"""In which a failure of the model server must be told."""
ASK_REGISTRY = """
import mlflow, urllib.request, urllib.error
print(mlflow.MlflowClient("http://mlflow-server:9999").get_model_version_by_alias("housing-price", "champion").version)
asked = urllib.request.Request("http://mlflow-server:9999/api/2.0/mlflow/experiments/search?max_results=1")
asked.add_header("Host", "evil.example")
try:
    urllib.request.urlopen(asked)
except urllib.error.HTTPError as refused:
    print(refused.code)
"""


@pytest.fixture(autouse=True)
def _left_healthy(stack: Stack) -> Iterator[None]:
    yield
    stack.up()
    eventually(stack.is_ready)


def model_details(stack: Stack) -> dict[str, Any]:
    return dict(httpx.get(f"{stack.url}/api/v1/price/model", trust_env=False).json())


def test_the_example_house_is_priced_from_outside(stack: Stack) -> None:
    answer = stack.predict(EXAMPLE)

    assert answer.status_code == 200
    assert answer.json()["id"] == EXAMPLE["id"]
    assert answer.json()["predictedPrice"] > 1000


def test_the_model_is_the_champion_of_the_registry(stack: Stack) -> None:
    details = model_details(stack)

    assert (details["name"], details["version"], details["alias"]) == ("housing-price", "1", "champion")


def test_the_registry_answers_another_container_by_its_name_and_no_other_name(stack: Stack) -> None:
    asked = stack.compose("run", "--rm", "--no-deps", "--entrypoint", "python", "trainer", "-c", ASK_REGISTRY)

    assert asked.split() == ["1", "403"]


def test_every_container_is_confined(stack: Stack) -> None:
    for service in (MODEL, ORCHESTRATOR, MLFLOW, "prometheus"):
        found = stack.inspect(service)
        assert found["HostConfig"]["ReadonlyRootfs"], service
        assert found["HostConfig"]["CapDrop"] == ["ALL"], service
        assert found["Config"]["User"] not in ("", "root", "0"), service


def test_prometheus_scrapes_all_members(stack: Stack) -> None:
    targets = f"http://127.0.0.1:{stack.variables['PROMETHEUS_PORT']}/api/v1/targets"

    def all_up() -> set[str]:
        active = httpx.get(targets, trust_env=False).json()["data"]["activeTargets"]
        up = {target["labels"]["job"] for target in active if target["health"] == "up"}
        return up if len(up) == 4 else set()

    assert eventually(all_up, seconds=90) == {MODEL, ORCHESTRATOR, MLFLOW, "prometheus"}


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_without_the_model_there_is_503_at_once_and_it_recovers_by_itself(stack: Stack, how: str) -> None:
    started = stack.inspect(ORCHESTRATOR)["State"]["StartedAt"]
    docker(how, stack.container(MODEL))

    for _ in range(20):
        refused = stack.predict(EXAMPLE, timeout_seconds=ANSWER_SECONDS)
        assert (refused.status_code, refused.json()["code"]) == (503, "UPSTREAM_UNAVAILABLE")
    eventually(lambda: not stack.is_ready())

    docker("start", stack.container(MODEL))
    eventually(stack.is_ready)
    assert stack.predict(EXAMPLE).status_code == 200
    assert stack.inspect(ORCHESTRATOR)["State"]["StartedAt"] == started


def test_without_mlflow_serving_goes_on_and_a_restart_serves_from_the_cache(stack: Stack) -> None:
    docker("kill", stack.container(MLFLOW))

    assert stack.predict(EXAMPLE).status_code == 200
    assert stack.is_ready()

    docker("restart", stack.container(MODEL))
    eventually(
        lambda: "models:/housing-price/1, the last one that was verified, is served from /cache/" in stack.logs(MODEL)
    )
    eventually(stack.is_ready)
    assert stack.predict(EXAMPLE).status_code == 200


def test_a_stop_under_load_answers_what_was_accepted_and_every_container_exits_0(stack: Stack) -> None:
    houses = [dict(EXAMPLE, id=number) for number in range(500)]
    with calling(int(stack.variables["PORT"]), houses, callers=8) as callers:
        eventually(lambda: callers.answers[200] > 100)
        stack.compose("stop")

    assert callers.answers.keys() == {200}, callers.answers
    for service in (ORCHESTRATOR, MODEL, MLFLOW, "trainer", "prometheus"):
        assert stack.inspect(service)["State"]["ExitCode"] == 0, service


@pytest.mark.parametrize("part", [(), ("trainer",), ("mlflow-server", "trainer")], ids=str)
def test_waiting_for_what_runs_already_ends_with_0(stack: Stack, part: tuple[str, ...]) -> None:
    stack.compose("up", "--detach", "--wait", *part)


def test_a_second_up_keeps_the_champion_and_trains_nothing(stack: Stack) -> None:
    before = model_details(stack)
    stack.compose("down")

    stack.up()

    assert model_details(stack) == before
    assert stack.logs("trainer").splitlines() == [
        "housing-price version 1 stays the champion (recipe default, data sample): nothing to train"
    ]
