"""uvicorn's HTTP protocol, with our answers to requests that never become one: broken HTTP, endless headers."""

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from housing_price_orchestrator.api.problems import HEADERS_TOO_LARGE, KINDS, PROBLEM_JSON, problem_body
from housing_price_orchestrator.errors import MalformedRequest
from housing_price_orchestrator.observability.request_record import new_request_id

log: structlog.stdlib.BoundLogger = structlog.get_logger("housing_price_orchestrator.requests")


class _HeadersTooLarge(Exception):
    """Ends the parsing; the parser turns it into an error of its own."""


def http_protocol(max_header_bytes: int) -> type[HttpToolsProtocol]:
    """The protocol class with a limit on the request line and the headers together, in bytes."""

    class Protocol(HttpToolsProtocol):
        _header_bytes = 0

        def on_message_begin(self) -> None:
            self._header_bytes = 0
            super().on_message_begin()

        def on_url(self, url: bytes) -> None:
            self._count(len(url))
            super().on_url(url)

        def on_header(self, name: bytes, value: bytes) -> None:
            self._count(len(name) + len(value))
            super().on_header(name, value)

        def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's text is plain, ours is not
            if self._header_bytes > max_header_bytes:
                kind, detail = HEADERS_TOO_LARGE, f"The headers are larger than {max_header_bytes:,} bytes."
            else:
                kind, detail = KINDS[MalformedRequest], str(MalformedRequest("this is not HTTP"))
            request_id = new_request_id()
            body = problem_body(kind, detail, request_id)
            head = (
                f"content-type: {PROBLEM_JSON}\r\ncontent-length: {len(body)}\r\n"
                f"x-request-id: {request_id}\r\nconnection: close\r\n\r\n"
            )
            log.info("request refused", request_id=request_id, status=kind.status.value, code=kind.code)
            self.transport.write(STATUS_LINE[kind.status] + head.encode() + body)
            self.transport.close()

        def _count(self, size: int) -> None:
            self._header_bytes += size
            if self._header_bytes > max_header_bytes:
                raise _HeadersTooLarge

    return Protocol
