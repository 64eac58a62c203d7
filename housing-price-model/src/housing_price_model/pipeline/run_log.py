"""Records a pipeline in MLflow: a run with a child for each step, which lists inputs and outputs."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from housing_price_model.pipeline.store import Result
from housing_price_model.publication.publish import end_with_outcome
from housing_price_model.registry.connection import translate_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "housing-price-pipeline"
PARENT_TAG = "mlflow.parentRunId"


class PipelineLog:
    """A parent run with a child for each step."""

    def __init__(self, client: "MlflowClient", configuration: str) -> None:
        self._client = client
        with translate_errors("record the pipeline"):
            found = client.get_experiment_by_name(EXPERIMENT)
            self._experiment_id = found.experiment_id if found else client.create_experiment(EXPERIMENT)
            run = client.create_run(self._experiment_id, run_name="pipeline")
            client.log_text(run.info.run_id, configuration, "configuration.json")
        self.run_id = str(run.info.run_id)

    @contextmanager
    def parent(self) -> Iterator[None]:
        """End the parent run with the outcome of the block."""
        with end_with_outcome(self._client, self.run_id):
            yield

    @contextmanager
    def step(self, name: str, inputs: Mapping[str, str], settings: Mapping[str, Any]) -> Iterator[str]:
        """Start a child run for a step, yield its id, and end it with the outcome of the block."""
        with translate_errors(f"record step {name}"):
            run_id = self._start(name, inputs)
            for key, value in settings.items():
                self._client.log_param(run_id, key, value if isinstance(value, str) else json.dumps(value))
        with end_with_outcome(self._client, run_id):
            yield run_id

    def record_result(self, run_id: str, result: Result) -> None:
        """Record the outputs of a step, and store the files with its run."""
        with translate_errors(f"record step {result.step}"):
            self._name_outputs(run_id, result, "done")
            self._client.log_artifacts(run_id, str(result.folder))

    def record_skipped(self, result: Result, inputs: Mapping[str, str]) -> None:
        """Record a child run for a step whose result was cached."""
        with translate_errors(f"record step {result.step}"):
            run_id = self._start(result.step, inputs)
            self._name_outputs(run_id, result, "skipped")
            self._client.set_terminated(run_id, "FINISHED")

    def _start(self, name: str, inputs: Mapping[str, str]) -> str:
        tags = {
            PARENT_TAG: self.run_id,
            "step": name,
            **{f"input.{need}": checksum for need, checksum in inputs.items()},
        }
        return str(self._client.create_run(self._experiment_id, run_name=name, tags=tags).info.run_id)

    def _name_outputs(self, run_id: str, result: Result, outcome: str) -> None:
        from mlflow.entities import RunTag

        tags = {"outcome": outcome, "result": str(result), "result_sha256": result.checksum}
        named = tags | {f"output.{file}": digest for file, digest in result.outputs.items()}
        self._client.log_batch(run_id, tags=[RunTag(name, value) for name, value in named.items()])
