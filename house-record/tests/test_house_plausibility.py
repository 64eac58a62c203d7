"""Improbable houses are priced with a warning: each rule, and what is just within it."""

from typing import Any, NamedTuple

import pytest
from house_record import AMES, FIELDS, example_house, find_implausibilities

WARNINGS = [*(rule.implausibility for rule in AMES.rules), *AMES.list_contradictions()]


class Case(NamedTuple):
    code: str
    improbable: dict[str, Any]
    probable: dict[str, Any]


_NO_GARAGE: dict[str, Any] = {
    "garage_type": None, "garage_yr_blt": None, "garage_finish": None, "garage_cars": 0, "garage_area": 0,
    "garage_qual": None, "garage_cond": None,
}  # fmt: skip
_NO_BASEMENT: dict[str, Any] = {
    "total_bsmt_sf": 0, "bsmt_fin_sf_1": 0, "bsmt_fin_sf_2": 0, "bsmt_unf_sf": 0, "bsmt_qual": None,
    "bsmt_cond": None, "bsmt_exposure": None, "bsmt_fin_type_1": None, "bsmt_fin_type_2": None,
}  # fmt: skip

CASES = [
    Case("REMODELLED_BEFORE_BUILT", {"year_remod_add": 1960}, {"year_remod_add": 1961}),
    Case(
        "SOLD_BEFORE_BUILT",
        {"year_built": 2011, "year_remod_add": 2011},
        {"year_built": 2010, "year_remod_add": 2010},
    ),
    Case("SOLD_BEFORE_REMODELLED", {"year_remod_add": 2011}, {"year_remod_add": 2010}),
    Case("GARAGE_BUILT_AFTER_SALE", {"garage_yr_blt": 2207}, {"garage_yr_blt": 2010}),
    Case("GARAGE_BUILT_AFTER_SALE", {"garage_yr_blt": 2011}, {"garage_yr_blt": None}),
    Case("GARAGE_DETAILS_WITHOUT_GARAGE", {"garage_type": None}, _NO_GARAGE),
    *(
        Case("GARAGE_DETAILS_WITHOUT_GARAGE", _NO_GARAGE | detail, detail)
        for detail in (
            {"garage_type": "Detchd"},
            {"garage_yr_blt": 1961},
            {"garage_finish": "Unf"},
            {"garage_qual": "TA"},
            {"garage_cond": "TA"},
            {"garage_cars": 1},
            {"garage_area": 200},
        )
    ),
    Case("GARAGE_DETAILS_WITHOUT_GARAGE", {"garage_qual": None}, {"garage_qual": "Fa"}),
    Case("GARAGE_DETAILS_WITHOUT_GARAGE", {"garage_cars": 0, "garage_area": 0}, {"garage_cars": None}),
    Case("BASEMENT_AREAS_DO_NOT_ADD_UP", {"total_bsmt_sf": 884}, {"total_bsmt_sf": 883}),
    Case("BASEMENT_AREAS_DO_NOT_ADD_UP", {"bsmt_fin_sf_1": 0}, {"bsmt_fin_sf_1": None}),
    Case("BASEMENT_AREAS_DO_NOT_ADD_UP", {"total_bsmt_sf": 0, **dict.fromkeys(
        ("bsmt_qual", "bsmt_cond", "bsmt_exposure", "bsmt_fin_type_1", "bsmt_fin_type_2"))},
        {"total_bsmt_sf": None}),
    *(
        Case("BASEMENT_DETAILS_WITHOUT_BASEMENT", _NO_BASEMENT | detail, {**detail})
        for detail in (
            {"bsmt_qual": "TA"},
            {"bsmt_cond": "TA"},
            {"bsmt_exposure": "No"},
            {"bsmt_fin_type_1": "Unf"},
            {"bsmt_fin_type_2": "Unf"},
        )
    ),
    Case("BASEMENT_AREA_WITHOUT_BASEMENT", {"bsmt_qual": None}, _NO_BASEMENT),
    Case("BASEMENT_AREA_WITHOUT_BASEMENT", {"bsmt_qual": None, "total_bsmt_sf": None}, {"total_bsmt_sf": None}),
    Case("LIVING_AREAS_DO_NOT_ADD_UP", {"gr_liv_area": 898}, {"gr_liv_area": 897}),
    Case("LIVING_AREAS_DO_NOT_ADD_UP", {"second_flr_sf": 500}, {"second_flr_sf": None}),
    Case("FIRST_FLOOR_BEYOND_LOT", {"lot_area": 895}, {"lot_area": 896}),
    Case(
        "FIREPLACE_QUALITY_WITHOUT_FIREPLACE",
        {"fireplaces": 0, "fireplace_qu": "Gd"},
        {"fireplaces": 1, "fireplace_qu": "Gd"},
    ),
    Case("FIREPLACE_WITHOUT_QUALITY", {"fireplaces": 1}, {"fireplaces": 0}),
    Case("POOL_WITHOUT_QUALITY", {"pool_area": 500}, {"pool_area": None}),
    Case("MISCELLANEOUS_VALUE_WITHOUT_FEATURE", {"misc_val": 500}, {"misc_val": 0, "misc_feature": "Shed"}),
    Case("MASONRY_WITHOUT_AREA", {"mas_vnr_type": "Stone"}, {"mas_vnr_type": "Stone", "mas_vnr_area": None}),
    Case("POOL_QUALITY_WITHOUT_POOL", {"pool_qc": "Ex"}, {"pool_qc": "Ex", "pool_area": 500}),
    Case(
        "MASONRY_AREA_WITHOUT_MASONRY",
        {"mas_vnr_type": "None", "mas_vnr_area": 100},
        {"mas_vnr_type": "None", "mas_vnr_area": 0},
    ),
    Case(
        "MASONRY_AREA_WITHOUT_MASONRY",
        {"mas_vnr_type": "None", "mas_vnr_area": 1},
        {"mas_vnr_type": "Stone", "mas_vnr_area": 1},
    ),
]  # fmt: skip


