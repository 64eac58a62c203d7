"""Houses to be priced: a bad row does not stop the others, and a column that is not there is unknown."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from house_files import HouseFileError, HousesTable, read_houses
from house_record import AMES

REQUIRED = {field.column: str(field.example) for field in AMES.fields if field.required}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "houses.csv"


def read(path: Path, *rows: Mapping[str, str], most: int = 10) -> HousesTable:
    """Read a file with these rows; each has the same columns."""
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return read_houses(path, AMES, most=most)


def test_the_required_columns_are_enough(path: Path) -> None:
    [row] = read(path, REQUIRED).rows

    assert row.place == "line 2"
    assert row.house
    assert row.house.model_fields_set == {
        AMES.field_by_name[field.name].name for field in AMES.fields if field.required
    }


def test_a_bad_row_stands_between_the_others(path: Path) -> None:
    rows = read(path, REQUIRED, REQUIRED | {"Neighborhood": "Names2", "LotArea": "NA"}, REQUIRED).rows

    assert [(row.place, row.house is not None) for row in rows] == [
        ("line 2", True),
        ("line 3", False),
        ("line 4", True),
    ]
    assert [mistake.partition(":")[0] for mistake in rows[1].mistakes] == ["LotArea", "Neighborhood"]


def test_prices_are_not_read(path: Path) -> None:
    [row] = read(path, REQUIRED | {"SalePrice": "208.500"}).rows

    assert row.house


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({name: value for name, value in REQUIRED.items() if name != "LotArea"}, "1 column is missing: LotArea"),
        (REQUIRED | {"Steet": "Pave"}, "1 column is unknown, so remove it: 'Steet' (perhaps Street)"),
        (REQUIRED | {"LotArea": "11.622"}, "write numbers without grouped thousands"),
    ],
    ids=["missing", "unknown", "grouped"],
)
def test_a_problem_of_a_column_is_one_line(path: Path, row: Mapping[str, str], problem: str) -> None:
    with pytest.raises(HouseFileError) as refused:
        read(path, row)

    assert str(refused.value).startswith(f"{path}: ")
    assert problem in str(refused.value)


def test_more_rows_than_the_limit_are_refused(path: Path) -> None:
    assert len(read(path, REQUIRED, REQUIRED, most=2).rows) == 2
    with pytest.raises(HouseFileError, match="holds more than 2 houses"):
        read(path, REQUIRED, REQUIRED, REQUIRED, most=2)


def test_a_file_without_rows_is_refused(path: Path) -> None:
    path.write_text(",".join(REQUIRED) + "\n")

    with pytest.raises(HouseFileError, match="holds no houses, only the names of its columns"):
        read_houses(path, AMES, most=10)


@pytest.mark.parametrize(("others", "alley"), [([], "NA"), ([{"Alley": "NA"}], None)], ids=["no NA", "an NA"])
def test_the_first_rows_decide_what_an_empty_cell_means(
    path: Path, others: list[dict[str, str]], alley: str | None
) -> None:
    table = read(path, REQUIRED | {"Alley": ""}, *(REQUIRED | other for other in others))

    assert table.rows[0].house
    assert AMES.row(table.rows[0].house)[AMES.columns.index("Alley")] == alley
    assert table.empty_cells
