"""What a body is as a whole, if it is not what a route takes: a house, a batch, a list, a table of MLflow's."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_core import from_json

from house_record.record import Record
from house_record.refusals.house_errors import MAX_BYTES
from house_record.spellings import find_field_by_spelling

TABLE_KEYS = ("dataframe_split", "dataframe_records", "instances", "inputs")
"""The keys of MLflow's scoring protocol."""

BATCH_KEY = "data"
_MISSING = object()
_HEAD_BYTES = 512
_KEY_IN_HEAD = re.compile(rb'"(\w{1,40})"\s*:\s*[\[{]')
_LONGEST_KEY = 40


@dataclass(frozen=True, slots=True)
class Shape:
    """What a body is.

    ``house``: an object with names of fields. ``batch`` and ``wrapped house``: houses, or one, below ``key``.
    ``table``: rows in MLflow's protocol, or in pandas' (``key`` is ``columns``). ``text``: JSON within a text.
    """

    kind: Literal["house", "batch", "wrapped house", "list", "table", "text", "scalar"]
    key: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "batch":
                return "a batch of houses"
            case "list":
                return "a list"
            case "table":
                return (
                    f"a table for MLflow ({self.key!r})" if self.key in TABLE_KEYS else "a table with columns and rows"
                )
            case "wrapped house":
                return f"a house below {self.key!r}"
            case "text":
                return "a text that contains JSON"
            case "scalar":
                return "a single value"
        return "one house"


def recognize_shape(record: Record, body: bytes) -> Shape | None:
    """Return what a JSON body is; None if it is broken, or an object of another kind."""
    if len(body.strip()) > MAX_BYTES:
        return _recognize_head(body[:_HEAD_BYTES])
    try:
        document = from_json(body)
    except ValueError:
        return None
    return _recognize_object(record, document) if isinstance(document, dict) else _recognize_other(document)


def _recognize_object(record: Record, document: Mapping[str, Any]) -> Shape | None:
    if _names_fields(record, document):
        return Shape("house")
    for key in TABLE_KEYS:
        if key in document:
            return Shape("table", key)
    if "columns" in document and BATCH_KEY in document:
        return Shape("table", "columns")
    for key, value in [(BATCH_KEY, document.get(BATCH_KEY, _MISSING)), *document.items()]:
        if _holds_house(record, value):
            return Shape("wrapped house", key[:_LONGEST_KEY])
        if _is_list_of_objects(value) or (key == BATCH_KEY and value is not _MISSING):
            return Shape("batch", key[:_LONGEST_KEY])
    return None


def _recognize_other(document: object) -> Shape:
    if isinstance(document, list):
        return Shape("list")
    if isinstance(document, str) and document.lstrip().startswith(("{", "[")):
        return Shape("text")
    return Shape("scalar")


def _recognize_head(head: bytes) -> Shape | None:
    """What is too large to be parsed is recognised by its first keys."""
    start = head.lstrip()
    if start.startswith(b"["):
        return Shape("list")
    if start.startswith((b'"{', b'"[')):
        return Shape("text")
    keys = [found[1].decode() for found in _KEY_IN_HEAD.finditer(start)]
    if any(key in TABLE_KEYS for key in keys):
        return Shape("table", next(key for key in keys if key in TABLE_KEYS))
    return Shape("batch", BATCH_KEY) if keys[:1] == [BATCH_KEY] else None


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _holds_house(record: Record, value: object) -> bool:
    return isinstance(value, dict) and _names_fields(record, value)


def _names_fields(record: Record, names: Iterable[str]) -> bool:
    return any(find_field_by_spelling(record, name) for name in names)
