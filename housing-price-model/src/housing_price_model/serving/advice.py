"""What to send instead of rows that the model does not take, in the names of its columns."""

from itertools import islice
from typing import TYPE_CHECKING, cast

from house_record import Record
from house_record.refusals import COLUMN_TERMS, Findings, Shape, make_error, recognize_shape
from house_record.spellings import find_field_by_spelling

from housing_price_model.inference import CellError, MissingColumns, RowError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_RECORDS = '{"dataframe_records": [{"LotArea": 11622, …}, …]}'
_SEVERAL = 2
_MAX_NAMES = 1_000


def explain_rows(error: RowError, record: Record) -> str:
    """Return a sentence that says what is wrong with the rows of a table, and what to send."""
    match error:
        case CellError():
            return _explain_cells(error, record)
        case MissingColumns():
            return _explain_columns(error, record)
    return str(error)


def explain_shape(body: bytes, record: Record) -> str:
    """Say what a body is that has none of MLflow's forms; nothing if it is not known."""
    shape = recognize_shape(record, body)
    if shape is None:
        return ""
    if shape.kind == "table":
        return '; send the table below its key, as {"dataframe_split": {…}}' if shape.key == "columns" else ""
    if shape.kind == "text":
        return f"; the body is {shape}: send the object itself"
    return f"; the body is {shape}: send {_RECORDS}{_names_note(shape)}"


def _names_note(shape: Shape) -> str:
    return ", with the names of the columns" if shape.kind in ("house", "batch", "wrapped house") else ""


def _explain_cells(error: CellError, record: Record) -> str:
    found = Findings(record, COLUMN_TERMS)
    for column, value in error.values.items():
        field = record.feature_by_column.get(column)
        kind = "string_type" if field and field.kind == "text" else "float_type"
        found.add(cast("ErrorDetails", {**make_error(kind, "", column), "input": value}))
    first, *_ = found.list_mistakes()
    if len(first.fields) >= _SEVERAL:
        return f"row {error.row}: {first.message}"
    _, _, advice = first.message.partition(": ")
    more = len(error.values) - 1
    return f"{error}{'; ' if advice else ''}{advice}{f' ({more} more values of this row are wrong)' if more else ''}"


def _explain_columns(error: MissingColumns, record: Record) -> str:
    missing = frozenset(error.missing)
    other_names = {
        name: field.column
        for name in islice(error.given, _MAX_NAMES)
        if name not in record.feature_by_column
        and (field := find_field_by_spelling(record, name))
        and field.column in missing
    }
    if not other_names:
        return str(error)
    name, column = min(other_names.items(), key=lambda pair: error.missing.index(pair[1]))
    more = f", and {len(other_names) - 1} more likewise" if len(other_names) > 1 else ""
    return f"{error}; rename '{name}' to '{column}'{more}"
