"""What is said of a file that holds no house."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from house_record import example_document, example_house
from housing_price_model.commands.house_file import MOST_TOLD, read_house
from housing_price_model.errors import HouseRefused


def refused(folder: Path, content: bytes) -> list[str]:
    path = folder / "house.json"
    path.write_bytes(content)
    with pytest.raises(HouseRefused) as caught:
        read_house(str(path))
    assert str(caught.value) == "\n".join(caught.value.mistakes)
    return [line.replace(str(path), "house.json") for line in caught.value.mistakes]


def refused_house(folder: Path, **changes: Any) -> list[str]:
    return refused(folder, json.dumps({**example_document(), **changes}).encode())


def test_a_house_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "house.json"
    path.write_text(json.dumps(example_document(lot_area=9_000)))

    assert read_house(str(path)) == example_house(lot_area=9_000)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(json.dumps(example_document()).encode()))
    monkeypatch.setattr("sys.stdin", given)

    assert read_house("-") == example_house()


def test_each_mistake_is_a_line_with_wire_name_and_fix(tmp_path: Path) -> None:
    house = {**example_document(street="Pavd", month=7), "yr_sold": 2010}
    del house["lotArea"]

    lines = refused(tmp_path, json.dumps(house).encode())

    assert len(lines) == 4
    assert "'lotArea': Field required" in lines
    assert "'street': Input should be 'Grvl' or 'Pave'; did you mean 'Pave'?" in lines
    assert "'yrSold': The field is there twice: send either 'yrSold' or 'yr_sold'" in lines
    assert any(line.startswith("'month': There is no such field") for line in lines)


def test_an_unknown_field_comes_with_the_nearest(tmp_path: Path) -> None:
    assert refused_house(tmp_path, lotAera=1) == ["'lotAera': There is no such field; did you mean 'lotArea'?"]


def test_a_range_is_told(tmp_path: Path) -> None:
    assert refused_house(tmp_path, moSold=13) == ["'moSold': Input should be less than or equal to 12"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"id": 1,}'])
def test_what_is_no_json_is_one_line(tmp_path: Path, content: bytes) -> None:
    [line] = refused(tmp_path, content)

    assert line.startswith("house.json: Invalid JSON: ")


def test_a_list_is_no_house(tmp_path: Path) -> None:
    assert refused(tmp_path, b"[]") == ["house.json: Input should be an object"]


def test_other_encodings_are_told_by_their_first_byte(tmp_path: Path) -> None:
    assert refused(tmp_path, b'{"a": "\xe4"}') == ["house.json: byte 7 is not UTF-8, as JSON always is"]


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(HouseRefused, match=r"gone\.json: No such file or directory$"):
        read_house(str(tmp_path / "gone.json"))


def test_very_many_mistakes_are_cut(tmp_path: Path) -> None:
    lines = refused_house(tmp_path, **{f"x{number}": 1 for number in range(MOST_TOLD + 5)})

    assert len(lines) == MOST_TOLD + 1
    assert lines[-1] == "and 5 more mistakes"
