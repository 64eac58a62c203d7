"""Deriving the groups' settings: the density and its gradient, and what the maximum says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from house_record import AMES, COLUMNS
from housing_price_model.data import Sales
from housing_price_model.inference import Encoder
from housing_price_model.inference.process import Vector
from housing_price_model.recipes.blend.features import make_design
from housing_price_model.recipes.blend.parameters import BlendSettings, ProcessSettings, default_settings
from housing_price_model.recipes.blend.student_t_process import CONSTANT_VARIANCE
from housing_price_model.tuning.marginal_likelihood import SPREAD, Objective, Point, Problem, derive_groups
from scipy.stats import multivariate_normal, norm

SALES = 120


@pytest.fixture(scope="module")
def sales(sample: Sales) -> Sales:
    return sample.take(range(SALES))


@pytest.fixture(scope="module")
def problem(sales: Sales) -> Problem:
    design = make_design(AMES.features, sales.rows, default_settings().limits)
    targets = np.log1p(sales.prices.to_numpy())
    return Problem(Encoder(design.encoding).encode(sales.rows), targets - targets.mean(), design)


@pytest.fixture(scope="module")
def at() -> Point:
    return Point(default_settings().process)


@pytest.fixture(scope="module")
def shares() -> Vector:
    """Noise that differs by sale."""
    return np.random.default_rng(42).uniform(0.5, 2.0, SALES)


@pytest.fixture(scope="module")
def somewhere(at: Point) -> Vector:
    return at.start() + np.random.default_rng(7).normal(0, 0.5, len(at.start()))


def log_density(problem: Problem, settings: ProcessSettings, shares: Vector) -> float:
    """The logarithm of the marginal likelihood by its definition, group by group."""
    matrix = problem.matrix
    spread = np.where((matrix.std(axis=0) == 0) | np.array(problem.design.is_indicator), 1.0, matrix.std(axis=0))
    standard = (matrix - matrix.mean(axis=0)) / spread
    total, squares = np.diag(shares * settings.noise**2) + CONSTANT_VARIANCE, np.zeros((SALES, SALES))
    for name, group in settings.groups.items():
        columns = standard[:, problem.design.places(name)]
        total += group.slope_variance * columns @ columns.T
        if group.length_scale is not None:
            squares += ((columns[:, None] - columns) ** 2).sum(axis=2) / group.length_scale**2
    distances = np.sqrt(5 * squares)
    total += settings.kernel_variance * (1 + distances + distances**2 / 3) * np.exp(-distances)
    return float(multivariate_normal(cov=total).logpdf(problem.targets))


def test_the_objective_is_the_posterior_density_but_for_a_constant(
    problem: Problem, at: Point, shares: Vector, somewhere: Vector
) -> None:
    objective, start = Objective(problem, at, shares), at.start()

    def expected(point: Vector) -> float:
        prior = norm(start, SPREAD).logpdf(point).sum()
        return -log_density(problem, at.settings(point), shares) - float(prior)

    assert objective(somewhere)[0] - objective(start)[0] == pytest.approx(expected(somewhere) - expected(start))


def test_the_gradient_is_that_of_finite_differences(
    problem: Problem, at: Point, shares: Vector, somewhere: Vector
) -> None:
    objective, step = Objective(problem, at, shares), 1e-5

    _, gradient = objective(somewhere)

    differences = [
        (objective(somewhere + away)[0] - objective(somewhere - away)[0]) / (2 * step)
        for away in np.eye(len(somewhere)) * step
    ]
    assert gradient == pytest.approx(differences, rel=1e-4, abs=1e-4)


def test_linear_groups_stay_linear_and_other_settings_unchanged(sales: Sales, quick_settings: BlendSettings) -> None:
    derived = derive_groups(sales, quick_settings, seed=42)

    before, after = quick_settings.process, derived.process
    assert [group.length_scale is None for group in after.groups.values()] == [
        group.length_scale is None for group in before.groups.values()
    ]
    unchanged = {"groups": before.groups, "kernel_variance": before.kernel_variance, "noise": before.noise}
    assert derived.model_copy(update={"process": after.model_copy(update=unchanged)}) == quick_settings
    assert all(after.groups[name] != before.groups[name] for name in before.groups)


def test_a_group_that_moves_prices_gets_steeper_slopes(sales: Sales, quick_settings: BlendSettings) -> None:
    quality = np.array([row[COLUMNS.index("OverallQual")] for row in sales.rows], dtype=np.float64)
    noise = np.random.default_rng(42).normal(0, 0.05, SALES)
    priced = replace(sales, prices=pd.Series(np.expm1(12 + 0.2 * quality + noise)))

    groups = derive_groups(priced, quick_settings, seed=42).process.groups

    steepest = max(groups, key=lambda name: groups[name].slope_variance)
    assert steepest == "quality"


def test_the_seed_samples_the_sales_if_there_are_many(
    sales: Sales, quick_settings: BlendSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("housing_price_model.tuning.marginal_likelihood.MOST_SALES", 60)

    one, again, other = (derive_groups(sales, quick_settings, seed=seed).process for seed in (1, 1, 2))

    assert one == again
    assert one != other
