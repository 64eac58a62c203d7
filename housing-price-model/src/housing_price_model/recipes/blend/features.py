"""The features of the blend: how each number and code is encoded, and which features form a group.

Numbers are clipped to the range of the sales, and large areas to the limits in the settings, beyond which there are few
sales. The code ``NA`` means "none". A null is unknown, and is filled in from what is known before prices are computed.

Where the market is monotone, so are the members: ``SIGNS`` and ``CODE_SIGNS`` say in which direction. Features that no
member may see are in ``UNPRICED``; they only help to fill in the others and to notice houses that don't fit together.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from house_record import NOT_APPLICABLE, Feature

from housing_price_model.data import Row
from housing_price_model.inference import (
    CodeFeature,
    Encoding,
    Formula,
    NumberFeature,
    OneHotFeature,
    locate_columns,
)
from housing_price_model.recipes.columns import row_columns

QUALITY = {"Po": 1.0, "Fa": 2.0, "TA": 3.0, "Gd": 4.0, "Ex": 5.0}
FINISH = {"Unf": 1.0, "LwQ": 2.0, "Rec": 3.0, "BLQ": 4.0, "ALQ": 5.0, "GLQ": 6.0}

LEVELS: Mapping[str, Mapping[str, float]] = {
    **dict.fromkeys(("ExterQual", "ExterCond", "HeatingQC", "KitchenQual"), QUALITY),
    **dict.fromkeys(("BsmtQual", "BsmtCond", "FireplaceQu", "GarageQual", "GarageCond", "PoolQC"), QUALITY),
    **dict.fromkeys(("BsmtFinType1", "BsmtFinType2"), FINISH),
    "BsmtExposure": {"No": 1.0, "Mn": 2.0, "Av": 3.0, "Gd": 4.0},
    "Functional": {
        "Sal": 0.0,
        "Sev": 1.0,
        "Maj2": 2.0,
        "Maj1": 3.0,
        "Mod": 4.0,
        "Min2": 5.0,
        "Min1": 6.0,
        "Typ": 7.0,
    },
    "LotShape": {"Reg": 0.0, "IR1": 1.0, "IR2": 2.0, "IR3": 3.0},
    "LandSlope": {"Gtl": 0.0, "Mod": 1.0, "Sev": 2.0},
    "GarageFinish": {"Unf": 1.0, "RFn": 2.0, "Fin": 3.0},
    "PavedDrive": {"N": 0.0, "P": 1.0, "Y": 2.0},
    "CentralAir": {"N": 0.0, "Y": 1.0},
    "Electrical": {"Mix": 0.0, "FuseP": 1.0, "FuseF": 2.0, "FuseA": 3.0, "SBrkr": 4.0},
    "Fence": {"MnWw": 1.0, "GdWo": 1.0, "MnPrv": 2.0, "GdPrv": 3.0},
}
"""Ordered codes as numbers. ``NA``, such as no basement, is 0."""

REFERENCE_CODES: Mapping[str, str] = {"Condition1": "Norm", "Condition2": "Norm", "GarageType": NOT_APPLICABLE}
"""Codes without a column of their own: those of the other codes are the difference from them."""

CODED_NUMBERS = ("MSSubClass",)
"""Numbers that are really codes."""

FORMULAS: Mapping[str, tuple[Mapping[str, float], str]] = {
    "log living area": ({"GrLivArea": 1}, "log1p"),
    "log total area": ({"GrLivArea": 1, "TotalBsmtSF": 1}, "log1p"),
    "log ground floor": ({"1stFlrSF": 1}, "log1p"),
    "log lot": ({"LotArea": 1}, "log1p"),
    "age": ({"YrSold": 1, "YearBuilt": -1}, "identity"),
    "root age": ({"YrSold": 1, "YearBuilt": -1}, "sqrt"),
    "log age": ({"YrSold": 1, "YearBuilt": -1}, "log1p"),
    "root years since remodelling": ({"YrSold": 1, "YearRemodAdd": -1}, "sqrt"),
    "log years since remodelling": ({"YrSold": 1, "YearRemodAdd": -1}, "log1p"),
    "baths": ({"FullBath": 1, "HalfBath": 0.5}, "identity"),
    "baths in basement": ({"BsmtFullBath": 1, "BsmtHalfBath": 0.5}, "identity"),
    "root deck": ({"WoodDeckSF": 1}, "sqrt"),
    "root open porch": ({"OpenPorchSF": 1}, "sqrt"),
    "root screen porch": ({"ScreenPorch": 1}, "sqrt"),
    "root enclosed porch": ({"EnclosedPorch": 1}, "sqrt"),
    "root three season porch": ({"3SsnPorch": 1}, "sqrt"),
    "root pool": ({"PoolArea": 1}, "sqrt"),
    "root masonry": ({"MasVnrArea": 1}, "sqrt"),
    "time of sale": ({"YrSold": 1, "MoSold": 1 / 12}, "identity"),
    "rooms beside bedrooms": ({"TotRmsAbvGrd": 1, "BedroomAbvGr": -1}, "identity"),
}
"""Engineered features: a function of a weighted sum."""

ANY_SIGN = frozenset(("rooms beside bedrooms",))
"""Formulas whose sum may be negative. The others are at least 0."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "living area": ("log living area",),
    "quality": ("OverallQual",),
    "condition": ("OverallCond",),
    "lot": ("log lot",),
    "total area": ("log total area", "log ground floor"),
    "floors": ("2ndFlrSF", "LowQualFinSF"),
    "basement": ("TotalBsmtSF", "BsmtUnfSF"),
    "finished basement": ("BsmtFinSF1", "BsmtFinSF2"),
    "quality of basement": ("BsmtQual", "BsmtCond", "BsmtExposure", "BsmtFinType1", "BsmtFinType2"),
    "quality of parts": ("ExterQual", "KitchenQual"),
    "condition of parts": ("ExterCond", "HeatingQC"),
    "functionality": ("Functional",),
    "age": ("age", "root age", "log age"),
    "remodelling": ("root years since remodelling", "log years since remodelling"),
    "shape of lot": ("LotShape", "LandSlope", "LotConfig", "LandContour"),
    "baths": ("baths", "baths in basement"),
    "rooms": ("TotRmsAbvGrd",),
    "fireplaces": ("Fireplaces", "FireplaceQu"),
    "garage": ("GarageCars", "GarageArea", "GarageFinish"),
    "quality of garage": ("GarageQual", "GarageCond"),
    "kind of garage": ("GarageType", "PavedDrive"),
    "porches": (
        "root deck",
        "root open porch",
        "root screen porch",
        "root enclosed porch",
        "root three season porch",
        "root pool",
    ),
    "masonry": ("root masonry", "MasVnrType"),
    "neighbourhood": ("Neighborhood",),
    "zoning": ("MSZoning",),
    "kind of building": ("MSSubClass", "BldgType", "HouseStyle"),
    "exterior": ("Exterior1st", "Exterior2nd"),
    "roof": ("RoofStyle", "RoofMatl"),
    "foundation": ("Foundation",),
    "surroundings": ("Condition1", "Condition2"),
    "installations": ("Electrical", "Heating", "CentralAir"),
    "sale": ("SaleType", "SaleCondition"),
    "outdoors": ("Fence", "MiscFeature", "Alley", "Street", "Utilities"),
    "time": ("time of sale",),
}
"""Groups of features that share a length-scale and a variance in the process."""

