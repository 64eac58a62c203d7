"""The search: runs trials of a study one after the other until there are enough or time runs out.

A trial's draws depend only on the seed and on the trials before it, so that a resumed search tries the same settings as
one without an interruption.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import optuna
from optuna.exceptions import StorageInternalError
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from housing_price_model.data import Sales
from housing_price_model.errors import TuningError
from housing_price_model.evaluation.folds import FOLDS
from housing_price_model.evaluation.metrics import Metrics
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.tuning.marginal_likelihood import derive_groups
from housing_price_model.tuning.parameters_file import Objective
from housing_price_model.tuning.scoring import Scoring
from housing_price_model.tuning.search_space import find_start, make_settings, suggest

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
TRIALS_BEFORE_PRUNING = 5
FOLDS_BEFORE_PRUNING = 2
START = "settings at the start"
METRICS = "metrics"
PREFIX = "cv_overall"
"""A version names the metrics of all its out-of-fold prices like this, too."""

type Pruner = Literal["median", "hyperband"]

type Clock = Callable[[], float]
type Watch = Callable[[FrozenTrial], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of a search for the smallest value of an objective.

    ``trials`` includes those that the study already has. ``base`` are the settings at the start, and ``derives_groups``
    says whether those of the process's groups are first derived from the sales.
    """

    trials: int
    seed: int
    base: BlendSettings
    objective: Objective = "rmsle"
    derives_groups: bool = False
    timeout_seconds: float | None = None


def count_down(plan: Plan, clock: Clock = time.monotonic) -> Callable[[], Plan]:
    """Return a function that returns the plan with the time left, because several searches may share a limit."""
    began = clock()

    def left() -> Plan:
        if plan.timeout_seconds is None:
            return plan
        return replace(plan, timeout_seconds=max(plan.timeout_seconds - (clock() - began), 0))

    return left


@contextmanager
def open_study(
    name: str, storage: Path | None, facts: Mapping[str, str], pruner: Pruner = "median"
) -> Iterator[optuna.Study]:
    """Create or resume a study. Without storage it is in memory.

    ``facts`` identify what its scores depend on: trials of other sales or another seed are not comparable.

    Raises:
        TuningError: if the storage can't be used, or the study has other facts.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with _open(storage) as kept, _notify(storage):
        study = optuna.create_study(
            study_name=name,
            storage=kept,
            load_if_exists=True,
            direction="minimize",
            pruner=_make_pruner(pruner),
        )
        _check_facts(study, storage, facts)
        yield study


def _make_pruner(name: Pruner) -> optuna.pruners.BasePruner:
    """Return a pruner. The resource that hyperband divides is the number of folds."""
    if name == "hyperband":
        return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=FOLDS, reduction_factor=3)
    return optuna.pruners.MedianPruner(TRIALS_BEFORE_PRUNING, FOLDS_BEFORE_PRUNING)


@contextmanager
def _open(storage: Path | None) -> Iterator[optuna.storages.BaseStorage | None]:
    if storage is None:
        yield None
        return
    with _notify(storage):
        storage.parent.mkdir(parents=True, exist_ok=True)
        # Without a pool no connection stays open, even if the file is not a database of studies.
        address = URL.create("sqlite", database=str(storage.resolve())).render_as_string()
        kept = optuna.storages.RDBStorage(address, engine_kwargs={"poolclass": NullPool})
    try:
        yield kept
    finally:
        kept.remove_session()


@contextmanager
def _notify(storage: Path | None) -> Iterator[None]:
    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise TuningError(f"studies can't be kept in {storage}: {reason}") from error
    except FileExistsError as error:
        raise TuningError(f"studies can't be kept in {storage}: {error.strerror}") from error


def _check_facts(study: optuna.Study, storage: Path | None, facts: Mapping[str, str]) -> None:
    for what, value in facts.items():
        if study.user_attrs.get(what, value) != value:
            raise TuningError(
                f"study {study.study_name!r} in {storage} has another {what}: name a new one with --study"
            )
        study.set_user_attr(what, value)


def derive_start(study: optuna.Study, plan: Plan, sales: Sales) -> Plan:
    """Return the plan with the settings that the study starts with. A resumed study does not derive them again."""
    if not plan.derives_groups:
        return plan
    known = study.user_attrs.get(START)
    if known is not None:
        return replace(plan, base=BlendSettings.model_validate(known))
    base = derive_groups(sales, plan.base, seed=plan.seed)
    study.set_user_attr(START, base.model_dump(mode="json"))
    return replace(plan, base=base)


def search(study: optuna.Study, plan: Plan, scoring: Scoring, watch: Watch, *, clock: Clock = time.monotonic) -> None:
    """Run trials until the study has as many as planned. The first one tries the settings at the start.

    ``watch`` receives each finished trial. An interruption loses only the current trial.
    """
    began = clock()
    while len(list_finished(study)) < plan.trials:
        if plan.timeout_seconds is not None and clock() - began >= plan.timeout_seconds:
            return
        watch(_try_once(study, plan, scoring))


def list_finished(study: optuna.Study) -> list[FrozenTrial]:
    """Return the finished trials, including pruned ones."""
    return study.get_trials(deepcopy=False, states=FINISHED)


def find_best(study: optuna.Study) -> FrozenTrial | None:
    """Return the best trial that was not pruned, the earlier of equals."""
    complete = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    return min(complete, key=_score, default=None)


def _score(trial: FrozenTrial) -> float:
    return trial.value if trial.value is not None else math.inf


def _try_once(study: optuna.Study, plan: Plan, scoring: Scoring) -> FrozenTrial:
    done = list_finished(study)
    study.sampler = optuna.samplers.TPESampler(seed=plan.seed + len(done))
    if not done and not study.get_trials(deepcopy=False, states=[TrialState.WAITING]):
        study.enqueue_trial(dict(find_start(plan.base)))
    trial = study.ask()
    try:
        settings = make_settings(plan.base, suggest(trial))
        score = _score_trial(trial, scoring(settings), plan.objective)
    # Bad settings may lead to a singular matrix.
    except (optuna.TrialPruned, np.linalg.LinAlgError):
        return study.tell(trial, state=TrialState.PRUNED)
    except BaseException:
        study.tell(trial, state=TrialState.FAIL)
        raise
    return study.tell(trial, score)


def _score_trial(trial: optuna.Trial, scores: Iterator[Metrics], objective: Objective) -> float:
    score = math.nan
    for folds_done, metrics in enumerate(scores, start=1):
        score = getattr(metrics, objective)
        if not math.isfinite(score):
            raise optuna.TrialPruned
        trial.report(score, folds_done)
        trial.set_user_attr(METRICS, asdict(metrics))
        if trial.should_prune():
            raise optuna.TrialPruned
    return score


def read_metrics(trial: FrozenTrial) -> Mapping[str, float]:
    """Return the metrics of a trial over the folds that it reached, under the names of a version's metrics."""
    return Metrics(**trial.user_attrs[METRICS]).named(PREFIX) if METRICS in trial.user_attrs else {}
