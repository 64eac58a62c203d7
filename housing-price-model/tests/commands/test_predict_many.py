"""The command `predict` with files of many houses."""

import csv
import io
import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from house_files import Empty
from house_record import AMES, example_document
from housing_price_model.commands.houses_file import (
    MAX_HOUSES,
    read_lines,
    read_list,
    read_table,
    recognize_form,
)
from housing_price_model.errors import HouseRefused

type Run = Callable[..., subprocess.CompletedProcess[str]]


def houses(*ids: int, **changes: Any) -> list[dict[str, Any]]:
    return [{**example_document(**changes), "id": number} for number in ids]


def as_lines(documents: Sequence[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(document)}\n" for document in documents)


def as_csv(documents: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(documents[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "NA" if value is None else value for name, value in one.items()} for one in documents)
    return text.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.json", b'{"id": 1}', "house"),
        ("a.json", b'{\n  "id": 1\n}\n', "house"),
        ("-", b'\xef\xbb\xbf {"id": 1}\n', "house"),
        ("a.json", b' [{"id": 1}]', "list"),
        ("a", b'{"id": 1}\n{"id": 2}\n', "lines"),
        ("a.jsonl", b'{"id": 1}\n', "lines"),
        ("a.csv", b"[Id],LotArea\n", "table"),
        ("-", b"Id,LotArea\n", "table"),
        ("a.json", b"3", "house"),
    ],
)
def test_a_file_is_recognised_by_its_name_or_how_it_begins(name: str, content: bytes, form: str) -> None:
    assert recognize_form(content, name) == form


def test_each_element_of_a_list_is_a_house_of_its_own() -> None:
    text = json.dumps([*houses(1), {"id": 2}, 7, *houses(4, street="Pavd")], indent=1)

    rows = read_list(text.encode(), "many.json", AMES).rows

    assert [(row.place, row.house.id if row.house else None) for row in rows] == [
        ("row 1", 1),
        ("row 2", None),
        ("row 3", None),
        ("row 4", None),
    ]
    assert rows[3].mistakes == ["'street': Input should be 'Grvl' or 'Pave'; did you mean 'Pave'?"]


def test_a_field_that_stands_twice_in_an_element_is_a_mistake() -> None:
    [row] = read_list(("[" + json.dumps(houses(1)[0])[:-1] + ', "id": 2}]').encode(), "many.json", AMES).rows

    assert row.mistakes == ["'id': The field is sent more than once: send it once"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[{]", "Invalid JSON: Expecting property name"),
        ('[{"id": 1} {"id": 2}]', "Invalid JSON: Expecting ',' delimiter: line 1 column 12"),
        ('[{"id": 1}] x', "Invalid JSON: Extra data: line 1 column 13"),
        ('[{"id": 1},', "Invalid JSON: Expecting value"),
        ("[", "Invalid JSON: Expecting value"),
        ("[" * 100_000, "Invalid JSON: too many brackets within each other"),
    ],
    ids=["no object", "no comma", "more behind it", "cut off", "only begun", "deep"],
)
def test_a_list_that_is_no_json_is_one_line(text: str, problem: str) -> None:
    with pytest.raises(HouseRefused) as refused:
        read_list(text.encode(), "many.json", AMES)

    [line] = refused.value.mistakes
    assert line.startswith(f"many.json: {problem}")


def test_an_empty_list_holds_no_house() -> None:
    assert read_list(b" [ ] ", "many.json", AMES).rows == []


def test_lines_are_counted_with_the_empty_ones() -> None:
    text = f"{json.dumps(houses(1)[0])}\n\nnothing\n{json.dumps(houses(4)[0])}"

    rows = read_lines(text.encode(), "many.jsonl", AMES).rows

    assert [(row.place, bool(row.house)) for row in rows] == [("line 1", True), ("line 3", False), ("line 4", True)]
    assert rows[1].mistakes[0].startswith("the house: Invalid JSON")


def test_too_many_houses_are_one_line() -> None:
    with pytest.raises(HouseRefused, match=r"^many\.jsonl holds more than 100,000 houses"):
        read_lines(b"0\n" * (MAX_HOUSES + 1), "many.jsonl", AMES)


def test_a_row_of_a_table_is_told_with_its_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text(as_csv([*houses(1), *houses(2, street="Pavd", lot_area=None), *houses(3)]))

    rows = read_table(path.read_bytes(), str(path), AMES).rows

    assert [(row.place, row.house.id if row.house else None) for row in rows] == [
        ("line 2", 1),
        ("line 3", None),
        ("line 4", 3),
    ]
    assert rows[1].mistakes == [
        "lotArea: nothing should be a number from 0 to 1000000000",
        "street: 'Pavd' should be 'Pave', perhaps",
    ]


