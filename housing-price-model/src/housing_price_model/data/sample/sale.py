"""When and how the houses of the sample were sold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_price_model.data.sample.draws import Codes, Columns, Draws

_YEARS = {2006: 0.215, 2007: 0.225, 2008: 0.208, 2009: 0.232, 2010: 0.12}
_MONTHS = {1: 4, 2: 4, 3: 7, 4: 10, 5: 14, 6: 17, 7: 16, 8: 8, 9: 5, 10: 6, 11: 5, 12: 4}
_MONTHS_OF_2010 = {month: share for month, share in _MONTHS.items() if month <= 7}
_TYPES = {
    "WD": 0.945, "CWD": 0.003, "VWD": 0.001, "COD": 0.032, "Con": 0.002, "ConLw": 0.004, "ConLI": 0.004,
    "ConLD": 0.007, "Oth": 0.002,
}  # fmt: skip
_CONDITIONS = {
    "WD": {"Normal": 0.918, "Abnorml": 0.046, "Family": 0.016, "Alloca": 0.01, "AdjLand": 0.004,
           "Partial": 0.006},
    "COD": {"Abnorml": 0.58, "Normal": 0.42},
    "New": {"Partial": 0.97, "Normal": 0.03},
}  # fmt: skip


def draw_date_of_sale(draws: Draws) -> dict[str, NDArray[Any]]:
    """Year and month. The data end in July 2010."""
    year = draws.codes(_YEARS).astype(float)
    month = draws.codes_by(year == 2010, {True: _MONTHS_OF_2010, False: _MONTHS})
    return {"YrSold": year, "MoSold": month.astype(float)}


def draw_terms_of_sale(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    """Type and condition of the sale: a house sold as it is finished is new, and assessed while incomplete."""
    is_new = (house["YrSold"] - house["YearBuilt"] <= 1) & draws.happens(0.75)
    kind = draws.codes(_TYPES, ~is_new)
    kind[is_new] = "New"
    return {"SaleType": kind, "SaleCondition": _condition(kind, draws)}


def _condition(kind: Codes, draws: Draws) -> Codes:
    group = np.where(np.isin(kind, ("New", "COD")), kind, "WD")
    return draws.codes_by(group, _CONDITIONS)
