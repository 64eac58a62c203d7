"""The evidence: choices are measured on the same folds, with their noise."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, get_args

import numpy as np
import pandas as pd
import pytest
from house_record import AMES, Feature
from housing_price_model.data import Row, Sales
from housing_price_model.evaluation.folds import folds
from housing_price_model.pipeline.configuration import Imputation, SelectionReportSection
from housing_price_model.pipeline.plain_blend import PlainBlend
from housing_price_model.pipeline.preparations import SALE_COLUMNS, learn_imputation, learn_usual_sale
from housing_price_model.pipeline.selection import Choice, compare, find_better_choices, list_choices, write
from housing_price_model.recipes.blend.features import FORMULAS, GROUPS
from housing_price_model.recipes.blend.parameters import BlendSettings, default_settings
from housing_price_model.recipes.columns import number_columns

NUMBERS = number_columns(AMES.features)


class OffBy:
    """Knows every price but for a relative error."""

    def __init__(self, sales: Sales, error: float) -> None:
        self._sales, self._error = sales, error

    def fit(self, rows: Sequence[Row], prices: "pd.Series[float]") -> Self:
        return self

    def predict(self, rows: Sequence[Row]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        places = np.array([self._sales.rows.index(row) for row in rows])
        signs = np.where(places % 2, 1.0, -1.0)
        return np.asarray(self._sales.prices[places] * (1 + signs * self._error))


def off_by(sales: Sales, error: float, name: str) -> Choice:
    def build(_settings: BlendSettings, _features: Sequence[Feature]) -> Any:
        return OffBy(sales, error)

    return Choice("features", name, build=build)


def test_a_choice_is_better_only_beyond_noise(few_sales: Sales, said: Any, tmp_path: Path) -> None:
    compared = [
        off_by(few_sales, 0.1, "as the recipe does"),
        off_by(few_sales, 0.05, "better"),
        off_by(few_sales, 0.1, "same"),
        off_by(few_sales, 0.2, "worse"),
    ]

    measured = compare(few_sales, folds(few_sales), default_settings(), compared, said)
    write(measured, tmp_path)

    assert [one.name for one in find_better_choices(measured)] == ["better"]
    assert measured[3].low > 0
    assert measured[1].rmsle == pytest.approx(0.05, abs=0.002)
    table = pd.read_csv(tmp_path / "selection.csv")
    assert list(table["choice"]) == ["as the recipe does", "better", "same", "worse"]
    assert (tmp_path / "selection.png").is_file()


def test_what_is_compared_is_what_the_configuration_says() -> None:
    chosen = list_choices(SelectionReportSection(imputation=("knn",), features=("without the sale's columns",)))

    assert [choice.name for choice in chosen] == ["as the recipe does", "knn", "without the sale's columns"]


@pytest.mark.parametrize("how", get_args(Imputation.__value__))
def test_an_imputation_fills_what_is_absent_and_nothing_else(few_sales: Sales, how: Imputation) -> None:
    seen, unseen = few_sales.frame.iloc[:100], few_sales.frame.iloc[100:]

    filled = learn_imputation(how)(seen)(unseen)

    assert not filled[NUMBERS].isna().to_numpy().any()
    there = unseen[NUMBERS].notna()
    pd.testing.assert_frame_equal(filled[NUMBERS].where(there), unseen[NUMBERS].where(there))
    pd.testing.assert_frame_equal(filled.drop(columns=NUMBERS), unseen.drop(columns=NUMBERS))


def test_without_the_sales_columns_every_house_is_sold_alike(few_sales: Sales) -> None:
    flat = learn_usual_sale(few_sales.frame)(few_sales.frame)

    assert len(flat[list(SALE_COLUMNS)].drop_duplicates()) == 1
    assert list(flat.dtypes) == list(few_sales.frame.dtypes)


def test_without_engineered_columns_groups_have_their_inputs(few_sales: Sales) -> None:
    settings = default_settings()
    quick = settings.model_copy(update={"boosting": settings.boosting.model_copy(update={"max_iter": 5})})

    fitted = PlainBlend(quick, AMES.features).fit(few_sales.rows, few_sales.prices)

    names = fitted.design_.names
    assert not set(FORMULAS) & set(names)
    area = {names[place] for place in fitted.design_.places("total area")}
    assert area == {"1stFlrSF", "TotalBsmtSF", "GrLivArea"}
    assert all(fitted.design_.places(group) for group in GROUPS)
    assert np.isfinite(fitted.predict(few_sales.rows)).all()
