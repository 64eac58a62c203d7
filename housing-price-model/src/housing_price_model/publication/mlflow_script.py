"""The Python function that MLflow runs. Each version contains a copy, ``typed_model.py``; nothing here imports it.

Accepts pandas frames and lists of records. The folder ``typed`` next to it is a copy of ``inference``, imported under a
unique name so that several versions can be loaded in one process.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class HousingPriceModel(PythonModel):
    """Prices houses by the compiled form of the model, without scikit-learn."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the compiled form from the artefact's folder."""
        folder = Path(context.artifacts["typed_model"]).parent
        self._model = _package(folder / "typed").CompiledModel.load(folder)

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 - the signature is MLflow's
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> Any:
        """Price a frame's rows or a list of records: each gets a price in US dollars or a record of it and more."""
        # MLflow derives a schema from any other annotation than a frame's.
        table: Any = model_input
        predict = self._model.predict_records if isinstance(table, list) else self._model.predict_frame
        return predict(table, params)


def _package(folder: Path) -> Any:
    name = f"typed_model_{uuid4().hex}"
    spec = spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is no package")
    sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


set_model(HousingPriceModel())
