"""Where sales come from: the generated sample, OpenML, or a file."""

from pathlib import Path

from housing_price_model.data.delimited_text import open_delimited_text
from housing_price_model.data.openml import openml_table
from housing_price_model.data.parquet import is_parquet, open_parquet
from housing_price_model.data.sales import Sales
from housing_price_model.data.sample import generate_sales
from housing_price_model.data.validation import sales_of
from housing_price_model.errors import DataError


def load_sales(source: str) -> Sales:
    """The sales that ``--data`` names: ``sample``, ``openml`` or the path of a file.

    Raises:
        DataError: with one line that says what is wrong and where.
    """
    if source == "sample":
        return generate_sales()
    try:
        return sales_of(openml_table(), source) if source == "openml" else _sales_of_file(source)
    except DataError as error:
        raise DataError(f"{source}: {error}") from error


def _sales_of_file(source: str) -> Sales:
    path = Path(source).expanduser()
    try:
        opened = open_parquet(path) if is_parquet(path) else open_delimited_text(path)
        with opened as table:
            # Whoever reads them again may do so from another folder.
            return sales_of(table, str(path.resolve()))
    except OSError as error:
        raise DataError(error.strerror or str(error)) from error
