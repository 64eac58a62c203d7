"""A Parquet file as a raw table. Needs the extra ``parquet``, because pyarrow is large."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from house_files.errors import HouseFileError, ParquetNotInstalled
from house_files.raw_table import RawRow, RawTable

_MAGIC = b"PAR1"
_ROWS_AT_A_TIME = 8192

MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
"""A short file can stand for a huge table, because equal values are stored once. As text it could not."""

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
        with ParquetFile(path, read_dictionary=_list_text_columns(path)) as file:
            _check_size(file.metadata)
            names = [name for name in file.schema_arrow.names if name != _ROW_LABELS]
            yield RawTable(names, _read_rows(file, names))
    except (pa.ArrowException, OSError) as error:
        raise HouseFileError(f"is not a readable Parquet file: {' '.join(str(error).split())}") from error


def _list_text_columns(path: Path) -> list[str]:
    """Columns whose values are read once each, and not once for each row."""
    import pyarrow as pa
    from pyarrow.parquet import read_schema

    fields = read_schema(path)
    return [field.name for field in fields if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]


def _check_size(metadata: Any) -> None:
    if metadata.num_rows > MAX_ROWS:
        number = f"{metadata.num_rows:,} rows, and a Parquet file is read up to {MAX_ROWS:,}"
        raise HouseFileError(f"holds {number}: write it as CSV, if these are sales")
    if metadata.num_columns > MAX_COLUMNS:
        raise HouseFileError(f"holds {metadata.num_columns:,} columns: remove those that are not of the record")
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    unpacked = sum(
        group.column(place).total_uncompressed_size for group in groups for place in range(group.num_columns)
    )
    if unpacked > MAX_UNPACKED_BYTES:
        size = f"{unpacked // 2**20:,} MiB once it is unpacked, and a Parquet file is read up to"
        raise HouseFileError(f"takes {size} {MAX_UNPACKED_BYTES // 2**20} MiB: write it as CSV, if these are sales")


def _read_rows(file: Any, names: list[str]) -> Iterator[RawRow]:
    number = 0
    for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=names):
        for cells in zip(*map(_list_values, batch.columns), strict=True):
            number += 1
            yield RawRow(f"row {number}", cells)


def _list_values(column: Any) -> list[Any]:
    """The values of a column; equal texts are one and the same object."""
    if not hasattr(column, "dictionary"):
        values: list[Any] = column.to_pylist()
        return values
    different = column.dictionary.to_pylist()
    return [None if place is None else different[place] for place in column.indices.to_pylist()]