@pytest.mark.parametrize(("empty", "alley"), [("none", "NA"), ("unknown", None)])
def test_an_empty_cell_means_what_the_option_says(empty: Empty, alley: str | None) -> None:
    required = {field.column: str(field.example) for field in AMES.fields if field.required}
    text = f"{','.join(required)},Alley\n{','.join(required.values())},\n"

    table = read_table(text.encode(), "-", AMES, empty)

    assert table.rows[0].house
    assert AMES.row(table.rows[0].house)[AMES.columns.index("Alley")] == alley
    assert table.empty_cells == f'1 empty cell of columns with a "none": read as {empty}, as --empty says'


def test_a_table_without_a_required_column_is_one_line() -> None:
    text = "Id,GrLivArea,Neighborhod\n1,1000,NAmes\n"

    with pytest.raises(HouseRefused) as refused:
        read_table(text.encode(), "-", AMES)

    [line] = refused.value.mistakes
    assert line.startswith(
        "-: 6 columns are missing: LotArea, Neighborhood, BldgType, OverallQual, OverallCond, YearBuilt"
    )
    assert line.endswith("'Neighborhod' (perhaps Neighborhood)")


@pytest.mark.integration
@pytest.mark.parametrize("form", ["list", "lines", "csv"])
def test_the_others_are_priced_beside_a_bad_one(registered: str, run: Run, tmp_path: Path, form: str) -> None:
    documents = [*houses(1), *houses(2, street="Pavd"), *houses(3, lot_area=20_000)]
    path, prices = (
        tmp_path / f"many.{ {'list': 'json', 'lines': 'jsonl', 'csv': 'csv'}[form] }",
        tmp_path / "prices.csv",
    )
    path.write_text(json.dumps(documents) if form == "list" else (as_lines if form == "lines" else as_csv)(documents))
    single = tmp_path / "single.json"
    single.write_text(json.dumps(documents[2]))

    done = run(registered, "predict", str(path), "--out", str(prices))
    alone = json.loads(run(registered, "predict", str(single)).stdout)

    assert (done.returncode, done.stdout) == (1, "")
    place = {"list": "row 2", "lines": "line 2", "csv": "line 3"}[form]
    [mistake, total] = done.stderr.splitlines()
    assert mistake.startswith(f"{place}: ")
    assert "street" in mistake
    assert total == "1 of 3 houses not priced: see above"
    rows = list(csv.DictReader(io.StringIO(prices.read_text())))
    assert [row["id"] for row in rows] == ["1", "3"]
    assert float(rows[1]["predictedPrice"]) == alone["predictedPrice"]
    assert float(rows[1]["upper"]) == alone["predictionInterval"]["upper"]
    assert {row["modelVersion"] for row in rows} == {"1"}


@pytest.mark.integration
def test_many_houses_are_json_lines_on_standard_output(registered: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text(as_csv([*houses(1), *houses(2, bedroom_abv_gr=0, garage_yr_blt=2207)]))

    done = run(registered, "predict", str(path), "--comparables", "1")

    assert done.returncode == 0, done.stderr
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["id"] for document in documents] == [1, 2]
    assert "GARAGE_BUILT_AFTER_SALE" in [warning["code"] for warning in documents[1]["warnings"]]
    assert [len(document["comparables"]) for document in documents] == [1, 1]


@pytest.mark.integration
def test_an_empty_list_is_one_line(nowhere: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "many.json"
    path.write_text("[]")

    done = run(nowhere, "predict", str(path))

    assert (done.returncode, done.stderr) == (1, f"{path} holds no houses\n")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--out", "prices.xlsx"), "prices.xlsx: name a file that ends in .csv or .jsonl with --out"),
        (
            ("--out", "prices.csv", "--explain"),
            "a CSV has no place for explanations and comparable sales: write JSON lines, --out FILE.jsonl",
        ),
        (
            ("--out", "gone/prices.csv"),
            "gone/prices.csv can't be written: name a file in an existing folder with --out",
        ),
    ],
    ids=["suffix", "explanations", "folder"],
)
def test_what_can_not_be_written_is_one_line(nowhere: str, run: Run, options: tuple[str, ...], line: str) -> None:
    done = run(nowhere, "predict", "many.csv", *options)

    assert (done.returncode, done.stderr) == (1, f"{line}\n")


@pytest.mark.integration
def test_the_file_of_the_houses_is_not_overwritten(nowhere: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text(text := as_csv(houses(1)))

    done = run(nowhere, "predict", str(path), "--out", str(path))

    assert (done.returncode, done.stderr) == (1, f"{path} holds the houses: name another file with --out\n")
    assert path.read_text() == text
