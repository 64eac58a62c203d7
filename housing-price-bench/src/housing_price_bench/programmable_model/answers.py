"""What is answered: well, or as a misbehaving model server does. How the bytes are sent is in ``delivery``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from housing_price_bench.programmable_model.behaviour import Behaviour, Kind

JSON = "application/json"
MODEL_MILLISECONDS = 2.5
"""What the server says that its model needed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body and the headers that are not the same for all."""

    status: int
    body: bytes
    media_type: str = JSON
    fields: Mapping[str, str] = field(default_factory=dict)


def json_answer(document: Any, status: int = 200, fields: Mapping[str, str] | None = None) -> Answer:
    """A JSON document."""
    return Answer(status, json.dumps(document).encode(), JSON, fields or {})


STACK_TRACE = (
    'Traceback (most recent call last):\n  File "/srv/model/secret.py", line 1, in predict\nValueError: boom\n'
)

_ALWAYS_THE_SAME: Mapping[Kind, Answer] = {
    "garbage": Answer(200, b'{"predictions": [12\x00\xff'),
    "nan": Answer(200, b'{"predictions": [NaN]}'),
    "error_500": Answer(500, STACK_TRACE.encode(), "text/plain"),
    "not_json_type": Answer(200, b"<!doctype html><title>Sign in</title>", "text/html; charset=utf-8"),
    "bad_gateway": Answer(502, b"<html><h1>502 Bad Gateway</h1></html>", "text/html"),
    "gateway_timeout": Answer(504, b"<html><h1>504 Gateway Time-out</h1></html>", "text/html"),
}


def bad_answer(kind: Kind, behaviour: Behaviour, call: bytes, good: Answer) -> Answer:
    """What takes the place of a good answer; the good one itself where the misbehaviour is in its delivery."""
    match kind:
        case "wrong_count":
            return _one_too_few(good)
        case "error_body_200":
            return json_answer({"error_code": "INTERNAL_ERROR", "message": _failure(call)})
        case "error_400":
            document = {"error_code": "BAD_REQUEST", "message": _failure(call), "stack_trace": STACK_TRACE}
            return json_answer(document, 400)
        case "unavailable":
            wait = {} if behaviour.retry_after is None else {"retry-after": str(behaviour.retry_after)}
            return json_answer({"detail": "no model yet"}, 503, wait)
    return _ALWAYS_THE_SAME.get(kind, good)


def _failure(call: bytes) -> str:
    """MLflow's way: what failed, with the rows that the caller sent."""
    return f"Failed to predict data '{call.decode(errors='replace')}'. Error 'boom'"


def _one_too_few(good: Answer) -> Answer:
    document = json.loads(good.body)
    if "predictions" not in document:
        return good
    return json_answer({**document, "predictions": document["predictions"][1:]})
