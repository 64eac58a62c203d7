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
    parts = (house.bsmt_fin_sf_1, house.bsmt_fin_sf_2, house.bsmt_unf_sf)
    return _differs(house.total_bsmt_sf, parts)


def _living_area_does_not_add_up(house: House) -> bool:
    parts = (house.first_flr_sf, house.second_flr_sf, house.low_qual_fin_sf)
    return _differs(house.gr_liv_area, parts)


def _differs(whole: float | None, parts: tuple[float | None, ...]) -> bool:
    known = [part for part in parts if part is not None]
    if whole is None or len(known) < len(parts):
        return False
    return abs(whole - sum(known)) > ROUNDING_SQUARE_FEET


def _basement_details_without_basement(house: House) -> bool:
    details = (
        house.bsmt_qual,
        house.bsmt_cond,
        house.bsmt_exposure,
        house.bsmt_fin_type_1,
        house.bsmt_fin_type_2,
    )
    return house.total_bsmt_sf == 0 and any(detail is not None for detail in details)


def _garage_details_without_garage(house: House) -> bool:
    details = (house.garage_yr_blt, house.garage_finish, house.garage_qual, house.garage_cond)
    has_size = bool(house.garage_cars) or bool(house.garage_area)
    return house.garage_type is None and (has_size or any(detail is not None for detail in details))


def _fireplace_quality_without_fireplace(house: House) -> bool:
    return house.fireplaces == 0 and house.fireplace_qu is not None


def _pool_quality_without_pool(house: House) -> bool:
    return house.pool_area == 0 and house.pool_qc is not None


def _masonry_area_without_masonry(house: House) -> bool:
    return house.mas_vnr_type == "None" and bool(house.mas_vnr_area)


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
        _garage_details_without_garage,
        "GARAGE_DETAILS_WITHOUT_GARAGE",
        "garageType garageYrBlt garageFinish garageCars garageArea garageQual garageCond",
        "There are details of a garage, but no garage type.",
    ),
    _rule(
        _basement_does_not_add_up,
        "BASEMENT_AREAS_DO_NOT_ADD_UP",
        "bsmtFinSf1 bsmtFinSf2 bsmtUnfSf totalBsmtSf",
        "The parts of the basement do not add up to its whole area.",
    ),
    _rule(
        _basement_details_without_basement,
        "BASEMENT_DETAILS_WITHOUT_BASEMENT",
        "totalBsmtSf bsmtQual bsmtCond bsmtExposure bsmtFinType1 bsmtFinType2",
        "There are details of a basement, but it has no area.",
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
        _fireplace_quality_without_fireplace,
        "FIREPLACE_QUALITY_WITHOUT_FIREPLACE",
        "fireplaces fireplaceQu",
        "There is a fireplace quality, but no fireplace.",
    ),
    _rule(
        _pool_quality_without_pool,
        "POOL_QUALITY_WITHOUT_POOL",
        "poolArea poolQc",
        "There is a pool quality, but the pool has no area.",
    ),
    _rule(
        _masonry_area_without_masonry,
        "MASONRY_AREA_WITHOUT_MASONRY",
        "masVnrType masVnrArea",
        "There is an area of masonry veneer, but its type is `None`.",
    ),
)
