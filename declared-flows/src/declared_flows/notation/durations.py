"""Times as people write them: ``300ms``, ``2s``, ``10m``, ``1h``, or a number of seconds."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|m|h|d)")


def _seconds(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    found = _FORM.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a time is a number with its unit, such as 300ms, 2s, 10m or 1h")
    return float(found[1]) * _SECONDS[found[2]]


def format_duration(seconds: float) -> str:
    """A time (seconds) as people write it."""
    if seconds < 1:
        return f"{seconds * 1000:.9g}ms"
    for unit, size in (("h", 3600.0), ("m", 60.0)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.9g}{unit}"
    return f"{seconds:.9g}s"


type Seconds = Annotated[
    float,
    BeforeValidator(_seconds, json_schema_input_type=str | float),
    Field(gt=0, allow_inf_nan=False, examples=["300ms", "2s", "10m"]),
    PlainSerializer(format_duration),
]
"""A time in seconds, longer than none."""
