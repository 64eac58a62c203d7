"""A Parquet file as a raw table. Needs the extra ``parquet``, because pyarrow is large."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from housing_price_model.data.raw_table import RawRow, RawTable
from housing_price_model.errors import DataError

_MAGIC = b"PAR1"
_ROWS_AT_A_TIME = 8192
_ROW_LABELS = "__index_level_0__"
"""What pandas calls the column of unnamed row labels that it may add to a file."""


def is_parquet(path: Path) -> bool:
    """Whether the file says that it is Parquet, by its first bytes or else by its name.

    Raises:
        OSError: if the file can't be opened or read.
    """
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC or path.suffix == ".parquet"


@contextmanager
def open_parquet(path: Path) -> Iterator[RawTable]:
    """The table of a Parquet file, read some thousand rows at a time while the context is open.

    Raises:
        DataError: if pyarrow is not installed or can't read the file.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise DataError(
            "is a Parquet file: install pyarrow to read it (pip install 'housing-price-model[parquet]')"
        ) from error
    try:
        with ParquetFile(path) as file:
            names = [name for name in file.schema_arrow.names if name != _ROW_LABELS]
            yield RawTable(names, _rows(file, names))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"is not a readable Parquet file: {' '.join(str(error).split())}") from error


def _rows(file: Any, names: list[str]) -> Iterator[RawRow]:
    number = 0
    for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=names):
        for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            yield RawRow(f"row {number}", cells)
