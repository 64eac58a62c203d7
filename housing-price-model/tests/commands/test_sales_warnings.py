"""Every command that reads sales warns of those that stand in the data twice. `run` is tested with its steps."""

from io import StringIO
from typing import Any

import pytest
from house_record import AMES
from housing_price_model.commands.evaluate import announce, load_sales_to_evaluate
from housing_price_model.commands.reproduce import ReproductionRequest, load_recorded_sales
from housing_price_model.commands.sales_warnings import print_warnings
from housing_price_model.data import Sales, load_sales
from rich.console import Console
from sales_files import make_sale, sales_rows, write_sales

__all__ = ["make_sale", "sales_rows", "write_sales"]  # fixtures, in force because they are here

WARNING = "warning: 1 sale repeats another one in every field and the price, first Id 1\n"


class Version:
    """A version that was trained on these sales, and has kept no prices of them."""

    number = "1"
    out_of_fold = None

    def __init__(self, sales: Sales) -> None:
        self.sales = sales
        self.tags = {"data_sha256": sales.sha256}


@pytest.fixture
def repeated(write_sales: Any, sales_rows: Any) -> Version:
    return Version(load_sales(write_sales([*sales_rows, sales_rows[0]]), AMES))


@pytest.fixture
def said() -> StringIO:
    return StringIO()


@pytest.mark.parametrize("is_named", [False, True])
def test_evaluate_warns_of_repeated_sales(repeated: Version, said: StringIO, *, is_named: bool) -> None:
    data = repeated.sales.source if is_named else None

    sales = load_sales_to_evaluate(data, repeated)  # type: ignore[arg-type] # a fake
    announce(repeated, None, sales, Console(file=said, soft_wrap=True))  # type: ignore[arg-type] # a fake

    assert said.getvalue() == (f"housing-price version 1: scores its recipe, fitted again on these sales\n{WARNING}")


def test_every_command_says_how_it_read_empty_cells(write_sales: Any, make_sale: Any, said: StringIO) -> None:
    sales = load_sales(write_sales([make_sale(1, {"Fence": "", "Alley": "Grvl"})]), AMES, "unknown")

    print_warnings(sales, Console(file=said, soft_wrap=True))

    assert said.getvalue() == '1 empty cell of columns with a "none": read as unknown, as --empty says\n'


@pytest.mark.parametrize("is_named", [False, True])
@pytest.mark.parametrize("empty", ["unknown", "none"])
def test_reproduce_reads_empty_cells_as_the_training_did(
    write_sales: Any, make_sale: Any, said: StringIO, empty: Any, *, is_named: bool
) -> None:
    source = write_sales([make_sale(1, {"Fence": ""}), make_sale(2)])
    version = Version(load_sales(source, AMES, empty))
    request = ReproductionRequest(version="1", data=source if is_named else None)

    sales = load_recorded_sales(request, version, Console(file=said))  # type: ignore[arg-type] # a fake

    assert sales.rows == version.sales.rows


@pytest.mark.parametrize("is_named", [False, True])
def test_reproduce_warns_of_repeated_sales(repeated: Version, said: StringIO, *, is_named: bool) -> None:
    request = ReproductionRequest(version="1", data=repeated.sales.source if is_named else None)

    load_recorded_sales(request, repeated, Console(file=said, soft_wrap=True))  # type: ignore[arg-type] # a fake

    assert said.getvalue() == WARNING
