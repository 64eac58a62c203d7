"""Reads one file of sales, or of houses, in any format."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from host_environment.files import describe_unreadable
from house_record import Record

from house_files.delimited_text import open_delimited_text
from house_files.empty_cells import Empty
from house_files.errors import HouseFileError, ParquetNotInstalled
from house_files.houses import HousesTable, validate_houses
from house_files.parquet import is_parquet, open_parquet
from house_files.raw_table import RawTable
from house_files.sales import SalesTable, validate_sales
from house_files.sniffing import refuse_other_formats


def read_sales(file: str | Path, record: Record, empty: Empty | None = None) -> SalesTable:
    """Read all sales of a file, of the record's town, or none.

    ``empty`` says what an empty cell means where the dictionary has a "none"; by default, the first rows decide.

    Raises:
        ParquetNotInstalled: if the file needs pyarrow, which is not installed.
        HouseFileError: if the file can't be opened or read, is no table of sales, or holds bad values; the message
            begins with the file's name as given.
    """
    with _naming(file), _open_table(Path(file).expanduser(), record) as table:
        return validate_sales(table, record, empty)


def read_houses(file: str | Path, record: Record, empty: Empty | None = None, *, most: int) -> HousesTable:
    """Read the houses of a file, with the mistakes of those that are not valid.

    ``empty`` says what an empty cell means where the dictionary has a "none"; by default, the first rows decide.

    Raises:
        ParquetNotInstalled: if the file needs pyarrow, which is not installed.
        HouseFileError: if the file can't be opened or read, or is no table of at most ``most`` houses; the message
            begins with the file's name as given.
    """
    with _naming(file), _open_table(Path(file).expanduser(), record) as table:
        return validate_houses(table, record, empty, most=most)


@contextmanager
def _naming(file: str | Path) -> Iterator[None]:
    """Begin the messages of errors with the file's name."""
    try:
        yield
    except ParquetNotInstalled:
        raise
    except HouseFileError as error:
        raise HouseFileError(f"{file}: {error}") from error
    except OSError as error:
        raise HouseFileError(describe_unreadable(file, error)) from error


def _open_table(path: Path, record: Record) -> AbstractContextManager[RawTable]:
    refuse_other_formats(path)
    return open_parquet(path) if is_parquet(path) else open_delimited_text(path, record)
