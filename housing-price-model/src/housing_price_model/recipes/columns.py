"""The model's columns in file order: numbers are float64 in a frame, codes are text."""

from house_record import FEATURES

from housing_price_model.inference import Column

ROW_COLUMNS = tuple(Column(name=feature.column, type=feature.kind) for feature in FEATURES)
NUMBER_COLUMNS = tuple(feature.column for feature in FEATURES if feature.kind == "number")
TEXT_COLUMNS = tuple(feature.column for feature in FEATURES if feature.kind == "text")
