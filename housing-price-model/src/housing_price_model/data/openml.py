"""OpenML's copy of Kaggle's House Prices (data set 42165) as a raw table.

Downloaded by scikit-learn into its own cache (``SCIKIT_LEARN_DATA``, else ``~/scikit_learn_data``), so that only the
first time needs the internet.
"""

import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from house_files import RawRow, RawTable
from house_record import NOT_APPLICABLE, Record

from housing_price_model.errors import DataError

DATA_ID = 42165
_TIMEOUT_SECONDS = 30.0
_WAY_OUT = "try --data sample, or --data with the path of a file"


def load_openml_table(record: Record) -> RawTable:
    """Load the rows of the data set from the cache, or else from the internet.

    Raises:
        DataError: if it is not in the cache and can't be downloaded, or is broken.
    """
    frame = _fetch()
    if record.id_column not in frame.columns:
        # OpenML leaves out row identifiers if its description marks them.
        frame = frame.assign(**{record.id_column: range(1, len(frame) + 1)})
    # OpenML has "?" where Kaggle's file says NA.
    columns = [[NOT_APPLICABLE if cell is None else cell for cell in frame[name].tolist()] for name in frame.columns]
    rows = (RawRow(f"row {n}", cells) for n, cells in enumerate(zip(*columns, strict=True), start=1))
    return RawTable([str(name) for name in frame.columns], rows)


def _fetch() -> Any:
    from sklearn.datasets import fetch_openml
    from sklearn.externals._arff import ArffException

    try:
        with warnings.catch_warnings(), _socket_timeout(_TIMEOUT_SECONDS):
            warnings.simplefilter("ignore")  # each retry is a warning; what counts is how it ends
            # liac-arff, because the parser that pandas does leaves ARFF's quotes around text.
            return fetch_openml(data_id=DATA_ID, as_frame=True, parser="liac-arff", n_retries=1).frame
    except OSError as error:  # URLError and timeouts
        raise DataError(f"could not be downloaded: {_one_line(error)}; {_WAY_OUT}") from error
    except (ArffException, LookupError, ValueError) as error:  # wrong checksum, not ARFF, other metadata
        raise DataError(f"is not as expected: {_one_line(error)}; {_WAY_OUT}") from error


@contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    """scikit-learn sets no timeout, so a network that swallows packets would hold the command for minutes."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