_WIRE_NAMES = {field.name: field.wire_name for field in FIELDS}


def codes_of(changes: dict[str, Any]) -> list[str]:
    return [found.code for found in find_implausibilities(example_house(**changes))]


def test_nothing_is_improbable_about_the_example() -> None:
    assert codes_of({}) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.improbable}"[:60])
def test_what_is_improbable_is_named_by_its_rule_alone(case: Case) -> None:
    assert codes_of(case.improbable) == [case.code]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.probable}"[:60])
def test_what_is_just_probable_is_not_named(case: Case) -> None:
    assert codes_of(case.probable) == []


def test_every_rule_has_its_case() -> None:
    assert {case.code for case in CASES} == {warning.code for warning in WARNINGS}


def test_rules_speak_of_fields_by_their_wire_names() -> None:
    wire_names = {field.wire_name for field in FIELDS}

    for warning in WARNINGS:
        assert set(warning.fields) <= wire_names, warning.code


def test_several_rules_are_named_in_their_order() -> None:
    assert codes_of({"year_remod_add": 1900, "pool_qc": "Ex", "garage_yr_blt": 2207}) == [
        "REMODELLED_BEFORE_BUILT",
        "GARAGE_BUILT_AFTER_SALE",
        "POOL_QUALITY_WITHOUT_POOL",
    ]


@pytest.mark.parametrize("name", ["year_remod_add", "yr_sold", "first_flr_sf", "garage_yr_blt"])
def test_a_comparison_with_an_unknown_field_is_not_improbable(name: str) -> None:
    odd = {"year_built": 2011, "year_remod_add": 1900, "garage_yr_blt": 2207, "lot_area": 1}
    speaking_of = {warning.code for warning in WARNINGS if _WIRE_NAMES[name] in warning.fields}

    assert not speaking_of & set(codes_of(odd | {name: None}))


def test_a_house_of_required_fields_alone_is_not_improbable() -> None:
    optional = [field.name for field in FIELDS if not field.required]

    assert codes_of(dict.fromkeys(optional)) == []
