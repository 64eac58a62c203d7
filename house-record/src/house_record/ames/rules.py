"""Improbable but valid houses, which are priced with a warning.

Each rule is one function from a house to whether it is broken, which no unknown field breaks; ``RULES`` says which
fields it speaks of.
"""

from collections.abc import Callable

from house_record.ames.house import House
from house_record.implausibility import Implausibility, Rule

ROUNDING_SQUARE_FEET = 1.0
"""Tolerance for sums of areas that are measured separately."""


def _remodelled_before_built(house: House) -> bool:
    return house.year_remod_add is not None and house.year_remod_add < house.year_built


def _sold_before_built(house: House) -> bool:
    return house.yr_sold is not None and house.yr_sold < house.year_built


def _sold_before_remodelled(house: House) -> bool:
    remodelled, sold = house.year_remod_add, house.yr_sold
    return remodelled is not None and sold is not None and house.year_built <= sold < remodelled


def _garage_after_sale(house: House) -> bool:
    built, sold = house.garage_yr_blt, house.yr_sold
    return built is not None and sold is not None and built > sold


def _first_floor_beyond_lot(house: House) -> bool:
    return house.first_flr_sf is not None and house.first_flr_sf > house.lot_area


def _basement_does_not_add_up(house: House) -> bool:
    return _differ(house.total_bsmt_sf, house.bsmt_fin_sf_1, house.bsmt_fin_sf_2, house.bsmt_unf_sf)


def _living_area_does_not_add_up(house: House) -> bool:
    return _differ(house.gr_liv_area, house.first_flr_sf, house.second_flr_sf, house.low_qual_fin_sf)


def _differ(whole: float | None, first: float | None, second: float | None, third: float | None) -> bool:
    if whole is None or first is None or second is None or third is None:
        return False
    return abs(whole - first - second - third) > ROUNDING_SQUARE_FEET


def _masonry_area_without_masonry(house: House) -> bool:
    return house.mas_vnr_type == "None" and bool(house.mas_vnr_area)


def _masonry_without_area(house: House) -> bool:
    return house.mas_vnr_area == 0 and house.mas_vnr_type not in (None, "None")


def _rule(is_broken_by: Callable[[House], bool], code: str, fields: str, message: str) -> Rule[House]:
    return Rule(Implausibility(code=code, fields=tuple(fields.split()), message=message), is_broken_by)


RULES: tuple[Rule[House], ...] = (
    _rule(
        _remodelled_before_built,
        "REMODELLED_BEFORE_BUILT",
        "yearRemodAdd yearBuilt",
        "The year of remodelling is before the year of construction.",
    ),
    _rule(
        _sold_before_built,
        "SOLD_BEFORE_BUILT",
        "yrSold yearBuilt",
        "The year of the sale is before the year of construction.",
    ),
    _rule(
        _sold_before_remodelled,
        "SOLD_BEFORE_REMODELLED",
        "yrSold yearRemodAdd",
        "The year of the sale is before the year of remodelling.",
    ),
    _rule(
        _garage_after_sale,
        "GARAGE_BUILT_AFTER_SALE",
        "garageYrBlt yrSold",
        "The garage was built after the sale.",
    ),
    _rule(
        _basement_does_not_add_up,
        "BASEMENT_AREAS_DO_NOT_ADD_UP",
        "bsmtFinSf1 bsmtFinSf2 bsmtUnfSf totalBsmtSf",
        "The parts of the basement do not add up to its whole area.",
    ),
    _rule(
        _living_area_does_not_add_up,
        "LIVING_AREAS_DO_NOT_ADD_UP",
        "firstFlrSf secondFlrSf lowQualFinSf grLivArea",
        "The floors do not add up to the living area.",
    ),
    _rule(
        _first_floor_beyond_lot,
        "FIRST_FLOOR_BEYOND_LOT",
        "firstFlrSf lotArea",
        "The first floor is larger than the lot.",
    ),
    _rule(
        _masonry_area_without_masonry,
        "MASONRY_AREA_WITHOUT_MASONRY",
        "masVnrType masVnrArea",
        "There is an area of masonry veneer, but its type is `None`: the price takes both as they are.",
    ),
    _rule(
        _masonry_without_area,
        "MASONRY_WITHOUT_AREA",
        "masVnrType masVnrArea",
        "There is a type of masonry veneer, but its area is 0: the price takes both as they are.",
    ),
)
