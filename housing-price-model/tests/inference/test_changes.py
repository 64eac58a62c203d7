"""How regressors share out the change between two points: all of it, to the columns that moved."""

from pathlib import Path

import numpy as np
import pytest
import treelite.sklearn
from housing_price_model.inference import ProcessMean
from housing_price_model.inference.ensemble import Regressor
from housing_price_model.inference.trees import Trees
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

WIDTH = 6
POINTS = np.random.default_rng(1).normal(size=(300, WIDTH)).astype(np.float32).astype(np.float64)
# The last column says nothing.
TARGETS = POINTS[:, 0] * POINTS[:, 1] + np.abs(POINTS[:, 2]) + POINTS[:, 3] - 0.1 * POINTS[:, 4]


def trees(estimator: RandomForestRegressor | HistGradientBoostingRegressor, folder: Path) -> Trees:
    without_last = POINTS.copy()
    without_last[:, -1] = 0.0
    treelite.sklearn.import_model(estimator.fit(without_last, TARGETS)).serialize(folder / "trees")
    return Trees.load(folder / "trees")


def process() -> ProcessMean:
    rng = np.random.default_rng(2)
    return ProcessMean(
        offset=np.array(1.0),
        linear=np.array([0.3, 0.0, -0.2, 0.0, 0.1, 0.0]),
        places=np.array([0, 1, 3]),
        scales=np.array([0.4, 0.5, 0.6]),
        sales=rng.normal(size=(40, 3)),
        weights=rng.normal(size=40),
    )


@pytest.fixture(params=["forest", "boosting", "process"])
def regressor(request: pytest.FixtureRequest, tmp_path: Path) -> Regressor:
    if request.param == "process":
        return process()
    forest = RandomForestRegressor(n_estimators=20, random_state=0)
    return trees(forest if request.param == "forest" else HistGradientBoostingRegressor(max_iter=30), tmp_path)


def difference(regressor: Regressor, start: np.ndarray, end: np.ndarray) -> float:
    before, after = regressor.predict(np.stack([start, end]))
    return float(after - before)


def test_changes_add_up_to_the_difference(regressor: Regressor) -> None:
    for start, end in zip(POINTS[:60], POINTS[60:120], strict=True):
        changes = regressor.changes(start, end)

        assert changes.sum() == pytest.approx(difference(regressor, start, end), rel=1e-4, abs=1e-5)
        assert changes[-1] == 0.0


def test_the_only_column_that_moves_has_all_of_it(regressor: Regressor) -> None:
    for column in range(WIDTH - 1):
        end = POINTS[0].copy()
        end[column] = POINTS[1, column]

        changes = regressor.changes(POINTS[0], end)

        assert changes[column] == pytest.approx(difference(regressor, POINTS[0], end), rel=1e-4, abs=1e-6)
        assert not np.delete(changes, column).any()


def test_the_way_back_undoes_the_changes(regressor: Regressor) -> None:
    assert regressor.changes(POINTS[0], POINTS[1]) == pytest.approx(-regressor.changes(POINTS[1], POINTS[0]), abs=1e-12)


def test_a_jump_belongs_to_the_column_whose_split_is_crossed(tmp_path: Path) -> None:
    regressor = trees(RandomForestRegressor(n_estimators=20, random_state=0), tmp_path)
    start, end = POINTS[0], POINTS[1]
    moments = np.linspace(0.0, 1.0, 20_001)
    on_the_way = regressor.predict(start + moments[:, None] * (end - start))
    # Moving one column alone by one step shows whose jump it is.
    expected = np.zeros(WIDTH)
    for step in np.flatnonzero(np.diff(on_the_way)):
        here, there = start + moments[step] * (end - start), start + moments[step + 1] * (end - start)
        one_by_one = [difference(regressor, here, np.where(np.arange(WIDTH) == c, there, here)) for c in range(WIDTH)]
        expected += one_by_one

    assert regressor.changes(start, end) == pytest.approx(expected, abs=0.02)


def test_points_on_a_split_keep_their_own_sums(tmp_path: Path) -> None:
    grid = np.repeat(np.arange(8.0), 8)[:, None]
    model = trees_on(grid, tmp_path)
    thresholds = np.arange(7.0) + 0.5

    for start in thresholds:
        for end in thresholds:
            changes = model.changes(np.array([start]), np.array([end]))
            assert changes.sum() == pytest.approx(difference(model, np.array([start]), np.array([end])), abs=1e-12)


def trees_on(grid: np.ndarray, folder: Path) -> Trees:
    forest = RandomForestRegressor(n_estimators=3, random_state=0).fit(grid, grid[:, 0] ** 2)
    treelite.sklearn.import_model(forest).serialize(folder / "trees")
    return Trees.load(folder / "trees")
