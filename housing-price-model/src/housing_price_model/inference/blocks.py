"""Sums over a matrix's rows that come out the same to the last bit, whatever the rows beside a row are."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 8
"""Rows are computed so many at a time, filled up where there are fewer: the same sums for a house in any company."""

type Matrix = NDArray[np.float64]
type Vector = NDArray[np.float64]


def in_blocks(compute: Callable[[Matrix], Vector], matrix: Matrix) -> Vector:
    """A number for each row, by a function that takes ``BLOCK_ROWS`` rows."""
    filled = -len(matrix) % BLOCK_ROWS
    rows = np.concatenate([matrix, np.zeros((filled, matrix.shape[1]))]) if filled else matrix
    blocks = [compute(rows[start : start + BLOCK_ROWS]) for start in range(0, len(rows), BLOCK_ROWS)]
    return np.concatenate(blocks)[: len(matrix)] if blocks else np.empty(0)
