"""One operation of an HTTP service: its request made of templates, and what the answer to it means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx
from pydantic import BaseModel
from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.errors import UnusableParams
from declared_flows.notation.records import to_document
from declared_flows.sources.http_api.options import HttpOperation
from declared_flows.sources.http_api.picking import compile_pick, has_no_place_for
from declared_flows.sources.http_api.templates import (
    Values,
    headers_of,
    path_of,
    query_of,
    render,
)
from declared_flows.sources.http_calls import HttpCalls, Reply, document_of, read_from
from declared_flows.sources.params import complete
from declared_flows.sources.port import Answer, Call, Params

_NOTHING = (HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT)
_CREDENTIALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED)


@dataclass(frozen=True, slots=True)
class Constants:
    """What each request of a service has, secrets included."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: str = field(default="", repr=False)
    """Encoded."""


class Request:
    """One operation of an open service.

    Args:
        operation: as declared.
        url: the address of the service.
        constants: what each request has.
        calls: how they are made.
    """

    def __init__(self, operation: HttpOperation, url: httpx.URL, constants: Constants, calls: HttpCalls) -> None:
        self._operation = operation
        self._origin = str(url.copy_with(raw_path=b"/")).removesuffix("/")
        self._base_path = url.raw_path.decode("ascii").removesuffix("/")
        self._constants = constants
        self._calls = calls
        self._pick = compile_pick(operation.pick)
        self._not_found = frozenset(operation.not_found)

    async def __call__(self, params: Params, call: Call) -> Answer:
        """Call the service with these parameters.

        Raises:
            UpstreamUnavailable: if it gave no answer.
            BadUpstreamAnswer: if the answer can't be used.
            UnusableParams: if a value can't be sent.
        """
        values = complete(self._operation.params, params)
        headers = {**self._constants.headers, **headers_of(self._operation.headers, values)}
        content = self._content(values)
        if content is not None:
            headers = {"content-type": "application/json", **headers}
        address = self._address(values)
        return await self._answer(await self._calls.call(self._operation.method, address, headers, content, call=call))

    def _address(self, values: Values) -> str:
        path = self._base_path + path_of(self._operation.path, values)
        query = "&".join(filter(None, (query_of(self._operation.query, values), self._constants.query)))
        return f"{self._origin}{path}?{query}" if query else f"{self._origin}{path}"

    def _content(self, values: Values) -> bytes | None:
        if self._operation.body is None:
            return None
        try:
            body = json.dumps(render(self._operation.body, values), allow_nan=False, default=_document)
            return body.encode("ascii")
        except (TypeError, ValueError, RecursionError) as error:
            raise UnusableParams("a value of the body is not a value of JSON") from error

    async def _answer(self, reply: Reply) -> Answer:
        if reply.status in self._not_found:
            return Answer(None, 0)
        if not HTTPStatus(200) <= reply.status < HTTPStatus(300):
            # A request that the service finds wrong says nothing of its health; credentials that it refuses do.
            blames_rows = 400 <= reply.status < 500 and reply.status not in _CREDENTIALS
            raise BadUpstreamAnswer(f"it answered with status {reply.status}", blames_rows=blames_rows)
        if reply.status in _NOTHING or (self._wants_nothing and not reply.body.strip()):
            return Answer(None, 0)
        value = await read_from(reply.body, self._pick_from)
        return Answer(value, len(value) if isinstance(value, list) else None)

    @property
    def _wants_nothing(self) -> bool:
        """Whether only its effect is wanted, so that an empty answer is fine."""
        return self._operation.writes and self._operation.answer is None and self._operation.pick is None

    def _pick_from(self, body: bytes) -> Any:
        document = document_of(body)
        value = self._pick(document)
        if value is None and self._is_wanted and has_no_place_for(self._operation.pick or "@", document):
            raise BadUpstreamAnswer("it has not what `pick` names")
        return value

    @property
    def _is_wanted(self) -> bool:
        return self._operation.answer is not None and not self._operation.answer.may_be_null


def _document(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return to_document(value, mode="json", exclude_none=True)
    raise TypeError(type(value).__name__)
