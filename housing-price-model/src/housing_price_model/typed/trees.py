"""From the matrix to prices: treelite's trees, in the calling thread, which gives up the interpreter meanwhile."""

from pathlib import Path

import numpy as np
import treelite
from numpy.typing import NDArray
from treelite import gtil

from .document import TreeEnsemble


class Trees:
    """An ensemble of trees in memory. A row's price does not depend on the rows beside it."""

    def __init__(self, description: TreeEnsemble, folder: Path) -> None:
        self._model = treelite.Model.deserialize(str(folder / description.file))
        self.width: int = self._model.num_feature
        self._is_logarithm = description.output == "log1p_price"

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """One price in US dollars a row; NaN in the matrix counts as missing."""
        amounts: NDArray[np.float64] = gtil.predict(self._model, matrix, nthread=1).reshape(-1)
        return np.expm1(amounts) if self._is_logarithm else amounts
