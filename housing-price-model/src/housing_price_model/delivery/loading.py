"""Turns a model URI into a model in memory: fetched, verified, loaded, and tried on one house."""

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from house_record import Record

from housing_price_model.delivery.integrity import TRAIN_AGAIN, read_manifest
from housing_price_model.delivery.record_versions import find_row_types
from housing_price_model.delivery.reference import REFERENCE_FILE, ModelReference
from housing_price_model.delivery.resolution import fetch, is_local
from housing_price_model.delivery.verification import verify_version
from housing_price_model.errors import ServingError
from housing_price_model.inference import CompiledModel, Output, RowTypes, rows_of_split
from housing_price_model.registry.manifest import MANIFEST_FILE, Manifest

COPY_FOLDER = "verified"


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory, of the town of ``record``; ``golden_price`` is its price of the record's example house in US
    dollars."""

    record: Record
    reference: ModelReference
    manifest: Manifest
    compiled: CompiledModel
    model_id: str | None
    run_id: str | None
    golden_price: float

    def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Any]], params: Mapping[str, Any] | None = None
    ) -> list[Output]:
        """Price rows whose values are in the order of ``columns``: prices in US dollars, or records of a price and
        more.

        Raises:
            RowError: if the model does not accept a row or a parameter.
        """
        return self.compiled.predict(columns, rows, params)


def load_model(uri: str, record: Record, *, timeout_seconds: float) -> LoadedModel:
    """Fetch, verify, load and try the model at a URI. Its files are not needed afterwards.

    Raises:
        RegistryError: if it can't be fetched.
        ServingError: if it can't be served.
    """
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        return load_with_files(uri, Path(temporary), record, timeout_seconds=timeout_seconds)[0]


def load_with_files(uri: str, below: Path, record: Record, *, timeout_seconds: float) -> tuple[LoadedModel, Path]:
    """Load a model like ``load_model``, and return it with the folder of its verified files, which is inside ``below``.

    Raises:
        RegistryError: if it can't be fetched.
        ServingError: if it can't be served.
    """
    reference, folder = fetch(uri, below, timeout_seconds=timeout_seconds)
    allowed = (REFERENCE_FILE,) if is_local(uri) else ()
    manifest = verify_version(folder, record, expected_sha256=reference.manifest_sha256, allowed=allowed)
    if not folder.is_relative_to(below):
        folder = copy_files(folder, manifest, below / COPY_FOLDER)
        manifest = verify_version(folder, record, expected_sha256=reference.manifest_sha256)
    return _load(folder, record, reference, manifest), folder


def copy_files(folder: Path, manifest: Manifest, copy: Path) -> Path:
    """Copy the files that a manifest names, because a folder of someone else's may change at any time.

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


def _load(folder: Path, record: Record, reference: ModelReference, manifest: Manifest) -> LoadedModel:
    from mlflow.models import Model

    description, compiled = Model.load(folder), load_compiled(folder, record)
    price = _price_example(compiled, record)
    return LoadedModel(record, reference, manifest, compiled, description.model_id, description.run_id, price)


def load_compiled(folder: Path, record: Record) -> CompiledModel:
    """Load the compiled model from a verified folder. It takes rows of this record.

    Raises:
        ServingError: if a file is malformed.
    """
    row_types = find_row_types(record, read_manifest(folder, None).record_version) or RowTypes
    try:
        return CompiledModel.load(folder, row_types)
    # A file that someone else wrote may fail in any way; either way there is no model to serve.
    except Exception as error:
        raise _make_error("can't be loaded", error) from error


def _price_example(compiled: CompiledModel, record: Record) -> float:
    try:
        rows = compiled.types.check(
            rows_of_split(compiled.columns, record.columns, [record.row(record.example_house())])
        )
        (price,) = compiled.price(rows).tolist()
        compiled.answer(rows)
    # A member with another encoding fails only when it predicts.
    except Exception as error:
        raise _make_error("can't price the example house", error) from error
    if not (math.isfinite(price) and price > 0):
        raise ServingError(f"the model prices the example house at {price}: {TRAIN_AGAIN}")
    return float(price)


def _make_error(what: str, error: Exception) -> ServingError:
    reason = str(error).strip().partition("\n")[0]
    return ServingError(f"the model {what} ({type(error).__name__}: {reason}): {TRAIN_AGAIN}")
