"""The flows that are served: loaded, swapped, and their sources opened and closed, while requests are done."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from declared_flows.execution.guard import GuardedSource
from declared_flows.planning.plan import FlowPlan
from declared_flows.service.flows import FlowParts, FlowService
from declared_flows.service.requests import FlowRequest, PlainRequest
from declared_flows.service.state import FlowState
from declared_flows.sources.port import Params, SourceContext
from pydantic_core import from_json
from scripted_source import SOURCE, ScriptedKind, flow, surroundings
from structlog.typing import EventDict
from upstream_resilience.errors import Overloaded, UpstreamUnavailable

ASK = "found: {source: things, operation: ask}"
FIND = "found: {source: things, operation: find, params: {id: $request.path.id}}"


class Folder:
    """Files that the test changes."""

    def __init__(self, **files: str) -> None:
        self.files: dict[str, str] = files
        self.error: Exception | None = None

    async def read(self) -> Mapping[str, str]:
        if self.error:
            raise self.error
        return {f"{name}.yaml": text for name, text in self.files.items()}


@pytest.fixture
def kind() -> ScriptedKind:
    return ScriptedKind()


@pytest.fixture
def folder() -> Folder:
    return Folder(sources=SOURCE, things=flow(ASK))


def service_of(kind: ScriptedKind, folder: Folder, **options: Any) -> FlowService:
    chosen: dict[str, Any] = {"max_in_flight": 100, "own_sources": {}} | options
    context = SourceContext(folder=None)  # type: ignore[arg-type]  # the scripted kind reads none
    return FlowService(
        FlowParts(
            read_files=folder.read,
            surroundings=surroundings(kind),
            context=context,
            guard=lambda name, source, declared: GuardedSource(source, declared),
            **chosen,
        )
    )


@asynccontextmanager
async def served(kind: ScriptedKind, folder: Folder, **options: Any) -> AsyncIterator[FlowService]:
    service = service_of(kind, folder, **options)
    async with service.open():
        yield service


async def asked(service: FlowService, name: str = "things") -> Any:
    """What a flow answers."""
    return await answered(service, PlainRequest({"path": {"id": 7}}), name)


async def answered(service: FlowService, request: FlowRequest, name: str = "things") -> Any:
    plan = next(plan for plan in service.current.plans if plan.name == name)
    return from_json(await service.run(plan, request))


class SlowRequest(PlainRequest):
    """A request whose body arrives when the test says so."""

    def __init__(self) -> None:
        super().__init__({"path": {"id": 7}})
        self.arrived = asyncio.Event()

    async def read(self, plan: FlowPlan) -> Mapping[str, Any]:
        await self.arrived.wait()
        return await super().read(plan)


async def until_closed(kind: ScriptedKind, count: int) -> None:
    async with asyncio.timeout(120):
        while len(kind.closed_sources) < count:  # noqa: ASYNC110  it happens in the next turns
            await asyncio.sleep(0)


async def test_the_end_of_the_service_closes_its_sources(kind: ScriptedKind, folder: Folder) -> None:
    async with served(kind, folder) as service:
        assert await asked(service) == {"found": {}}
        assert service.state == FlowState(1, ["things"])
        assert kind.open_sources == ["things"]

    assert kind.open_sources == []


async def test_a_new_file_is_a_new_flow_after_a_reload(kind: ScriptedKind, folder: Folder) -> None:
    async with served(kind, folder) as service:
        folder.files["more"] = flow(ASK, name="more")
        state = await service.reload()

        assert (state.generation, state.flows, state.is_sound) == (2, ["more", "things"], True)
        assert await asked(service, "more") == {"found": {}}


async def test_a_mistake_keeps_the_old_flows_until_it_is_mended(
    kind: ScriptedKind, folder: Folder, logged: list[EventDict]
) -> None:
    states: list[FlowState] = []
    async with served(kind, folder, on_state=states.append) as service:
        folder.files["more"] = flow("found: {value: $nobody}", name="more")
        folder.files["worse"] = "x: ["
        state = await service.reload()

        assert [str(diagnostic) for diagnostic in state.diagnostics] == [
            "more.yaml:5: there is no step `nobody`",
            "worse.yaml:1: this is no YAML: expected the node content, but found '<stream end>'",
        ]
        assert (state.generation, state.flows, state.is_sound) == (1, ["things"], False)
        assert await asked(service) == {"found": {}}
        assert [line["place"] for line in logged if "place" in line] == ["more.yaml:5", "worse.yaml:1"]

        del folder.files["more"], folder.files["worse"]
        assert (await service.reload()).is_sound
        assert [state.is_sound for state in states] == [True, False, True]


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (PermissionError(13, "Permission denied"), "The files can't be read: Permission denied."),
        (RuntimeError("secret"), "Loading them failed; that has been logged."),
    ],
)
async def test_files_that_can_not_be_read_keep_what_was_served(
    kind: ScriptedKind, folder: Folder, error: Exception, problem: str
) -> None:
    async with served(kind, folder) as service:
        folder.error = error
        state = await service.reload()

        assert (state.problem, state.flows, state.is_sound) == (problem, ["things"], False)
        assert await asked(service) == {"found": {}}


async def test_files_that_stay_unreadable_are_logged_once(
    kind: ScriptedKind, folder: Folder, logged: list[EventDict]
) -> None:
    async with served(kind, folder) as service:
        folder.error = PermissionError(13, "Permission denied")
        for _ in range(3):
            await service.reload()

        assert [event["problem"] for event in logged if "problem" in event] == [service.state.problem]


async def test_mistakes_at_the_start_serve_nothing_until_they_are_mended(kind: ScriptedKind) -> None:
    folder = Folder(things=flow(ASK))
    async with served(kind, folder) as service:
        assert (service.state.generation, service.state.is_sound, list(service.current.plans)) == (0, False, [])
        folder.files["sources"] = SOURCE
        assert (await service.reload()).is_sound


async def test_only_a_changed_source_is_opened_anew(kind: ScriptedKind, folder: Folder) -> None:
    async with served(kind, folder) as service:
        await service.reload()
        assert (kind.opened_sources, kind.closed_sources) == (["things"], [])

        folder.files["sources"] = SOURCE.replace("kind: scripted", "kind: scripted\n    attempts: 3")
        await service.reload()
        await until_closed(kind, 1)
        assert kind.opened_sources == ["things", "things"]
        assert await asked(service) == {"found": {}}


async def test_a_source_that_no_flow_uses_is_not_opened(kind: ScriptedKind, folder: Folder) -> None:
    folder.files["others"] = SOURCE.replace("things:", "others:")
    async with served(kind, folder):
        assert kind.opened_sources == ["things"]


async def test_a_request_keeps_its_generation_and_its_sources(kind: ScriptedKind, folder: Folder) -> None:
    go, began = asyncio.Event(), asyncio.Event()

    async def held(params: Params) -> Any:
        began.set()
        await go.wait()
        return "old"

    kind.answers["things.ask"] = held
    async with served(kind, folder) as service:
        request, other = asyncio.create_task(asked(service)), asyncio.create_task(asked(service))
        await began.wait()
        folder.files = {"things": flow("found: {value: new}")}
        await service.reload()

        assert await asked(service) == {"found": "new"}
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert kind.open_sources == ["things"]
        go.set()
        assert await request == {"found": "old"}
        await until_closed(kind, 1)

    assert kind.open_sources == []


async def test_what_a_source_lacks_is_reported_at_its_declaration(kind: ScriptedKind, folder: Folder) -> None:
    async with served(kind, folder) as service:
        kind.missing["things"] = ["there is no table `houses`"]
        folder.files["sources"] = SOURCE.replace("kind: scripted", "kind: scripted\n    attempts: 3")
        await service.reload()

        assert [str(diagnostic) for diagnostic in service.state.diagnostics] == [
            "sources.yaml:3: there is no table `houses`"
        ]
        assert kind.open_sources == ["things"]


async def test_at_the_start_a_lacking_source_blocks_no_flow(kind: ScriptedKind, folder: Folder) -> None:
    kind.missing["things"] = ["there is no table `houses`"]
    async with served(kind, folder) as service:
        assert [str(diagnostic) for diagnostic in service.state.diagnostics] == [
            "sources.yaml:3: there is no table `houses`"
        ]
        assert not service.state.serves_nothing
        assert await asked(service)


async def test_a_source_that_is_down_at_load_is_no_mistake(
    kind: ScriptedKind, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(_: object) -> Any:
        raise UpstreamUnavailable("nobody listens there", "refused")

    monkeypatch.setattr("scripted_source.ScriptedSource.verify", unreachable)
    async with served(kind, folder) as service:
        assert service.state.is_sound


async def test_a_failing_example_is_reported_with_its_line(kind: ScriptedKind, folder: Folder) -> None:
    example = "examples:\n  - {request: {path: {id: 1}}, answers: {found: 1}, response: {found: 2}}"
    async with served(kind, folder) as service:
        folder.files["things"] = flow(ASK, extra=example)
        await service.reload()

        assert [str(diagnostic) for diagnostic in service.state.diagnostics] == [
            "things.yaml:8: example 1 of `things`: `response.found` is 1, not 2"
        ]
        assert await asked(service)


async def test_more_runs_than_there_may_be_are_refused(kind: ScriptedKind, folder: Folder) -> None:
    go, began = asyncio.Event(), asyncio.Event()

    async def held(params: Params) -> Any:
        began.set()
        await go.wait()

    kind.answers["things.ask"] = held
    async with served(kind, folder, max_in_flight=1) as service:
        slow = SlowRequest()
        sending_its_body = asyncio.create_task(answered(service, slow))
        run = asyncio.create_task(asked(service))
        await began.wait()

        with pytest.raises(Overloaded):
            await asked(service)
        go.set()
        await run
        assert await asked(service)
        slow.arrived.set()
        assert await sending_its_body


async def test_a_folder_without_flows_is_reported(kind: ScriptedKind, logged: list[EventDict]) -> None:
    async with served(kind, Folder()):
        assert "has no flows" in logged[0]["event"]


async def test_slow_senders_take_nobody_s_place(kind: ScriptedKind, folder: Folder) -> None:
    async with served(kind, folder, max_in_flight=1) as service:
        senders = [SlowRequest() for _ in range(1000)]
        sending = [asyncio.create_task(answered(service, sender)) for sender in senders]
        await asyncio.sleep(0)

        assert await asked(service)
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


async def test_files_are_loaded_again_whenever_they_change(kind: ScriptedKind, folder: Folder) -> None:
    changed: asyncio.Queue[None] = asyncio.Queue()
    loaded: asyncio.Queue[FlowState] = asyncio.Queue()

    async def changes() -> AsyncIterator[None]:
        while True:
            await changed.get()
            yield

    async with served(kind, folder, on_state=loaded.put_nowait) as service:
        await loaded.get()
        following = asyncio.create_task(service.follow(changes()))
        for number in (2, 3):
            changed.put_nowait(None)
            assert (await loaded.get()).generation == number
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_thousand_reloads_lose_no_request_and_leak_nothing(
    kind: ScriptedKind, folder: Folder, logged: list[EventDict]
) -> None:
    is_loaded = asyncio.Event()

    async def answer_after_the_reload(params: Params) -> Any:
        await is_loaded.wait()
        return "x"

    kind.answers["things.ask"] = answer_after_the_reload
    small = "sources: {things: {kind: scripted, attempts: %d, operations: {ask: {}}}}"
    tasks, objects = asyncio.all_tasks(), 0
    async with served(kind, folder) as service:
        for number in range(1000):
            if number == 100:
                objects = objects_alive(kind, logged)
            is_loaded.clear()
            folder.files["sources"] = small % (2 + number // 4 % 2)
            requests = [asyncio.create_task(asked(service)) for _ in range(3)]
            await asyncio.sleep(0)
            assert (await service.reload()).is_sound
            is_loaded.set()
            assert await asyncio.gather(*requests, asked(service)) == [{"found": "x"}] * 4
        await until_closed(kind, len(kind.opened_sources) - 1)

        assert service.state.generation == 1001
        assert kind.open_sources == ["things"]
        assert len(kind.opened_sources) >= 250
        assert objects_alive(kind, logged) - objects < 1000

    assert kind.open_sources == []
    assert asyncio.all_tasks() == tasks


def objects_alive(kind: ScriptedKind, logged: list[EventDict]) -> int:
    kind.calls.clear()
    logged.clear()
    gc.collect()
    return len(gc.get_objects())
