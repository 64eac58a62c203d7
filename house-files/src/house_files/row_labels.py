"""Row labels that have no name in the header: R's ``write.table`` writes one cell more in each row."""

from collections.abc import Sequence

from house_record import FIELDS

from house_files.cells import strip_cell
from house_files.names import find_column

_CODES = {field.column: {*map(str, field.codes)} for field in FIELDS}


def has_unnamed_label(columns: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a row has one cell more than the header, and its codes stand one column to the right."""
    return len(cells) == len(columns) + 1 and _count_codes(columns, cells[1:]) > _count_codes(columns, cells)


def _count_codes(columns: Sequence[str], cells: Sequence[str]) -> int:
    found = ((find_column(name), strip_cell(cell)) for name, cell in zip(columns, cells, strict=False))
    return sum(code in _CODES.get(column or "", ()) for column, code in found)
