"""Why a house is refused: its errors, found with a bound on the work, and what to send instead.

The rules themselves are the annotations of the class of houses.
"""

from house_record.refusals.encodings import BYTE_ORDER_MARK, describe_encoding, find_wide_encoding
from house_record.refusals.faults import COLUMN_TERMS, WIRE_TERMS, describe_missing
from house_record.refusals.findings import Findings, Mistake, is_scalar
from house_record.refusals.house_errors import (
    MAX_BYTES,
    USUAL_BYTES,
    diagnose_house,
    exceeds_house_size,
    find_duplicate_fields,
    has_duplicate_fields,
    make_error,
)
from house_record.refusals.shapes import Shape, recognize_shape
from house_record.refusals.suggestions import Suggestions

__all__ = [
    "BYTE_ORDER_MARK",
    "COLUMN_TERMS",
    "MAX_BYTES",
    "USUAL_BYTES",
    "WIRE_TERMS",
    "Findings",
    "Mistake",
    "Shape",
    "Suggestions",
    "describe_encoding",
    "describe_missing",
    "diagnose_house",
    "exceeds_house_size",
    "find_duplicate_fields",
    "find_wide_encoding",
    "has_duplicate_fields",
    "is_scalar",
    "make_error",
    "recognize_shape",
]
