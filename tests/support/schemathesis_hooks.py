"""What schemathesis is told beside its settings: the two rules that no OpenAPI document can say.

It imports this module in a process of its own.
"""

import itertools
from typing import Any

import schemathesis

MAX_EXPLAINED_ROWS = 64

_numbers = itertools.count()


@schemathesis.hook
def before_call(context: Any, case: Any, **_: Any) -> None:
    """Make what is well-formed acceptable; what is not stays as it is, to be refused."""
    _use_key_once(case.headers or {})
    rows = case.body.get("data") if isinstance(case.body, dict) else None
    if isinstance(rows, list) and len(rows) > MAX_EXPLAINED_ROWS:
        _ask_for_small_answers(case.query or {})


def _use_key_once(headers: Any) -> None:
    key = headers.get("Idempotency-Key", "")
    if 1 <= len(key) <= 255 and all("!" <= character <= "~" for character in key):
        headers["Idempotency-Key"] = f"call-{next(_numbers)}"


def _ask_for_small_answers(options: Any) -> None:
    if str(options.get("explain", "")).lower() == "true":
        options["explain"] = "false"
    if str(options.get("comparables", "")) in map(str, range(1, 21)):
        options["comparables"] = 0
