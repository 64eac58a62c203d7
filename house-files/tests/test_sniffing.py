"""Files that are something else than their name says: one line says what, and what to do."""

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pytest
from house_files import HouseFileError, read_sales
from house_record import AMES


def refusal_of(content: bytes, folder: Path, name: str = "train.csv") -> str:
    path = folder / name
    path.write_bytes(content)
    with pytest.raises(HouseFileError) as refusal:
        read_sales(path, AMES)
    assert "\n" not in str(refusal.value)
    return str(refusal.value).removeprefix(f"{path}: ")


def make_zip(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "content")  # the same bytes at any time
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (make_zip("[Content_Types].xml", "xl/workbook.xml"), "is an Excel workbook (xlsx): save the sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "is an Excel workbook (xls, or one with a password): save"),
        (make_zip("mimetype", "content.xml"), "is an OpenDocument sheet (ods): save the sheet"),
        (make_zip("train.csv", "test.csv"), "is a zip archive with 'train.csv', 'test.csv': unpack it first"),
        (make_zip("train.csv")[:40], "is a damaged zip archive or Excel workbook: download"),
        (gzip.compress(b"Id,SalePrice\n", mtime=0), "is compressed with gzip: unpack it first (gunzip)"),
        (b"<!DOCTYPE html>\n<html><head><title>Sign\nin</title>", "is an HTML page ('Sign in'), perhaps a login page"),
        (b"\xef\xbb\xbf\n <HTML lang='en'>", "is an HTML page, perhaps a login page that was saved instead"),
        (b"<!-- saved -->\n<table>", "is an HTML page, perhaps a login page"),
        (b"<?xml version='1.0'?><Workbook>", "is XML, a server's error or an Excel sheet: download it again"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n",
            "is a Git LFS pointer, not the file itself: run git lfs pull",
        ),
        (b"/annex/objects/MD5E-s4--0.csv\n", "is a git-annex pointer, not the file itself: run git annex get"),
        (b"outs:\n- md5: 0\n  path: train.csv\n", "is a DVC pointer, not the file itself: run dvc pull"),
        (b"FEA1" + bytes(50), "is a Feather file: write the table as CSV or Parquet"),
        (b"\x80\x04\x95", "is a Python pickle, which is never loaded"),
        (b"SQLite format 3\x00", "is an SQLite database: write the table as CSV"),
        (b"% Source: OpenML\n%\n@RELATION house", "is an ARFF file: write its rows as CSV"),
        (b'[{"Id": 1}]', "is not a table of house sales: it is JSON"),
    ],
    # Archives hold the time at which they were made, so their bytes would be other identifiers in each process.
    ids=lambda value: value if isinstance(value, str) else "bytes",
)
def test_a_file_is_known_by_its_first_bytes(content: bytes, said: str, tmp_path: Path) -> None:
    assert refusal_of(content, tmp_path).startswith(said)
    assert refusal_of(content, tmp_path, "train.parquet").startswith(said)


def test_a_feather_file_is_named(tmp_path: Path) -> None:
    pa.feather.write_feather(pa.table({"Id": [1]}), tmp_path / "sales.feather")

    refusal = refusal_of((tmp_path / "sales.feather").read_bytes(), tmp_path)

    assert refusal == "is a Feather (Arrow) file: write the table as CSV or Parquet"
