"""Which encoding a text has that should be UTF-8."""

import codecs

BYTE_ORDER_MARK = codecs.BOM_UTF8
"""Some programs, Windows' among them, write it before UTF-8. It means nothing and may be dropped."""

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_JSON_BEGINS_WITH = b'{["'
_GZIP = b"\x1f\x8b"
_BLANKS = b" \t\r\n"
_ENCODINGS_WITHOUT_MARK = (
    ("utf-32-le", "UTF-32"),
    ("utf-32-be", "UTF-32"),
    ("utf-16-le", "UTF-16"),
    ("utf-16-be", "UTF-16"),
)
_HEAD_BYTES = 256


def describe_encoding(text: bytes) -> str | None:
    """Say what to send instead of a text that is not UTF-8 (UTF-16 may look like it); None if nothing is wrong."""
    if name := find_wide_encoding(text):
        return f"the body is {name}; send UTF-8"
    if text.startswith(_GZIP):
        return "the body is compressed with gzip; send it as it is"
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start} of the body is not UTF-8; send UTF-8"
    return None


def find_wide_encoding(text: bytes) -> str | None:
    """Return the name of an encoding with two or four bytes a character, if a text of JSON has one."""
    for mark, name in _MARKS:
        if text.startswith(mark):
            return name
    head = text[:_HEAD_BYTES]
    if b"\x00" not in head:
        return None
    return next((name for encoding, name in _ENCODINGS_WITHOUT_MARK if _begins_as_json(head, encoding)), None)


def _begins_as_json(head: bytes, encoding: str) -> bool:
    """Whether the head is JSON in this encoding: its characters, of which a cut-off one at the end is ignored."""
    characters = head[: len(head) // 4 * 4].decode(encoding, errors="replace").encode(errors="replace")
    start = characters.lstrip(_BLANKS)[:1]
    return bool(start) and start in _JSON_BEGINS_WITH and b"\x00" not in characters
