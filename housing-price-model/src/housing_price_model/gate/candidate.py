"""A registered version whose parts are fetched when a check first needs them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from house_record import Record

from housing_price_model.data import Row, Sales, load_sales_with_checksum, make_frame
from housing_price_model.delivery.loading import LoadedModel, load_with_files
from housing_price_model.errors import DataError, ServingError
from housing_price_model.evaluation.cross_validation import Prices
from housing_price_model.inference import read_price
from housing_price_model.recipes import Recipe, find_recipe
from housing_price_model.registry.connection import translate_errors
from housing_price_model.registry.out_of_fold import OutOfFold, read_out_of_fold
from housing_price_model.registry.versions import MODEL_NAME

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models import ModelSignature
    from mlflow.pyfunc import PyFuncModel


class Candidate:
    """A version in the registry. A part that can't be fetched raises a ``ServingError`` or ``DataError`` that says why.

    ``below`` is a folder for its files, and must exist as long as the candidate is used.
    """

    def __init__(
        self,
        version: "ModelVersion",
        client: "MlflowClient",
        record: Record,
        below: Path,
        *,
        timeout_seconds: float,
    ) -> None:
        self.record = record
        self.number = str(version.version)
        self.tags: Mapping[str, str] = version.tags
        self._run_id = str(version.run_id)
        self._client = client
        self._below = below / self.number
        self._timeout_seconds = timeout_seconds

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        """The metrics of its training."""
        with translate_errors(f"read the run of version {self.number}"):
            metrics: Mapping[str, float] = self._client.get_run(self._run_id).data.metrics
            return metrics

    @cached_property
    def out_of_fold(self) -> OutOfFold | None:
        """Its out-of-fold prices, or None if its run has not stored any."""
        return read_out_of_fold(self._client, self._run_id)

    @cached_property
    def sales(self) -> Sales:
        """The sales that it was trained on, read again and unchanged."""
        source = self.tags.get("data_source", "")
        try:
            sales = load_sales_with_checksum(source, self.record, self.tags.get("data_sha256", ""))
        except DataError as error:
            raise DataError(f"the sales of version {self.number} can't be read again: {error}") from error
        if sales is None:
            raise DataError(f"the sales of version {self.number} have changed since: {source}")
        return sales

    @property
    def recipe(self) -> Recipe:
        """The current recipe of its name, with the settings from its manifest, if there are any."""
        manifest = self.model.manifest
        own = manifest.settings.values if manifest.settings else None  # noqa: PD011 - no frame's values
        return find_recipe(manifest.recipe, own or None)

    @property
    def model(self) -> LoadedModel:
        """The compiled model, as it is served."""
        return self._opened[0]

    @property
    def size_bytes(self) -> int:
        """Total size of its files."""
        return sum(path.stat().st_size for path in self._opened[1].rglob("*") if path.is_file())

    @property
    def signature(self) -> "ModelSignature | None":
        """The signature that the registry holds."""
        signature: ModelSignature | None = self._stored.metadata.signature
        return signature

    def price_stored(self, rows: Sequence[Row]) -> Prices:
        """Price rows by MLflow's Python function of the same files; columns as in the record."""
        try:
            outputs: Any = self._stored.predict(make_frame(self.record.features, rows))
            return np.array([read_price(output) for output in outputs])
        # This runs code of the version, which may fail in any way.
        except Exception as error:
            raise ServingError(f"MLflow can't price with version {self.number}: {_reason(error)}") from error

    def price_served(self, rows: Sequence[Row]) -> list[float]:
        """Price rows as a model server does; columns as in the record."""
        with self._blame_version():
            return [read_price(output) for output in self.model.predict(self.record.columns, rows)]

    def price_frame(self, frame: "pd.DataFrame") -> Prices:
        """Price a frame with the columns of the record as a model server does."""
        with self._blame_version():
            return np.array([read_price(output) for output in self.model.compiled.predict_frame(frame)])

    @contextmanager
    def _blame_version(self) -> Iterator[None]:
        try:
            yield
        # The rows are sales, so an error is always the model's fault.
        except ValueError as error:
            raise ServingError(f"version {self.number} can't price: {_reason(error)}") from error

    @cached_property
    def _opened(self) -> tuple[LoadedModel, Path]:
        self._below.mkdir(parents=True, exist_ok=True)
        uri = f"models:/{MODEL_NAME}/{self.number}"
        return load_with_files(uri, self._below, self.record, timeout_seconds=self._timeout_seconds)

    @cached_property
    def _stored(self) -> "PyFuncModel":
        import mlflow.pyfunc

        # Loads the verified files, because they contain code.
        folder = self._opened[1]
        try:
            stored: PyFuncModel = mlflow.pyfunc.load_model(str(folder))
        except Exception as error:
            raise ServingError(f"MLflow can't load version {self.number}: {_reason(error)}") from error
        return stored


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition('\n')[0]}"
