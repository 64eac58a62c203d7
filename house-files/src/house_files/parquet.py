"""A Parquet file as a raw table. Needs the extra ``parquet``, because pyarrow is large."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from house_files.errors import HouseFileError, ParquetNotInstalled
from house_files.raw_table import RawRow, RawTable

_MAGIC = b"PAR1"
_ROWS_AT_A_TIME = 8192
_ROW_LABELS = "__index_level_0__"
"""What pandas calls the column of unnamed row labels that it may add to a file."""


def is_parquet(path: Path) -> bool:
    """Whether the first bytes of the file, or else its name, say that it is Parquet.

    Raises:
        OSError: if the file can't be opened or read.
    """
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC or path.suffix == ".parquet"


@contextmanager
def open_parquet(path: Path) -> Iterator[RawTable]:
    """Open a Parquet file as a table; its rows are read some thousand at a time while the context is open.

    Raises:
        ParquetNotInstalled: if pyarrow is not installed.
        HouseFileError: if pyarrow can't read the file.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ParquetNotInstalled(path) from error
    try:
        with ParquetFile(path) as file:
            names = [name for name in file.schema_arrow.names if name != _ROW_LABELS]
            yield RawTable(names, _read_rows(file, names))
    except (pa.ArrowException, OSError) as error:
        raise HouseFileError(f"is not a readable Parquet file: {' '.join(str(error).split())}") from error


def _read_rows(file: Any, names: list[str]) -> Iterator[RawRow]:
    number = 0
    for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=names):
        for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            yield RawRow(f"row {number}", cells)
