"""The kind `ml` keeps the contract of all sources."""

from pathlib import Path
from typing import Any

import pytest
from declared_flows.sources.kinds import installed_kinds
from declared_flows.sources.ml.source import MlKind
from fake_model_server import serving
from ml_sources import INPUTS, ROW, Server
from source_contract import (
    SECRET,
    assert_answers_plainly,
    assert_fails_as_sources_do,
    assert_is_declared_well,
    assert_opens_what_it_declares,
    assert_refuses,
    context_of,
)
from upstream_resilience.errors import UpstreamUnavailable


def declared(url: str = "http://127.0.0.1:1") -> dict[str, Any]:
    load = {"http": {"url": url, "auth": {"bearer": {"secret": "token"}}}}
    return {"kind": "ml", "load": load, "inputs": INPUTS, "outputs": {"cost": {"type": "number"}}}


def test_it_is_declared_well_and_registered() -> None:
    assert_is_declared_well(MlKind(), declared())
    assert isinstance(installed_kinds()["ml"], MlKind)


async def test_it_opens_what_it_declares(tmp_path: Path) -> None:
    several = [
        {"http": {"url": "http://127.0.0.1:1"}},
        {"http": {"url": "http://127.0.0.1:2"}},
    ]
    await assert_opens_what_it_declares(MlKind(), {**declared(), "load": several}, context_of(tmp_path, token=SECRET))


async def test_it_fails_as_sources_do(tmp_path: Path) -> None:
    error = await assert_fails_as_sources_do(
        MlKind(), declared(), context_of(tmp_path, token=SECRET), "predict", {**ROW}
    )
    assert isinstance(error, UpstreamUnavailable)


async def test_it_answers_plainly_and_refuses_what_it_can_not_use(tmp_path: Path) -> None:
    context = context_of(tmp_path, token=SECRET)
    server = Server(lambda body: {"predictions": [812.5]})
    with serving(server) as url:  # type: ignore[arg-type] # any callable will do
        answer = await assert_answers_plainly(MlKind(), declared(url), context, "predict", ROW)
        server.answer = lambda body: {"predictions": ["a", SECRET]}
        await assert_refuses(MlKind(), declared(url), context, "predict", ROW)
        await assert_refuses(MlKind(), declared(url), context, "predict", {"price": 1.0})
    assert answer.value == {"cost": 812.5}


@pytest.mark.parametrize("strategy", ["http", "registry", "artifact", "docker", "ecr"])
def test_every_strategy_says_what_it_is(strategy: str) -> None:
    told = MlKind.options.model_json_schema()["$defs"]["Load"]["properties"][strategy]
    assert told["description"]
