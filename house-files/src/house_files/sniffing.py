"""What a file really is when it is no table as text, by its first bytes and not by its name."""

import re
import zipfile
from pathlib import Path

from house_files.errors import HouseFileError

_HEAD_BYTES = 1024
_SAVE_AS_CSV = "save the sheet with the sales as CSV (UTF-8)"
_WRITE_AS_CSV = "write the table as CSV or Parquet"
_UNPACK = "unpack it first"

_BY_FIRST_BYTES = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (xls, or one with a password)", _SAVE_AS_CSV),
    (b"\x09\x08\x10\x00\x00\x06", "an Excel workbook (xls)", _SAVE_AS_CSV),
    (b"\x1f\x8b", "compressed with gzip", f"{_UNPACK} (gunzip)"),
    (b"BZh", "compressed with bzip2", f"{_UNPACK} (bunzip2)"),
    (b"\xfd7zXZ\x00", "compressed with xz", f"{_UNPACK} (unxz)"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard", f"{_UNPACK} (unzstd)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"ARROW1", "a Feather (Arrow) file", _WRITE_AS_CSV),
    (b"FEA1", "a Feather file", _WRITE_AS_CSV),
    (b"PARE", "an encrypted Parquet file", "decrypt it first"),
    (b"ORC", "an ORC file", _WRITE_AS_CSV),
    (b"Obj\x01", "an Avro file", _WRITE_AS_CSV),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", _WRITE_AS_CSV),
    (b"\x93NUMPY", "a NumPy array", _WRITE_AS_CSV),
    (b"SQLite format 3\x00", "an SQLite database", _WRITE_AS_CSV),
    (b"RDX2\n", "a file of R data", "write it with write.csv"),
    (b"RDX3\n", "a file of R data", "write it with write.csv"),
    (b"$FL2", "an SPSS file", "export it as CSV"),
    (b"<stata_dta>", "a Stata file", "export it as CSV"),
    (b"%PDF-", "a PDF document", "find the table as CSV"),
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer, not the file itself",
        "run git lfs pull",
    ),
    (b"/annex/objects/", "a git-annex pointer, not the file itself", "run git annex get"),
    (b"outs:\n", "a DVC pointer, not the file itself", "run dvc pull"),
)
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_HTML = re.compile(rb"(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|table|script)\b", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]{1,60})", re.IGNORECASE)
_ARFF = re.compile(rb"(%[^\n]*\n\s*)*@relation\b", re.IGNORECASE)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def refuse_other_formats(path: Path) -> None:
    """Refuse a file that is neither text nor Parquet but can be recognised.

    Raises:
        HouseFileError: with what the file is, and what to do.
        OSError: if the file can't be opened or read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for first_bytes, kind, remedy in _BY_FIRST_BYTES:
        if head.startswith(first_bytes):
            raise HouseFileError(f"is {kind}: {remedy}")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise HouseFileError(_describe_zip(path))
    if _PICKLE.match(head):
        raise HouseFileError(f"is a Python pickle, which is never loaded: {_WRITE_AS_CSV}")
    if description := _describe_text(head.removeprefix(_BYTE_ORDER_MARK).lstrip()):
        raise HouseFileError(description)


def _describe_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return "is a damaged zip archive or Excel workbook: download or save it again"
    if any(name.startswith("xl/") for name in names):
        return f"is an Excel workbook (xlsx): {_SAVE_AS_CSV}"
    if "content.xml" in names:
        return f"is an OpenDocument sheet (ods): {_SAVE_AS_CSV}"
    shown = ", ".join(repr(name) for name in names[:3]) or "nothing"
    return f"is a zip archive with {shown}{' and more' if len(names) > 3 else ''}: {_UNPACK}"


def _describe_text(text: bytes) -> str | None:
    if _HTML.match(text):
        title = _TITLE.search(text)
        shown = f" ({' '.join(title[1].decode(errors='replace').split())!r})" if title else ""
        return f"is an HTML page{shown}, perhaps a login page that was saved instead: download the file itself"
    if text.startswith(b"<?xml"):
        return f"is XML, a server's error or an Excel sheet: download it again, or {_SAVE_AS_CSV}"
    if text.startswith((b"{", b"[")):
        return "is not a table of house sales: it is JSON: write its rows as CSV or Parquet"
    if _ARFF.match(text):
        return "is an ARFF file: write its rows as CSV, with the names of its attributes in the first line"
    return None
