"""Why a file can't be read. Every message is one line.

HouseFileError
└── ParquetNotInstalled
"""

from pathlib import Path


class HouseFileError(Exception):
    """There is no such file, it is no table of house sales, or it holds bad values."""


class ParquetNotInstalled(HouseFileError):
    """The file is Parquet, and pyarrow is not installed."""

    def __init__(self, file: str | Path, *, member: str = "house-files") -> None:
        super().__init__(f"{file}: is a Parquet file: the extra `parquet` of {member} reads it (`uv sync` installs it)")
