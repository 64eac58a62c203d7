"""Loads sales from the generated sample, OpenML, or a file."""

from pathlib import Path

from house_files import HouseFileError, ParquetNotInstalled, read_sales, validate_sales
from house_record import Record

from housing_price_model.data.openml import load_openml_table
from housing_price_model.data.sales import Sales
from housing_price_model.data.sample import generate_sales
from housing_price_model.errors import DataError


def load_sales(source: str, record: Record) -> Sales:
    """Load the sales of the record's town that ``--data`` names: ``sample``, ``openml`` or the path of a file.

    Raises:
        DataError: with one line that says what is wrong and where.
    """
    if source == "sample":
        return generate_sales(record)
    return _load_openml(record) if source == "openml" else _load_file(source, record)


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
        return Sales.from_table(validate_sales(load_openml_table()), record, source="openml")
    except (DataError, HouseFileError) as error:
        raise DataError(f"openml: {error}") from error


def _load_file(source: str, record: Record) -> Sales:
    # The sales may be read again from another working directory.
    absolute = str(Path(source).expanduser().resolve())
    try:
        return Sales.from_table(read_sales(source), record, source=absolute)
    except ParquetNotInstalled as error:
        raise DataError(str(ParquetNotInstalled(source, member="housing-price-model"))) from error
    except HouseFileError as error:
        raise DataError(str(error)) from error
