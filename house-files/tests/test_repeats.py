"""Sales that stand in a file twice are read, with a warning."""

from typing import Any

from house_files import read_sales
from house_record import AMES


def test_repeated_rows_are_read_with_a_warning(make_sale: Any, write_sales: Any) -> None:
    sales = read_sales(write_sales([make_sale(1), make_sale(2), make_sale(2), make_sale(2)]), AMES)

    assert len(sales) == 4
    assert sales.warnings == ["2 sales repeat another one in every field and the price, first Id 2"]


def test_rows_that_were_pasted_with_new_ids_are_noticed(make_sale: Any, write_sales: Any) -> None:
    sales = read_sales(write_sales([make_sale(1), make_sale(7, {"SalePrice": "150001"})]), AMES)

    assert sales.warnings == ["1 sale repeats another one in every field and the price, first Id 1"]


def test_an_id_of_two_different_sales_is_noticed(make_sale: Any, write_sales: Any) -> None:
    sales = read_sales(write_sales([make_sale(1), make_sale(1, {"SalePrice": "160000"}), make_sale(3)]), AMES)

    assert sales.warnings == ["1 sale repeats the Id of another one, first Id 1"]


def test_sales_that_differ_have_no_warning(sales_rows: Any, write_sales: Any) -> None:
    assert read_sales(write_sales(sales_rows), AMES).warnings == []
