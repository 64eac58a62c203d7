"""Row labels that have no name in the header: R's ``write.table`` writes one cell more in each row."""

from collections.abc import Sequence

from house_record import Record

from house_files.cells import strip_cell
from house_files.names import find_column


def has_unnamed_label(record: Record, columns: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a row has one cell more than the header, and its codes stand one column to the right."""
    return len(cells) == len(columns) + 1 and _count_codes(record, columns, cells[1:]) > _count_codes(
        record, columns, cells
    )


def _count_codes(record: Record, columns: Sequence[str], cells: Sequence[str]) -> int:
    found = ((find_column(record, name), strip_cell(cell)) for name, cell in zip(columns, cells, strict=False))
    known = {field.column: {*map(str, field.codes)} for field in record.fields}
    return sum(code in known.get(column or "", ()) for column, code in found)
