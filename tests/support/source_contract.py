"""What every kind of source keeps to, whatever it asks: each kind calls this from a test of its own."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from declared_flows.errors import StepError, UnusableParams
from declared_flows.sources.port import NO_CALL, Answer, Signature, SourceContext, SourceKind, SourceOptions
from pydantic import ValidationError
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamError

SECRET = "a-secret-of-the-tests"


def context_of(folder: Path, **secrets: str) -> SourceContext:
    """A context whose declared secrets are these."""
    return SourceContext(folder=folder, secrets=secrets)


def assert_is_declared_well(kind: SourceKind[Any], declaration: Mapping[str, Any]) -> None:
    """Fails where the options model, the mistakes or the signatures of a right declaration are not as they must be.

    Args:
        kind: the kind of source.
        declaration: a right one.
    """
    assert issubclass(kind.options, SourceOptions)
    options = kind.options.model_validate(declaration)
    assert options.kind == kind.name
    assert list(kind.diagnose(options)) == []
    assert all(isinstance(signature, Signature) for signature in kind.signatures(options).values())
    with pytest.raises(ValidationError):
        kind.options.model_validate({**declaration, "no_such_key": 1})
    _is_documented(kind.options.model_json_schema())


def _is_documented(schema: Mapping[str, Any]) -> None:
    for name, part in {"options": schema, **schema.get("$defs", {})}.items():
        bare = [field for field, told in part.get("properties", {}).items() if "description" not in _told(told, schema)]
        assert not bare, f"{name} has fields without a docstring: {bare}"


def _told(field: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(field.get("$ref", "")).rpartition("/")[2]
    return {**schema.get("$defs", {}).get(name, {}), **field}


async def assert_opens_what_it_declares(
    kind: SourceKind[Any], declaration: Mapping[str, Any], context: SourceContext
) -> None:
    """Fails where an open source has other operations than it declares, or can't be opened twice at once.

    Nobody needs to be there: opening connects to nothing.
    """
    options = kind.options.model_validate(declaration)
    async with kind.open("first", options, context) as first, kind.open("second", options, context) as second:
        assert set(first.operations) == set(second.operations) == set(kind.signatures(options))


async def assert_fails_as_sources_do(
    kind: SourceKind[Any],
    declaration: Mapping[str, Any],
    context: SourceContext,
    operation: str,
    params: Mapping[str, Any],
) -> StepError:
    """The error of a source that is not there, or answers nonsense: one of ours, which tells no secret and no value."""
    options = kind.options.model_validate(declaration)
    async with asyncio.timeout(120), kind.open("source", options, context) as source:
        with pytest.raises((UpstreamError, UnusableParams)) as failed:
            await source.operations[operation](params, NO_CALL)
    error = failed.value
    assert isinstance(error, UpstreamError | UnusableParams)
    for secret in context.secrets.values():
        assert secret not in str(error)
    for value in params.values():
        assert not isinstance(value, str) or len(value) < 4 or value not in str(error)
    return error


async def assert_answers_plainly(
    kind: SourceKind[Any],
    declaration: Mapping[str, Any],
    context: SourceContext,
    operation: str,
    params: Mapping[str, Any],
) -> Answer:
    """The answer, which JSON has; many calls at once, of which some leave, disturb none."""
    options = kind.options.model_validate(declaration)
    async with asyncio.timeout(60), kind.open("source", options, context) as source:
        call = source.operations[operation]
        calls = [asyncio.create_task(_called(call(params, NO_CALL))) for _ in range(30)]
        await asyncio.sleep(0)
        for leaving in calls[::3]:
            leaving.cancel()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        answer = await call(params, NO_CALL)
        assert not await source.verify()
    assert all(isinstance(end, asyncio.CancelledError) for end in ended[::3])
    assert all(end == answer for position, end in enumerate(ended) if position % 3)
    json.dumps(answer.value, allow_nan=False)
    return answer


async def _called(call: Any) -> Answer:
    answer: Answer = await call
    return answer


async def assert_refuses(
    kind: SourceKind[Any],
    declaration: Mapping[str, Any],
    context: SourceContext,
    operation: str,
    params: Mapping[str, Any],
) -> None:
    """Fails where a value that can't be sent, or an answer that can't be used, is anything else."""
    error = await assert_fails_as_sources_do(kind, declaration, context, operation, params)
    assert isinstance(error, (BadUpstreamAnswer, UnusableParams))
