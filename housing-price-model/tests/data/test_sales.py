"""The one shape of sales, and the checksum that names them."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from house_record import AMES, COLUMNS, House, example_house
from housing_price_model.data import Sales, load_sales, make_frame, make_rows


def frame_of_houses(houses: list[House]) -> pd.DataFrame:
    return make_frame(AMES.features, make_rows(AMES, houses))


@pytest.fixture
def sales() -> Sales:
    rows = make_rows(AMES, [example_house(), example_house(lot_frontage=None)])
    prices = pd.Series([100_000.0, 200_000.5], name="SalePrice")
    return Sales(rows, prices, pd.Series([1, 2], name="Id"), "here", is_generated=False, record=AMES)


def test_houses_make_the_frame_that_a_file_of_them_makes(make_sale: Any, write_sales: Any) -> None:
    read = load_sales(write_sales([make_sale(1), make_sale(2, {"MasVnrType": "None"})]), AMES).frame

    made = frame_of_houses([example_house(), example_house(mas_vnr_type="None")])

    pd.testing.assert_frame_equal(made, read)


@pytest.mark.parametrize("houses", [[], [example_house()], [example_house()] * 3])
def test_column_types_do_not_depend_on_the_houses(houses: list[House]) -> None:
    frame = frame_of_houses(houses)

    assert tuple(frame.columns) == COLUMNS
    assert frame.dtypes.equals(frame_of_houses([example_house(alley="Pave", pool_qc="Ex")]).dtypes)
    assert len(frame) == len(houses)


def test_a_missing_value_is_nan_alone_and_among_others() -> None:
    alone = frame_of_houses([example_house()])
    among_others = frame_of_houses([example_house(), example_house(alley="Pave")])

    pd.testing.assert_frame_equal(alone, among_others.iloc[:1])


def test_the_checksum_is_independent_of_the_source(sales: Sales) -> None:
    assert replace(sales, source="there", is_generated=True).sha256 == sales.sha256


def test_a_changed_price_id_or_feature_changes_the_checksum(sales: Sales) -> None:
    others = [
        replace(sales, prices=sales.prices + 0.5),
        replace(sales, ids=sales.ids + 1),
        replace(sales, rows=make_rows(AMES, [example_house(), example_house()])),
    ]

    assert len({sales.sha256, *(other.sha256 for other in others)}) == 4
