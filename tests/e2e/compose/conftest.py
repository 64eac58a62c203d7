"""Images that are built once, and the stack that the tests share; each test leaves it as it found it: healthy."""

import os
from collections.abc import Iterator

import pytest
from compose_stack import IMAGE_TAG, Stack, docker
from machine import demand

DEPLOYABLES = ("housing-price-model", "housing-price-orchestrator", "mlflow-server")


@pytest.fixture(scope="session")
def engine() -> None:
    """An engine to run containers on, with its compose plugin."""
    demand("docker compose")


@pytest.fixture(scope="session")
def images(engine: None) -> Iterator[dict[str, str]]:
    """The name of each deployable's image, built from this checkout."""
    Stack("housing-price-e2e-build").compose("build")
    named = {name: f"{name}:{IMAGE_TAG}" for name in DEPLOYABLES}
    yield named
    docker("image", "rm", "--force", *named.values(), check=False)


@pytest.fixture(scope="session")
def stack(images: dict[str, str]) -> Iterator[Stack]:
    """The whole stack with Prometheus, healthy."""
    started = Stack(f"housing-price-e2e-{os.getpid()}", variables={"COMPOSE_PROFILES": "observability"})
    try:
        started.up()
        yield started
    finally:
        started.down()
