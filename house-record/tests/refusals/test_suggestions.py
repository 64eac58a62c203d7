"""The nearest name or code to one that the record does not know."""

import pytest
from house_record import AMES, FIELDS, Feature, find_nearest_code, find_nearest_field


def field(name: str) -> Feature:
    return next(field for field in FIELDS if field.name == name)


@pytest.mark.parametrize("known", FIELDS, ids=lambda known: known.name)
def test_finds_a_field_by_wire_and_snake_case_name(known: Feature) -> None:
    assert AMES.field_by_name.get(known.wire_name) is known
    assert AMES.field_by_name.get(known.name) is known


@pytest.mark.parametrize("name", ["LotArea", "lotarea", "1stFlrSF", "lotAera", ""])
def test_no_field_is_called_by_another_name(name: str) -> None:
    assert AMES.field_by_name.get(name) is None


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("lotAera", "lot_area"), ("LotArea", "lot_area"), ("1stFlrSF", "first_flr_sf"),
     ("3SsnPorch", "three_ssn_porch"), ("neighbourhood", "neighborhood"), ("over_all_qual", "overall_qual"),
     ("YEARBUILT", "year_built")],
)  # fmt: skip
def test_a_misspelt_field_has_a_nearest_one(misspelt: str, meant: str) -> None:
    assert find_nearest_field(AMES, misspelt) is field(meant)


@pytest.mark.parametrize("name", ["", "zzz", "price per square foot in euros", "☃" * 500])
def test_a_name_like_no_other_has_none(name: str) -> None:
    assert find_nearest_field(AMES, name) is None


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [("street", "pave", "Pave"), ("street", "GRVL", "Grvl"), ("street", "Gravel", "Grvl"),
     ("neighborhood", "North Ames", "NAmes"),
     ("neighborhood", "Namess", "NAmes"), ("ms_sub_class", "200", "20"), ("sale_type", " wd", "WD"),
     ("kitchen_qual", "excelent", "Ex")],
)  # fmt: skip
def test_suggests_a_code_by_spelling_or_meaning(name: str, value: str, meant: str) -> None:
    assert find_nearest_code(field(name), value) == meant


@pytest.mark.parametrize(("name", "value"), [("street", "Dummy"), ("street", ""), ("lot_area", "big")])
def test_a_code_like_no_other_has_none(name: str, value: str) -> None:
    assert find_nearest_code(field(name), value) is None
