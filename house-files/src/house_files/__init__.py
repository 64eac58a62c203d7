"""Files of house sales as people have them, read into plain tuples. Needs no pandas; pyarrow for Parquet alone."""

from house_files.empty_cells import Empty
from house_files.errors import HouseFileError, ParquetNotInstalled
from house_files.houses import HouseRow, HousesTable
from house_files.names import PRICE_COLUMN
from house_files.raw_table import RawRow, RawTable
from house_files.reading import read_houses, read_sales
from house_files.sales import SalesTable, validate_sales

__all__ = [
    "PRICE_COLUMN",
    "Empty",
    "HouseFileError",
    "HouseRow",
    "HousesTable",
    "ParquetNotInstalled",
    "RawRow",
    "RawTable",
    "SalesTable",
    "read_houses",
    "read_sales",
    "validate_sales",
]
