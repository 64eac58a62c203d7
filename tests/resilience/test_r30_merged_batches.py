"""Merged calls: each caller gets its own answer, whatever the others do."""

import asyncio
from random import Random

import pytest
from house_record import example_house, model_row
from housing_price_bench.programmable_model import Behaviour, ProgrammableModel
from housing_price_bench.programmable_model.prices import price_row
from housing_price_orchestrator.settings import AdmissionSettings
from served_orchestrator import code, served

pytestmark = pytest.mark.resilience

PATIENT = AdmissionSettings(max_wait_seconds=10)
"""So that a slow machine refuses nothing: what is refused is for others to test."""


def price_for(lot_area: int) -> float:
    return round(price_row(list(model_row(example_house(lot_area=lot_area)))), 2)


async def test_r30_each_caller_gets_its_own_price_while_others_leave_and_err() -> None:
    chance = Random(7)
    async with ProgrammableModel(seconds_a_call=0.002) as slow, served(slow, admission=PATIENT) as api:

        async def caller(area: int) -> None:
            asking = asyncio.create_task(api.price(lotArea=area))
            if chance.random() < 0.3:
                for _ in range(chance.randrange(20)):
                    await asyncio.sleep(0)
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                return
            answer = await asking
            assert answer.json()["predictedPrice"] == price_for(area)

        for _ in range(10):
            await asyncio.gather(*(caller(5000 + number) for number in range(100)))

        assert slow.stats.calls["/invocations"] < 1000


async def test_r30_a_bad_call_strands_nobody() -> None:
    async with ProgrammableModel(seconds_a_call=0.002) as slow, served(slow, admission=PATIENT) as api:
        slow.behaviour = Behaviour(kind="error_500", share=0.2, seed=3)

        answers = await asyncio.gather(*(api.price(lotArea=5000 + number) for number in range(200)))

        assert {code(answer) for answer in answers if answer.status_code != 200} <= {(502, "UPSTREAM_BAD_ANSWER")}
        for number, answer in enumerate(answers):
            if answer.status_code == 200:
                assert answer.json()["predictedPrice"] == price_for(5000 + number)
