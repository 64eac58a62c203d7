"""The command `predict`, with a registered version and with models that answer otherwise than asked."""

import json
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from house_record import example_document
from house_record.price import PriceOptions, ValuationDate
from housing_price_model.cli.options import read_as_of
from housing_price_model.commands.predict import PredictionRequest, price_file
from housing_price_model.delivery import loading
from housing_price_model.errors import ServingError
from housing_price_model.serving import identity
from rich.console import Console

type Run = Callable[..., subprocess.CompletedProcess[str]]

RECORD = {"price": 100_000.004, "lower": 90_000.0, "upper": 110_000.0, "coverage": 0.9}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    path = tmp_path / "house.json"
    path.write_text(json.dumps(example_document()))
    return path


@pytest.fixture
def answered(house: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What is printed where a model, version 7, answers with this output."""

    def price(output: Any, **options: Any) -> str:
        model = SimpleNamespace(predict=lambda _columns, rows, _params: [output for _ in rows])
        # What is loaded is a version's files: no seam to hand in another.
        monkeypatch.setattr(loading, "load_model", lambda _uri, _record, timeout_seconds: model)
        monkeypatch.setattr(identity, "identify", lambda _model: SimpleNamespace(version="7"))
        said = StringIO()
        request = PredictionRequest(
            houses=str(house),
            model_uri="models:/housing-price@champion",
            options=PriceOptions(**options),
            as_of=ValuationDate(2026, 12),
            registry_timeout_seconds=0.0,
        )
        console = Console(file=said, highlight=False, markup=False, soft_wrap=True)
        price_file(request, console, console)
        return said.getvalue()

    return price


def test_the_document_is_the_apis_indented(answered: Callable[..., str]) -> None:
    assert answered(RECORD) == (
        "{\n"
        '  "id": 1461,\n'
        '  "predictedPrice": 100000.0,\n'
        '  "pricedAsOf": "2010-06",\n'
        '  "predictionInterval": {\n'
        '    "lower": 90000.0,\n'
        '    "upper": 110000.0,\n'
        '    "coverage": 0.9\n'
        "  },\n"
        '  "warnings": [],\n'
        '  "modelVersion": "7"\n'
        "}\n"
    )


def test_a_model_without_intervals_gives_a_price_alone(answered: Callable[..., str]) -> None:
    assert list(json.loads(answered(100_000.0))) == ["id", "predictedPrice", "pricedAsOf", "warnings", "modelVersion"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"coverage": 0.8}, "version 7 gives no prediction intervals: leave out --coverage"),
        ({"explain": True}, "version 7 gives no explanations: leave out --explain"),
        ({"comparables": 2}, "version 7 gives no comparable sales: leave out --comparables"),
    ],
)
def test_what_a_model_does_not_give_is_one_line(
    answered: Callable[..., str], options: dict[str, Any], line: str
) -> None:
    with pytest.raises(ServingError) as refused:
        answered(100_000.0, **options)

    assert str(refused.value) == line


def test_an_answer_that_is_no_price_is_one_line(answered: Callable[..., str]) -> None:
    with pytest.raises(ServingError, match=r"^version 7 gives no usable answer: a price is not positive$"):
        answered(-1.0)


@pytest.mark.integration
def test_the_command_prices_a_house_with_a_registered_version(registered: str, run: Run, house: Path) -> None:
    command = ("predict", str(house), "--model-uri", "models:/housing-price/1")

    usual, narrow = run(registered, *command), run(registered, *command, "--coverage", "0.6")

    assert (usual.returncode, usual.stderr) == (0, "")
    wide, less = (json.loads(done.stdout) for done in (usual, narrow))
    assert (wide["id"], wide["modelVersion"]) == (1461, "1")
    assert wide["predictedPrice"] == less["predictedPrice"]
    assert wide["predictionInterval"]["lower"] < less["predictionInterval"]["lower"]
    assert less["predictionInterval"]["coverage"] == 0.6


@pytest.mark.integration
def test_a_house_without_a_date_is_priced_as_of_the_option(registered: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "house.json"
    path.write_text(json.dumps(example_document(yr_sold=None, mo_sold=None)))
    command = ("predict", str(path), "--model-uri", "models:/housing-price/1", "--as-of")

    before, after = (json.loads(run(registered, *command, month).stdout) for month in ("2008-03", "2026-12"))

    assert (before["pricedAsOf"], after["pricedAsOf"]) == ("2008-03", "2026-12")
    codes = [[warning["code"] for warning in priced["warnings"]] for priced in (before, after)]
    assert ["BEYOND_SALES_PERIOD" in each for each in codes] == [False, True]


def test_the_date_defaults_to_the_clocks_month_in_utc() -> None:
    late = datetime(2026, 12, 31, 22, tzinfo=timezone(timedelta(hours=-5)))

    assert read_as_of(None, now=lambda: late) == ValuationDate(2027, 1)


@pytest.mark.integration
def test_a_malformed_date_is_one_line(nowhere: str, run: Run, house: Path) -> None:
    done = run(nowhere, "predict", str(house), "--as-of", "2026-13")

    assert done.returncode == 2
    assert "'2026-13': it is not a month from 1800 on, such as 2026-12" in done.stderr


@pytest.mark.integration
def test_mistakes_are_lines_on_standard_error(nowhere: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "house.json"
    path.write_text(json.dumps(example_document(street="Pavd", mo_sold=13)))

    done = run(nowhere, "predict", str(path))

    assert (done.returncode, done.stdout) == (1, "")
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["'street'", "'moSold'"]


@pytest.mark.integration
@pytest.mark.parametrize("option", [("--coverage", "0.3"), ("--comparables", "21")])
def test_options_have_the_limits_of_the_api(nowhere: str, run: Run, house: Path, option: tuple[str, str]) -> None:
    assert run(nowhere, "predict", str(house), *option).returncode == 2
