"""The command `tune`: searches for settings of the default recipe, and saves each improvement."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from house_files import Empty
from house_record import AMES
from rich.console import Console

from housing_price_model.commands.sales_warnings import print_warnings
from housing_price_model.data import Sales, load_sales
from housing_price_model.errors import SettingsError, TrainingError
from housing_price_model.registry.connection import connect, tracking_uri
from housing_price_model.tuning.optuna_extra import check_optuna
from housing_price_model.tuning.scoring import make_scoring

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

    from housing_price_model.progress import Progress
    from housing_price_model.tuning.logs import Outcome, SearchLog, TrialRun
    from housing_price_model.tuning.nested import Nested
    from housing_price_model.tuning.parameters_file import Objective
    from housing_price_model.tuning.scoring import Scoring, ScoringOn
    from housing_price_model.tuning.search import Plan, Pruner

DEFAULT_STORAGE = Path(".housing-price/studies.db")
DEFAULT_TRIALS = 50
EXPERIMENT = "housing-price-tuning"
MLFLOW_RUN = "mlflow run"


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningRequest:
    """The options of the command. ``trials`` includes those that the study already has; ``groups`` says whether the
    search starts with groups derived from the sales; ``nested`` is the number of outer folds, or None."""

    data: str = "sample"
    empty: Empty | None = None
    trials: int = DEFAULT_TRIALS
    timeout_seconds: float | None = None
    study: str = "default"
    seed: int = 42
    objective: "Objective" = "rmsle"
    pruner: "Pruner" = "median"
    groups: bool = False
    storage: Path = DEFAULT_STORAGE
    output: Path = Path("best-params.json")
    logger: Literal["mlflow", "wandb"] = "mlflow"
    nested: int | None = None
    experiment: str = EXPERIMENT
    registry_timeout_seconds: float = 5.0


def tune_recipe(request: TuningRequest, console: Console, *, scoring: "ScoringOn | None" = None) -> None:
    """Search until the study has the requested number of trials. An interruption loses nothing that was found.

    ``scoring`` scores settings on sales in folds; by default it fits and predicts.

    Raises:
        ModelError: with one line for people.
    """
    check_optuna()
    from housing_price_model.evaluation.folds import folds
    from housing_price_model.progress import progress_on
    from housing_price_model.recipes.blend.parameters import default_settings
    from housing_price_model.tuning.search import Plan, count_down, list_finished, open_study

    _check_writable(request.output)
    sales = load_sales(request.data, AMES, request.empty)
    _check_enough(sales)
    plan = Plan(
        trials=request.trials,
        seed=request.seed,
        base=default_settings(),
        objective=request.objective,
        derives_groups=request.groups,
        timeout_seconds=request.timeout_seconds,
    )
    console.print(f"data {sales.source}: {len(sales):,} sales")
    print_warnings(sales, console)
    facts = _describe_study(request, sales, plan)
    with open_study(request.study, request.storage, facts, request.pruner) as study:
        there = len(list_finished(study))
        console.print(f"study {request.study} in {request.storage}: {there} of {request.trials} trials are finished")
        steps = max(request.trials - there, 0) + 1 + request.groups + (request.nested or 0)
        with _open_logs(request, study) as logs, progress_on(console, steps=steps) as progress:
            left = count_down(plan)
            start = _derive_start(study, plan, sales, progress)
            _search(
                request,
                replace(left(), base=start.base),
                study,
                (scoring or make_scoring)(sales, folds(sales)),
                logs,
                progress,
            )
            nested = _run_nested(request, left(), sales, progress, scoring or make_scoring)
            _keep(study, start, nested, logs)
        for line in _summarize(request, study, nested):
            console.print(line)


def _check_enough(sales: Sales) -> None:
    from housing_price_model.evaluation.cross_validation import FEWEST_SALES
    from housing_price_model.evaluation.folds import count_different

    different = count_different(sales)
    if different < FEWEST_SALES:
        raise TrainingError(f"{different} sales are too few to tune on: at least {FEWEST_SALES} are needed")


def _check_writable(output: Path) -> None:
    """Fail before the search, which may take an hour, not after its first trial."""
    if output.is_dir() or not output.absolute().parent.is_dir():
        raise SettingsError(f"{output} can't be written: name a file in an existing folder with --output")


def _describe_study(request: TuningRequest, sales: Sales, plan: "Plan") -> dict[str, str]:
    start = plan.base.model_dump_json() + " and derived groups" * plan.derives_groups
    checksum = hashlib.sha256(start.encode()).hexdigest()
    return {
        "checksum of the sales": sales.sha256,
        "seed": str(plan.seed),
        "start": checksum,
        "objective": plan.objective,
        "pruner": request.pruner,
    }


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of a search, MLflow's first, and the runs of the trials there."""

    all: "Sequence[SearchLog]"
    runs: "Mapping[int, TrialRun]"


