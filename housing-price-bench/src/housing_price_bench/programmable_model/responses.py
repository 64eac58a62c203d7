"""Good and bad responses; ``delivery`` sends their bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from housing_price_bench.programmable_model.behaviour import Behaviour, Kind

JSON = "application/json"
MODEL_MILLISECONDS = 2.5
"""The computing time that the server claims in ``Server-Timing``."""


@dataclass(frozen=True, slots=True)
class Response:
    """A status, a body, and the headers that differ between responses."""

    status: int
    body: bytes
    media_type: str = JSON
    fields: Mapping[str, str] = field(default_factory=dict)


def make_json_response(document: Any, status: int = 200, fields: Mapping[str, str] | None = None) -> Response:
    """Make a response with a JSON document."""
    return Response(status, json.dumps(document).encode(), JSON, fields or {})


STACK_TRACE = (
    'Traceback (most recent call last):\n  File "/srv/model/secret.py", line 1, in predict\nValueError: boom\n'
)

_CONSTANT: Mapping[Kind, Response] = {
    "garbage": Response(200, b'{"predictions": [12\x00\xff'),
    "nan": Response(200, b'{"predictions": [NaN]}'),
    "error_500": Response(500, STACK_TRACE.encode(), "text/plain"),
    "not_json_type": Response(200, b"<!doctype html><title>Sign in</title>", "text/html; charset=utf-8"),
    "bad_gateway": Response(502, b"<html><h1>502 Bad Gateway</h1></html>", "text/html"),
    "gateway_timeout": Response(504, b"<html><h1>504 Gateway Time-out</h1></html>", "text/html"),
}


def choose_response(kind: Kind, behaviour: Behaviour, request: bytes, good: Response) -> Response:
    """Return the response for this kind of failure: the good one, if only its delivery fails."""
    match kind:
        case "wrong_count":
            return _drop_one_prediction(good)
        case "error_body_200":
            return make_json_response({"error_code": "INTERNAL_ERROR", "message": _describe_failure(request)})
        case "error_400":
            document = {"error_code": "BAD_REQUEST", "message": _describe_failure(request), "stack_trace": STACK_TRACE}
            return make_json_response(document, 400)
        case "unavailable":
            wait = {} if behaviour.retry_after is None else {"retry-after": str(behaviour.retry_after)}
            return make_json_response({"detail": "no model yet"}, 503, wait)
    return _CONSTANT.get(kind, good)


def _describe_failure(request: bytes) -> str:
    """Describe a failure as MLflow does, which quotes the rows of the caller."""
    return f"Failed to predict data '{request.decode(errors='replace')}'. Error 'boom'"


def _drop_one_prediction(good: Response) -> Response:
    document = json.loads(good.body)
    if "predictions" not in document:
        return good
    return make_json_response({**document, "predictions": document["predictions"][1:]})
