"""The joint model agrees with the formulas of a Gaussian with the same covariance."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from housing_price_model.inference import JointModel, Matrix

COLUMNS, FACTORS = 7, 2
IS_NUMBER = np.array([True, True, True, True, False, False, False])


@pytest.fixture(scope="module")
def arrays() -> dict[str, Any]:
    generator = np.random.default_rng(1)
    return {
        "centre": generator.normal(size=COLUMNS),
        "spread": generator.uniform(0.5, 2.0, COLUMNS),
        "loadings": generator.normal(size=(COLUMNS, FACTORS)),
        "noise": generator.uniform(0.1, 0.9, COLUMNS),
        "price_loadings": generator.normal(size=FACTORS),
        "is_number": IS_NUMBER,
    }


@pytest.fixture(scope="module")
def joint(arrays: dict[str, Any]) -> JointModel:
    return JointModel(**arrays)


@pytest.fixture(scope="module")
def rows() -> Matrix:
    return np.random.default_rng(2).normal(size=(11, COLUMNS))


def covariance(arrays: dict[str, Any]) -> Matrix:
    """Of the columns and the part of the log price that the factors explain."""
    loadings = np.vstack([arrays["loadings"] * arrays["spread"][:, None], arrays["price_loadings"]])
    noise = np.append(arrays["noise"] * arrays["spread"] ** 2, 0.0)
    total: Matrix = loadings @ loadings.T + np.diag(noise)
    return total


def test_unknown_columns_have_their_conditional_expectation(
    arrays: dict[str, Any], joint: JointModel, rows: Matrix
) -> None:
    known = np.random.default_rng(3).uniform(size=rows.shape) < 0.5
    total = covariance(arrays)

    completed = joint.complete(rows, known)

    for row, own, filled, deviation in zip(rows, known, completed.matrix, completed.deviations, strict=True):
        given, asked = np.flatnonzero(own), np.append(np.flatnonzero(~own), COLUMNS)
        weights = np.linalg.solve(total[np.ix_(given, given)], total[np.ix_(given, asked)])
        moved = (row[given] - arrays["centre"][given]) @ weights
        assert filled[given] == pytest.approx(row[given])
        assert filled[asked[:-1]] == pytest.approx(arrays["centre"][asked[:-1]] + moved[:-1])
        left = total[COLUMNS, COLUMNS] - total[COLUMNS, given] @ weights[:, -1]
        assert deviation == pytest.approx(np.sqrt(left))


def test_what_moved_an_unknown_column_adds_up_to_its_move(
    arrays: dict[str, Any], joint: JointModel, rows: Matrix
) -> None:
    known = np.array([True, False, True, True, False, True, True])
    filled = joint.complete(rows[:1], known[None]).matrix[0]

    pulls = joint.pull(rows[0], known)

    assert pulls.sum(axis=1) == pytest.approx((filled - arrays["centre"])[~known])


def test_a_surprise_is_the_distance_from_the_conditional_expectation(
    arrays: dict[str, Any], joint: JointModel, rows: Matrix
) -> None:
    total = covariance(arrays)[:COLUMNS, :COLUMNS]

    surprise = joint.surprise(rows)

    for place in range(COLUMNS):
        others = [other for other in range(COLUMNS) if other != place]
        weights = np.linalg.solve(total[np.ix_(others, others)], total[others, place])
        expected = arrays["centre"][place] + (rows[:, others] - arrays["centre"][others]) @ weights
        deviation = np.sqrt(total[place, place] - total[others, place] @ weights)
        assert surprise.columns[:, place] == pytest.approx((rows[:, place] - expected) / deviation)


def test_numbers_and_codes_of_two_houses_are_more_mixed_than_of_one(arrays: dict[str, Any], joint: JointModel) -> None:
    total = covariance(arrays)[:COLUMNS, :COLUMNS]
    houses = np.random.default_rng(4).multivariate_normal(arrays["centre"], total, size=400)
    crossed = np.where(IS_NUMBER, houses, np.roll(houses, 1, axis=0))

    own, mixed = (joint.surprise(found).scores[:, 3] for found in (houses, crossed))

    assert np.median(mixed) > np.quantile(own, 0.8)


def test_a_row_is_completed_alike_in_any_batch(joint: JointModel, rows: Matrix) -> None:
    known = np.random.default_rng(5).uniform(size=rows.shape) < 0.5

    together = joint.complete(rows, known)
    alone = [joint.complete(rows[[place]], known[[place]]) for place in range(len(rows))]

    assert np.array_equal(together.matrix, np.concatenate([own.matrix for own in alone]))
    assert np.array_equal(together.deviations, np.concatenate([own.deviations for own in alone]))


def test_a_row_without_gaps_is_left_as_it_is(joint: JointModel, rows: Matrix) -> None:
    known = np.ones(rows.shape, dtype=bool)

    assert np.array_equal(joint.complete(rows, None).matrix, rows)
    assert joint.complete(rows, None).deviations == pytest.approx(joint.complete(rows, known).deviations)


def test_it_is_the_same_after_a_file(joint: JointModel, rows: Matrix, tmp_path: Path) -> None:
    joint.save(tmp_path / "joint.npz")

    loaded = JointModel.load(tmp_path / "joint.npz")

    assert np.array_equal(loaded.surprise(rows).scores, joint.surprise(rows).scores)
