"""Fitting the process: the closed form where the noise is Gaussian, and what heavy tails change."""

from dataclasses import replace

import numpy as np
import pytest
from house_record import AMES
from housing_price_model.data import Sales
from housing_price_model.inference import Encoder, Matrix
from housing_price_model.inference.blocks import Vector
from housing_price_model.recipes.blend.features import GROUPS, Design, make_design
from housing_price_model.recipes.blend.parameters import ProcessSettings, default_settings
from housing_price_model.recipes.blend.student_t_process import CONSTANT_VARIANCE, fit_process

type Problem = tuple[Matrix, Vector, Design]


@pytest.fixture(scope="module")
def problem(few_sales: Sales) -> Problem:
    designed = make_design(AMES.features, few_sales.rows, default_settings().limits)
    matrix = Encoder(designed.encoding).encode(few_sales.rows)
    return matrix, np.log1p(few_sales.prices.to_numpy()), designed


def settings(*, degrees_of_freedom: float, representatives: int = 1000) -> ProcessSettings:
    changes = {"degrees_of_freedom": degrees_of_freedom, "representatives": representatives}
    return default_settings().process.model_copy(update=changes)


def covariance(matrix: Matrix, designed: Design, own: ProcessSettings) -> Matrix:
    """The definition, group by group."""
    spread = np.where((matrix.std(axis=0) == 0) | np.array(designed.is_indicator), 1.0, matrix.std(axis=0))
    standard = (matrix - matrix.mean(axis=0)) / spread
    total, squares = np.full((len(matrix), len(matrix)), CONSTANT_VARIANCE), np.zeros((len(matrix), len(matrix)))
    for group, setting in own.groups.items():
        columns = standard[:, designed.places(group)]
        total += setting.slope_variance * columns @ columns.T
        if setting.length_scale is not None:
            differences = columns[:, None, :] - columns[None, :, :]
            squares += (differences**2).sum(axis=2) / setting.length_scale**2
    distances = np.sqrt(5 * squares)
    return total + own.kernel_variance * (1 + distances + distances**2 / 3) * np.exp(-distances)


def test_with_gaussian_noise_and_no_signs_it_is_the_closed_form(problem: Problem) -> None:
    matrix, targets, designed = problem
    designed = replace(designed, signs=(0,) * len(designed.signs))
    own = settings(degrees_of_freedom=1e9)
    prior = covariance(matrix, designed, own)
    centred = targets - targets.mean()
    expected = targets.mean() + prior @ np.linalg.solve(prior + own.noise**2 * np.eye(len(matrix)), centred)

    found = fit_process(matrix, targets, designed, own).predict(matrix)

    assert found == pytest.approx(expected, abs=0.01)


def test_no_price_moves_against_the_sign_of_a_column(problem: Problem) -> None:
    matrix, targets, designed = problem
    own, signs = settings(degrees_of_freedom=6.0), np.array(designed.signs)
    linear_groups = {name: group.model_copy(update={"length_scale": None}) for name, group in own.groups.items()}
    own = own.model_copy(update={"groups": linear_groups})
    wrong_way = targets - 0.5 * (matrix[:, designed.names.index("HeatingQC")] - 3.0)

    process = fit_process(matrix, wrong_way, designed, own)

    slopes = process.changes(np.zeros(len(signs)), np.ones(len(signs)))
    assert (slopes * signs >= -1e-9).all()
    assert slopes[designed.names.index("HeatingQC")] == pytest.approx(0.0, abs=1e-9)


def test_an_odd_sale_matters_less_than_with_gaussian_noise(problem: Problem) -> None:
    matrix, targets, designed = problem
    odd = targets.copy()
    odd[0] += 2.0
    others = slice(1, None)

    bent = {
        freedom: np.abs(
            fit_process(matrix, odd, designed, settings(degrees_of_freedom=freedom)).predict(matrix)[others]
            - fit_process(matrix, targets, designed, settings(degrees_of_freedom=freedom)).predict(matrix)[others]
        ).max()
        for freedom in (3.0, 1e9)
    }

    assert bent[3.0] < bent[1e9] / 2


def test_representative_sales_stand_for_all(problem: Problem) -> None:
    matrix, targets, designed = problem

    full = fit_process(matrix, targets, designed, settings(degrees_of_freedom=6.0)).predict(matrix)
    short = fit_process(matrix, targets, designed, settings(degrees_of_freedom=6.0, representatives=75)).predict(matrix)

    assert np.sqrt(np.mean((short - full) ** 2)) < 0.02


def test_each_column_belongs_to_at_most_one_group(problem: Problem) -> None:
    _, _, designed = problem
    places = [place for group in GROUPS for place in designed.places(group)]

    assert len(places) == len(set(places))
    assert all(designed.places(group) for group in GROUPS)
