"""Markers: a test that says nothing else is a unit test."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not any(item.get_closest_marker(name) for name in ("integration", "resilience", "slow")):
            item.add_marker(pytest.mark.unit)
