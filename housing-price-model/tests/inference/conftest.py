"""Typed models of a few sales, by recipe."""

from collections.abc import Callable, Mapping

import pytest
from housing_price_model.data import Sales
from housing_price_model.inference import CompiledModel
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.recipes import RECIPE_NAMES
from housing_price_model.training.train import TrainedModel
from mlflow.models import Model


@pytest.fixture(scope="session")
def typed_of(
    quickly_trained: Callable[[str, Sales], TrainedModel], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Sales], CompiledModel]:
    """Trains a recipe on the sales given and loads what is stored of it."""

    def load(recipe_name: str, sales: Sales) -> CompiledModel:
        folder = tmp_path_factory.mktemp(recipe_name) / "model"
        save_artefact(quickly_trained(recipe_name, sales), folder, Model())
        return CompiledModel.load(folder)

    return load


@pytest.fixture(scope="session")
def typed_models(typed_of: Callable[[str, Sales], CompiledModel], few_sales: Sales) -> Mapping[str, CompiledModel]:
    """Models of the first sales of the sample."""
    return {name: typed_of(name, few_sales) for name in RECIPE_NAMES}


@pytest.fixture(params=RECIPE_NAMES)
def typed(request: pytest.FixtureRequest, typed_models: Mapping[str, CompiledModel]) -> CompiledModel:
    """Each of them in turn."""
    return typed_models[request.param]


@pytest.fixture
def default_model(typed_models: Mapping[str, CompiledModel]) -> CompiledModel:
    return typed_models["default"]
