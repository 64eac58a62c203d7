"""Trees in treelite, which computes in the calling thread and releases the GIL."""

from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import treelite
from numpy.typing import NDArray
from treelite import gtil

from .tree_paths import TreePaths


class Trees:
    """An ensemble of trees in memory. A row's sum does not depend on the rows beside it."""

    def __init__(self, model: treelite.Model) -> None:
        self._model = model
        self.width: int = model.num_feature

    @classmethod
    def load(cls, file: Path) -> Self:
        """Load the trees from a file in treelite's format.

        Raises:
            TreeliteError: if there is no such file, or it is malformed.
        """
        return cls(treelite.Model.deserialize(str(file)))

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
