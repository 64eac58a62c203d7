"""OpenML's copy, read from a cache laid out as scikit-learn's ``fetch_openml`` keeps it."""

import gzip
import hashlib
import json
import socket
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pandas as pd
import pytest
from house_record import AMES, FIELDS
from housing_price_model.data import load_sales
from housing_price_model.data.openml import DATA_ID
from housing_price_model.errors import DataError
from pytest_mock import MockerFixture, MockType

type FillCache = Callable[..., None]

COLUMNS = [*(field.column for field in FIELDS), "SalePrice"]
TEXT = {field.column for field in FIELDS if field.python_type is str}


@pytest.fixture(autouse=True)
def urlopen(mocker: MockerFixture) -> MockType:
    """What scikit-learn downloads with, which has no seam: it reaches nobody, unless a test says what it returns."""
    mocker.patch("sklearn.datasets._openml.time.sleep")
    return mocker.patch("sklearn.datasets._openml.urlopen", side_effect=URLError("no route to host"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    return tmp_path / "openml" / "openml.org"


@pytest.fixture
def fill_cache(cache: Path) -> FillCache:
    """Stores rows as OpenML publishes them: metadata as JSON, data as ARFF, each gzipped."""

    def fill(sales: Sequence[dict[str, str]], *, id_is_marked: bool = False, nominal: bool = False) -> None:
        arff = _arff(sales, nominal=nominal)
        description = {
            "id": str(DATA_ID), "name": "house_prices", "version": "1", "status": "active", "format": "ARFF",
            "description": "Ask a home buyer", "url": "https://www.openml.org/data/v1/download/22044555/h.arff",
            "file_id": "22044555", "md5_checksum": hashlib.md5(arff).hexdigest(),
        }  # fmt: skip
        features = [_described(index, name, id_is_marked, nominal) for index, name in enumerate(COLUMNS)]
        qualities = [{"name": "NumberOfInstances", "value": str(len(sales))}]
        api = cache / "api" / "v1" / "json" / "data"
        _store(api / f"{DATA_ID}.gz", {"data_set_description": description})
        _store(api / "features" / f"{DATA_ID}.gz", {"data_features": {"feature": features}})
        _store(api / "qualities" / f"{DATA_ID}.gz", {"data_qualities": {"quality": qualities}})
        _write(cache / "data" / "v1" / "download" / "22044555" / "h.arff.gz", arff)

    return fill


def _described(index: int, name: str, id_is_marked: bool, nominal: bool) -> dict[str, str]:
    kind = ("nominal" if nominal else "string") if name in TEXT else "numeric"
    return {
        "index": str(index),
        "name": name,
        "data_type": kind,
        "is_target": str(name == "SalePrice").lower(),
        "is_ignore": "false",
        "is_row_identifier": str(name == "Id" and id_is_marked).lower(),
        "number_of_missing_values": "0",
    }


def _arff(sales: Sequence[dict[str, str]], *, nominal: bool) -> bytes:
    def kind(name: str) -> str:
        if name not in TEXT:
            return "NUMERIC"
        codes = sorted({sale[name] for sale in sales} - {"NA"}) or ["none"]
        return f"{{{', '.join(map(_quoted, codes))}}}" if nominal else "STRING"

    attributes = [f"@ATTRIBUTE {name} {kind(name)}" for name in COLUMNS]
    rows = [",".join(_quoted(sale[name]) for name in COLUMNS) for sale in sales]
    lines = ["% House Prices", "@RELATION house_prices", *attributes, "@DATA", *rows]
    return "\n".join([*lines, ""]).encode()


def _quoted(cell: str) -> str:
    if cell == "NA":
        return "?"
    return f"'{cell}'" if any(sign in cell for sign in " (),%") else cell


def _store(path: Path, document: dict[str, Any]) -> None:
    _write(path, json.dumps(document).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content))


@pytest.fixture
def sales_rows(make_sale: Any) -> list[dict[str, str]]:
    special = {
        3: {"MSZoning": "C (all)", "Exterior1st": "Wd Sdng", "Exterior2nd": "Brk Cmn"},
        5: {"MasVnrType": "None", "LotFrontage": "NA", "GarageYrBlt": "NA"},
        7: {"RoofMatl": "Tar&Grv", "PoolQC": "Ex", "SaleType": "WD "},
    }
    return [make_sale(number, special.get(number)) for number in range(1, 41)]


@pytest.mark.parametrize("style", [{}, {"id_is_marked": True}, {"nominal": True}])
def test_openmls_copy_holds_the_same_sales_as_kaggles_file(
    style: dict[str, bool], sales_rows: Any, fill_cache: FillCache, write_sales: Any
) -> None:
    fill_cache(sales_rows, **style)

    sales = load_sales("openml", AMES)

    kaggles = load_sales(write_sales(sales_rows), AMES)
    pd.testing.assert_frame_equal(sales.frame, kaggles.frame)
    assert sales.sha256 == kaggles.sha256
    assert (sales.source, sales.is_generated) == ("openml", False)


def test_reports_a_failed_download_with_an_alternative(cache: Path) -> None:
    with pytest.raises(DataError) as refusal:
        load_sales("openml", AMES)

    assert str(refusal.value) == (
        "openml: could not be downloaded: <urlopen error no route to host>; "
        "try --data sample, or --data with the path of a file"
    )


class Answer(BytesIO):
    """What ``urlopen`` returns: a body with headers."""

    def info(self) -> dict[str, str]:
        return {}


@pytest.mark.parametrize("body", [b"<html>Moved</html>", b"{}", b'{"data_set_description": {}}'])
def test_an_answer_that_is_no_data_set_is_one_line(body: bytes, cache: Path, urlopen: MockType) -> None:
    urlopen.side_effect = lambda request: Answer(body)

    with pytest.raises(DataError, match=r"^openml: is not as expected: .+; try --data sample"):
        load_sales("openml", AMES)


def test_a_download_with_another_checksum_is_one_line(
    sales_rows: Any, fill_cache: FillCache, cache: Path, urlopen: MockType
) -> None:
    fill_cache(sales_rows)
    (cache / "data" / "v1" / "download" / "22044555" / "h.arff.gz").unlink()
    urlopen.side_effect = lambda request: Answer(b"@RELATION other")

    with pytest.raises(DataError, match=r"^openml: is not as expected: .+checksum.+; try --data sample"):
        load_sales("openml", AMES)


def test_a_damaged_cache_is_one_line(sales_rows: Any, fill_cache: FillCache, cache: Path) -> None:
    fill_cache(sales_rows)
    data = cache / "data" / "v1" / "download" / "22044555" / "h.arff.gz"
    data.write_bytes(gzip.compress(b"@RELATION other\n@DATA\n"))

    with pytest.raises(DataError) as refusal:
        load_sales("openml", AMES)

    assert "\n" not in str(refusal.value)
    assert str(refusal.value).startswith("openml: ")


def test_the_timeout_of_other_sockets_stays_as_it_was(sales_rows: Any, fill_cache: FillCache) -> None:
    fill_cache(sales_rows)

    load_sales("openml", AMES)

    assert socket.getdefaulttimeout() is None