SIGNS: Mapping[str, int] = dict.fromkeys(
    (
        *("GrLivArea", "1stFlrSF", "LotArea", "log living area", "log total area", "log ground floor", "log lot"),
        *("OverallQual", "OverallCond", "ExterQual", "ExterCond", "KitchenQual", "HeatingQC", "Functional"),
        *("BsmtQual", "BsmtCond", "BsmtExposure", "BsmtFinType1", "baths", "baths in basement", "TotRmsAbvGrd"),
        *("Fireplaces", "FireplaceQu", "CentralAir", "Electrical", "Fence", "PavedDrive", "PoolQC"),
        *("GarageType", "GarageCars", "GarageArea", "GarageFinish", "GarageQual", "GarageCond"),
        *("root deck", "root open porch", "root screen porch", "root enclosed porch", "root three season porch"),
        "root pool",
    ),
    1,
)
"""Features with which no price falls. For a feature with a column per code: none is worth less than the reference."""

NUISANCES = ("Artery", "Feedr", "RRNn", "RRAn", "RRNe", "RRAe")
PROXIMITY_SIGNS = {**dict.fromkeys(NUISANCES, -1), "PosN": 1, "PosA": 1}
CODE_SIGNS: Mapping[str, Mapping[str, int]] = {"Condition1": PROXIMITY_SIGNS, "Condition2": PROXIMITY_SIGNS}
"""Codes that are worth more (1) or less (-1) than the reference."""

UNPRICED = frozenset(
    (
        *("FullBath", "HalfBath", "BsmtFullBath", "BsmtHalfBath"),
        *("BedroomAbvGr", "KitchenAbvGr", "rooms beside bedrooms"),
        *("LotFrontage", "GarageYrBlt"),
    )
)
"""Features that no member sees. Baths count together; a bedroom or a kitchen more in the same area is worth nothing;
frontage is unknown for every sixth sale, and prices are as good without it and the year of the garage."""

