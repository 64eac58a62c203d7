"""Runs are recorded when they end, as many as are to be kept, without what must not be kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from declared_flows.errors import StepError, StepFailed
from declared_flows.execution.guard import GuardedSource
from declared_flows.executions.record import Execution, Failure
from declared_flows.executions.sampling import Sampler
from declared_flows.executions.store import NoExecutions
from declared_flows.service.flows import FlowParts, FlowService
from declared_flows.service.recording import RunEnded
from declared_flows.service.requests import PlainRequest
from declared_flows.sources.port import Params, SourceContext
from scripted_source import SOURCE, ScriptedKind, flow, surroundings
from upstream_resilience.errors import UpstreamUnavailable

FIND = "found: {source: things, operation: ask, params: {id: $request.path.id}}"


class KeptRuns(NoExecutions):
    """Keeps runs in a list."""

    def __init__(self) -> None:
        self.runs: list[Execution] = []
        self.ended: list[RunEnded] = []

    def record(self, execution: Execution) -> None:
        self.runs.append(execution)


@pytest.fixture
def kept() -> KeptRuns:
    return KeptRuns()


def code_of(error: StepError) -> str:
    return type(error.error if isinstance(error, StepFailed) else error).__name__


@asynccontextmanager
async def served(kept: KeptRuns, kind: ScriptedKind, text: str, per_second: int = 10) -> AsyncIterator[FlowService]:
    async def read_files() -> dict[str, str]:
        return {"things.yaml": text + SOURCE}

    service = FlowService(
        FlowParts(
            read_files=read_files,
            surroundings=surroundings(kind),
            context=SourceContext(folder=None),  # type: ignore[arg-type]  # the scripted kind reads none
            own_sources={},
            guard=lambda name, source, declared: GuardedSource(source, declared),
            max_in_flight=10,
            executions=kept,
            sampler=Sampler(per_second, now=lambda: 0.0),
            code_of=code_of,
            on_run=kept.ended.append,
        )
    )
    async with service.open():
        yield service


async def run(service: FlowService, **path: Any) -> bytes:
    return await service.run(service.current.plans[0], PlainRequest({"path": path}))


async def test_a_run_is_recorded_with_its_steps(kept: KeptRuns) -> None:
    async with served(kept, ScriptedKind(), flow(FIND)) as service:
        assert await run(service, id=7) == b'{"found":{"id":7}}'

    [recorded] = kept.runs
    assert (recorded.flow, recorded.route, recorded.status) == ("things", "GET /api/v1/things/{id}", "succeeded")
    assert [(step.name, step.source, step.status, step.attempts) for step in recorded.steps] == [
        ("found", "things", "succeeded", 1)
    ]
    assert recorded.request is None


async def test_a_request_is_recorded_without_its_secrets_if_declared(kept: KeptRuns) -> None:
    text = flow(FIND, extra="keep_request: true\nredact: [id]\n")
    async with served(kept, ScriptedKind(), text) as service:
        await run(service, id=7)

    assert kept.runs[0].request["path"] == {"id": "[redacted]"}


async def test_a_failed_run_is_recorded_with_the_programs_code(kept: KeptRuns) -> None:
    kind = ScriptedKind()

    async def is_down(params: Params) -> Any:
        raise UpstreamUnavailable("nobody listens there", "refused")

    kind.answers["things.ask"] = is_down
    async with served(kept, kind, flow(FIND)) as service:
        with pytest.raises(StepFailed):
            await run(service, id=7)

    [recorded] = kept.runs
    assert recorded.status == "failed"
    assert isinstance(recorded.error, Failure)
    assert recorded.error.code == "UpstreamUnavailable"
    assert recorded.steps[0].error == recorded.error


async def test_runs_beyond_the_sample_are_counted_only(kept: KeptRuns) -> None:
    async with served(kept, ScriptedKind(), flow(FIND), per_second=1) as service:
        await run(service, id=1)
        await run(service, id=2)

    assert [ended.is_recorded for ended in kept.ended] == [True, False]
    assert len(kept.runs) == 1
