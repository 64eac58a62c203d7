"""A model behind HTTP, whatever started its server."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx
from pydantic_core import to_json
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

from declared_flows.sources.http_calls import HttpCalls, check_constants, document_of, read_from
from declared_flows.sources.ml.protocols import Dialect
from declared_flows.sources.ml.table import Table
from declared_flows.sources.port import Call

_CREDENTIALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED)


class ServedModel:
    """Calls a model server.

    Args:
        calls: how it is reached.
        url: its address.
        dialect: the protocol that it speaks.
        headers: headers of every call.
    """

    def __init__(self, calls: HttpCalls, url: str, dialect: Dialect, headers: Mapping[str, str] | None = None) -> None:
        self._calls = calls
        self._base = url.rstrip("/")
        self._url = httpx.URL(self._base + dialect.path)
        self._dialect = dialect
        self._headers = {"content-type": "application/json", **(headers or {})}

    async def predict(self, table: Table, call: Call) -> Sequence[Any]:
        """One output a row.

        Raises:
            UpstreamUnavailable: if the server gives no answer, has no such model now, or can't be sent its headers.
            BadUpstreamAnswer: if what it gives is no answer.
            UnusableParams: if the protocol has no place for a value.
        """
        return [output for part in self._dialect.batches(table) for output in await self._ask(part, call)]

    async def _ask(self, table: Table, call: Call) -> Sequence[Any]:
        body = to_json(self._dialect.document(table))
        reply = await self._calls.call("POST", self._url, check_constants(self._headers), body, call=call)
        if reply.status == HTTPStatus.NOT_FOUND:
            raise UpstreamUnavailable("it has no model to ask (status 404)", "not_ready")
        if not 200 <= reply.status < 300:
            # Rows that the server does not take say nothing of its health; credentials that it refuses do.
            blames_rows = 400 <= reply.status < 500 and reply.status not in _CREDENTIALS
            raise BadUpstreamAnswer(f"it answered with status {reply.status}", blames_rows=blames_rows)
        return await read_from(reply.body, lambda body: self._dialect.outputs(document_of(body), len(table.rows)))

    async def status_of(self, path: str) -> int:
        """The status with which a path of the server answers.

        Raises:
            UpstreamError: if it does not answer.
        """
        reply = await self._calls.call("GET", httpx.URL(self._base + path), check_constants(self._headers))
        return reply.status
