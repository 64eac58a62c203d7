"""Reads the rows of a body by content type: JSON in all of MLflow's forms here, other types with MLflow."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import from_json

from housing_price_model.inference import (
    NO_PARAMS,
    Cells,
    Params,
    read_params,
    rows_of_columns,
    rows_of_frame,
    rows_of_records,
    rows_of_split,
)
from housing_price_model.serving.refusals import MAX_ROWS, Refusal, TooManyRows, UnsupportedContent

if TYPE_CHECKING:
    import pandas as pd

LONGEST_REASON = 200
FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")

type Rows = Sequence[Cells]


class Table(NamedTuple):
    """Rows and parameters. Only JSON has parameters."""

    rows: Rows
    params: Params = NO_PARAMS


def read_table(body: bytes, content_type: str, columns: Sequence[str]) -> Table:
    """Return the unchecked rows of a body, in the order of the columns, and its parameters.

    Raises:
        Refusal: if the type is unknown, the body malformed, or the rows too many.
        RowError: if a column is missing, or a parameter invalid.
    """
    return _choose_reader(content_type)(body, columns)


def _choose_reader(content_type: str) -> Callable[[bytes, Sequence[str]], Table]:
    media_type, *parameters = [part.strip().lower() for part in content_type.split(";")]
    if any(parameter.replace('"', "") != "charset=utf-8" for parameter in parameters):
        raise UnsupportedContent("the only parameter of a content type that is taken is charset=utf-8")
    if media_type not in _PARSERS:
        raise UnsupportedContent(f"the content type must be one of {', '.join(_PARSERS)}")
    return _PARSERS[media_type]


def _read_json(body: bytes, columns: Sequence[str]) -> Table:
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Refusal(f"the body is not valid JSON: {error}") from None
    forms = [form for form in FORMS if form in document] if isinstance(document, dict) else []
    if len(forms) != 1:
        raise Refusal(f"the body must be a JSON object with exactly one of {', '.join(FORMS)}")
    params = document.get("params")
    if not isinstance(params, dict | None):
        raise Refusal("params must be an object of parameters by name")
    return Table(_rows_of_form(forms[0], document[forms[0]], columns), read_params(params))


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


def _read_csv(body: bytes, columns: Sequence[str]) -> Table:
    from mlflow.pyfunc.scoring_server import parse_csv_input

    from housing_price_model.registry.signature import make_signature

    schema = make_signature().inputs
    return _read_frame(_parse(lambda: parse_csv_input(StringIO(body.decode()), schema=schema)), columns)


def _read_parquet(body: bytes, columns: Sequence[str]) -> Table:
    from mlflow.pyfunc.scoring_server import parse_parquet_input

    _check_count(_read_parquet_row_count(body))
    return _read_frame(_parse(lambda: parse_parquet_input(BytesIO(body))), columns)  # type: ignore[no-untyped-call] # MLflow's


def _read_parquet_row_count(body: bytes) -> int:
    """Return the number of rows in the file's metadata, or 0 if the parser will fail anyway."""
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        return 0
    try:
        return int(ParquetFile(BytesIO(body)).metadata.num_rows)
    except (ArrowException, OSError):
        return 0


def _read_frame(frame: "pd.DataFrame", columns: Sequence[str]) -> Table:
    _check_count(len(frame))
    return Table(rows_of_frame(columns, frame))


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        raise TooManyRows


def _parse(parse: Callable[[], Any]) -> "pd.DataFrame":
    from mlflow.exceptions import MlflowException

    try:
        frame: pd.DataFrame = parse()
    except (MlflowException, UnicodeDecodeError) as error:
        raise Refusal(str(error).strip().partition("\n")[0][:LONGEST_REASON]) from None
    return frame


_PARSERS = {
    "application/json": _read_json,
    "text/csv": _read_csv,
    "application/vnd.apache.parquet": _read_parquet,
}
