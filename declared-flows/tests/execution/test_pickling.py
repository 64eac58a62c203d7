"""Values that are pickled in a thread."""

from typing import Any

import pytest
from declared_flows.execution.pickling import pickled, unpickled


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"a": [1, 2.5, None, True], "b": ("c",)},
        [{"a": [], "b": f"x{number}"} for number in range(20_000)],
        ["a" * 1_000_000, b"b" * 1_000_000],
    ],
    ids=["nothing", "small", "many", "long"],
)
async def test_values_of_any_size_come_back_whole(value: Any) -> None:
    assert await unpickled(await pickled(value)) == value
