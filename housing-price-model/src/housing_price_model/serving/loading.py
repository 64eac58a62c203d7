"""From a model URI to a model that has priced a house: verified, loaded, tried."""

import math
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from house_record import example_house

from housing_price_model.data import frame_of
from housing_price_model.errors import ServingError
from housing_price_model.registry.manifest import Manifest
from housing_price_model.serving.reference import ModelReference
from housing_price_model.serving.resolution import fetch
from housing_price_model.serving.verification import TRAIN_AGAIN, verified_manifest

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory; ``golden_price`` is its price of the example house in US dollars."""

    reference: ModelReference
    manifest: Manifest
    pyfunc: "PyFuncModel"
    golden_price: float


def load_model(uri: str, *, timeout_seconds: float) -> LoadedModel:
    """Fetch, verify, load and try the model that a URI means. Its files are not needed afterwards.

    Raises:
        RegistryError: if it can't be fetched.
        ServingError: if it can't be served.
    """
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        reference, folder = fetch(uri, Path(temporary), timeout_seconds=timeout_seconds)
        manifest = verified_manifest(folder, expected_sha256=reference.manifest_sha256)
        pyfunc = _load(folder)
    return LoadedModel(reference, manifest, pyfunc, _price_example(pyfunc))


def _load(folder: Path) -> "PyFuncModel":
    import mlflow.pyfunc

    try:
        loaded: PyFuncModel = mlflow.pyfunc.load_model(str(folder))
    # Whatever is wrong with a file that someone else wrote, there is no model to serve.
    except Exception as error:
        raise _unusable("can't be loaded", error) from error
    return loaded


def _price_example(pyfunc: "PyFuncModel") -> float:
    try:
        price = float(np.asarray(pyfunc.predict(frame_of([example_house()])))[0])
    # The same: the model's own code may raise anything.
    except Exception as error:
        raise _unusable("can't price the example house", error) from error
    if not (math.isfinite(price) and price > 0):
        raise ServingError(f"the model prices the example house at {price}: {TRAIN_AGAIN}")
    return price


def _unusable(what: str, error: Exception) -> ServingError:
    reason = str(error).strip().partition("\n")[0]
    return ServingError(f"the model {what} ({type(error).__name__}: {reason}): {TRAIN_AGAIN}")
