"""What can be known to be wrong with the options before anything starts."""

import os
from pathlib import Path

from housing_price.bench.options import BenchOptions
from housing_price.errors import UsageError

_NAMED_DATA = ("sample", "openml")


def require_usable(options: BenchOptions) -> None:
    """Look at the files that are named.

    Raises:
        UsageError: if the data are not there, or what was measured could not be written at the end.
    """
    if options.data is not None:
        _require_data(options.data)
    if options.json_file is not None:
        _require_writable(options.json_file)


def _require_data(data: str) -> None:
    if data not in _NAMED_DATA and not Path(data).is_file():
        raise UsageError(f"--data {data}: no such file, and neither of {', '.join(_NAMED_DATA)}")


def _require_writable(file: Path) -> None:
    folder = file.absolute().parent
    if file.is_dir():
        raise UsageError(f"--json {file}: this is a folder; name a file in it")
    if not folder.is_dir():
        raise UsageError(f"--json {file}: there is no folder {folder}")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise UsageError(f"--json {file}: cannot be written; choose another place")
