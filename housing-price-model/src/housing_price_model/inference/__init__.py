"""Inference: prices typed rows without pandas and without scikit-learn.

Each version contains a copy of this folder, which runs where this package is not installed. So its modules import only
each other, numpy, pydantic and treelite.
"""

from .appraisal import Appraisal, Appraiser
from .comparables import compute_column_scales
from .compiled import DOCUMENT_FILE, CompiledModel, Output, read_price
from .document import (
    FORMAT,
    Band,
    CodeFeature,
    Column,
    CompiledDocument,
    Encoding,
    Formula,
    Intervals,
    Joint,
    KnownSales,
    Member,
    NumberFeature,
    OneHotFeature,
    Process,
    TreeEnsemble,
)
from .encoder import Encoder, locate_columns
from .ensemble import Ensemble
from .folding import Folding
from .formulas import Matrix
from .intervals import Bands, compute_difficulties, find_ends
from .joint import JointModel
from .living_area import LivingArea
from .out_of_distribution import Combinations, Support
from .params import DEFAULT_COVERAGE, NO_PARAMS, Params, read_params
from .process import ProcessMean
from .rows import CellError, MissingColumns, Row, RowError, RowTypes
from .tables import Cells, rows_of_columns, rows_of_frame, rows_of_records, rows_of_split

__all__ = [
    "DEFAULT_COVERAGE",
    "DOCUMENT_FILE",
    "FORMAT",
    "NO_PARAMS",
    "Appraisal",
    "Appraiser",
    "Band",
    "Bands",
    "CellError",
    "Cells",
    "CodeFeature",
    "Column",
    "Combinations",
    "CompiledDocument",
    "CompiledModel",
    "Encoder",
    "Encoding",
    "Ensemble",
    "Folding",
    "Formula",
    "Intervals",
    "Joint",
    "JointModel",
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
    "Support",
    "TreeEnsemble",
    "compute_column_scales",
    "compute_difficulties",
    "find_ends",
    "locate_columns",
    "read_params",
    "read_price",
    "rows_of_columns",
    "rows_of_frame",
    "rows_of_records",
    "rows_of_split",
]
