"""The model's columns by kind, in file order: numbers are float64 in a frame, codes are text."""

from house_record import FEATURES

NUMBER_COLUMNS = tuple(feature.column for feature in FEATURES if feature.kind == "number")
TEXT_COLUMNS = tuple(feature.column for feature in FEATURES if feature.kind == "text")
