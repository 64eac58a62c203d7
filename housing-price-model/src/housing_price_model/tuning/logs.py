"""Records a search while it runs: in an MLflow run with a child for each trial, and in Weights & Biases."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from optuna.trial import FrozenTrial, TrialState

from housing_price_model.registry.connection import NOT_FOUND, translate_errors
from housing_price_model.tuning.parameters_file import Objective
from housing_price_model.tuning.scoring import TITLES
from housing_price_model.tuning.search import PREFIX, read_metrics
from housing_price_model.tuning.weights_and_biases import WANDB_TAG, WandbRun, describe_mlflow_run

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

PARENT_TAG = "mlflow.parentRunId"
PAGE = 1000
"""Number of child runs per request."""

type Outcome = Literal["FINISHED", "FAILED", "KILLED"]


class SearchLog(Protocol):
    """Records finished trials, figures and files of a search, and its outcome."""

    def trial(self, trial: FrozenTrial) -> None: ...

    def keep(self, figures: Mapping[str, float], folder: Path) -> None: ...

    def close(self, outcome: Outcome) -> None: ...


@dataclass(frozen=True, slots=True)
class TrialRun:
    """The run of a trial in MLflow, and its address or path in Weights & Biases."""

    id: str
    name: str
    wandb: str | None = None


class MlflowLog:
    """A run for the study with a child for each trial. A resumed study continues its run.

    ``runs`` holds the run of each recorded trial, ``metric`` is the name of the objective.
    """

    def __init__(
        self,
        client: "MlflowClient",
        experiment: str,
        study: str,
        known_run_id: str | None,
        objective: Objective = "rmsle",
    ) -> None:
        self._client, self._study, self.metric = client, study, f"{PREFIX}_{objective}"
        self.runs: dict[int, TrialRun] = {}
        with translate_errors("record the study"):
            found = client.get_experiment_by_name(experiment)
            self._experiment_id = found.experiment_id if found else client.create_experiment(experiment)
            self.run_id = self._reopen(known_run_id) or self._start()

    def links(self, run_id: str) -> Mapping[str, str]:
        """Return what leads from elsewhere to a run of this log."""
        return describe_mlflow_run(self._client.tracking_uri, self._experiment_id, run_id)

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
            children = {run.data.tags.get("trial"): run for run in self._children()}
        for trial in trials:
            child = children.get(str(trial.number))
            if child is None:
                self.trial(trial)
                continue
            self.runs[trial.number] = TrialRun(child.info.run_id, child.info.run_name, child.data.tags.get(WANDB_TAG))
            if child.info.status != "FINISHED":
                self._fill(child.info.run_id, trial)

    def _children(self) -> "Iterator[Run]":
        token: str | None = None
        while token != "":  # a page token, not a secret
            mine = f"tags.`{PARENT_TAG}` = '{self.run_id}'"
            page = self._client.search_runs([self._experiment_id], mine, max_results=PAGE, page_token=token)
            yield from page
            token = page.token or ""

    def trial(self, trial: FrozenTrial) -> None:
        """Record a trial with the objective after each of its folds, and all metrics at the end."""
        began, _ = _milliseconds(trial)
        tags = {PARENT_TAG: self.run_id, "study": self._study, "trial": str(trial.number), "state": trial.state.name}
        with translate_errors(f"record trial {trial.number}"):
            child = self._client.create_run(
                self._experiment_id, start_time=began, tags=tags, run_name=f"trial {trial.number}"
            )
        self.runs[trial.number] = TrialRun(child.info.run_id, child.info.run_name)
        self._fill(child.info.run_id, trial)

    def link(self, trial: FrozenTrial, wandb_run: str) -> None:
        """Tag the run of a trial with its run in Weights & Biases."""
        run = self.runs[trial.number]
        with translate_errors(f"record trial {trial.number}"):
            self._client.set_tag(run.id, WANDB_TAG, wandb_run)
        self.runs[trial.number] = replace(run, wandb=wandb_run)

    def _fill(self, run_id: str, trial: FrozenTrial) -> None:
        from mlflow.entities import Metric, Param

        _, ended = _milliseconds(trial)
        folds = sorted(trial.intermediate_values.items())
        metrics = [
            *(Metric(self.metric, score, ended, fold) for fold, score in folds),
            *(
                Metric(name, value, ended, max(trial.intermediate_values))
                for name, value in read_metrics(trial).items()
                if name != self.metric
            ),
        ]
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
    """A run for the study and one for each trial, in a group named after the study: the sweep."""

    def __init__(self, study: str, mlflow_log: MlflowLog) -> None:
        self._study, self._mlflow = study, mlflow_log
        self._run = self._start(f"study {study}", "study", mlflow_log.run_id, {})

    def _start(self, name: str, job_type: str, mlflow_run_id: str, config: Mapping[str, Any]) -> WandbRun:
        links = {"study": self._study, **self._mlflow.links(mlflow_run_id)}
        return WandbRun(name, group=self._study, job_type=job_type, config={**links, **config})

    def trial(self, trial: FrozenTrial) -> None:
        """Log a trial that MLflow has recorded: its parameters, the objective after each fold, all metrics."""
        name, own = f"trial {trial.number}", self._mlflow.runs[trial.number]
        run = self._start(name, "sweep", own.id, {"trial": trial.number, **trial.params})
        for fold, score in sorted(trial.intermediate_values.items()):
            run.log({self._mlflow.metric: score}, step=fold)
        run.summarize({"state": trial.state.name, **read_metrics(trial)})
        run.close()
        self._mlflow.link(trial, run.address)

    def keep(self, figures: Mapping[str, float], folder: Path) -> None:
        """Log figures and files of the whole search."""
        self._run.summarize(figures)
        self._run.save(folder)

    def close(self, outcome: Outcome) -> None:
        """End the run of the study."""
        self._run.close(has_failed=outcome != "FINISHED")


def _milliseconds(trial: FrozenTrial) -> tuple[int, int]:
    times = [
        moment.timestamp() if moment else time.time() for moment in (trial.datetime_start, trial.datetime_complete)
    ]
    return int(times[0] * 1000), int(times[1] * 1000)


def describe_trial(trial: FrozenTrial, best_number: int | None, objective: Objective = "rmsle") -> str:
    """Describe a trial in a few words."""
    if trial.state == TrialState.PRUNED:
        reached = max(trial.intermediate_values, default=None)
        return f"pruned after fold {reached}" if reached is not None else "pruned"
    return f"{TITLES[objective]} {trial.value:.5f}{', the best so far' if trial.number == best_number else ''}"
