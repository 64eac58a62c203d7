"""Turns the best trial of a study into a file of parameters."""

import optuna

from housing_price_model.recipes import DEFAULT_RECIPE
from housing_price_model.tuning.parameters_file import ParametersFile
from housing_price_model.tuning.search import Plan, find_best
from housing_price_model.tuning.search_space import make_settings

METRIC = "cv_overall_rmsle"
"""The score: RMSLE of all out-of-fold prices, under the name of a version's metric."""


def find_best_parameters(study: optuna.Study, plan: Plan) -> ParametersFile | None:
    """Return the best settings so far, or None before a trial is complete."""
    winner = find_best(study)
    if winner is None or winner.value is None:
        return None
    return ParametersFile(
        recipe=DEFAULT_RECIPE,
        settings=make_settings(plan.base, winner.params).model_dump(mode="json"),
        study=study.study_name,
        trial=winner.number,
        seed=plan.seed,
        figures={METRIC: winner.value},
    )
