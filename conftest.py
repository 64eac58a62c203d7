"""Markers: a test that says nothing else is a unit test."""

import os
from pathlib import Path
from tempfile import gettempdir

import pytest
from machine import demand

# Model servers that tests start keep their copies here, not where those of the user are.
os.environ.setdefault("HOUSING_PRICE_MODEL_CACHE_DIR", str(Path(gettempdir()) / "housing-price-tests" / "model-cache"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not any(item.get_closest_marker(name) for name in ("integration", "resilience", "containers", "slow")):
            item.add_marker(pytest.mark.unit)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        demand(marker.args[0])
