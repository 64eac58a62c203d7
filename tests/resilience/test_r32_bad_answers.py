"""Whatever a model server answers, or does not, maps to one documented status and code; nothing of it is passed on."""

import pytest
from housing_price_bench.programmable_model import KINDS, Behaviour, Kind, ProgrammableModel
from served_orchestrator import code, served

pytestmark = pytest.mark.resilience

LIMITS = {"timeout_seconds": 60, "batch_timeout_seconds": 60, "max_answer_bytes": 1_000_000}
IN_A_HURRY = {"X-Request-Timeout-Ms": "300"}

NOT_USABLE = (502, "UPSTREAM_BAD_ANSWER")
NOT_AVAILABLE = (503, "UPSTREAM_UNAVAILABLE")
TOO_LATE = (504, "DEADLINE_EXCEEDED")
ANSWERS: dict[Kind, tuple[int, str]] = {
    "stall": TOO_LATE,
    "drip": TOO_LATE,
    "half_open": TOO_LATE,
    "reset": NOT_AVAILABLE,
    "unavailable": NOT_AVAILABLE,
    "bad_gateway": NOT_AVAILABLE,
    "gateway_timeout": NOT_AVAILABLE,
    "slow_start": NOT_AVAILABLE,
    "reset_midway": NOT_USABLE,
    "garbage": NOT_USABLE,
    "nan": NOT_USABLE,
    "wrong_count": NOT_USABLE,
    "error_400": NOT_USABLE,
    "error_500": NOT_USABLE,
    "error_body_200": NOT_USABLE,
    "huge": NOT_USABLE,
    "not_json_type": NOT_USABLE,
}
"""What a caller is answered when the model server behaves so."""

THEIRS = ("Traceback", "secret.py", "boom", "VinylSd", "error_code", "<html", "<!doctype", "no model yet")
"""Parts of the answers of a misbehaving model server, the caller's rows among them."""


def test_r32_every_misbehaviour_has_its_answer() -> None:
    assert set(ANSWERS) == set(KINDS) - {"ok"}


@pytest.mark.parametrize("kind", ANSWERS)
async def test_r32_a_misbehaviour_is_one_documented_answer_and_over_when_the_model_is_well(
    model: ProgrammableModel, kind: Kind
) -> None:
    async with served(model, calls=LIMITS) as api:
        model.behaviour = Behaviour(kind=kind, seconds=600)
        # The second call is made on a new connection where the first has spoilt the one that was there.
        headers = IN_A_HURRY if ANSWERS[kind] == TOO_LATE else {}
        answers = [await api.price(headers), await api.price(headers), await api.prices(100, headers)]

        assert [code(answer) for answer in answers] == [ANSWERS[kind]] * 3
        for answer in answers:
            assert answer.headers["content-type"] == "application/problem+json"
            assert set(answer.json()) == {"title", "status", "detail", "code", "requestId"}
            assert not [part for part in THEIRS if part in answer.text]
            assert ("retry-after" in answer.headers) == (answer.status_code == 503)

        model.behaviour = Behaviour()
        assert (await api.price()).status_code == 200
        assert (await api.prices(100)).status_code == 200