ROOM_ABOVE: Mapping[str, float] = {"FullBath": 1.0}
"""How far beyond the range of the sales numbers are clipped: a full bath in place of a half one is worth more."""


@dataclass(frozen=True)
class Design:
    """An encoding, and for each column of its matrix the name, whether it is an indicator of a code, and the direction
    in which it moves the price: 1, -1, or 0 for either."""

    encoding: Encoding
    names: tuple[str, ...]
    is_indicator: tuple[bool, ...]
    signs: tuple[int, ...]

    def places(self, group: str) -> list[int]:
        """Return the places of a group's columns in the matrix."""
        members = GROUPS[group]
        return [place for place, name in enumerate(self.names) if name in members]

    @property
    def unpriced(self) -> list[int]:
        """The places of the columns that no member sees."""
        return [place for place, name in enumerate(self.names) if name in UNPRICED]


def make_design(fields: Sequence[Feature], rows: Sequence[Row], limits: Mapping[str, float]) -> Design:
    """Make the encoding for houses like these, with a value for each of ``fields``.

    ``limits`` are the largest values of columns.
    """
    columns = zip(*rows, strict=True)
    features = tuple(
        _feature(feature, [value for value in values if value is not None], limits)
        for feature, values in zip(fields, columns, strict=True)
    )
    starts, width = locate_columns(features)
    at = {feature.column: start for feature, start in zip(features, starts, strict=True)}
    formulas = tuple(
        Formula(
            name=name,
            terms=tuple((at[column], weight) for column, weight in terms.items()),
            low=None if name in ANY_SIGN else 0.0,
            function=function,
        )
        for name, (terms, function) in FORMULAS.items()
    )
    names, indicators, signs = [""] * width, [False] * width, [0] * width
    for feature, start in zip(features, starts, strict=True):
        for place in range(start, start + (feature.width if isinstance(feature, OneHotFeature) else 1)):
            names[place], indicators[place] = feature.column, isinstance(feature, OneHotFeature)
            signs[place] = SIGNS.get(feature.column, 0)
        if isinstance(feature, OneHotFeature):
            for code, sign in CODE_SIGNS.get(feature.column, {}).items():
                signs[start + feature.places[code]] = sign
    return Design(
        encoding=Encoding(columns=row_columns(fields), features=features, formulas=formulas),
        names=(*names, *FORMULAS),
        is_indicator=(*indicators, *[False] * len(formulas)),
        signs=(*signs, *(SIGNS.get(name, 0) for name in FORMULAS)),
    )


def _feature(
    feature: Feature, known: Sequence[Any], limits: Mapping[str, float]
) -> NumberFeature | CodeFeature | OneHotFeature:
    if feature.column in LEVELS:
        return _level(feature, known)
    if feature.kind == "text" or feature.column in CODED_NUMBERS:
        return _one_hot(feature, known)
    return _number(feature, known, limits)


def _number(feature: Feature, known: Sequence[float], limits: Mapping[str, float]) -> NumberFeature:
    absent = median(known) if known else 0.0
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    highest = max(low, min(high, limits.get(feature.column, high))) + ROOM_ABOVE.get(feature.column, 0.0)
    return NumberFeature(column=feature.column, absent=absent, low=low, high=highest)


def _level(feature: Feature, known: Sequence[str]) -> CodeFeature:
    """Encode an ordered code. A code without a level counts as the usual one."""
    levels = {NOT_APPLICABLE: 0.0, **LEVELS[feature.column]} if feature.absence else LEVELS[feature.column]
    usual = median([levels[code] for code in known if code in levels] or levels.values())
    return CodeFeature(column=feature.column, places=dict(levels), absent=usual, unknown=usual)


def _one_hot(feature: Feature, known: Sequence[float | str]) -> OneHotFeature:
    codes = [str(float(code)) if feature.kind == "number" else str(code) for code in feature.codes]
    named = [*codes, NOT_APPLICABLE] if feature.absence else codes
    reference = REFERENCE_CODES.get(feature.column)
    kept = [code for code in named if code != reference]
    places = {code: place for place, code in enumerate(kept)}
    usual = places.get(str(_most_frequent(known))) if known else None
    return OneHotFeature(column=feature.column, width=len(kept), places=places, absent=usual, reference=reference)


def _most_frequent(known: Sequence[Any]) -> Any:
    """Return the most frequent value, the smallest of several."""
    counts = Counter(known)
    return min(counts, key=lambda value: (-counts[value], value))
