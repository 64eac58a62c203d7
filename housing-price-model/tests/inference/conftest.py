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
def compiled_from(
    quickly_trained: Callable[[str, Sales], TrainedModel], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Sales], CompiledModel]:
    """Trains a recipe on the sales given and loads what is stored of it."""

    def load(recipe_name: str, sales: Sales) -> CompiledModel:
        folder = tmp_path_factory.mktemp(recipe_name) / "model"
        save_artefact(quickly_trained(recipe_name, sales), folder, Model())
        return CompiledModel.load(folder)

    return load


@pytest.fixture(scope="session")
def compiled_models(
    compiled_from: Callable[[str, Sales], CompiledModel], few_sales: Sales
) -> Mapping[str, CompiledModel]:
    """Models of the first sales of the sample."""
    return {name: compiled_from(name, few_sales) for name in RECIPE_NAMES}


@pytest.fixture(params=RECIPE_NAMES)
def compiled(request: pytest.FixtureRequest, compiled_models: Mapping[str, CompiledModel]) -> CompiledModel:
    """Each of them in turn."""
    return compiled_models[request.param]


@pytest.fixture
def default_model(compiled_models: Mapping[str, CompiledModel]) -> CompiledModel:
    return compiled_models["default"]
