"""The search: real studies of Optuna, in memory and in SQLite, with a scoring that fits nothing."""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from housing_price_model.data import Sales
from housing_price_model.errors import TuningError
from housing_price_model.evaluation.metrics import Metrics
from housing_price_model.recipes.blend.parameters import BlendSettings, default_settings
from housing_price_model.tuning.best import find_best_parameters
from housing_price_model.tuning.logs import TrialRun
from housing_price_model.tuning.scoring import Scoring
from housing_price_model.tuning.search import Plan, derive_start, find_best, list_finished, open_study, search
from housing_price_model.tuning.search_space import SPACE, find_start, make_settings
from optuna import Study
from optuna.trial import FrozenTrial, TrialState
from scored_prices import scored

TRIALS = 14
"""Four more than the sampler draws at random before it learns."""


def plan(trials: int = TRIALS, timeout_seconds: float | None = None) -> Plan:
    return Plan(trials=trials, seed=42, base=default_settings(), timeout_seconds=timeout_seconds)


def ignore(_trial: FrozenTrial) -> None:
    pass


def tried(study: Study) -> list[dict[str, float]]:
    return [trial.params for trial in list_finished(study)]


@pytest.fixture
def study() -> Iterator[Study]:
    with open_study("tries", None, {}) as opened:
        yield opened


def test_the_default_settings_are_in_the_search_space() -> None:
    base = default_settings()
    start = find_start(base)

    assert start.keys() == SPACE.keys()
    assert all(SPACE[name].low <= value <= SPACE[name].high for name, value in start.items())
    assert make_settings(base, start) == base


def test_factors_scale_all_groups_alike() -> None:
    base = default_settings()
    doubled = {"factor.slope_variances": 2.0, "factor.length_scales": 0.5, "factor.limits": 1.5}

    settings = make_settings(base, {**find_start(base), **doubled})

    quality, lot = settings.process.groups["quality"], settings.limits["LotArea"]
    assert quality.slope_variance == 2 * base.process.groups["quality"].slope_variance
    assert quality.length_scale == 0.5 * (base.process.groups["quality"].length_scale or 0)
    assert settings.process.groups["floors"].length_scale is None
    assert lot == 1.5 * base.limits["LotArea"]


def test_the_first_trial_is_of_the_settings_that_are_there(by_trees_share: Scoring, study: Study) -> None:

    search(study, plan(1), by_trees_share, ignore)

    assert tried(study) == [find_start(default_settings())]


def test_the_groups_are_derived_once_for_each_study(few_sales: Sales, study: Study) -> None:
    deriving = Plan(trials=1, seed=42, base=default_settings(), derives_groups=True)

    started = derive_start(study, deriving, few_sales.take(range(60)))
    resumed = derive_start(study, deriving, few_sales)

    assert resumed.base == started.base
    assert started.base.process.groups != default_settings().process.groups


def test_a_search_finds_better_settings(by_trees_share: Scoring, study: Study) -> None:

    search(study, plan(), by_trees_share, ignore)

    found = find_best_parameters(study, plan())
    assert found is not None
    assert found.figures["cv_overall_rmsle"] < list_finished(study)[0].value  # type: ignore[operator] # the first is complete
    assert found.settings["trees_share"] == pytest.approx(0.5, abs=0.1)


def test_a_search_minimises_its_objective(by_trees_share: Scoring, study: Study) -> None:
    weighted = replace(plan(), objective="wmape")

    search(study, weighted, by_trees_share, ignore)

    found = find_best_parameters(study, weighted)
    assert found is not None
    assert found.objective == "wmape"
    assert abs(found.settings["trees_share"] - 0.5) > 0.25  # type: ignore[operator] # a number


def test_the_best_parameters_have_all_metrics_of_their_trial(by_trees_share: Scoring, study: Study) -> None:
    search(study, plan(1), by_trees_share, ignore)

    found = find_best_parameters(study, plan(1), {0: TrialRun("0123abcd", "trial 0", "housing-price/x1")})
    assert found is not None
    assert found.figures == pytest.approx(scored(0.35, wmape=0.65).named("cv_overall"))
    assert (found.run_id, found.run_name, found.wandb_run) == ("0123abcd", "trial 0", "housing-price/x1")


