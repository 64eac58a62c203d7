"""Recipe ``default``: gradient boosted trees on the logarithm of the price.

Codes become their place in the record's vocabulary, so that every code of the dictionary has one, seen in the
sales or not; an absent code has its own, because absence often means "no garage". A text that is no code at all
counts as unknown, as an absent number does.
"""

from typing import Any

import numpy as np
import pandas as pd
from house_record import FEATURES
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from housing_price_model.recipes.columns import NUMBER_COLUMNS, ROW_COLUMNS, TEXT_COLUMNS
from housing_price_model.recipes.nulls import spell_nulls
from housing_price_model.recipes.recipe import Estimator, Recipe, TypedForm
from housing_price_model.recipes.trust import BOOSTING_TYPES
from housing_price_model.typed import CodeFeature, Encoding, NumberFeature

ABSENT = "absent"
BOOSTING_PARAMETERS = {
    "max_iter": 400,
    "learning_rate": 0.05,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 15,
    "l2_regularization": 3.0,
    "max_features": 0.2,
    # Whether to stop early would depend on the number of rows.
    "early_stopping": False,
    "random_state": 42,
}


def build(sales: pd.DataFrame) -> Estimator:  # noqa: ARG001 - this recipe takes every column of any sales
    """Boosted trees over all 79 features, trained on log prices."""
    regressor = Pipeline([("encode", _encode()), ("boosting", HistGradientBoostingRegressor(**BOOSTING_PARAMETERS))])
    estimator: Estimator = TransformedTargetRegressor(regressor, func=np.log1p, inverse_func=np.expm1)
    return estimator


def _encode() -> ColumnTransformer:
    vocabularies = [[*feature.codes, ABSENT] for feature in FEATURES if feature.kind == "text"]
    place = OrdinalEncoder(
        categories=vocabularies, handle_unknown="use_encoded_value", unknown_value=np.nan, dtype=np.float64
    )
    return ColumnTransformer(
        [
            ("text", spell_nulls(ABSENT, ("place", place)), list(TEXT_COLUMNS)),
            ("number", "passthrough", list(NUMBER_COLUMNS)),
        ],
        verbose_feature_names_out=False,
    )


def compile_typed(estimator: Any) -> TypedForm:
    """The codes' places and the numbers, in the order of the fitted steps; the trees give log prices."""
    encode, trees = estimator.regressor_.named_steps["encode"], estimator.regressor_.named_steps["boosting"]
    vocabularies = encode.named_transformers_["text"].named_steps["place"].categories_
    codes = [_code(column, list(codes)) for column, codes in zip(TEXT_COLUMNS, vocabularies, strict=True)]
    numbers = [NumberFeature(column=column) for column in NUMBER_COLUMNS]
    encoding = Encoding(columns=ROW_COLUMNS, features=(*codes, *numbers))
    return TypedForm(encoding=encoding, encode=encode, trees=trees, output="log1p_price")


def _code(column: str, codes: list[str]) -> CodeFeature:
    places = {code: float(place) for place, code in enumerate(codes)}
    return CodeFeature(column=column, places=places, absent=places[ABSENT], unknown=None)


RECIPE = Recipe(
    name="default",
    description="gradient boosting on log prices, fitted on every sale",
    build=build,
    compile=compile_typed,
    parameters=BOOSTING_PARAMETERS,
    trusted_types=BOOSTING_TYPES,
    fits_every_row=True,
)
