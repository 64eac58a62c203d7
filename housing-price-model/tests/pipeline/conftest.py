"""What the tests of the pipeline share."""

from pathlib import Path

import pytest
from housing_price_model.data import Sales
from housing_price_model.pipeline import sales_files as pipeline_files
from sales_files import make_sale, sales_rows, write_sales

__all__ = ["make_sale", "sales_rows", "write_sales"]


class NotedSteps(list[str]):
    def step(self, doing: str) -> None:
        self.append(doing)


@pytest.fixture
def said() -> NotedSteps:
    return NotedSteps()


@pytest.fixture
def kept_sales(few_sales: Sales, tmp_path: Path) -> Path:
    """A folder with a few sales and their folds."""
    pipeline_files.write_sales(few_sales, tmp_path)
    pipeline_files.write_folds(few_sales, tmp_path)
    return tmp_path
