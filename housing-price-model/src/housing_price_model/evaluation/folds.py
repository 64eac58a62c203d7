"""The split of sales into folds and a held-out part, the same for every evaluation: shuffled, seed 42.

A sale that stands in the data twice is on one side of each split: an estimator has not seen the prices that it is
judged by.
"""

from collections.abc import Hashable

import numpy as np
from sklearn.model_selection import KFold, train_test_split

from housing_price_model.data import Places, Sales

FOLDS = 5
SEED = 42
HELD_OUT_SHARE = 0.2

type Fold = tuple[Places, Places]


def hold_out(sales: Sales) -> Fold:
    """Return the places of the sales that the held-out evaluation fits on, and of those that it prices."""
    members = _group_repeats(sales)
    seen, unseen = train_test_split(np.arange(len(members)), test_size=HELD_OUT_SHARE, random_state=SEED)
    return _gather(members, seen), _gather(members, unseen)


def folds(sales: Sales, number: int = FOLDS) -> list[Fold]:
    """Return for each fold the places of the sales that are fitted on, and of those that are priced."""
    members = _group_repeats(sales)
    parts = KFold(number, shuffle=True, random_state=SEED).split(np.arange(len(members)))
    return [(np.sort(_gather(members, seen)), np.sort(_gather(members, unseen))) for seen, unseen in parts]


def count_different(sales: Sales) -> int:
    """Return the number of sales without those that repeat another one."""
    return len(_group_repeats(sales))


def _group_repeats(sales: Sales) -> list[list[int]]:
    """Return the places of the sales, those together that share their id, or all fields and the price."""
    parents = list(range(len(sales)))
    first_place: dict[Hashable, int] = {}
    for place, (row, price, number) in enumerate(zip(sales.rows, sales.prices, sales.ids, strict=True)):
        for key in ((row, price), number):
            first = _find_first(parents, first_place.setdefault(key, place))
            own = _find_first(parents, place)
            parents[max(first, own)] = min(first, own)
    groups: dict[int, list[int]] = {}
    for place in range(len(sales)):
        groups.setdefault(_find_first(parents, place), []).append(place)
    return list(groups.values())


def _find_first(parents: list[int], place: int) -> int:
    while parents[place] != place:
        place = parents[place]
    return place


def _gather(members: list[list[int]], groups: Places) -> Places:
    return np.array([place for group in groups for place in members[group]], dtype=np.int64)
