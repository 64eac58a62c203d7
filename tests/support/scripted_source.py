"""A kind of source for tests of flows: what its operations answer is what the test says."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from declared_flows.notation.base import Declaration, Place, Text
from declared_flows.notation.diagnostics import InvalidFlows
from declared_flows.notation.schema import Schema
from declared_flows.planning.loading import LoadedFlows, load_flows
from declared_flows.planning.plan import FlowPlan
from declared_flows.planning.surroundings import Surroundings
from declared_flows.sources.port import Answer, Call, Operation, Params, Signature, SourceContext, SourceOptions

RESERVED_PATHS = ("/health", "/docs", "/api/v1/price", "/api/v1/admin", "/api/v1/executions")
"""Addresses of the service that serves the flows of the tests."""

type Answers = Callable[[Params], Awaitable[Any]]


class ScriptedOperation(Declaration):
    """What an operation takes and gives."""

    params: dict[str, Schema] | None = None
    answer: Schema | None = None
    writes: bool = False


class ScriptedOptions(SourceOptions):
    """Operations, and a secret."""

    operations: dict[str, ScriptedOperation]
    token: Text | None = None


async def told(params: Params) -> Any:
    """What it was told."""
    return dict(params)


class ScriptedSource:
    """An open source.

    Args:
        name: its name.
        options: as declared.
        kind: where the test says what is answered.
    """

    def __init__(self, name: str, options: ScriptedOptions, kind: "ScriptedKind") -> None:
        self._name = name
        self._kind = kind
        self.operations: Mapping[str, Operation] = {
            operation: self._operation(operation) for operation in options.operations
        }

    async def verify(self) -> Sequence[str]:
        return self._kind.missing.get(self._name, ())

    def _operation(self, operation: str) -> Operation:
        async def ask(params: Params, call: Call) -> Answer:
            where = f"{self._name}.{operation}"
            self._kind.calls.append((where, dict(params)))
            answer = await self._kind.answers.get(where, told)(params)
            return answer if isinstance(answer, Answer) else Answer(answer)

        return ask


class ScriptedKind:
    """``kind: scripted``."""

    name = "scripted"
    options = ScriptedOptions

    def __init__(self) -> None:
        self.answers: dict[str, Answers] = {}
        """What each ``source.operation`` answers; else what it was told."""
        self.missing: dict[str, Sequence[str]] = {}
        """What a source says that it lacks."""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.opened_sources: list[str] = []
        self.closed_sources: list[str] = []

    def diagnose(self, options: ScriptedOptions) -> Iterable[tuple[Place, str]]:
        if "forbidden" in options.operations:
            yield ("operations", "forbidden"), "there is no such operation"

    def signatures(self, options: ScriptedOptions) -> Mapping[str, Signature]:
        return {
            name: Signature(operation.params, operation.answer, operation.writes)
            for name, operation in options.operations.items()
        }

    @asynccontextmanager
    async def open(self, name: str, options: ScriptedOptions, context: SourceContext) -> AsyncIterator[ScriptedSource]:
        self.opened_sources.append(name)
        try:
            yield ScriptedSource(name, options, self)
        finally:
            self.closed_sources.append(name)

    @property
    def open_sources(self) -> list[str]:
        """Those that are open now."""
        left = list(self.opened_sources)
        for name in self.closed_sources:
            left.remove(name)
        return left


def surroundings(kind: ScriptedKind | None = None, **options: Any) -> Surroundings:
    """What files may refer to."""
    given = {"reserved_paths": RESERVED_PATHS, "setting_prefix": "ORCHESTRATOR_FLOWS__SECRETS__", **options}
    return Surroundings({"scripted": kind or ScriptedKind()}, **given)


def flows_of(*texts: str, **options: Any) -> LoadedFlows:
    """The flows of files, called ``file-1.yaml`` and so on."""
    return load_flows({f"file-{number}.yaml": text for number, text in enumerate(texts, 1)}, surroundings(**options))


def plan_of(text: str) -> FlowPlan:
    """The plan of a file with one flow."""
    (plan,) = flows_of(text).plans
    return plan


def diagnostics_of(*texts: str, **options: Any) -> list[str]:
    """What is wrong with files; without their name where there is one."""
    try:
        flows_of(*texts, **options)
    except InvalidFlows as error:
        lines = list(map(str, error.diagnostics))
        return [line.removeprefix("file-1.yaml:") for line in lines] if len(texts) == 1 else lines
    return []


SOURCE = """
sources:
  things:
    kind: scripted
    operations:
      find:
        params: {id: {type: integer}}
        answer:
          type: object
          properties: {name: {type: string}, size: {type: number}, tags: {type: array, items: {type: string}}}
      ask: {}
      write: {writes: true}
"""
"""A source with an operation that is typed, one that is not, and one that writes."""


def flow(steps: str, response: str = "{found: $found}", *, extra: str = "", name: str = "things") -> str:
    """A flow over the source ``things``: steps in lines, and the rest around them."""
    lines = "\n".join(f"  {line}" for line in steps.strip().splitlines())
    return f"""name: {name}
route: {{path: "/api/v1/{name}/{{id}}"}}
request: {{path: {{id: {{type: integer}}}}}}
steps:
{lines}
response: {response}
{extra}"""
