"""Typed serving: rows of numbers and codes become prices without pandas and without scikit-learn.

A copy of this folder is stored beside each model and runs where this package is not installed: its modules know
only each other, numpy, pydantic and treelite.
"""

from .document import FORMAT, CodeFeature, Column, Encoding, NumberFeature, OneHotFeature, TreeEnsemble, TypedDocument
from .encoder import Encoder
from .model import DOCUMENT_FILE, TypedModel
from .rows import Row, RowError, RowTypes
from .tables import Cells, rows_of_columns, rows_of_frame, rows_of_records, rows_of_split

__all__ = [
    "DOCUMENT_FILE",
    "FORMAT",
    "Cells",
    "CodeFeature",
    "Column",
    "Encoder",
    "Encoding",
    "NumberFeature",
    "OneHotFeature",
    "Row",
    "RowError",
    "RowTypes",
    "TreeEnsemble",
    "TypedDocument",
    "TypedModel",
    "rows_of_columns",
    "rows_of_frame",
    "rows_of_records",
    "rows_of_split",
]
