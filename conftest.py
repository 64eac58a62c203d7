"""How tests run: on all cores, each file by one process; a test that carries no marker is a unit test."""

import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import gettempdir

import pytest
from free_ports import MOST_PROCESSES
from hypothesis import HealthCheck, settings
from machine import demand

# Model servers that tests start keep their copies here, not where those of the user are.
os.environ.setdefault("HOUSING_PRICE_MODEL_CACHE_DIR", str(Path(gettempdir()) / "housing-price-tests" / "model-cache"))

# No generated case fails because the machine is busy. Where CI is set, Hypothesis derives its cases from the test.
settings.register_profile("any-machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the options
def pytest_cmdline_main(config: pytest.Config) -> None:
    if _is_worth_distributing(config):
        # Logical cores; PYTEST_XDIST_AUTO_NUM_WORKERS is another number.
        config.option.numprocesses = "logical"
        config.option.maxprocesses = config.option.maxprocesses or MOST_PROCESSES
        # What a file shares is made once.
        config.option.dist = "loadfile"
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if not any(item.get_closest_marker(name) for name in ("integration", "resilience", "containers", "slow")):
            item.add_marker(pytest.mark.unit)
    if _is_worker(config):
        _put_long_files_first(items)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        demand(marker.args[0])


def _is_worth_distributing(config: pytest.Config) -> bool:
    """Whether nothing else was asked for, and there is more than one file to run."""
    has_xdist = config.pluginmanager.hasplugin("xdist")
    if not has_xdist or _is_worker(config) or config.option.numprocesses is not None or config.option.dist != "no":
        return False
    if config.getoption("cov_source", None):  # pytest-cov has to be told before: with -n
        return False
    # Tests of containers share images and one stack.
    return config.option.capture != "no" and config.option.markexpr != "containers" and not _are_one_file(config.args)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _are_one_file(arguments: Iterable[str]) -> bool:
    files = {argument.partition("::")[0] for argument in arguments}
    return len(files) == 1 and Path(*files).is_file()


def _put_long_files_first(items: list[pytest.Item]) -> None:
    """So that at the end, while one process waits for the other, there are only short ones left."""
    whole_platform = Path(__file__).parent / "tests"
    long = {item.path for item in items if item.get_closest_marker("unit") is None}
    items.sort(key=lambda item: (item.path not in long, not item.path.is_relative_to(whole_platform)))
