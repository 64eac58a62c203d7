"""Cuts the text of a batch into lists of a few houses, so that each can be validated by itself, without parsing it all.

A house holds no object, so every row ends at a closing brace. Where the text is not of this form, or a part turns out
to be no list of houses, the batch as a whole has to be looked into; a text that passes in parts would pass as a whole,
because parts that are valid JSON make valid JSON together.
"""

import re
from collections.abc import Iterator

_BATCH = re.compile(
    rb'[ \t\r\n]*\{[ \t\r\n]*"data"[ \t\r\n]*:[ \t\r\n]*\[(.*\})[ \t\r\n]*\][ \t\r\n]*\}[ \t\r\n]*', re.DOTALL
)
_BLANKS = b" \t\r\n"


class NotInParts(Exception):
    """The text can't be cut into houses."""


def lists_of_houses(batch: bytes, *, rows_at_once: int, max_rows: int) -> Iterator[bytes]:
    """JSON texts of so many rows each, in order: lists of objects, if that is what the batch holds.

    Raises:
        NotInParts: if it is not well-formed, empty, or has more rows than it may.
    """
    found = _BATCH.fullmatch(batch)
    if not found or found[1].count(b"}") > max_rows:
        raise NotInParts
    *rows, _ = found[1].split(b"}")
    for start in range(0, len(rows), rows_at_once):
        part = b"}".join(rows[start : start + rows_at_once])
        yield b"[" + (_after_comma(part) if start else part) + b"}]"


def _after_comma(part: bytes) -> bytes:
    part = part.lstrip(_BLANKS)
    if not part.startswith(b","):
        raise NotInParts
    return part[1:]
