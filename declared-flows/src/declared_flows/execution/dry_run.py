"""Runs the examples of flows: the same engine, with recorded answers instead of sources."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ValidationError, from_json, to_json
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.errors import STEP_ERRORS
from declared_flows.execution.engine import Engine, check_answer
from declared_flows.execution.run import CallResult, StepRecord
from declared_flows.notation.declaration import Example
from declared_flows.notation.diagnostics import Diagnostic
from declared_flows.planning.plan import FlowPlan, PlannedStep
from declared_flows.sources.port import NO_CALL, Answer, Call, Params


class RecordedSource:
    """Answers each step with its recorded answer.

    Args:
        answers: by the name of the step; with `for_each`, a list with an answer for each item.
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers
        self._given: dict[str, int] = {}

    async def call(
        self,
        step: PlannedStep,
        params: Params,  # noqa: ARG002  no source is called
        record: StepRecord,  # noqa: ARG002  the same
        call: Call = NO_CALL,  # noqa: ARG002  the same
    ) -> CallResult:
        """The recorded answer.

        Raises:
            BadUpstreamAnswer: if there is none, or it is not as declared.
        """
        if step.name not in self._answers:
            raise BadUpstreamAnswer("the example has no answer of this step")
        answer = self._answers[step.name]
        if step.for_each is not None:
            answer = self._next(step, answer)
        return CallResult(Answer(check_answer(step, answer)))

    def _next(self, step: PlannedStep, answers: Any) -> Any:
        index = self._given.get(step.name, 0)
        self._given[step.name] = index + 1
        if not isinstance(answers, list) or index >= len(answers):
            raise BadUpstreamAnswer("the example has no answer for each item: write a list of them")
        return answers[index]


def check_request(plan: FlowPlan, given: Mapping[str, Any]) -> dict[str, Any]:
    """Check a request and return it as the engine takes it.

    Raises:
        ValidationError: if it is not as the flow declares.
    """
    checks = plan.checks
    request = {
        "path": checks.path.validate_python(given.get("path", {})),
        "query": checks.query.validate_python(given.get("query", {})),
        "headers": checks.headers.validate_python(given.get("headers", {})),
    }
    if checks.body is not None:
        request["body"] = checks.body.validate_python(given.get("body"))
    return request


async def try_examples(plans: Sequence[FlowPlan]) -> list[Diagnostic]:
    """Run all examples and return a diagnostic for each that fails."""
    return [
        Diagnostic(plan.file, plan.example_lines[index], f"example {index + 1} of `{plan.name}`: {problem}")
        for plan in plans
        for index, example in enumerate(plan.examples)
        if (problem := await _problem(plan, example))
    ]


async def _problem(plan: FlowPlan, example: Example) -> str | None:
    try:
        request = check_request(plan, dict[str, Any](example.request.items()))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"the request is refused: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    recorded = RecordedSource(example.answers)
    engine = Engine({str(step.source): recorded for step in plan.steps if step.source})
    try:
        deadline = Deadline.after(plan.timeout_seconds)
        async with deadline.limit():
            document = await engine.finish(engine.begin(plan, request, Call(deadline)))
    except STEP_ERRORS as error:
        return str(error)
    finally:
        await engine.aclose()
    return _difference(from_json(to_json(document)), example.response) if example.response is not None else None


def _difference(found: Any, expected: Any, place: str = "response") -> str | None:
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            if name not in found:
                return f"`{place}` has no field `{name}`"
            if problem := _difference(found[name], value, f"{place}.{name}"):
                return problem
        return None
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, value in enumerate(expected):
            if problem := _difference(found[index], value, f"{place}[{index}]"):
                return problem
        return None
    return None if found == expected else f"`{place}` is {_show(found)}, not {_show(expected)}"


def _show(value: Any) -> str:
    text = to_json(value).decode()
    return text if len(text) <= 60 else f"{text[:60]}…"
