"""`POST /invocations` in process: every form of a table, and what is refused with which status."""

import asyncio
import codecs
import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from house_record import AMES, COLUMNS, example_document, example_house, model_row
from housing_price_model.data import make_frame
from housing_price_model.delivery.loading import LoadedModel, load_model
from housing_price_model.inference import rows_of_frame
from housing_price_model.registry.signature import make_signature
from housing_price_model.serving.app import create_app
from housing_price_model.serving.comma_separated import read_csv
from housing_price_model.serving.compute import LONG_BYTES, ComputeThread
from housing_price_model.serving.identity import identify
from housing_price_model.serving.invocations import SLICE_ROWS, Invocations, Priced
from housing_price_model.serving.refusals import MAX_BODY_BYTES, MAX_ROWS
from mlflow.pyfunc.scoring_server import parse_csv_input
from starlette.testclient import TestClient

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

ROW = list(model_row(example_house()))
RECORD: dict[str, Any] = dict(zip(COLUMNS, ROW, strict=True))

EXAMPLE_OF_THE_API = example_document()

type Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def model(good_artefact: Path) -> LoadedModel:
    return load_model(str(good_artefact), AMES, timeout_seconds=0)


@pytest.fixture
def ask(model: LoadedModel) -> Iterator[Ask]:
    with TestClient(create_app(model.compiled, identify(model), AMES), raise_server_exceptions=False) as client:

        def post(content: Any, content_type: str = "application/json") -> Any:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            return client.post("/invocations", content=body, headers={"Content-Type": content_type})

        yield post


def split(*rows: list[Any]) -> dict[str, Any]:
    return {"dataframe_split": {"columns": list(COLUMNS), "data": list(rows)}}


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": list(COLUMNS), "data": [ROW]}},
        {"dataframe_split": {"index": [0], "columns": [*COLUMNS[::-1], "Id"], "data": [[*ROW[::-1], 1461]]}},
        {"dataframe_records": [RECORD]},
        {"dataframe_records": [{**RECORD, "Id": 1461}], "params": {"coverage": 0.9}},
        {"inputs": [RECORD]},
        {"instances": [RECORD]},
        {"inputs": {name: [value] for name, value in RECORD.items()}},
    ],
    ids=["split", "any order", "records", "more than needed", "inputs", "instances", "columns"],
)
def test_every_form_of_a_table_has_the_same_price(ask: Ask, model: LoadedModel, body: Any) -> None:
    (prediction,) = ask(body).json()["predictions"]

    assert (prediction["price"], prediction["coverage"]) == (model.golden_price, 0.9)
    assert prediction["lower"] < model.golden_price < prediction["upper"]


@pytest.mark.parametrize("form", ["dataframe_split", "dataframe_records"])
def test_a_wider_coverage_may_be_asked_for(ask: Ask, form: str) -> None:
    table = split(ROW)[form] if form == "dataframe_split" else [RECORD]

    narrow, wide = (
        ask({form: table, "params": {"coverage": coverage}}).json()["predictions"][0] for coverage in (0.5, 0.99)
    )

    assert wide["lower"] < narrow["lower"] < narrow["price"] == wide["price"] < narrow["upper"] < wide["upper"]
    assert (narrow["coverage"], wide["coverage"]) == (0.5, 0.99)


def test_csv_has_the_same_price(ask: Ask, model: LoadedModel) -> None:
    csv = make_frame(AMES.features, [tuple(ROW)]).to_csv(index=False).encode()

    for body in (csv, codecs.BOM_UTF8 + csv, csv.replace(b"\n", b"\r\n")):
        assert ask(body, "text/csv").json()["predictions"][0]["price"] == model.golden_price


def test_csv_is_read_as_mlflow_reads_it_but_for_none(model: LoadedModel) -> None:
    frame = make_frame(
        AMES.features, [tuple(ROW), tuple(model_row(example_house(mas_vnr_type="None", lot_frontage=None)))]
    )
    csv = frame.to_csv(index=False, na_rep="NA")

    ours = read_csv(csv.encode(), COLUMNS, model.compiled.types.number_columns, AMES.none_columns)

    theirs = parse_csv_input(StringIO(csv), schema=make_signature(AMES).inputs)
    without_none = [[None if cell == "NA" else cell for cell in row] for row in ours]
    assert model.compiled.types.check(without_none) == model.compiled.types.check(rows_of_frame(COLUMNS, theirs))
    assert [ours[0][COLUMNS.index(name)] for name in ("Alley", "MasVnrType", "Fence")] == ["NA", None, "MnPrv"]


