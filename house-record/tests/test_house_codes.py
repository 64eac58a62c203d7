"""Vocabularies: every code of the data, every spelling of the dictionary, and nothing else."""

from typing import Any

import pytest
from house_record import FEATURES, Feature, House, example_house
from pydantic import ValidationError

CODED = [feature for feature in FEATURES if feature.codes]
WITH_MEANINGFUL_ABSENCE = [feature for feature in FEATURES if feature.absence]
WITHOUT = [feature for feature in FEATURES if not feature.absence]


def read(feature: Feature, value: object) -> object:
    return getattr(example_house(**{feature.name: value}), feature.name)


@pytest.mark.parametrize("feature", CODED, ids=lambda feature: feature.name)
def test_every_code_is_taken_as_it_is(feature: Feature) -> None:
    assert [read(feature, code) for code in feature.codes] == list(feature.codes)


@pytest.mark.parametrize("feature", [f for f in CODED if f.spellings], ids=lambda feature: feature.name)
def test_every_other_spelling_means_a_code_of_the_data(feature: Feature) -> None:
    assert {spelling: read(feature, spelling) for spelling in feature.spellings} == feature.spellings
    assert set(feature.spellings.values()) - {None} <= set(feature.codes)


@pytest.mark.parametrize(
    ("name", "spelling", "code"),
    [
        ("ms_zoning", "C", "C (all)"),
        ("ms_zoning", "A", "A (agr)"),
        ("ms_zoning", "I", "I (all)"),
        ("neighborhood", "Names", "NAmes"),
        ("bldg_type", "2FmCon", "2fmCon"),
        ("bldg_type", "Duplx", "Duplex"),
        ("bldg_type", "TwnhsI", "Twnhs"),
        ("exterior_1st", "CmentBd", "CemntBd"),
        ("exterior_1st", "Wd Shng", "WdShing"),
        ("exterior_1st", "Brk Cmn", "BrkComm"),
        ("exterior_2nd", "CemntBd", "CmentBd"),
        ("exterior_2nd", "WdShing", "Wd Shng"),
        ("exterior_2nd", "BrkComm", "Brk Cmn"),
        ("sale_type", "WD ", "WD"),
    ],
)
def test_the_dictionarys_spellings_mean_the_datas_codes(name: str, spelling: str, code: str) -> None:
    assert getattr(example_house(**{name: spelling}), name) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("neighborhood", "Greens"), ("neighborhood", "GrnHill"), ("neighborhood", "Landmrk"),
     ("neighborhood", "Veenker"), ("bldg_type", "TwnhsE"), ("mas_vnr_type", "None"), ("ms_sub_class", 150),
     ("kitchen_qual", "Po"), ("electrical", "Mix")],
)  # fmt: skip
def test_codes_that_only_some_files_hold_are_known(name: str, code: str | int) -> None:
    assert getattr(example_house(**{name: code}), name) == code


@pytest.mark.parametrize("feature", CODED, ids=lambda feature: feature.name)
@pytest.mark.parametrize("value", ["Dummy", "", " ", "na", "none", "N/A", 7, 20.5])
def test_an_unknown_code_is_a_literal_error_with_wire_name(feature: Feature, value: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        example_house(**{feature.name: value})

    (mistake,) = refusal.value.errors()
    assert (mistake["type"], mistake["loc"]) == ("literal_error", (feature.wire_name,))


@pytest.mark.parametrize("feature", WITH_MEANINGFUL_ABSENCE, ids=lambda feature: feature.name)
def test_na_is_null_where_absence_means_something(feature: Feature) -> None:
    assert read(feature, "NA") is None
    assert read(feature, "NA ") is None


@pytest.mark.parametrize("feature", WITHOUT, ids=lambda feature: feature.name)
def test_na_is_refused_where_it_would_hide_something_unknown(feature: Feature) -> None:
    with pytest.raises(ValidationError):
        example_house(**{feature.name: "NA"})


def test_only_the_dictionarys_fields_have_a_meaning_of_absence() -> None:
    assert {feature.column for feature in WITH_MEANINGFUL_ABSENCE} == {
        "Alley", "BsmtQual", "BsmtCond", "BsmtExposure", "BsmtFinType1", "BsmtFinType2", "FireplaceQu",
        "GarageType", "GarageYrBlt", "GarageFinish", "GarageQual", "GarageCond", "PoolQC", "Fence",
        "MiscFeature",
    }  # fmt: skip


def test_none_is_a_code_for_masonry_and_for_nothing_else() -> None:
    assert [feature.name for feature in CODED if "None" in feature.values()] == ["mas_vnr_type"]


def test_every_value_of_the_real_data_is_taken(real_rows: list[dict[str, str]]) -> None:
    for feature in FEATURES:
        for cell in {row[feature.column] for row in real_rows} - {"NA"}:
            value = cell if feature.python_type is str else feature.python_type(cell)
            assert read(feature, value) == value, feature.column


def test_every_row_of_the_real_data_is_a_house(real_rows: list[dict[str, str]]) -> None:
    def value(feature: Feature, cell: str) -> object:
        return None if cell == "NA" else feature.python_type(cell)

    for row in real_rows:
        House.model_validate({"id": int(row["Id"])} | {f.name: value(f, row[f.column]) for f in FEATURES})
