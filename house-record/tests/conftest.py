"""Real sales, on machines that have them."""

import csv

import pytest
from real_sales import TRAIN


@pytest.fixture
def real_rows() -> list[dict[str, str]]:
    """The rows of Kaggle's training file as text, by column."""
    if not TRAIN.is_file():
        pytest.skip(f"the real sales are not at {TRAIN}")
    with TRAIN.open(newline="") as file:
        return list(csv.DictReader(file))
