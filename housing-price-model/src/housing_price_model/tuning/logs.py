"""Records a search while it runs: in an MLflow run with a child for each trial, and in Weights & Biases."""

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from optuna.trial import FrozenTrial, TrialState

from housing_price_model.errors import TuningError
from housing_price_model.registry.connection import NOT_FOUND, translate_errors
from housing_price_model.tuning.best import METRIC

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

PARENT_TAG = "mlflow.parentRunId"
PROJECT = "housing-price"
PAGE = 1000
"""Number of child runs per request."""

type Outcome = Literal["FINISHED", "FAILED", "KILLED"]


class SearchLog(Protocol):
    """Records finished trials, figures and files of a search, and its outcome."""

    def trial(self, trial: FrozenTrial) -> None: ...

    def keep(self, figures: Mapping[str, float], folder: Path) -> None: ...

    def close(self, outcome: Outcome) -> None: ...


class MlflowLog:
    """A run for the study with a child for each trial. A resumed study continues its run."""

    def __init__(self, client: "MlflowClient", experiment: str, study: str, known_run_id: str | None) -> None:
        self._client, self._study = client, study
        with translate_errors("record the study"):
            found = client.get_experiment_by_name(experiment)
            self._experiment_id = found.experiment_id if found else client.create_experiment(experiment)
            self.run_id = self._reopen(known_run_id) or self._start()

    def _reopen(self, run_id: str | None) -> str | None:
        from mlflow.exceptions import MlflowException

        if run_id is None:
            return None
        try:
            self._client.update_run(run_id, status="RUNNING")
        except MlflowException as error:
            # The run may belong to another registry.
            if error.error_code in NOT_FOUND:
                return None
            raise
        return run_id

    def _start(self) -> str:
        tags = {"study": self._study, "mlflow.source.name": "housing-price-model tune"}
        run = self._client.create_run(self._experiment_id, run_name=f"study {self._study}", tags=tags)
        return str(run.info.run_id)

    def catch_up(self, trials: Iterable[FrozenTrial]) -> None:
        """Record the study's finished trials that have no complete child run yet.

        A trial is stored in the study before it is recorded, so an interruption, an error or a change of registry may
        have left it out.
        """
        with translate_errors("look for the trials of the study"):
            children = {run.data.tags.get("trial"): run.info for run in self._children()}
        for trial in trials:
            child = children.get(str(trial.number))
            if child is None:
                self.trial(trial)
            elif child.status != "FINISHED":
                self._fill(child.run_id, trial)

    def _children(self) -> "Iterator[Run]":
        token: str | None = None
        while token != "":  # a page token, not a secret
            mine = f"tags.`{PARENT_TAG}` = '{self.run_id}'"
            page = self._client.search_runs([self._experiment_id], mine, max_results=PAGE, page_token=token)
            yield from page
            token = page.token or ""

    def trial(self, trial: FrozenTrial) -> None:
        """Record a trial with the RMSLE after each of its folds."""
        began, _ = _milliseconds(trial)
        tags = {PARENT_TAG: self.run_id, "study": self._study, "trial": str(trial.number), "state": trial.state.name}
        with translate_errors(f"record trial {trial.number}"):
            child = self._client.create_run(
                self._experiment_id, start_time=began, tags=tags, run_name=f"trial {trial.number}"
            )
        self._fill(child.info.run_id, trial)

    def _fill(self, run_id: str, trial: FrozenTrial) -> None:
        from mlflow.entities import Metric, Param

        _, ended = _milliseconds(trial)
        metrics = [Metric(METRIC, score, ended, fold) for fold, score in sorted(trial.intermediate_values.items())]
        with translate_errors(f"record trial {trial.number}"):
            self._client.log_batch(run_id, metrics, [Param(name, str(value)) for name, value in trial.params.items()])
            self._client.set_terminated(run_id, "FINISHED", end_time=ended)

    def keep(self, figures: Mapping[str, float], folder: Path) -> None:
        """Record figures and files of the whole search."""
        with translate_errors("record the study"):
            for name, value in figures.items():
                self._client.log_metric(self.run_id, name, value)
            self._client.log_artifacts(self.run_id, str(folder))

    def close(self, outcome: Outcome) -> None:
        """End the run with the search's outcome."""
        with translate_errors("record the end of the study"):
            self._client.set_terminated(self.run_id, outcome)


class WandbLog:
    """A run in Weights & Biases, which reads ``WANDB_MODE`` and its other variables."""

    def __init__(self, study: str) -> None:
        try:
            import wandb
        except ImportError as error:
            raise TuningError(
                "logging to Weights & Biases needs the extra `wandb` of housing-price-model, which `uv sync` installs"
            ) from error
        try:
            self._run: Any = wandb.init(project=PROJECT, name=study, settings=wandb.Settings(silent=True))
        except wandb.errors.Error as error:
            reason = str(error).strip().partition("\n")[0]
            raise TuningError(f"Weights & Biases can't be used: {reason}; offline: WANDB_MODE=offline") from error

    def trial(self, trial: FrozenTrial) -> None:
        """Log a trial's parameters, its state, and its last score."""
        score = trial.intermediate_values[max(trial.intermediate_values)] if trial.intermediate_values else None
        self._run.log({"trial": trial.number, "state": trial.state.name, METRIC: score, **trial.params})

    def keep(self, figures: Mapping[str, float], folder: Path) -> None:
        """Log figures to the summary, and copies of the files: W&B only links to files and reads them later, when their
        folder may be gone."""
        self._run.summary.update(dict(figures))
        for path in sorted(folder.iterdir()):
            copied = shutil.copy(path, self._run.dir)
            self._run.save(copied, base_path=self._run.dir, policy="now")

    def close(self, outcome: Outcome) -> None:
        """End the run."""
        self._run.finish(exit_code=0 if outcome == "FINISHED" else 1)


def _milliseconds(trial: FrozenTrial) -> tuple[int, int]:
    times = [
        moment.timestamp() if moment else time.time() for moment in (trial.datetime_start, trial.datetime_complete)
    ]
    return int(times[0] * 1000), int(times[1] * 1000)


def describe_trial(trial: FrozenTrial, best_number: int | None) -> str:
    """Describe a trial in a few words."""
    if trial.state == TrialState.PRUNED:
        reached = max(trial.intermediate_values, default=None)
        return f"pruned after fold {reached + 1}" if reached is not None else "pruned"
    return f"RMSLE {trial.value:.5f}{', the best so far' if trial.number == best_number else ''}"
