"""How the bytes of a text file stand for characters: UTF-8, or UTF-16 as Excel's "Unicode Text" is."""

import codecs
from pathlib import Path

_HEAD_BYTES = 4096
_UTF_8 = "utf-8-sig"
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL_BYTES = bytes({*range(32)} - set(b"\t\n\v\f\r"))


def find_encoding(path: Path) -> str:
    """Return the encoding that the first bytes of a text file show.

    Raises:
        OSError: if the file can't be opened or read.
    """
    head = _read_head(path)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    # Text of plain letters has a zero in every second byte, and UTF-8 has none.
    if len(head) > 1 and not any(head[1::2]):
        return "utf-16-le"
    if len(head) > 1 and not any(head[0::2]):
        return "utf-16-be"
    return _UTF_8


def describe_undecodable(path: Path) -> str:
    """Say what a file is that can't be decoded, and which line shows it."""
    head = _read_head(path)
    if head.startswith(tuple(mark for mark, _ in _MARKS)):
        return "is not readable UTF-16 text, though it begins like it: save it as UTF-8"
    if head.translate(None, _CONTROL_BYTES) != head:
        return "is not UTF-8 text, so neither a CSV nor a tab-separated file"
    return f"is not UTF-8 text but probably Latin-1 (Windows-1252){_show_first_byte(path)}: save it as UTF-8"


def _show_first_byte(path: Path) -> str:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                byte = line[error.start : error.start + 1]
                return f", line {number} has byte 0x{byte.hex().upper()}, there {byte.decode('cp1252', 'replace')!r}"
    return ""


def _read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)
