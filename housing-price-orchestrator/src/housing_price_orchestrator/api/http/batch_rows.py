"""Cuts the text of a batch into the texts of its houses, so that each can be looked into by itself, in its turn.

A house holds no object, so every row ends at a closing brace, and what follows a brace without beginning a new row
belongs to the row before. A text that passes row by row would pass as a whole, because rows that are valid JSON make
valid JSON together.
"""

import re

_BLANKS = b" \t\r\n"
_HEAD = re.compile(rb'[ \t\r\n]*+\{[ \t\r\n]*+"data"[ \t\r\n]*+:[ \t\r\n]*+\[[ \t\r\n]*+(?=\{)')
_NEXT_ROW = re.compile(rb"[ \t\r\n]*+,[ \t\r\n]*+(?=\{)")

_BRACES_A_ROW = 4
"""Closing braces for each row that may be there: a text with more of them is not cut."""


class NotInParts(Exception):
    """The text can't be cut into houses."""


class TooManyRows(Exception):
    """There are more rows than there may be."""


def rows_of(batch: bytes, *, max_rows: int) -> list[bytes]:
    """JSON texts of the rows, in order: objects, if that is what the batch holds.

    Raises:
        NotInParts: if it is not of the form ``{"data": [{…}, …]}``, or far from it inside.
        TooManyRows: if it has more rows than that.
    """
    most = _BRACES_A_ROW * max_rows
    first, *others = pieces = _list_within(batch).split(b"}", most)
    rows = [[first]]
    for piece in others:
        if comma := _NEXT_ROW.match(piece):
            rows.append([piece[comma.end() :]])
        else:
            rows[-1].append(piece)
    if len(rows) > max_rows:
        raise TooManyRows
    if len(pieces) > most:
        raise NotInParts
    return [b"}".join([*row, b""]) for row in rows]


def _list_within(batch: bytes) -> bytes:
    """The text between the brackets, but for the last brace."""
    text = batch.rstrip(_BLANKS)
    head = _HEAD.match(text)
    if not head or not text.endswith(b"}"):
        raise NotInParts
    text = text[head.end() : -1].rstrip(_BLANKS)
    if not text.endswith(b"]"):
        raise NotInParts
    text = text[:-1].rstrip(_BLANKS)
    if not text.endswith(b"}"):
        raise NotInParts
    return text[:-1]
