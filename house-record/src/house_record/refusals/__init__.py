"""Why a house is refused: its errors, found with a bound on the work, and what to send instead.

The rules themselves are the annotations in ``house.py``.
"""

from house_record.refusals.explanation import Suggestions, explain
from house_record.refusals.house_errors import (
    MAX_BYTES,
    USUAL_BYTES,
    diagnose_house,
    exceeds_house_size,
    find_duplicate_fields,
    has_duplicate_fields,
    make_error,
)

__all__ = [
    "MAX_BYTES",
    "USUAL_BYTES",
    "Suggestions",
    "diagnose_house",
    "exceeds_house_size",
    "explain",
    "find_duplicate_fields",
    "has_duplicate_fields",
    "make_error",
]
