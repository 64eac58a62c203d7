"""Texts that are not UTF-8 are named."""

import codecs
import gzip

import pytest
from house_record.refusals import describe_encoding


@pytest.mark.parametrize("text", [b"", b"{}", '{"street": "Straße"}'.encode(), codecs.BOM_UTF8 + b"{}", b"\x00\x00"])
def test_nothing_is_said_of_utf_8(text: bytes) -> None:
    assert describe_encoding(text) is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ['{"id": 1461}', "\r\n[ ]", '{"street": "Straße ☃"}', '{"a": "' + 1000 * "x" + '"}'])
def test_wide_encodings_are_named_with_and_without_a_mark(encoding: str, text: str) -> None:
    assert describe_encoding(text.encode(encoding)) == f"the body is {encoding[:6].upper()}; send UTF-8"


def test_another_encoding_is_told_by_its_first_byte() -> None:
    assert describe_encoding('{"a": "Straße"}'.encode("latin-1")) == "byte 11 of the body is not UTF-8; send UTF-8"


def test_a_compressed_text_is_named() -> None:
    assert describe_encoding(gzip.compress(b"{}")) == "the body is compressed with gzip; send it as it is"
