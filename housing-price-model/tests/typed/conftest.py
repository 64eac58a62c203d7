"""Typed models of a few sales, by recipe."""

from collections.abc import Callable, Mapping

import pytest
from housing_price_model.data import Sales
from housing_price_model.recipes import RECIPE_NAMES
from housing_price_model.registry.artefact import save_artefact
from housing_price_model.training.train import TrainedModel
from housing_price_model.typed import TypedModel
from mlflow.models import Model


@pytest.fixture(scope="session")
def typed_of(
    quickly_trained: Callable[[str, Sales], TrainedModel], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Sales], TypedModel]:
    """Trains a recipe on the sales given and loads what is stored of it."""

    def load(recipe_name: str, sales: Sales) -> TypedModel:
        folder = tmp_path_factory.mktemp(recipe_name) / "model"
        save_artefact(quickly_trained(recipe_name, sales), folder, Model())
        return TypedModel.load(folder)

    return load


@pytest.fixture(scope="session")
def typed_models(typed_of: Callable[[str, Sales], TypedModel], few_sales: Sales) -> Mapping[str, TypedModel]:
    """Models of the first sales of the sample."""
    return {name: typed_of(name, few_sales) for name in RECIPE_NAMES}


@pytest.fixture(params=RECIPE_NAMES)
def typed(request: pytest.FixtureRequest, typed_models: Mapping[str, TypedModel]) -> TypedModel:
    """Each of them in turn."""
    return typed_models[request.param]


@pytest.fixture
def default_model(typed_models: Mapping[str, TypedModel]) -> TypedModel:
    return typed_models["default"]
