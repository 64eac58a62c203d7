"""Of two model servers one answers with errors: callers notice nearly nothing."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from housing_price_bench.programmable_model import Behaviour, Kind
from keep_alive_callers import calling, kinds
from programmable import model_process
from running_orchestrator import orchestrator

pytestmark = [pytest.mark.resilience, pytest.mark.slow]

CONNECTIONS = 16
FOR_SECONDS = 20.0
NOTICED_WITHIN_SECONDS = 2.0
LEAST_SUCCESS = 0.995
EJECTED_AFTER = 5
"""Failed calls in a row, by default: fewer would mean that the bad server was never tried."""


@pytest.mark.parametrize("kind", ["error_500", "unavailable"])
@pytest.mark.timeout(120)
async def test_drill_bad_replica_nearly_all_requests_succeed(
    tmp_path: Path, kind: Kind, record_property: Callable[[str, object], None]
) -> None:
    with (
        model_process("--behaviour", Behaviour(kind=kind).model_dump_json()) as bad,
        model_process() as good,
        orchestrator(tmp_path, PRICING_MODEL__URL=f"{bad.url},{good.url}") as (port, _),
    ):
        began = time.monotonic()
        async with calling(f"http://127.0.0.1:{port}", connections=CONNECTIONS) as callers:
            await asyncio.sleep(FOR_SECONDS)
        asked_of_bad = bad.saw()["calls"].get("/invocations", 0)

    noticed = callers.since(began + NOTICED_WITHIN_SECONDS)
    success = kinds(noticed)[200, None] / len(noticed)
    record_property("asked_of_bad", asked_of_bad)
    record_property("requests", len(noticed))
    record_property("success", success)
    record_property("all", dict(kinds(callers.asked)))
    assert asked_of_bad >= EJECTED_AFTER
    assert success >= LEAST_SUCCESS
