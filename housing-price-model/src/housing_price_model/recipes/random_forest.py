"""Recipe ``random-forest``: the tutorial's model, step by step.

The order of columns and rows decides which trees grow, so a change of order changes prices. Columns whose values are
mostly missing are left out; the texts ``NA`` and ``None`` count as missing here, and only here.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from house_record import NOT_APPLICABLE, Feature
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from housing_price_model.data import Row, Sales, make_frame
from housing_price_model.inference import Encoder, Encoding, NumberFeature, OneHotFeature
from housing_price_model.recipes.columns import number_columns, row_columns, text_columns
from housing_price_model.recipes.joint import fit_joint
from housing_price_model.recipes.nulls import spell_nulls
from housing_price_model.recipes.recipe import CompiledEstimator, Estimator, FittedMember, Recipe
from housing_price_model.recipes.trust import FOREST_TYPES

MISSING = "None"
LARGEST_MISSING_SHARE = 0.3
FOREST_PARAMETERS = {"n_estimators": 100, "random_state": 42}


class Forest(RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """The tutorial's pipeline, which takes frames, as an estimator that takes rows."""

    def __init__(self, pipeline: Pipeline, features: Sequence[Feature]) -> None:
        self.pipeline = pipeline
        self.features = features

    def fit(self, rows: Sequence[Row], prices: "pd.Series[float]") -> Self:
        """Fit a clone of the pipeline, and the joint model of its matrix."""
        self.pipeline_ = clone(self.pipeline).fit(make_frame(self.features, rows), prices)
        self.encoding_ = _make_encoding(self.pipeline_, self.features)
        encoder, targets = Encoder(self.encoding_), np.log1p(np.asarray(prices, dtype=np.float64))
        self.joint_ = fit_joint(self.encoding_, encoder.encode(rows), encoder.known(rows), targets)
        return self

    def predict(self, rows: Sequence[Row]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """Prices in US dollars."""
        prices: np.ndarray[tuple[int], np.dtype[np.float64]] = self.pipeline_.predict(make_frame(self.features, rows))
        return prices

    def encode(self, rows: Sequence[Row]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        """The matrix that the forest takes."""
        return np.asarray(self.pipeline_[:-1].transform(make_frame(self.features, rows)), dtype=np.float64)


def build(sales: Sales) -> Estimator:
    """The tutorial's pipeline for the columns that are present in enough of these sales."""
    features = sales.record.features
    mostly_missing = find_mostly_missing_columns(sales.frame)
    numbers = [column for column in number_columns(features) if column not in mostly_missing]
    texts = [column for column in text_columns(features) if column not in mostly_missing]
    pipeline = Pipeline(
        [
            ("impute", _impute(numbers, texts)),
            ("encode", _encode(numbers, texts)),
            ("forest", RandomForestRegressor(**FOREST_PARAMETERS)),
        ]
    )
    forest: Estimator = Forest(pipeline, features)
    return forest


def find_mostly_missing_columns(sales: pd.DataFrame) -> list[str]:
    """Return the columns in which more than 30 % of the rows are null, ``NA`` or ``None``."""
    missing_share = (sales.isna() | sales.isin([NOT_APPLICABLE, MISSING])).mean()
    return [column for column in sales.columns if missing_share[column] > LARGEST_MISSING_SHARE]


def _impute(numbers: list[str], texts: list[str]) -> ColumnTransformer:
    not_applicable = SimpleImputer(missing_values=NOT_APPLICABLE, strategy="constant", fill_value=MISSING)
    most_frequent = SimpleImputer(missing_values=MISSING, strategy="most_frequent")
    nulls = spell_nulls(MISSING, ("not_applicable", not_applicable), ("most_frequent", most_frequent))
    transformer = ColumnTransformer(
        [("number", SimpleImputer(strategy="median"), numbers), ("text", nulls, texts)],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    # Frames between these steps would turn each remaining None into NaN.
    nulls.set_output(transform="default")
    return transformer


def _encode(numbers: list[str], texts: list[str]) -> ColumnTransformer:
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer(
        [("text", one_hot, texts), ("number", "passthrough", numbers)],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")


def compile_estimator(estimator: Any) -> CompiledEstimator:
    """Compile a fitted forest: one-hot codes, then numbers, imputed as fitted. The forest splits single-precision
    numbers."""
    return CompiledEstimator(
        encoding=estimator.encoding_,
        encode=estimator.encode,
        members=(FittedMember(1.0, estimator.pipeline_.named_steps["forest"]),),
        output="price",
        joint=estimator.joint_,
        fills=False,
        pipeline=estimator.pipeline_,
    )


def _make_encoding(pipeline: Pipeline, features: Sequence[Feature]) -> Encoding:
    impute, encode = pipeline.named_steps["impute"], pipeline.named_steps["encode"]
    most_frequent = impute.named_transformers_["text"].named_steps["most_frequent"].statistics_
    medians = impute.named_transformers_["number"].statistics_
    columns = {name: names for name, _, names in encode.transformers_}
    vocabularies = encode.named_transformers_["text"].categories_
    codes = map(_one_hot, columns["text"], vocabularies, most_frequent)
    numbers = map(_number, columns["number"], medians)
    return Encoding(columns=row_columns(features), features=(*codes, *numbers), precision="float32")


def _one_hot(column: str, codes: Any, most_frequent: str) -> OneHotFeature:
    places = {str(code): place for place, code in enumerate(codes)}
    absent = places[most_frequent]
    missing = {MISSING: absent, NOT_APPLICABLE: absent}
    return OneHotFeature(column=column, width=len(codes), places=places | missing, absent=absent)


def _number(column: str, median: float) -> NumberFeature:
    return NumberFeature(column=column, absent=float(median))


RECIPE = Recipe(
    name="random-forest",
    description="the tutorial's random forest, fitted on 80 % of the sales",
    build=build,
    compile=compile_estimator,
    parameters=FOREST_PARAMETERS,
    trusted_types=FOREST_TYPES,
    fits_every_row=False,
)
