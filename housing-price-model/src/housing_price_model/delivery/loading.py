"""From a model URI to a model that has priced a house: verified, loaded, tried."""

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from house_record import COLUMNS, example_house, model_row

from housing_price_model.delivery.integrity import TRAIN_AGAIN
from housing_price_model.delivery.reference import REFERENCE_FILE, ModelReference
from housing_price_model.delivery.resolution import fetch, is_local
from housing_price_model.delivery.verification import verified_manifest
from housing_price_model.errors import ServingError
from housing_price_model.inference import CompiledModel, Output, rows_of_split
from housing_price_model.registry.manifest import MANIFEST_FILE, Manifest

COPY_FOLDER = "verified"


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory; ``golden_price`` is its price of the example house in US dollars."""

    reference: ModelReference
    manifest: Manifest
    typed: CompiledModel
    model_id: str | None
    run_id: str | None
    golden_price: float

    def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Any]], params: Mapping[str, Any] | None = None
    ) -> list[Output]:
        """What the model says of rows whose values are in the order of the columns given: prices in US dollars, or
        records of a price and more.

        Raises:
            RowError: for what the model does not take.
        """
        return self.typed.predict(columns, rows, params)


def load_model(uri: str, *, timeout_seconds: float) -> LoadedModel:
    """Fetch, verify, load and try the model that a URI means. Its files are not needed afterwards.

    Raises:
        RegistryError: if it can't be fetched.
        ServingError: if it can't be served.
    """
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        return load_below(uri, Path(temporary), timeout_seconds=timeout_seconds)[0]


def load_below(uri: str, below: Path, *, timeout_seconds: float) -> tuple[LoadedModel, Path]:
    """The same, and the folder with its verified files below the one given: whoever loads them again finds the same.

    Raises:
        RegistryError: if it can't be fetched.
        ServingError: if it can't be served.
    """
    reference, folder = fetch(uri, below, timeout_seconds=timeout_seconds)
    manifest = verified_manifest(
        folder, expected_sha256=reference.manifest_sha256, allowed=(REFERENCE_FILE,) if is_local(uri) else ()
    )
    if not folder.is_relative_to(below):
        folder = copied(folder, manifest, below / COPY_FOLDER)
        manifest = verified_manifest(folder, expected_sha256=reference.manifest_sha256)
    return _load(folder, reference, manifest), folder


def copied(folder: Path, manifest: Manifest, copy: Path) -> Path:
    """A copy of what a manifest names: the folder of someone else may change at any time.

    Raises:
        ServingError: if a file can't be read or written.
    """
    try:
        for name in (MANIFEST_FILE, *manifest.files):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, copy / name)
    except OSError as error:
        raise ServingError(f"the model's files can't be copied to {copy}: {error.strerror or error}") from error
    return copy


def _load(folder: Path, reference: ModelReference, manifest: Manifest) -> LoadedModel:
    from mlflow.models import Model

    description, typed = Model.load(folder), load_compiled(folder)
    return LoadedModel(
        reference, manifest, typed, description.model_id, description.run_id, golden_price=_price_example(typed)
    )


def load_compiled(folder: Path) -> CompiledModel:
    """The typed model of a verified folder.

    Raises:
        ServingError: if its files are not what they should be.
    """
    try:
        return CompiledModel.load(folder)
    # Whatever is wrong with a file that someone else wrote, there is no model to serve.
    except Exception as error:
        raise _unusable("can't be loaded", error) from error


def _price_example(typed: CompiledModel) -> float:
    try:
        rows = typed.types.check(rows_of_split(typed.columns, COLUMNS, [model_row(example_house())]))
        (price,) = typed.price(rows).tolist()
        typed.answer(rows)
    # The same: a member of another encoding are not known by their file.
    except Exception as error:
        raise _unusable("can't price the example house", error) from error
    if not (math.isfinite(price) and price > 0):
        raise ServingError(f"the model prices the example house at {price}: {TRAIN_AGAIN}")
    return float(price)


def _unusable(what: str, error: Exception) -> ServingError:
    reason = str(error).strip().partition("\n")[0]
    return ServingError(f"the model {what} ({type(error).__name__}: {reason}): {TRAIN_AGAIN}")