def test_parquet_is_refused_with_what_to_send(ask: Ask) -> None:
    answer = ask(b"PAR1", "application/vnd.apache.parquet")

    assert answer.status_code == 415
    assert answer.text == (
        "the content type must be one of application/json, text/csv; Parquet is not read, send its rows as JSON"
    )


def test_the_answer_says_how_long_the_model_needed(ask: Ask) -> None:
    timing = ask(split(ROW)).headers["Server-Timing"]

    name, _, milliseconds = timing.partition(";dur=")
    assert name == "model"
    assert float(milliseconds) > 0


def test_many_rows_have_the_prices_of_each_in_order(ask: Ask) -> None:
    rows = [list(model_row(example_house(overall_qual=1 + number % 10))) for number in range(2 * SLICE_ROWS + 1)]

    together = ask(split(*rows)).json()["predictions"]

    alone = [ask(split(row)).json()["predictions"][0] for row in rows[:10]]
    assert together == [alone[number % 10] for number in range(len(rows))]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (split(ROW, [*ROW[:3], "large", *ROW[4:]]), "row 1, column LotArea: a text is not a finite number or null"),
        ({"dataframe_records": [{**RECORD, "LotArea": True}]}, "row 0, column LotArea: a truth value is not"),
        ({"dataframe_records": [{**RECORD, "Street": 5}]}, "row 0, column Street: a number is not a text or null"),
        (split(["20", *ROW[1:]]), 'row 0, column MSSubClass: a text is not a finite number or null; send 20, not "20"'),
        (
            split([*ROW[:3], [8450], *ROW[4:]]),
            "a list is not a finite number or null; send 8450, not [",
        ),
        (split([*ROW[:3], {}, *ROW[4:]]), "column LotArea: an object is not a finite number or null; send null"),
        (split([*ROW[:3], "", *ROW[4:]]), "column LotArea: a text is not a finite number or null; send null"),
        (split([*ROW[:3], "NA", "x", *ROW[5:]]), "; send null"),
        (split([[value] for value in ROW]), "row 0: 75 fields hold a list or an object with one value: send the value"),
        ({"dataframe_records": [EXAMPLE_OF_THE_API]}, "; rename 'msSubClass' to 'MSSubClass', and 78 more likewise"),
        (EXAMPLE_OF_THE_API, 'the body is one house: send {"dataframe_records": ['),
        ({"data": [EXAMPLE_OF_THE_API]}, 'the body is a batch of houses: send {"dataframe_records": ['),
        (split(ROW)["dataframe_split"], '; send the table below its key, as {"dataframe_split": {'),
        ([RECORD], 'the body is a list: send {"dataframe_records": ['),
        (json.dumps(json.dumps(split(ROW))).encode(), "the body is a text that contains JSON: send the object itself"),
        (json.dumps(split(ROW)).encode("utf-16"), "the body is UTF-16; send UTF-8"),
        (json.dumps(split(ROW)).encode("utf-16-le"), "the body is UTF-16; send UTF-8"),
        (json.dumps(split([float("nan"), *ROW[1:]])).encode(), "NaN and Infinity are not numbers of JSON; send null"),
        (split(ROW[:5]), "row 0 has 5 values for 79 columns"),
        ({"inputs": [{"LotArea": 1}]}, "the model is missing inputs: MSSubClass, MSZoning, LotFrontage, Street"),
        (b'{"dataframe_records": [{"LotArea": NaN}]}', "the body is not valid JSON"),
        (b"{", "the body is not valid JSON"),
        (b"\xff", "the body is not valid JSON"),
        ([RECORD], "a JSON object with exactly one of"),
        ({"messages": []}, "a JSON object with exactly one of"),
        ({"inputs": [], "instances": []}, "a JSON object with exactly one of"),
        ({"dataframe_split": [ROW]}, "dataframe_split must be an object"),
        ({"dataframe_split": {"data": [ROW]}}, "must name its columns"),
        ({"dataframe_split": {"columns": ["LotArea", "LotArea"], "data": []}}, "names a column twice"),
        ({"dataframe_records": {"LotArea": [1]}}, "dataframe_records must be a list of objects"),
        ({"inputs": 5}, "inputs must be a list of objects"),
        ({**split(ROW), "params": [0.9]}, "params must be an object"),
        ({**split(ROW), "params": {"coverage": 1.0}}, "params: coverage: Input should be less than or equal to 0.99"),
        ({**split(ROW), "params": {"coverage": "0.9"}}, "params: coverage: Input should be a valid number"),
        ({**split(ROW), "params": {"temperature": 0}}, "params: temperature: Extra inputs are not permitted"),
    ],
)
def test_what_is_not_understood_is_one_sentence(ask: Ask, body: Any, message: str) -> None:
    answer = ask(body)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "BAD_REQUEST")
    assert message in answer.json()["message"]
    assert len(answer.content) < 300