@contextmanager
def _open_logs(request: TuningRequest, study: "Study") -> "Iterator[Logs]":
    from housing_price_model.tuning.logs import MlflowLog, WandbLog
    from housing_price_model.tuning.search import list_finished

    client = connect(tracking_uri(), timeout_seconds=request.registry_timeout_seconds)
    known = study.user_attrs.get(MLFLOW_RUN)
    mlflow_log = MlflowLog(client, request.experiment, request.study, known, request.objective)
    study.set_user_attr(MLFLOW_RUN, mlflow_log.run_id)
    logs: list[SearchLog] = [mlflow_log]
    outcome: Outcome = "KILLED"
    try:
        mlflow_log.catch_up(list_finished(study))
        if request.logger == "wandb":
            logs.append(WandbLog(request.study, mlflow_log))
        yield Logs(logs, mlflow_log.runs)
        outcome = "FINISHED"
    except Exception:
        outcome = "FAILED"
        raise
    finally:
        for log in logs:
            log.close(outcome)


def _derive_start(study: "Study", plan: "Plan", sales: Sales, progress: "Progress") -> "Plan":
    from housing_price_model.tuning.search import derive_start

    if plan.derives_groups:
        progress.step("derive the settings of the groups")
    return derive_start(study, plan, sales)


def _search(
    request: TuningRequest,
    plan: "Plan",
    study: "Study",
    scoring: "Scoring",
    logs: Logs,
    progress: "Progress",
) -> None:
    from housing_price_model.tuning.logs import describe_trial
    from housing_price_model.tuning.search import find_best, list_finished, search

    def watch(trial: "FrozenTrial") -> None:
        for log in logs.all:
            log.trial(trial)
        winner = find_best(study)
        if winner is not None and winner.number == trial.number:
            _write_best(study, plan, logs, request.output)
        words = describe_trial(trial, winner.number if winner else None, plan.objective)
        progress.step(f"trial {trial.number} ({len(list_finished(study))} of {plan.trials}): {words}")

    # The file may be new or deleted.
    _write_best(study, plan, logs, request.output)
    progress.step("search")
    search(study, plan, scoring, watch)


def _write_best(study: "Study", plan: "Plan", logs: Logs, output: Path) -> None:
    from housing_price_model.tuning.best import find_best_parameters

    found = find_best_parameters(study, plan, logs.runs)
    if found:
        found.write(output)


def _run_nested(
    request: TuningRequest, plan: "Plan", sales: Sales, progress: "Progress", scoring: "ScoringOn"
) -> "Nested | None":
    from housing_price_model.tuning.nested import Kept, run_nested

    if request.nested is None:
        return None
    facts = _describe_study(request, sales, plan)
    kept = Kept(study=request.study, storage=request.storage, facts=facts, pruner=request.pruner)
    return run_nested(sales, plan, request.nested, progress, kept=kept, scoring=scoring)


def _keep(study: "Study", plan: "Plan", nested: "Nested | None", logs: Logs) -> None:
    """Store plots, tables and the best settings with the study's run."""
    from housing_price_model.tuning.best import find_best_parameters
    from housing_price_model.tuning.plots import save_plots

    found = find_best_parameters(study, plan)
    figures = dict(found.figures) if found else {}
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        folder = Path(temporary)
        save_plots(study, folder, seed=plan.seed, objective=plan.objective)
        _write_best(study, plan, logs, folder / "best-params.json")
        if nested:
            (folder / "nested.csv").write_text(nested.table(), encoding="utf-8")
            figures |= {**nested.found.named("nested"), **nested.start.named("nested_start")}
        for log in logs.all:
            log.keep(figures, folder)


def _summarize(request: TuningRequest, study: "Study", nested: "Nested | None") -> Iterator[str]:
    from housing_price_model.tuning.scoring import TITLES
    from housing_price_model.tuning.search import find_best, list_finished

    winner, done, title = find_best(study), list_finished(study), TITLES[request.objective]
    if winner is None:
        yield "no trial has finished: give it more time"
        return
    yield f"best of {len(done)} trials: trial {winner.number}, {title} {winner.value:.5f} (trial 0 is where it began)"
    if done[0].value is not None and not request.groups:
        yield f"the settings that come with the program: {title} {done[0].value:.5f}"
    if nested:
        yield (
            f"nested cross-validation, {len(nested.folds)} folds: the search promises {title} {nested.inner:.5f}"
            f" and gives {nested.score(nested.found):.5f}; without a search {nested.score(nested.start):.5f}"
        )
    elif request.nested:
        yield "nested cross-validation: the time limit ended it early; run the same command to continue"
    yield f"written to {request.output}: housing-price-model train --params {request.output}"
