"""What one cell of a file holds: a number, a code, or nothing. The house record decides whether that is allowed."""

import math
import re

_ABSENT = frozenset(("", "NA"))
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def read_code(cell: object) -> object:
    """Return the code of a cell without the blanks around it, or None if it is absent; other types pass unchanged."""
    if isinstance(cell, str):
        code = cell.strip()
        return None if code in _ABSENT else code
    return None if _is_nan(cell) else cell


def read_number(cell: object) -> object:
    """Return the number of a cell, or None if it is absent; anything else passes unchanged. Whole numbers are int."""
    if isinstance(cell, str):
        return _parse_number(cell.strip())
    if isinstance(cell, float):
        return None if math.isnan(cell) else int(cell) if cell.is_integer() else cell
    return cell


def _parse_number(text: str) -> object:
    if text in _ABSENT:
        return None
    return read_number(float(text)) if _NUMBER.fullmatch(text) else text


def _is_nan(cell: object) -> bool:
    return isinstance(cell, float) and math.isnan(cell)