def test_a_byte_order_mark_is_accepted(ask: Ask) -> None:
    assert ask(codecs.BOM_UTF8 + json.dumps(split(ROW)).encode()).status_code == 200


@pytest.mark.parametrize("content_type", ["application/json", "text/csv"])
@pytest.mark.parametrize("part", [b"[],", b"{},", b'{"":0},', b"0,", b'"",', b",", b'"":0,'])
def test_a_body_of_too_many_values_is_refused_before_it_is_decoded(ask: Ask, part: bytes, content_type: str) -> None:
    # It is broken, too, which only a decoder notices.
    answer = ask(b"[" + part * (8 * 1024 * 1024 // len(part)), content_type)

    assert (answer.status_code, answer.json()["error_code"]) == (413, "REQUEST_LIMIT_EXCEEDED")
    assert "too many values" in answer.json()["message"]


def test_errors_in_later_slices_name_the_tables_row(ask: Ask) -> None:
    rows = [ROW] * (SLICE_ROWS + 3)

    answer = ask(split(*rows, ["?", *ROW[1:]]))

    assert f"row {SLICE_ROWS + 3}, column MSSubClass" in answer.json()["message"]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff", b'"a', b"a\n1,2\n", b"," * 2_000])
def test_a_csv_without_houses_is_refused_in_one_sentence(ask: Ask, content: bytes) -> None:
    answer = ask(content, "text/csv")

    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    assert len(answer.content) < 300


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/json; charset=latin-1", "application/json; profile=x"]
)
def test_other_content_is_unsupported(ask: Ask, content_type: str) -> None:
    assert ask(split(ROW), content_type).status_code == 415


def test_the_usual_charset_may_be_named(ask: Ask) -> None:
    assert ask(split(ROW), 'application/json; charset="UTF-8"').status_code == 200


def test_a_body_beyond_the_limit_is_refused(ask: Ask) -> None:
    assert ask(b" " * (MAX_BODY_BYTES + 1)).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": list(COLUMNS), "data": [[]] * (MAX_ROWS + 1)}},
        {"dataframe_records": [{}] * (MAX_ROWS + 1)},
        {"instances": [{}] * (MAX_ROWS + 1)},
        {"inputs": {"LotArea": [1] * (MAX_ROWS + 1)}},
    ],
    ids=["split", "records", "instances", "columns"],
)
def test_refuses_too_many_rows_before_reading_them(ask: Ask, body: Any) -> None:
    answer = ask(body)

    assert (answer.status_code, answer.json()["error_code"]) == (413, "REQUEST_LIMIT_EXCEEDED")
    assert answer.json()["message"] == "the table has more than 10,000 rows"


def test_csv_has_the_same_limit(ask: Ask) -> None:
    csv = make_frame(AMES.features, [tuple(ROW)]).to_csv(index=False).splitlines()

    assert ask("\n".join([csv[0], *["," * 78] * (MAX_ROWS + 1)]).encode(), "text/csv").status_code == 413


def test_as_many_rows_as_the_limit_are_taken(ask: Ask) -> None:
    answer = ask({"dataframe_records": [{}] * MAX_ROWS})

    assert answer.status_code == 400
    assert "missing inputs" in answer.json()["message"]


def test_a_full_queue_is_told_with_the_time_to_wait(model: LoadedModel) -> None:
    app = Invocations(model.compiled, AMES, ComputeThread(max_waiting=0), lambda _: None)

    answer = TestClient(app).post("/invocations", json=split(ROW))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


async def test_cancels_long_work_of_a_disconnected_client(model: LoadedModel) -> None:
    observed: list[Priced] = []
    sent: list[Any] = []
    body = json.dumps(split(*[ROW] * 2000)).encode()
    assert len(body) > LONG_BYTES
    messages = iter([{"type": "http.request", "body": body}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}
    async with asyncio.timeout(120):
        await Invocations(model.compiled, AMES, ComputeThread(), observed.append)(scope, receive, send)

    assert (sent, observed) == ([], [])


def test_prices_are_finite_for_numbers_of_any_size(ask: Ask) -> None:
    answer = ask(split([1e300 if isinstance(value, float | int) else value for value in ROW]))

    (prediction,) = answer.json()["predictions"]
    assert np.isfinite([prediction["price"], prediction["lower"], prediction["upper"]]).all()
