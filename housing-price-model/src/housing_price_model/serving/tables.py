"""Reads the rows of a body by content type: JSON in all of MLflow's forms, or CSV."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from house_record import Record
from house_record.refusals import BYTE_ORDER_MARK, describe_encoding
from pydantic_core import from_json

from housing_price_model.inference import (
    NO_PARAMS,
    Cells,
    Params,
    read_params,
    rows_of_columns,
    rows_of_records,
    rows_of_split,
)
from housing_price_model.serving.advice import explain_shape
from housing_price_model.serving.comma_separated import read_csv
from housing_price_model.serving.decoded_size import check_decoded_size
from housing_price_model.serving.refusals import MAX_ROWS, Refusal, TooManyRows, UnsupportedContent

CSV = "text/csv"
MEDIA_TYPES = ("application/json", CSV)
FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")

type Rows = Sequence[Cells]


class Table(NamedTuple):
    """Rows and parameters. Only JSON has parameters."""

    rows: Rows
    params: Params = NO_PARAMS


def read_table(
    body: bytes, content_type: str, columns: Sequence[str], number_columns: Collection[str], record: Record
) -> Table:
    """Return the unchecked rows of a body, in the order of the columns, and its parameters.

    Raises:
        Refusal: if the type is unknown, the body malformed, or the rows or values too many.
        RowError: if a column is missing, or a parameter invalid.
    """
    media_type = _find_media_type(content_type)
    text = body.removeprefix(BYTE_ORDER_MARK)
    check_decoded_size(text)
    if media_type == CSV:
        return Table(read_csv(text, columns, number_columns, record.none_columns))
    return _read_json(text, columns, record)


def _find_media_type(content_type: str) -> str:
    media_type, *parameters = [part.strip().lower() for part in content_type.split(";")]
    if media_type not in MEDIA_TYPES:
        is_parquet = "; Parquet is not read, send its rows as JSON" if "parquet" in media_type else ""
        raise UnsupportedContent(f"the content type must be one of {', '.join(MEDIA_TYPES)}{is_parquet}")
    if any(parameter.replace('"', "") != "charset=utf-8" for parameter in parameters):
        raise UnsupportedContent(f"the content type must be {media_type} with no parameter but charset=utf-8")
    return media_type


def _read_json(body: bytes, columns: Sequence[str], record: Record) -> Table:
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Refusal(f"the body is not valid JSON: {_explain_broken(body, error)}") from None
    forms = [form for form in FORMS if form in document] if isinstance(document, dict) else []
    if len(forms) != 1:
        wanted = f"the body must be a JSON object with exactly one of {', '.join(FORMS)}"
        raise Refusal(wanted + explain_shape(body, record))
    params = document.get("params")
    if not isinstance(params, dict | None):
        raise Refusal("params must be an object of parameters by name")
    return Table(_rows_of_form(forms[0], document[forms[0]], columns), read_params(params))


def _explain_broken(body: bytes, error: ValueError) -> str:
    if problem := describe_encoding(body):
        return problem
    try:
        from_json(body, allow_inf_nan=True)
    except ValueError:
        return str(error)
    return "NaN and Infinity are not numbers of JSON; send null if a value is unknown"


def _rows_of_form(form: str, table: Any, columns: Sequence[str]) -> Rows:
    return _rows_of_split(table, columns) if form == "dataframe_split" else _rows_of_list(form, table, columns)


def _rows_of_split(table: Any, columns: Sequence[str]) -> Rows:
    match table:
        case {"columns": [*given], "data": [*rows]} if all(isinstance(name, str) for name in given):
            if len(set(given)) < len(given):
                raise Refusal("dataframe_split names a column twice")
            _check_count(len(rows))
            return rows_of_split(columns, given, rows)
        case {"data": _}:
            raise Refusal("dataframe_split must name its columns in a list of texts, and hold its rows in a list")
    raise Refusal("dataframe_split must be an object with columns and data")


def _rows_of_list(form: str, table: Any, columns: Sequence[str]) -> Rows:
    if isinstance(table, list):
        _check_count(len(table))
        return rows_of_records(columns, table)
    if isinstance(table, Mapping) and form != "dataframe_records":
        _check_count(max((len(cells) for cells in table.values() if isinstance(cells, list)), default=0))
        return rows_of_columns(columns, table)
    raise Refusal(f"{form} must be a list of objects, one a row")


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        raise TooManyRows
