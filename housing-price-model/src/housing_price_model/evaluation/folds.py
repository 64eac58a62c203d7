"""The split of sales into folds and a held-out part, the same for every evaluation: shuffled, seed 42."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from housing_price_model.data import Sales

FOLDS = 5
SEED = 42
HELD_OUT_SHARE = 0.2

type Fold = tuple[NDArray[np.int64], NDArray[np.int64]]


def folds(sales: Sales) -> list[Fold]:
    """The places of the sales that each fold's estimator sees, and of those that it has not seen."""
    return list(KFold(FOLDS, shuffle=True, random_state=SEED).split(sales.frame))
