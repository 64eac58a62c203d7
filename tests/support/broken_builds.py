"""A pytest plugin that breaks the product on purpose, to see its tests fail: ``--broken-build NAME``."""

from collections.abc import Callable, Mapping

import pytest
from housing_price_orchestrator.provider.model.decorators.batching.calls import BatchCalls
from housing_price_orchestrator.provider.model.decorators.batching.queue import QueuedRequest
from upstream_resilience.retry import RetryBudget


def _retry_without_budget() -> None:
    pytest.MonkeyPatch().setattr(RetryBudget, "take", lambda _: True)


def _batcher_that_strands() -> None:
    def end(_: BatchCalls, item: QueuedRequest) -> None:
        if item.call:
            item.call.cancel()

    # One who leaves takes the others along.
    pytest.MonkeyPatch().setattr(BatchCalls, "end_if_abandoned", end)


BUILDS: Mapping[str, Callable[[], None]] = {
    "retry-without-budget": _retry_without_budget,
    "batcher-that-strands": _batcher_that_strands,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--broken-build", choices=list(BUILDS), help="break the product in this way")


def pytest_configure(config: pytest.Config) -> None:
    if name := config.getoption("--broken-build"):
        BUILDS[name]()
