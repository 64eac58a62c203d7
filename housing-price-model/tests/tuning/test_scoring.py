"""Scores are those of the evaluation; nested cross-validation; plots."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from housing_price_model.data import Sales
from housing_price_model.evaluation.cross_validation import evaluate
from housing_price_model.evaluation.folds import Fold, folds
from housing_price_model.evaluation.metrics import Metrics
from housing_price_model.recipes import find_recipe
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.tuning.nested import Kept, Nested, OuterFold, run_nested
from housing_price_model.tuning.plots import importances, save_plots
from housing_price_model.tuning.scoring import Scoring, make_scoring
from housing_price_model.tuning.search import Plan, open_study, search
from housing_price_model.tuning.search_space import SPACE
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import create_trial


class Quiet:
    def step(self, doing: str) -> None:
        pass


@pytest.fixture(scope="module")
def quick_plan(quick_settings: BlendSettings) -> Plan:
    return Plan(trials=1, seed=1, base=quick_settings)


def test_the_score_is_that_of_a_training_with_these_settings(few_sales: Sales, quick_settings: BlendSettings) -> None:
    *_, metrics = make_scoring(few_sales, folds(few_sales))(quick_settings)

    recipe = find_recipe("default", quick_settings.model_dump(mode="json"))
    evaluation = evaluate(recipe.build(few_sales), few_sales, Quiet())

    assert asdict(metrics) == pytest.approx(asdict(evaluation.cross_validation.overall), rel=1e-12)


def test_each_fold_makes_the_score_one_of_more_sales(few_sales: Sales, quick_settings: BlendSettings) -> None:
    scores = list(make_scoring(few_sales, folds(few_sales)[:2])(quick_settings))

    assert len(scores) == 2
    assert 0 < scores[0].rmsle != scores[1].rmsle


def test_nested_cross_validation_prices_sales_unseen_by_the_search(few_sales: Sales, quick_plan: Plan) -> None:
    nested = run_nested(few_sales, quick_plan, 2, Quiet())

    assert nested is not None
    assert [len(fold.found) for fold in nested.folds] == [75, 75]
    assert nested.found == nested.start  # one trial is the start itself
    assert nested.inner != nested.found.rmsle


def test_nested_cross_validation_derives_the_groups_in_each_fold(few_sales: Sales, quick_plan: Plan) -> None:
    nested = run_nested(few_sales, replace(quick_plan, derives_groups=True), 2, Quiet())

    assert nested is not None
    assert nested.found != nested.start


class CountingScoring:
    """Fits nothing, counts the trials, and is interrupted at one of them."""

    def __init__(self, scoring: Scoring, interrupted_at: int | None = None) -> None:
        self._scoring, self._interrupted_at = scoring, interrupted_at
        self.trials = 0

    def __call__(self, _sales: Sales, _parts: Sequence[Fold]) -> Scoring:
        def scores(settings: BlendSettings) -> Iterator[Metrics]:
            self.trials += 1
            if self.trials == self._interrupted_at:
                raise KeyboardInterrupt
            return self._scoring(settings)

        return scores


def test_interrupted_nested_cross_validation_resumes(
    few_sales: Sales, quick_plan: Plan, by_trees_share: Scoring, tmp_path: Path
) -> None:
    plan, kept = replace(quick_plan, trials=3), Kept(study="tries", storage=tmp_path / "s.db")
    first, second = CountingScoring(by_trees_share, interrupted_at=5), CountingScoring(by_trees_share)

    with pytest.raises(KeyboardInterrupt):
        run_nested(few_sales, plan, 2, Quiet(), kept=kept, scoring=first)
    resumed = run_nested(few_sales, plan, 2, Quiet(), kept=kept, scoring=second)

    at_once = run_nested(few_sales, plan, 2, Quiet(), scoring=CountingScoring(by_trees_share))
    assert second.trials == 2
    assert resumed is not None
    assert at_once is not None
    assert resumed.table() == at_once.table()


def test_nested_cross_validation_starts_no_trial_after_the_timeout(
    few_sales: Sales, quick_plan: Plan, by_trees_share: Scoring
) -> None:
    plan, scoring = replace(quick_plan, trials=50, timeout_seconds=45), CountingScoring(by_trees_share)
    seconds = count(step=10)

    nested = run_nested(few_sales, plan, 2, Quiet(), scoring=scoring, clock=lambda: next(seconds))

    # The clock is read at the start, for what is left, as the search begins and before each trial.
    assert (nested, scoring.trials) == (None, 3)


def test_the_folds_share_the_time(few_sales: Sales, quick_plan: Plan, by_trees_share: Scoring) -> None:
    plan, scoring = replace(quick_plan, timeout_seconds=45), CountingScoring(by_trees_share)
    seconds = count(step=10)

    nested = run_nested(few_sales, plan, 2, Quiet(), scoring=scoring, clock=lambda: next(seconds))

    assert (nested, scoring.trials) == (None, 1)


def test_nested_cross_validation_into_more_parts_is_of_other_studies(
    few_sales: Sales, quick_plan: Plan, by_trees_share: Scoring, tmp_path: Path
) -> None:
    kept, scoring = Kept(study="tries", storage=tmp_path / "s.db"), CountingScoring(by_trees_share)

    # The study of all sales is open meanwhile, in the same file.
    with open_study("tries", kept.storage, {}) as study:
        search(study, quick_plan, by_trees_share, lambda _: None)
        for outer in (2, 3):
            run_nested(few_sales, quick_plan, outer, Quiet(), kept=kept, scoring=scoring)

    assert scoring.trials == 5


def test_what_nesting_costs_is_told_fold_by_fold() -> None:
    actual = np.array([100.0, 300.0])
    fold = OuterFold(1, 0.1, actual, found=actual * 1.2, start=actual * 1.3)

    nested = Nested([fold], "wmape")

    assert (nested.found.wmape, nested.start.wmape, nested.inner) == pytest.approx((0.2, 0.3, 0.1))
    assert nested.table().splitlines() == [
        "fold,sales,inner_wmape,wmape,start_wmape",
        "1,2,0.10000,0.20000,0.30000",
    ]


def test_plots_and_importances_are_of_the_parameters_that_count(tmp_path: Path) -> None:
    random = np.random.default_rng(42)
    ranges: dict[str, BaseDistribution] = {
        name: FloatDistribution(range_.low, range_.high) for name, range_ in SPACE.items()
    }
    with open_study("plots", None, {}) as study:
        for _ in range(40):
            chosen = {name: float(random.uniform(range_.low, range_.high)) for name, range_ in SPACE.items()}
            study.add_trial(create_trial(params=chosen, distributions=ranges, value=0.1 + chosen["trees_share"]))
        save_plots(study, tmp_path, seed=42)
        first = next(iter(importances(study, seed=42)))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["importance.png", "parallel_coordinates.png"]
    assert first == "trees_share"


def test_a_study_of_too_few_trials_has_no_plots(by_trees_share: Scoring, quick_plan: Plan, tmp_path: Path) -> None:
    with open_study("few", None, {}) as study:
        search(study, quick_plan, by_trees_share, lambda _: None)
        save_plots(study, tmp_path, seed=42)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["100%20", "what?", "a#1", "jürgen"])
def test_a_study_is_kept_in_the_folder_that_is_named(tmp_path: Path, folder: str) -> None:
    with open_study("tries", tmp_path / folder / "s.db", {}):
        pass

    assert [place.name for place in (tmp_path / folder).iterdir()] == ["s.db"]
    assert [place.name for place in tmp_path.iterdir()] == [folder]
