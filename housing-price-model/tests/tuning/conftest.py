"""What the tests of tuning share: a file of settings, and a scoring that fits nothing."""

from collections.abc import Iterator

import pytest
from housing_price_model.evaluation.metrics import Metrics
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.tuning.parameters_file import ParametersFile
from housing_price_model.tuning.scoring import Scoring
from scored_prices import scored

FOLDS = 5


@pytest.fixture
def quick_file(quick_settings: BlendSettings) -> ParametersFile:
    return ParametersFile(
        recipe="default", settings=quick_settings.model_dump(mode="json"), study="tries", trial=7, seed=42
    )


@pytest.fixture(scope="session")
def by_trees_share() -> Scoring:
    """The best share of trees is 0.5, by wMAPE the worst; every fold says the same."""
    return _by_trees_share


def _by_trees_share(settings: BlendSettings) -> Iterator[Metrics]:
    error = 0.1 + abs(settings.trees_share - 0.5)
    yield from [scored(error, wmape=1 - error)] * FOLDS
