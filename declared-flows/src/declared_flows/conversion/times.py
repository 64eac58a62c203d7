"""Times in the old files, which are seconds or milliseconds as their writers saw fit."""

import re

from declared_flows.conversion.part import Part
from declared_flows.notation.durations import format_duration

_MILLISECONDS_FROM = 100
_UNITS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"([0-9.]+)\s*(ms|sec|s|min|m|h|d)?")


def seconds_of(part: Part, *names: str, in_seconds: bool = False) -> float | None:
    """The time under one of these keys.

    Args:
        part: where it stands.
        names: the keys; those with `ms` in them hold milliseconds, those with `seconds` in them seconds.
        in_seconds: whether a bare number is always of seconds.
    """
    for name in names:
        if part.has(name) and (text := part.text(name)) is not None:
            return _seconds(part, name, text, in_seconds=in_seconds)
    return None


def _seconds(part: Part, name: str, text: str, *, in_seconds: bool) -> float | None:
    found = _FORM.fullmatch(text)
    try:
        number = float(found[1]) if found else -1.0
    except ValueError:
        number = -1.0
    if found is None or number <= 0:
        part.note(f"`{name}` is not a time: say for example 500ms or 2s", name)
        return None
    if found[2]:
        return number * _UNITS[found[2]]
    if name.endswith("_ms"):
        return number / 1000
    if in_seconds or "seconds" in name or number < _MILLISECONDS_FROM:
        return number
    part.note(f"`{name}: {text}` is taken as milliseconds: {format_duration(number / 1000)}", name)
    return number / 1000
