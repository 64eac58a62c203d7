"""A registered version as the gate sees it: its parts are fetched when a check first asks for them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from house_record import COLUMNS

from housing_price_model.data import Row, Sales, load_sales, make_frame
from housing_price_model.delivery.loading import LoadedModel, load_below
from housing_price_model.errors import DataError, ServingError
from housing_price_model.evaluation.cross_validation import Prices
from housing_price_model.inference import price_in
from housing_price_model.recipes import Recipe, find_recipe
from housing_price_model.registry.connection import translated_errors
from housing_price_model.registry.out_of_fold import OutOfFold, stored_out_of_fold
from housing_price_model.registry.versions import MODEL_NAME

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models import ModelSignature
    from mlflow.pyfunc import PyFuncModel


class Candidate:
    """A version in the registry. What can't be had raises a ``ServingError`` or ``DataError`` that says why.

    ``below`` is a folder for its files, which must stay as long as it is used.
    """

    def __init__(self, version: "ModelVersion", client: "MlflowClient", below: Path, *, timeout_seconds: float) -> None:
        self.number = str(version.version)
        self.tags: Mapping[str, str] = version.tags
        self._run_id = str(version.run_id)
        self._client = client
        self._below = below / self.number
        self._timeout_seconds = timeout_seconds

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        """The metrics of its training."""
        with translated_errors(f"read the run of version {self.number}"):
            metrics: Mapping[str, float] = self._client.get_run(self._run_id).data.metrics
            return metrics

    @cached_property
    def out_of_fold(self) -> OutOfFold | None:
        """Its stored out-of-fold prices, where its run has kept them."""
        return stored_out_of_fold(self._client, self._run_id)

    @cached_property
    def sales(self) -> Sales:
        """The sales that it learnt from, read again and unchanged."""
        source = self.tags.get("data_source", "")
        try:
            sales = load_sales(source)
        except DataError as error:
            raise DataError(f"the sales of version {self.number} can't be read again: {error}") from error
        if sales.sha256 != self.tags.get("data_sha256"):
            raise DataError(f"the sales of version {self.number} have changed since: {source}")
        return sales

    @property
    def recipe(self) -> Recipe:
        """Its recipe as the program has it now, with the version's own settings where its manifest has kept any."""
        manifest = self.model.manifest
        own = manifest.settings.values if manifest.settings else None  # noqa: PD011 - no frame's values
        return find_recipe(manifest.recipe, own or None)

    @property
    def model(self) -> LoadedModel:
        """The typed model, as it is served."""
        return self._opened[0]

    @property
    def size_bytes(self) -> int:
        """How large its files are together."""
        return sum(path.stat().st_size for path in self._opened[1].rglob("*") if path.is_file())

    @property
    def signature(self) -> "ModelSignature | None":
        """The signature that the registry holds."""
        signature: ModelSignature | None = self._stored.metadata.signature
        return signature

    def stored_prices(self, rows: Sequence[Row]) -> Prices:
        """The rows' prices by MLflow's own function of the same files; columns as in ``house_record.COLUMNS``."""
        try:
            outputs: Any = self._stored.predict(make_frame(rows))
            return np.array([price_in(output) for output in outputs])
        # It runs code of the version, which may fail in any way.
        except Exception as error:
            raise ServingError(f"MLflow can't price with version {self.number}: {_reason(error)}") from error

    def served_prices(self, rows: Sequence[Row]) -> list[float]:
        """The rows' prices as they are served; columns as in ``house_record.COLUMNS``."""
        with self._priced():
            return [price_in(output) for output in self.model.predict(COLUMNS, rows)]

    def prices_of_frame(self, frame: "pd.DataFrame") -> Prices:
        """The prices of a frame with the columns of ``house_record.COLUMNS``, as they are served."""
        with self._priced():
            return np.array([price_in(output) for output in self.model.typed.predict_frame(frame)])

    @contextmanager
    def _priced(self) -> Iterator[None]:
        try:
            yield
        # It may be of the row or of the model: these rows are sales, so it is the model's fault either way.
        except ValueError as error:
            raise ServingError(f"version {self.number} can't price: {_reason(error)}") from error

    @cached_property
    def _opened(self) -> tuple[LoadedModel, Path]:
        self._below.mkdir(parents=True, exist_ok=True)
        uri = f"models:/{MODEL_NAME}/{self.number}"
        return load_below(uri, self._below, timeout_seconds=self._timeout_seconds)

    @cached_property
    def _stored(self) -> "PyFuncModel":
        import mlflow.pyfunc

        # Loaded from the files that were just verified: it brings code of its own.
        folder = self._opened[1]
        try:
            stored: PyFuncModel = mlflow.pyfunc.load_model(str(folder))
        except Exception as error:
            raise ServingError(f"MLflow can't load version {self.number}: {_reason(error)}") from error
        return stored


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition('\n')[0]}"
