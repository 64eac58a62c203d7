"""Which sales an estimator sees, and which it is judged by."""

from itertools import chain

import numpy as np
import pytest
from housing_price_model.data import Sales
from housing_price_model.evaluation.folds import SEED, Fold, count_different, folds, hold_out
from sklearn.model_selection import KFold, train_test_split

COPIES = {3: 40, 7: 41, 8: 42}


@pytest.fixture
def with_copies(few_sales: Sales) -> Sales:
    """Forty sales, three of them pasted at the end."""
    return few_sales.take([*range(40), *COPIES])


def with_ids(sales: Sales, ids: dict[int, int]) -> Sales:
    changed = sales.take(range(len(sales)))
    for place, number in ids.items():
        changed.ids.iloc[place] = number
    return changed


def is_apart(fold: Fold, one: int, other: int) -> bool:
    seen, unseen = fold
    return (one in seen and other in unseen) or (other in seen and one in unseen)


def test_different_sales_are_split_as_scikit_learn_does(few_sales: Sales) -> None:
    places = np.arange(len(few_sales))
    expected = list(KFold(5, shuffle=True, random_state=SEED).split(places))

    for own, other in zip(folds(few_sales), expected, strict=True):
        assert [part.tolist() for part in own] == [part.tolist() for part in other]
    held_out = train_test_split(places, test_size=0.2, random_state=SEED)
    assert [part.tolist() for part in hold_out(few_sales)] == [part.tolist() for part in held_out]


def test_repeated_sales_are_on_one_side_of_each_split(with_copies: Sales) -> None:
    splits = [*folds(with_copies), hold_out(with_copies)]

    assert not any(is_apart(fold, one, copy) for fold in splits for one, copy in COPIES.items())


def test_every_sale_is_priced_once_when_some_repeat(with_copies: Sales) -> None:
    assert sorted(chain.from_iterable(unseen for _, unseen in folds(with_copies))) == list(range(43))


def test_sales_of_one_id_are_in_one_fold(few_sales: Sales) -> None:
    sales = with_ids(few_sales, {30: int(few_sales.ids[2]), 31: int(few_sales.ids[2])})

    assert not any(is_apart(fold, 2, other) for fold in folds(sales) for other in (30, 31))


def test_a_copy_with_the_id_of_a_third_joins_both(with_copies: Sales) -> None:
    sales = with_ids(with_copies, {40: int(with_copies.ids[20])})

    assert not any(is_apart(fold, 3, 20) for fold in folds(sales))
    assert count_different(sales) == 39
