"""The best trial of a study as a file of parameters."""

import optuna

from housing_price_model.recipes import DEFAULT_RECIPE
from housing_price_model.tuning.parameters_file import ParametersFile
from housing_price_model.tuning.search import Plan, best
from housing_price_model.tuning.search_space import settings_at

METRIC = "cv_overall_rmsle"
"""The score: RMSLE of all out-of-fold prices together, as a version's metrics call it."""


def parameters_of(study: optuna.Study, plan: Plan) -> ParametersFile | None:
    """The best settings that are known; None before a trial is complete."""
    winner = best(study)
    if winner is None or winner.value is None:
        return None
    return ParametersFile(
        recipe=DEFAULT_RECIPE,
        settings=settings_at(plan.base, winner.params).model_dump(mode="json"),
        study=study.study_name,
        trial=winner.number,
        seed=plan.seed,
        figures={METRIC: winner.value},
    )
