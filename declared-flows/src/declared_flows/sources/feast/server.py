"""Calls a feature server, and verifies that it has what is declared."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json
from upstream_resilience.errors import UpstreamUnavailable

from declared_flows.sources.feast.options import FeastOptions, FeatureOperation
from declared_flows.sources.feast.reply import Columns
from declared_flows.sources.http_calls import HttpCalls, Reply, check_constants
from declared_flows.sources.ml.strategies.http import Basic, Bearer
from declared_flows.sources.port import NO_CALL, Call, SourceContext

_REFUSALS: Mapping[str, str] = {
    "FeatureServiceNotFoundException": "the store has no feature service of that name",
    "FeatureViewNotFoundException": "the store has no feature view of that name",
    "not found in projection": "its view has no such feature",
    "Missing join key values": "its view has other join keys than the declared `entities`",
    "invalid literal for int": "an entity declared as a string is an integer there",
    "Version-qualified ref": "the store keeps no versions of views",
}
"""What a feature server answers for a name that it lacks, in words of ours. The status may be 500 or 404, so only the
words tell a wrong name from a broken store."""

_MADE_UP: Mapping[str | None, int | str] = {"integer": 0, "string": "nobody"}


class FeatureServer:
    """A feature server.

    Args:
        calls: how it is reached.
        options: where it is, and how it knows us.
        context: the secrets.

    Raises:
        UpstreamUnavailable: if one of them can't be sent in a header.
    """

    def __init__(self, calls: HttpCalls, options: FeastOptions, context: SourceContext) -> None:
        self._calls = calls
        self._url = options.url
        known = check_constants(_authorization(options.auth, context))
        self._headers = {"content-type": "application/json", **known}

    async def ask(self, operation: FeatureOperation, entities: Mapping[str, Sequence[Any]], call: Call) -> Reply:
        """Return what the server answers for columns of entities.

        Raises:
            UpstreamUnavailable: if there is no answer.
        """
        return await self._ask(self._question(operation) | {"entities": entities}, call=call)

    async def diagnose(self, operation: FeatureOperation) -> Sequence[str]:
        """Return what the server lacks of an operation. It lists nothing itself, so it gets a made-up entity.

        Raises:
            UpstreamUnavailable: if it can't be found out now.
        """
        made_up = {name: [_MADE_UP.get(schema.type)] for name, schema in operation.entities.items()}
        entities = {"entities": made_up}
        reply, refusal = await self._try_question(self._question(operation) | entities)
        if reply is not None and refusal is None:
            return list(_odd_names(operation, Columns.of(reply.body, 1)))
        if operation.feature_service:
            return [f"`{operation.feature_service}`: {refusal}"]
        return await self._refused_features(operation, entities)

    async def _refused_features(self, operation: FeatureOperation, entities: Mapping[str, Any]) -> Sequence[str]:
        features = operation.features or ()
        asked = await asyncio.gather(*(self._try_question({"features": [feature], **entities}) for feature in features))
        found = [f"`{feature}`: {refusal}" for feature, (_, refusal) in zip(features, asked, strict=True) if refusal]
        return found or ["the store refuses these features together"]

    async def _try_question(self, question: Mapping[str, Any]) -> tuple[Reply | None, str | None]:
        """The answer to a question, or why the server refuses it.

        Raises:
            UpstreamUnavailable: if it is not the question's fault.
        """
        try:
            # After an error the server drops the connection, which must not count against the next question.
            reply = await self._ask(question, {"connection": "close"})
        except UpstreamUnavailable as error:
            if error.cause == "reset" and await self._is_healthy():
                return None, "the store drops the connection over it, as over a name that it does not know"
            raise
        if 200 <= reply.status < 300:
            return reply, None
        said = reply.body.decode(errors="replace")
        for words, sentence in _REFUSALS.items():
            if words in said:
                return reply, sentence
        raise UpstreamUnavailable(f"it answered with status {reply.status}", "status")

    async def _is_healthy(self) -> bool:
        try:
            reply = await self._calls.call("GET", f"{self._url}/health", self._headers)
        except UpstreamUnavailable:
            return False
        return reply.status == 200

    async def _ask(
        self, question: Mapping[str, Any], headers: Mapping[str, str] | None = None, call: Call = NO_CALL
    ) -> Reply:
        told = {**self._headers, **(headers or {})}
        url = f"{self._url}/get-online-features"
        return await self._calls.call("POST", url, told, to_json(question), call=call)

    def _question(self, operation: FeatureOperation) -> dict[str, Any]:
        names = {"full_feature_names": operation.full_names}
        if operation.feature_service:
            return {"feature_service": operation.feature_service, **names}
        return {"features": operation.features, **names}


def _odd_names(operation: FeatureOperation, answer: Columns) -> Sequence[str]:
    """What an answer shows of an operation that is not as declared, though the server took it."""
    names = answer.by_name.keys()
    found = [
        f"the entity `{entity}` is not a join key of these features"
        for entity in operation.entities
        if entity not in names
    ]
    declared = operation.answer.properties if operation.answer else {}
    if operation.feature_service:
        service = operation.feature_service
        found += [f"`{field}`: the feature service `{service}` has none" for field in declared if field not in names]
    return found


def _authorization(auth: Bearer | Basic | None, context: SourceContext) -> Mapping[str, str]:
    match auth:
        case Bearer(bearer=token):
            return {"authorization": f"Bearer {context.text(token)}"}
        case Basic(basic=known):
            pair = f"{context.text(known.user)}:{context.text(known.password)}"
            return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    return {}
