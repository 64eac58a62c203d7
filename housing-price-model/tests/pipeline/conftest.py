"""What the tests of the pipeline share."""

from pathlib import Path

import pytest
from housing_price_model.data import Sales
from housing_price_model.pipeline.sales_files import write_folds, write_sales


class NotedSteps(list[str]):
    def step(self, doing: str) -> None:
        self.append(doing)


@pytest.fixture
def said() -> NotedSteps:
    return NotedSteps()


@pytest.fixture
def kept_sales(few_sales: Sales, tmp_path: Path) -> Path:
    """A folder with a few sales and their folds."""
    write_sales(few_sales, tmp_path)
    write_folds(few_sales, tmp_path)
    return tmp_path
