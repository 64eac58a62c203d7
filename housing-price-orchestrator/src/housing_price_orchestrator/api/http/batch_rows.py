"""Splits the text of a batch into the texts of its houses, so that they can be validated one by one.

A house contains no object, so every row ends at a closing brace, and text after a brace that begins no new row belongs
to the row before. If all rows are valid, so is the whole, because rows of valid JSON make valid JSON together.
"""

import re

_BLANKS = b" \t\r\n"
_HEAD = re.compile(rb'[ \t\r\n]*+\{[ \t\r\n]*+"data"[ \t\r\n]*+:[ \t\r\n]*+\[[ \t\r\n]*+(?=\{)')
_NEXT_ROW = re.compile(rb"[ \t\r\n]*+,[ \t\r\n]*+(?=\{)")

_BRACES_A_ROW = 4
"""Closing braces for each allowed row: a text with more of them is not split."""


class NotSplittable(Exception):
    """The text can't be split into houses."""


class TooManyRows(Exception):
    """There are more rows than allowed."""


def split_rows(batch: bytes, *, max_rows: int) -> list[bytes]:
    """Split a batch into the JSON texts of its rows, in order: objects, if that is what the batch holds.

    Raises:
        NotSplittable: if it does not have the form ``{"data": [{…}, …]}``.
        TooManyRows: if it has more rows than that.
    """
    most = _BRACES_A_ROW * max_rows
    first, *others = pieces = _list_in(batch).split(b"}", most)
    rows = [[first]]
    for piece in others:
        if comma := _NEXT_ROW.match(piece):
            rows.append([piece[comma.end() :]])
        else:
            rows[-1].append(piece)
    if len(rows) > max_rows:
        raise TooManyRows
    if len(pieces) > most:
        raise NotSplittable
    return [b"}".join([*row, b""]) for row in rows]


def _list_in(batch: bytes) -> bytes:
    """The text between the brackets, without the last brace."""
    text = batch.rstrip(_BLANKS)
    head = _HEAD.match(text)
    if not head or not text.endswith(b"}"):
        raise NotSplittable
    text = text[head.end() : -1].rstrip(_BLANKS)
    if not text.endswith(b"]"):
        raise NotSplittable
    text = text[:-1].rstrip(_BLANKS)
    if not text.endswith(b"}"):
        raise NotSplittable
    return text[:-1]
