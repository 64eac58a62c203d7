"""The record is a value: everything is derived from the class that it holds, whichever that is."""

from copy import deepcopy
from typing import Annotated

import pytest
from house_record import AMES, AnyHouse, House, Implausibility, Record
from house_record.column import Column
from house_record.implausibility import Rule
from house_record.units import Identifier, SquareFeet
from house_record.vocabulary import Vocabulary

Shore = Annotated[str, Vocabulary({"E": "east", "W": "west"})]


class Cabin(AnyHouse):
    """A house of another town."""

    id: Annotated[Identifier, Column("no", 7)]
    """The number of the cabin."""
    floor_area: Annotated[SquareFeet, Column("sqft", 400)]
    """Area of the floor."""
    shore: Annotated[Shore | None, Column("shore", "W")] = None
    """Shore of the lake."""


TINY = Implausibility(code="TINY", fields=("floorArea",), message="Nobody can live here.")
LAKE = Record("lake", "1", Cabin, (Rule[Cabin](TINY, lambda cabin: cabin.floor_area < 50),))


def test_a_record_of_another_town_has_its_own_columns_and_names() -> None:
    assert [field.wire_name for field in LAKE.fields] == ["id", "floorArea", "shore"]
    assert LAKE.columns == ("sqft", "shore")
    assert LAKE.field_by_name["floor_area"] is LAKE.field_by_name["floorArea"] is LAKE.feature_by_column["sqft"]


def test_a_record_of_another_town_validates_its_own_houses() -> None:
    cabin = LAKE.house.model_validate_json('{"id":1,"floorArea":40,"shore":"E"}')

    assert LAKE.row(cabin) == (40.0, "E")
    assert LAKE.find_implausibilities(cabin) == [TINY]


def test_a_record_has_an_example_of_its_own() -> None:
    assert LAKE.example == {"id": 7, "floorArea": 400, "shore": "W"}
    assert LAKE.minimal_document() == {"id": 7, "floorArea": 400}
    assert LAKE.example_house(floor_area=500, shore=None) == Cabin(id=7, floor_area=500)


def test_a_change_of_the_example_that_is_no_field_is_kept_to_be_refused() -> None:
    assert LAKE.example_document(floor_aera=1)["floor_aera"] == 1


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        AMES.version = "3"  # type: ignore[misc]
    with pytest.raises(TypeError):
        AMES.example["id"] = 1  # type: ignore[index]


def test_a_copy_of_a_record_derives_the_same() -> None:
    copied = deepcopy(LAKE)

    assert (copied.columns, copied.example, copied.house) == (LAKE.columns, LAKE.example, Cabin)


def test_ames_is_the_record_of_the_class_house() -> None:
    assert AMES.house is House
    assert (len(AMES.fields), len(AMES.features), len(AMES.columns)) == (80, 79, 79)
