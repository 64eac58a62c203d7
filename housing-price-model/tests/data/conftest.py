"""Files of sales, made up and real."""

from pathlib import Path

import pytest
from real_sales import TRAIN
from sales_files import in_de_cocks_style, make_sale, sales_rows, write_sales

__all__ = ["in_de_cocks_style", "make_sale", "sales_rows", "write_sales"]


@pytest.fixture
def real_file() -> Path:
    """Kaggle's training file, where this machine has it."""
    if not TRAIN.is_file():
        pytest.skip(f"the real sales are not at {TRAIN}")
    return TRAIN
