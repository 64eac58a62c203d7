"""What one cell of a file says: a number, a code, or nothing. The record decides whether that is allowed."""

import math
import re

_ABSENT = frozenset(("", "NA"))
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def code_in(cell: object) -> object:
    """The code of a cell without the blanks around it, None if absent; what is no text is left as it is."""
    if isinstance(cell, str):
        code = cell.strip()
        return None if code in _ABSENT else code
    return None if _is_nan(cell) else cell


def number_in(cell: object) -> object:
    """The number of a cell, None if absent; what is no number is left as it is. Whole numbers are int."""
    if isinstance(cell, str):
        return _number_of_text(cell.strip())
    if isinstance(cell, float):
        return None if math.isnan(cell) else int(cell) if cell.is_integer() else cell
    return cell


def _number_of_text(text: str) -> object:
    if text in _ABSENT:
        return None
    return number_in(float(text)) if _NUMBER.fullmatch(text) else text


def _is_nan(cell: object) -> bool:
    return isinstance(cell, float) and math.isnan(cell)
