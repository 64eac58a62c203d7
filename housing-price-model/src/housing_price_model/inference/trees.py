"""Trees in treelite, which computes in the calling thread and releases the GIL."""

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
        """Return the trees' sum for each row. NaN counts as missing."""
        sums: NDArray[np.float64] = gtil.predict(self._model, matrix, nthread=1).reshape(-1)
        return sums

    def changes(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
        """Attribute the sum's change between two points to the columns, shape (width,)."""
        return self._paths.changes(start, end)

    @cached_property
    def _paths(self) -> TreePaths:
        # Made only on demand: the nodes of a deep forest take megabytes.
        return TreePaths(self._model)
