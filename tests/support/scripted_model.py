"""A model whose calls end when, and how, the test says."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from house_record import Value
from housing_price_orchestrator.domain import (
    NO_PARAMS,
    CallTiming,
    ModelDetails,
    ModelIdentity,
    ModelRequest,
    Params,
    Predictions,
    RequestContext,
)

UNTIMED = CallTiming()

TURNS = 8
"""Turns of the event loop after which nothing moves any more but by the test."""


def outputs_for(rows: Sequence[Sequence[Value]]) -> list[str]:
    """What the model answers: outputs that tell whose they are."""
    return [f"price of {row}" for row in rows]


@dataclass(eq=False)
class ScriptedCall:
    """One call, which waits for the test to end it."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    params: Params = NO_PARAMS
    ended: asyncio.Future[Predictions] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def answer(self, version: str = "1", timing: CallTiming = UNTIMED) -> None:
        """End it well."""
        self.ended.set_result(Predictions(outputs_for(self.rows), ModelIdentity("model", version), timing))

    def answer_too_short(self) -> None:
        """End it with an output too few."""
        self.ended.set_result(Predictions(outputs_for(self.rows)[1:], ModelIdentity("model", "1")))

    def fail(self, error: BaseException) -> None:
        """End it badly."""
        self.ended.set_exception(error)


class ScriptedModel:
    """Keeps all calls in ``calls``, in order."""

    def __init__(self) -> None:
        self.calls: list[ScriptedCall] = []

    @property
    def in_flight(self) -> list[ScriptedCall]:
        """The calls that wait for the test."""
        return [call for call in self.calls if not call.ended.done()]

    async def predict(self, request: ModelRequest) -> Predictions:
        self.calls.append(ScriptedCall(request.columns, request.rows, request.params))
        return await self.calls[-1].ended

    async def details(self, context: RequestContext) -> ModelDetails:
        return ModelDetails(ModelIdentity("model", "1"))


async def settle() -> None:
    """Let everything happen that can."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
