"""Refuses what never becomes a request as the API refuses a request: a problem document, a log line and a metric."""

from collections.abc import Callable

from http_connections.rules import Fault, Refusal, Refuse

from housing_price_orchestrator.api.http.problems import HEADERS_TOO_LARGE, KINDS, PROBLEM_JSON, Kind, problem_body
from housing_price_orchestrator.api.http.security_headers import REJECTION_HEADERS
from housing_price_orchestrator.errors import MalformedRequest, RequestTimeout
from housing_price_orchestrator.observability.request_context import new_request_id
from housing_price_orchestrator.settings import LimitSettings

type OnRefusal = Callable[[str, int, str, str | None], None]
"""Called with the request id, the status, the code and the client's address."""

_SECURITY_HEADERS = [(name.decode(), value.decode()) for name, value in REJECTION_HEADERS]


def problem_refusals(limits: LimitSettings, on_refusal: OnRefusal) -> Refuse:
    """Return what makes the refusals, and reports each."""

    def refuse(fault: Fault, what: str, client: str | None) -> Refusal:
        kind, detail = _explain(fault, what, limits)
        request_id = new_request_id()
        on_refusal(request_id, kind.status.value, kind.code, client)
        headers = [("content-type", PROBLEM_JSON), ("x-request-id", request_id), *_SECURITY_HEADERS]
        return Refusal(kind.status, headers, problem_body(kind, detail, request_id))

    return refuse


def _explain(fault: Fault, what: str, limits: LimitSettings) -> tuple[Kind, str]:
    match fault:
        case Fault.HEAD_TOO_LARGE:
            return HEADERS_TOO_LARGE, f"The headers are larger than {limits.max_header_bytes:,} bytes."
        case Fault.TOO_SLOW:
            return KINDS[RequestTimeout], str(RequestTimeout(limits.body_timeout_seconds))
        case Fault.MALFORMED:
            return KINDS[MalformedRequest], str(MalformedRequest(what))
