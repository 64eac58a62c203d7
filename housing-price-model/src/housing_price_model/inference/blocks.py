"""Sums over a matrix's rows that do not depend on the other rows, to the last bit."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 8
"""Rows are always computed in blocks of this size, padded if necessary, so that a row's sum is the same in any
batch."""

type Matrix = NDArray[np.float64]
type Vector = NDArray[np.float64]


def compute_in_blocks(compute: Callable[[Matrix], NDArray[np.float64]], matrix: Matrix) -> NDArray[np.float64]:
    """Compute a number or a vector for each row with a function that takes ``BLOCK_ROWS`` rows."""
    filled = -len(matrix) % BLOCK_ROWS
    rows = np.concatenate([matrix, np.zeros((filled, matrix.shape[1]))]) if filled else matrix
    blocks = [compute(rows[start : start + BLOCK_ROWS]) for start in range(0, len(rows), BLOCK_ROWS)]
    return np.concatenate(blocks)[: len(matrix)] if blocks else np.empty(0)