def test_hyperband_gives_bad_trials_fewer_folds(study: Study) -> None:
    def by_noise(settings: BlendSettings) -> Iterator[Metrics]:
        yield from [scored(settings.process.noise)] * 5

    with open_study("brackets", None, {}, "hyperband") as brackets:
        search(brackets, plan(), by_noise, ignore)

        reached = {len(trial.intermediate_values) for trial in list_finished(brackets)}
        assert reached == {1, 3, 5}
        assert find_best(brackets) is not None


def test_a_resumed_study_tries_the_same_settings(by_trees_share: Scoring, study: Study, tmp_path: Path) -> None:
    def interrupted_in_the_middle() -> Scoring:
        calls = count(1)

        def scores(settings: BlendSettings) -> Iterator[Metrics]:
            if next(calls) == 12:
                raise KeyboardInterrupt
            yield from by_trees_share(settings)

        return scores

    search(study, plan(), by_trees_share, ignore)

    with open_study("tries", tmp_path / "s.db", {}) as first, pytest.raises(KeyboardInterrupt):
        search(first, plan(), interrupted_in_the_middle(), ignore)
    with open_study("tries", tmp_path / "s.db", {}) as resumed:
        kept = len(list_finished(resumed))
        search(resumed, plan(), by_trees_share, ignore)
        failed = [trial.state for trial in resumed.get_trials()].count(TrialState.FAIL)

        assert (kept, failed) == (11, 1)
        assert tried(resumed) == tried(study)


def test_an_interruption_of_the_first_trial_loses_it_alone(by_trees_share: Scoring, study: Study) -> None:
    def interrupted(_settings: BlendSettings) -> Iterator[Metrics]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(study, plan(2), interrupted, ignore)
    search(study, plan(2), by_trees_share, ignore)

    assert tried(study)[0] == find_start(default_settings())
    assert len(list_finished(study)) == 2


def test_a_study_that_has_its_trials_makes_no_more(by_trees_share: Scoring, study: Study) -> None:
    told = list[int]()

    for _ in range(2):
        search(study, plan(3), by_trees_share, lambda trial: told.append(trial.number))

    assert told == [0, 1, 2]


def test_prunes_a_bad_trial_after_two_folds(by_trees_share: Scoring, study: Study) -> None:
    calls = count()

    def worse_at_last(settings: BlendSettings) -> Iterator[Metrics]:
        yield from [scored(9.0)] * 5 if next(calls) == 7 else by_trees_share(settings)

    search(study, plan(8), worse_at_last, ignore)

    last = list_finished(study)[-1]
    assert (last.state, sorted(last.intermediate_values)) == (TrialState.PRUNED, [1, 2])


def test_settings_without_prices_are_pruned_and_never_best(by_trees_share: Scoring, study: Study) -> None:
    calls = count()

    def nothing_at_first(settings: BlendSettings) -> Iterator[Metrics]:
        yield from [scored(math.nan)] if next(calls) == 0 else by_trees_share(settings)

    search(study, plan(2), nothing_at_first, ignore)

    winner = find_best(study)
    assert winner is not None
    assert winner.number == 1


def test_no_trial_begins_after_the_time_is_up(by_trees_share: Scoring, study: Study) -> None:
    seconds = count(step=10)

    search(study, plan(50, timeout_seconds=25), by_trees_share, ignore, clock=lambda: next(seconds))

    assert len(list_finished(study)) == 2


def test_refuses_to_resume_a_study_of_other_sales(tmp_path: Path) -> None:
    with open_study("ames", tmp_path / "s.db", {"data": "a"}):
        pass

    line = r"study 'ames' in .*s\.db has another data: name a new one with --study"
    with pytest.raises(TuningError, match=line), open_study("ames", tmp_path / "s.db", {"data": "b"}):
        pass


def test_a_file_that_holds_no_studies_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_text("these are no studies, but a text that is long enough to be taken for a file")

    with (
        pytest.raises(TuningError, match=r"^studies can't be kept in .*s\.db: ") as caught,
        open_study("ames", tmp_path / "s.db", {}),
    ):
        pass

    assert "\n" not in str(caught.value)
