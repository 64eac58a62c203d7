"""Loads sales from the generated sample, OpenML, or a file."""

from itertools import chain
from pathlib import Path

from house_files import Empty, HouseFileError, ParquetNotInstalled, read_sales, validate_sales
from house_record import Record

from housing_price_model.data.openml import load_openml_table
from housing_price_model.data.sales import Sales
from housing_price_model.data.sample import generate_sales
from housing_price_model.errors import DataError

MEANINGS: tuple[Empty, ...] = ("unknown", "none")
"""What an empty cell may mean."""


def load_sales(source: str, record: Record, empty: Empty | None = None) -> Sales:
    """Load the sales of the record's town that ``--data`` names: ``sample``, ``openml`` or the path of a file.

    ``empty`` says what an empty cell of a file means where the dictionary has a "none"; by default, the first rows
    decide.

    Raises:
        DataError: with one line that says what is wrong and where.
    """
    if source == "sample":
        return generate_sales(record)
    return _load_openml(record) if source == "openml" else _load_file(source, record, empty)


def load_sales_with_checksum(source: str, record: Record, sha256: str) -> Sales | None:
    """Load the sales with this checksum again, however their empty cells were read; None if the source has others.

    Raises:
        DataError: with one line that says what is wrong and where.
    """
    sales = load_sales(source, record)
    others = (load_sales(source, record, empty) for empty in MEANINGS) if sales.empty_cells else ()
    return next((found for found in chain([sales], others) if found.sha256 == sha256), None)


def require_source(source: str) -> None:
    """Refuse a file that is not there, before anything slower is tried.

    Raises:
        DataError: if it can't be opened.
    """
    if source in ("sample", "openml"):
        return
    try:
        Path(source).expanduser().open("rb").close()
    except OSError as error:
        raise DataError(f"{source}: {error.strerror or error}") from error


def _load_openml(record: Record) -> Sales:
    try:
        return Sales.from_table(validate_sales(load_openml_table(record), record), record, source="openml")
    except (DataError, HouseFileError) as error:
        raise DataError(f"openml: {error}") from error


def _load_file(source: str, record: Record, empty: Empty | None) -> Sales:
    # The sales may be read again from another working directory.
    absolute = str(Path(source).expanduser().resolve())
    try:
        return Sales.from_table(read_sales(source, record, empty), record, source=absolute)
    except ParquetNotInstalled as error:
        raise DataError(str(ParquetNotInstalled(source, member="housing-price-model"))) from error
    except HouseFileError as error:
        raise DataError(str(error)) from error
