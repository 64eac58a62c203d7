"""The split of sales into folds and a held-out part, the same for every evaluation: shuffled, seed 42."""

import numpy as np
from sklearn.model_selection import KFold, train_test_split

from housing_price_model.data import Places, Sales

FOLDS = 5
SEED = 42
HELD_OUT_SHARE = 0.2

type Fold = tuple[Places, Places]


def hold_out(sales: Sales) -> Fold:
    """The places of the sales that the held-out evaluation fits on, and of those that it prices."""
    seen, unseen = train_test_split(np.arange(len(sales)), test_size=HELD_OUT_SHARE, random_state=SEED)
    return seen, unseen


def folds(sales: Sales) -> list[Fold]:
    """The places of the sales that each fold's estimator sees, and of those that it has not seen."""
    return list(KFold(FOLDS, shuffle=True, random_state=SEED).split(np.arange(len(sales))))
