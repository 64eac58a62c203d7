"""Trees: treelite's, in the calling thread, which gives up the interpreter meanwhile."""

from functools import cached_property
from pathlib import Path

import numpy as np
import treelite
from numpy.typing import NDArray
from treelite import gtil

from .tree_paths import TreePaths


class Trees:
    """An ensemble of trees in memory. A row's sum does not depend on the rows beside it."""

    def __init__(self, file: Path) -> None:
        self._model = treelite.Model.deserialize(str(file))
        self.width: int = self._model.num_feature

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """The trees' sum for each row; NaN in the matrix counts as missing."""
        sums: NDArray[np.float64] = gtil.predict(self._model, matrix, nthread=1).reshape(-1)
        return sums

    def changes(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of the sum's change from one point to another is each column's, shape (width,)."""
        return self._paths.changes(start, end)

    @cached_property
    def _paths(self) -> TreePaths:
        # Only where it is asked for: the nodes of a deep forest take megabytes.
        return TreePaths(self._model)
