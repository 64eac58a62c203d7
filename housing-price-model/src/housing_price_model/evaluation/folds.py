"""The split of sales into folds and a held-out part, the same for every evaluation: shuffled, seed 42."""

import numpy as np
from sklearn.model_selection import KFold, train_test_split

from housing_price_model.data import Places, Sales

FOLDS = 5
SEED = 42
HELD_OUT_SHARE = 0.2

type Fold = tuple[Places, Places]


def hold_out(sales: Sales) -> Fold:
    """Return the places of the sales that the held-out evaluation fits on, and of those that it prices."""
    seen, unseen = train_test_split(np.arange(len(sales)), test_size=HELD_OUT_SHARE, random_state=SEED)
    return seen, unseen


def folds(sales: Sales) -> list[Fold]:
    """Return for each fold the places of the sales that are fitted on, and of those that are priced."""
    return list(KFold(FOLDS, shuffle=True, random_state=SEED).split(np.arange(len(sales))))
