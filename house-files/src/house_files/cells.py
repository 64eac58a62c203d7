"""What one cell of a file holds: a number, a code, or nothing. The house record decides whether that is allowed."""

import math
import re
from decimal import Decimal

_ABSENT = frozenset(("", "NA", "?"))
"""``?`` is what files of machine learning repositories write for an unknown value."""

_QUOTES = ("'", '"')
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def read_code(cell: object) -> object:
    """Return the code of a cell without the blanks around it, or None if it is absent; other types pass unchanged."""
    if isinstance(cell, str):
        code = strip_cell(cell)
        return None if code in _ABSENT else code
    return None if _is_nan(cell) else cell


def read_number(cell: object) -> object:
    """Return the number of a cell, or None if it is absent; anything else passes unchanged. Whole numbers are int."""
    if isinstance(cell, str):
        return _parse_number(strip_cell(cell))
    if isinstance(cell, Decimal):
        return read_number(float(cell))
    if isinstance(cell, float):
        return None if math.isnan(cell) else int(cell) if cell.is_integer() else cell
    return cell


def read_number_with_comma(cell: object) -> object:
    """Return the number of a cell whose decimal sign may be a comma, otherwise as ``read_number`` does."""
    if isinstance(cell, str) and cell.count(",") == 1 and "." not in cell:
        number = read_number(cell.replace(",", "."))
        return cell if isinstance(number, str) else number
    return read_number(cell)


def strip_cell(text: str) -> str:
    """Return a text without the blanks around it, and without the quotes that ARFF and its kin put around codes."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES:
        return text[1:-1].strip()
    return text


def _parse_number(text: str) -> object:
    if text in _ABSENT:
        return None
    return read_number(float(text)) if _NUMBER.fullmatch(text) else text


def _is_nan(cell: object) -> bool:
    return isinstance(cell, float) and math.isnan(cell)
