"""Inference: prices typed rows without pandas and without scikit-learn.

Each version contains a copy of this folder, which runs where this package is not installed. So its modules import only
each other, numpy, pydantic and treelite.
"""

from .comparables import compute_column_scales
from .compiled import DOCUMENT_FILE, CompiledModel, Output, read_price
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
from .encoder import Encoder, locate_columns
from .formulas import Matrix
from .intervals import compute_difficulties, conformal_quantile
from .living_area import LivingArea
from .params import DEFAULT_COVERAGE, NO_PARAMS, Params, read_params
from .process import ProcessMean
from .rows import CellError, MissingColumns, Row, RowError, RowTypes
from .tables import Cells, rows_of_columns, rows_of_frame, rows_of_records, rows_of_split

__all__ = [
    "DEFAULT_COVERAGE",
    "DOCUMENT_FILE",
    "FORMAT",
    "NO_PARAMS",
    "CellError",
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
    "LivingArea",
    "Matrix",
    "Member",
    "MissingColumns",
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
    "compute_column_scales",
    "compute_difficulties",
    "conformal_quantile",
    "locate_columns",
    "read_params",
    "read_price",
    "rows_of_columns",
    "rows_of_frame",
    "rows_of_records",
    "rows_of_split",
]
