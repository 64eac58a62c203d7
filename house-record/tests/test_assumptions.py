"""What a price assumes about a house, and which side of a contradiction is believed."""

from typing import Any

import pytest
from house_record import AMES, FEATURES, Feature, House, Implausibility, example_document, minimal_document

OPTIONAL = [feature for feature in FEATURES if not feature.required and feature.column not in AMES.date_columns]


def read(document: dict[str, Any]) -> tuple[dict[str, object], dict[str, Implausibility]]:
    row, warnings = AMES.read(House.model_validate(document))
    return dict(zip(AMES.columns, row, strict=True)), {warning.code: warning for warning in warnings}


def without(*names: str) -> dict[str, Any]:
    known = example_document(mas_vnr_type="None")
    return {name: value for name, value in known.items() if name not in names}


def test_nothing_is_assumed_about_a_house_of_which_all_is_known() -> None:
    _, warnings = read(example_document())

    assert warnings == {}


@pytest.mark.parametrize("feature", OPTIONAL, ids=lambda feature: feature.name)
def test_a_field_that_is_left_out_is_assumed(feature: Feature) -> None:
    row, warnings = read(without(feature.wire_name))

    assert row[feature.column] is None
    assert warnings["FIELDS_ASSUMED"].fields == (feature.wire_name,)


def test_the_date_of_a_sale_is_not_assumed() -> None:
    _, warnings = read(without("moSold", "yrSold"))

    assert warnings == {}


def test_the_fields_that_are_assumed_come_in_the_order_of_the_record() -> None:
    _, warnings = read(minimal_document())

    assert warnings["FIELDS_ASSUMED"].fields == tuple(feature.wire_name for feature in OPTIONAL)
    assert warnings["FIELDS_ASSUMED"].message == (
        "70 of the 79 fields are unknown: the price assumes what houses like this one have, "
        "and its interval is wider for it."
    )


def test_a_null_that_says_unknown_is_assumed_too() -> None:
    _, warnings = read(example_document(lot_frontage=None))

    assert warnings["FIELDS_ASSUMED"].fields == ("lotFrontage",)
    assert warnings["FIELDS_ASSUMED"].message.startswith("1 of the 79 fields is unknown: ")


@pytest.mark.parametrize(
    "document",
    [
        example_document(mas_vnr_type=None, mas_vnr_area=0),
        example_document(garage_type=None, garage_finish=None, garage_qual=None, garage_cond=None, garage_cars=0)
        | {"garageArea": 0, "garageYrBlt": None},
    ],
    ids=["masonry", "garage"],
)
def test_a_null_that_other_fields_explain_is_not_assumed(document: dict[str, Any]) -> None:
    _, warnings = read(document)

    assert warnings == {}


def test_a_null_is_read_as_none_with_a_warning_if_no_size_says_so() -> None:
    row, warnings = read(minimal_document() | {"garageType": None})

    assert row["GarageType"] == "NA"
    assert warnings["NONE_ASSUMED"].fields == ("garageType",)
    assert warnings["NONE_ASSUMED"].message == (
        "`garageType` is null, which is read as none: leave out what is unknown, "
        "or confirm it with 0 in `garageCars` and `garageArea`."
    )


def test_a_client_that_sends_null_for_all_it_does_not_know_is_warned_once_of_each_kind() -> None:
    _, warnings = read(dict.fromkeys(example_document()) | minimal_document())

    assert warnings.keys() == {"NONE_ASSUMED", "FIELDS_ASSUMED"}
    assert set(warnings["NONE_ASSUMED"].fields) > {"bsmtQual", "fireplaceQu", "garageType", "poolQc", "miscFeature"}
    assert warnings["NONE_ASSUMED"].message.startswith("12 fields are null, which is read as none: ")
    assert "lotFrontage" in warnings["FIELDS_ASSUMED"].fields
    assert "garageType" not in warnings["FIELDS_ASSUMED"].fields


@pytest.mark.parametrize("confirmation", [{"garageCars": 0}, {"garageArea": 0}], ids=["cars", "area"])
def test_a_size_of_0_confirms_that_there_is_none(confirmation: dict[str, Any]) -> None:
    row, warnings = read(minimal_document() | {"garageType": None} | confirmation)

    assert row["GarageType"] == "NA"
    assert warnings.keys() == {"FIELDS_ASSUMED"}


def test_a_size_is_believed_where_a_null_says_none() -> None:
    row, warnings = read(minimal_document() | {"garageType": None, "garageQual": None, "garageCars": 2})

    assert (row["GarageType"], row["GarageQual"], row["GarageCars"]) == (None, None, 2)
    assert warnings.keys() == {"GARAGE_DETAILS_WITHOUT_GARAGE", "FIELDS_ASSUMED"}
    assert "`" not in warnings["GARAGE_DETAILS_WITHOUT_GARAGE"].message
    assert {"garageType", "garageQual"} < set(warnings["FIELDS_ASSUMED"].fields)


def test_a_code_is_believed_where_sizes_are_0() -> None:
    row, warnings = read(example_document(garage_cars=0, garage_area=0))

    assert (row["GarageType"], row["GarageCars"], row["GarageArea"]) == ("Attchd", None, None)
    assert warnings["FIELDS_ASSUMED"].fields == ("garageCars", "garageArea")


def test_parts_count_where_the_whole_is_unknown() -> None:
    said = minimal_document() | {"bsmtQual": None}

    assert read(said)[1].keys() == {"NONE_ASSUMED", "FIELDS_ASSUMED"}
    assert read(said | {"bsmtUnfSf": 0})[1].keys() == {"FIELDS_ASSUMED"}
    assert read(said | {"bsmtUnfSf": 500})[1].keys() == {"BASEMENT_AREA_WITHOUT_BASEMENT", "FIELDS_ASSUMED"}
