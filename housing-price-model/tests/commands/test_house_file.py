"""What is said of a file that holds no house."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from house_record import AMES, FIELDS, example_document, example_house
from housing_price_model.commands.house_file import read_content, read_house
from housing_price_model.errors import HouseRefused


def refused(folder: Path, content: bytes) -> list[str]:
    path = folder / "house.json"
    path.write_bytes(content)
    with pytest.raises(HouseRefused) as caught:
        read_house(content, str(path), AMES)
    assert str(caught.value) == "\n".join(caught.value.mistakes)
    return [line.replace(str(path), "house.json") for line in caught.value.mistakes]


def refused_house(folder: Path, **changes: Any) -> list[str]:
    return refused(folder, json.dumps({**example_document(), **changes}).encode())


def test_a_house_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "house.json"
    path.write_text(json.dumps(example_document(lot_area=9_000)))

    assert read_house(path.read_bytes(), str(path), AMES) == example_house(lot_area=9_000)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(json.dumps(example_document()).encode()))
    monkeypatch.setattr("sys.stdin", given)

    assert read_house(read_content("-"), "-", AMES) == example_house()


def test_each_mistake_is_a_line_with_wire_name_and_fix(tmp_path: Path) -> None:
    house = {**example_document(street="Pavd", month=7), "yr_sold": 2010}
    del house["lotArea"]

    lines = refused(tmp_path, json.dumps(house).encode())

    assert len(lines) == 4
    assert any(line.startswith("'lotArea': Field required: a price needs at least 'id', ") for line in lines)
    assert "'street': Input should be 'Grvl' or 'Pave'; did you mean 'Pave'?" in lines
    assert "'yrSold': The field is there twice: send either 'yrSold' or 'yr_sold'" in lines
    assert any(line.startswith("'month': There is no such field") for line in lines)


def test_a_house_that_is_an_id_alone_is_one_line_with_the_smallest_set(tmp_path: Path) -> None:
    [line] = refused(tmp_path, b'{"id": 1}')

    assert line.startswith("house.json: 7 fields are required: 'lotArea', 'neighborhood', ")
    assert line.endswith(" 'yearBuilt' and 'grLivArea'")


def test_an_unknown_field_comes_with_the_nearest(tmp_path: Path) -> None:
    assert refused_house(tmp_path, lotAera=1) == ["'lotAera': There is no such field; did you mean 'lotArea'?"]


def test_a_range_is_told(tmp_path: Path) -> None:
    assert refused_house(tmp_path, moSold=13) == ["'moSold': Input should be less than or equal to 12"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"id": 1,}'])
def test_what_is_no_json_is_one_line(tmp_path: Path, content: bytes) -> None:
    [line] = refused(tmp_path, content)

    assert line.startswith("house.json: Invalid JSON: ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[]", "the file holds a list: give a house, as {"),
        (b'{"data": [{"id": 1}]}', "the file holds a batch of houses: give the list of the houses itself"),
        (b'{"dataframe_split": {}}', "the file holds a table for MLflow ('dataframe_split'): give a house, as {"),
        (b'{"house": {"id": 1}}', "the file holds a house below 'house': give the house itself"),
        (b'"{}"', "the file holds a text that contains JSON: give the object itself, not as a text"),
        (b"3", "the file holds a single value: give a house, as {"),
    ],
)
def test_what_is_not_one_house_is_one_line_that_says_what_to_give(tmp_path: Path, content: bytes, line: str) -> None:
    [said] = refused(tmp_path, content)

    assert said.startswith(f"house.json: {line}")


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "house.json"
    path.write_text(json.dumps(example_document()), encoding="utf-8-sig")

    assert read_house(path.read_bytes(), str(path), AMES) == example_house()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be"])
def test_a_wide_encoding_is_named(tmp_path: Path, encoding: str) -> None:
    content = json.dumps(example_document()).encode(encoding)

    assert refused(tmp_path, content) == [f"house.json: the file is {encoding[:6].upper()}: save it as UTF-8"]


def test_a_value_is_told_what_came_and_what_to_send(tmp_path: Path) -> None:
    assert refused_house(tmp_path, lotFrontage={}, fullBath=[1], lotArea="60") == [
        "'lotFrontage': An empty object came: leave the field out",
        "'lotArea': A text came: send 60, not \"60\"",
        "'fullBath': A list came: send 1, not [1]",
    ]


def test_a_row_of_the_csv_is_one_line_with_all_names(tmp_path: Path) -> None:
    row = {field.column: field.example for field in FIELDS}

    [line] = refused(tmp_path, json.dumps(row).encode())

    assert line.startswith("house.json: 80 fields have other names here: send 'id' for 'Id', and so on (Id: id, MSSub")
    assert "1stFlrSF: firstFlrSf" in line


def test_a_field_that_is_there_twice_is_told(tmp_path: Path) -> None:
    content = json.dumps(example_document()).encode()[:-1] + b', "lotArea": 5}'

    assert refused(tmp_path, content) == ["'lotArea': The field is sent more than once: send it once"]


def test_other_encodings_are_told_by_their_first_byte(tmp_path: Path) -> None:
    assert refused(tmp_path, b'{"a": "\xe4"}') == ["house.json: byte 7 is not UTF-8, as JSON always is"]


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(HouseRefused, match=r"gone\.json: No such file or directory$"):
        read_content(str(tmp_path / "gone.json"))


def test_very_many_unknown_fields_are_one_line(tmp_path: Path) -> None:
    [line] = refused_house(tmp_path, **{f"x{number}": 1 for number in range(105)})

    assert line.startswith("house.json: 105 fields do not exist: leave them out, among them 'x0', 'x1', 'x2' (")
