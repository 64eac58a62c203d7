"""The documents that HTTP services answer with."""

import threading

import pytest
from declared_flows.sources.http_calls import document_of, read_from
from upstream_resilience.errors import BadUpstreamAnswer


@pytest.mark.timeout(10)
def test_many_digits_take_no_time() -> None:
    body = b"[" + b",".join([b"1" * 299] * 50_000) + b"]"

    assert len(document_of(body)) == 50_000


@pytest.mark.parametrize("number", [b"1" * 400 + b".5", b"1" * 250 + b"e99", b"-" + b"9" * 310 + b".0", b"1e999"])
def test_too_large_numbers_are_found_wherever_they_stand(number: bytes) -> None:
    with pytest.raises(BadUpstreamAnswer, match="too large"):
        document_of(b'{"a": [1, ' + number + b"]}")


async def test_a_large_answer_keeps_nobody_waiting() -> None:
    def thread(body: bytes) -> str:
        return threading.current_thread().name

    here = threading.current_thread().name

    assert await read_from(b"{}", thread) == here
    assert await read_from(b" " * 2_000_000, thread) != here
