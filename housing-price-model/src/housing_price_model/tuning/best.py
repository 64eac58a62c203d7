"""Turns the best trial of a study into a file of parameters."""

from collections.abc import Mapping

import optuna

from housing_price_model.recipes import DEFAULT_RECIPE
from housing_price_model.tuning.logs import TrialRun
from housing_price_model.tuning.parameters_file import ParametersFile
from housing_price_model.tuning.search import Plan, find_best, read_metrics
from housing_price_model.tuning.search_space import make_settings


def find_best_parameters(
    study: optuna.Study, plan: Plan, runs: Mapping[int, TrialRun] | None = None
) -> ParametersFile | None:
    """Return the best settings so far, or None before a trial is complete. ``runs`` are those of recorded trials."""
    winner = find_best(study)
    if winner is None or winner.value is None:
        return None
    run = (runs or {}).get(winner.number)
    return ParametersFile(
        recipe=DEFAULT_RECIPE,
        settings=make_settings(plan.base, winner.params).model_dump(mode="json"),
        study=study.study_name,
        trial=winner.number,
        seed=plan.seed,
        objective=plan.objective,
        figures=dict(read_metrics(winner)),
        run_id=run.id if run else None,
        run_name=run.name if run else None,
        wandb_run=run.wandb if run else None,
    )
