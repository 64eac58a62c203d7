"""Typed serving: rows of numbers and codes become prices without pandas and without scikit-learn.

A copy of this folder is stored beside each model and runs where this package is not installed: its modules know
only each other, numpy, pydantic and treelite.
"""

from .compiled import DOCUMENT_FILE, CompiledModel, Output, price_in
from .document import (
    FORMAT,
    CodeFeature,
    Column,
    CompiledDocument,
    Encoding,
    Formula,
    Intervals,
    KnownSales,
    Member,
    NumberFeature,
    OneHotFeature,
    Process,
    TreeEnsemble,
)
from .encoder import Encoder, column_places
from .formulas import Matrix
from .intervals import conformal_quantile, difficulties
from .params import DEFAULT_COVERAGE, NO_PARAMS, Params, read_params
from .process import ProcessMean
from .rows import Row, RowError, RowTypes
from .tables import Cells, rows_of_columns, rows_of_frame, rows_of_records, rows_of_split

__all__ = [
    "DEFAULT_COVERAGE",
    "DOCUMENT_FILE",
    "FORMAT",
    "NO_PARAMS",
    "Cells",
    "CodeFeature",
    "Column",
    "CompiledDocument",
    "CompiledModel",
    "Encoder",
    "Encoding",
    "Formula",
    "Intervals",
    "KnownSales",
    "Matrix",
    "Member",
    "NumberFeature",
    "OneHotFeature",
    "Output",
    "Params",
    "Process",
    "ProcessMean",
    "Row",
    "RowError",
    "RowTypes",
    "TreeEnsemble",
    "column_places",
    "conformal_quantile",
    "difficulties",
    "price_in",
    "read_params",
    "rows_of_columns",
    "rows_of_frame",
    "rows_of_records",
    "rows_of_split",
]
