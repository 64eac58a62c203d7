"""Bodies as an attacker sends them, to the real process: each a documented and small answer, its memory flat."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from attacked_service import JSON, SINGLE, Service, attacked, code, service
from house_record import AMES, example_document, minimal_document
from housing_price_orchestrator.api.documents import house_batch
from housing_price_orchestrator.api.http.body import MAX_HALF_READ, BodyReader
from housing_price_orchestrator.errors import RequestError
from housing_price_orchestrator.settings import LimitSettings
from price_routes import BATCH
from starlette.requests import Request
from starlette.types import Message
from upstream_resilience.errors import Overloaded

__all__ = ["service"]  # a fixture, in force because it is here

pytestmark = pytest.mark.resilience

MEBIBYTE = 1024 * 1024
LARGEST = 5 * MEBIBYTE
HOUSE = json.dumps(example_document()).encode()
HOUSE_HEAD = HOUSE[:-1] + b","

INVALID = (422, "VALIDATION_ERROR")
TOO_LARGE = (413, "TOO_LARGE")
MALFORMED = (400, "MALFORMED_REQUEST")


def batch(rows: list[Any]) -> bytes:
    return json.dumps({"data": rows}).encode()


def strangers(count: int) -> dict[str, int]:
    return {f"x{number}": number for number in range(count)}


SINGLES: dict[str, tuple[bytes, tuple[int, str]]] = {
    "nothing": (b"", INVALID),
    "nested arrays": (b'{"id":' + b"[" * 100_000, INVALID),
    "nested and closed": (b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}", INVALID),
    "nested objects": (b'{"id":' * 100_000, INVALID),
    "a field twice": (HOUSE_HEAD + b'"lotArea":1}', INVALID),
    "a field twice, escaped": (HOUSE_HEAD + b'"lot\\u0041rea":1}', INVALID),
    "1e400": (HOUSE.replace(b"11622", b"1e400"), INVALID),
    "-1e400": (HOUSE.replace(b"11622", b"-1e400"), INVALID),
    "5,000 digits": (HOUSE.replace(b"11622", b"9" * 5_000), INVALID),
    "4,300 digits": (HOUSE.replace(b"11622", b"9" * 4_300), INVALID),
    "5 MB of digits": (HOUSE.replace(b"11622", b"9" * 5_000_000), INVALID),
    "a huge id": (HOUSE.replace(b"1461", b"9223372036854775808"), INVALID),
    "an id beyond what every parser keeps": (HOUSE.replace(b"1461", b"9007199254740992"), INVALID),
    "NaN": (HOUSE.replace(b"11622", b"NaN"), INVALID),
    "Infinity": (HOUSE.replace(b"11622", b"Infinity"), INVALID),
    "-Infinity": (HOUSE.replace(b"11622", b"-Infinity"), INVALID),
    "invalid UTF-8": (HOUSE.replace(b"Pave", b"Pa\xffe"), MALFORMED),
    "an overlong form": (HOUSE.replace(b"Pave", b"Pa\xc0\x80e"), MALFORMED),
    "an encoded surrogate": (HOUSE.replace(b"Pave", b"Pa\xed\xa0\x80e"), MALFORMED),
    "a lone surrogate": (HOUSE.replace(b"Pave", b"Pa\\ud800e"), INVALID),
    "a lone surrogate as a name": (HOUSE_HEAD + b'"\\udfff":1}', INVALID),
    "two byte order marks": (b"\xef\xbb\xbf" * 2 + HOUSE, INVALID),
    "UTF-16": (HOUSE.decode().encode("utf-16"), MALFORMED),
    "UTF-16 without a mark": (HOUSE.decode().encode("utf-16-le"), INVALID),
    "UTF-32": (HOUSE.decode().encode("utf-32-be"), INVALID),
    "null bytes": (b"\x00" * 1000, INVALID),
    "a null byte in a text": (HOUSE.replace(b"Pave", b"Pa\x00e"), INVALID),
    "an escaped null byte": (HOUSE.replace(b"Pave", b"Pa\\u0000e"), INVALID),
    "160,000 fields": (json.dumps(strangers(160_000)).encode(), INVALID),
    "300 strangers": (json.dumps(strangers(300)).encode(), INVALID),
    "5 MB of text": (HOUSE.replace(b"Pave", b"a" * 5_000_000), INVALID),
    "5 MB of a name": (HOUSE_HEAD + b'"' + b"a" * 5_000_000 + b'":1}', INVALID),
    "5 MB of numbers": (HOUSE_HEAD + b'"a":[' + b"1," * 2_500_000 + b"1]}", INVALID),
    "5 MiB of blanks": (b" " * LARGEST, INVALID),
    "a byte too many": (HOUSE + b" " * (LARGEST + 1 - len(HOUSE)), TOO_LARGE),
    "6 MiB": (b"1" * 6 * MEBIBYTE, TOO_LARGE),
}

BATCHES: dict[str, tuple[bytes, tuple[int, str]]] = {
    "no rows": (batch([]), INVALID),
    "1,001 rows": (batch([example_document()] * 1001), TOO_LARGE),
    "1,001 rows that are no houses": (batch([0] * 1001), TOO_LARGE),
    "5 MB of empty rows": (batch([{}] * 1_200_000), TOO_LARGE),
    "the last row bad": (batch([example_document()] * 999 + [example_document(street="x")]), INVALID),
    "300 strangers a row": (batch([strangers(300)] * 1000), INVALID),
    "160,000 fields in a row": (batch([example_document(), strangers(160_000)]), INVALID),
    "a field twice in the last row": (
        batch([example_document()] * 999 + [0])[:-3] + HOUSE_HEAD + b'"id":1}]}',
        INVALID,
    ),
    "every value null": (batch([dict.fromkeys(example_document())] * 1000), INVALID),
    "numbers in place of rows": (batch([1] * 1_500_000), INVALID),
    "braces": (b'{"data":[{' + b"}" * 5_000_000 + b"]}", INVALID),
    "braces and commas": (b'{"data":[{' + b"}," * 2_500_000 + b"}]}", INVALID),
    "open braces": (b'{"data":[' + b"{" * 5_000_000, INVALID),
    "nested rows": (b'{"data":[' + b'{"a":' * 1_000_000, INVALID),
    "colons": (b'{"data":[{' + b":" * 5_000_000 + b"}]}", INVALID),
    "quotes": (b'{"data":[{' + b'"' * 5_000_000 + b"}]}", INVALID),
    "lists in a row": (b'{"data":[{"id":[' + b"[]," * 1_600_000 + b"[]]}]}", INVALID),
    "lists in all rows": (b'{"data":[' + b",".join([b'{"id":[' + b"1," * 2_000 + b"1]}"] * 1000) + b"]}", INVALID),
    "texts in all rows": (batch([{"street": "a" * 5_000}] * 1000), INVALID),
    "a list": (json.dumps([example_document()] * 1000).encode(), INVALID),
    "names of columns in all rows": (batch([{name.upper(): 0 for name in example_document()}] * 1000), INVALID),
    "every value in a list": (batch([{name: [0] for name in example_document()}] * 1000), INVALID),
    "other texts in all rows": (batch([example_document(street=f"{row}" * 60) for row in range(1000)]), INVALID),
    "cut off": (batch([example_document()] * 1000)[:-50], INVALID),
    "invalid UTF-8 at the end": (batch([example_document()] * 1000)[:-5] + b'\xff"}]}', MALFORMED),
    "a byte too many": (batch([example_document()]) + b" " * LARGEST, TOO_LARGE),
}


@pytest.mark.parametrize("name", SINGLES)
def test_r31_a_hostile_body_of_one_house_is_refused_with_a_small_answer(service: Service, name: str) -> None:
    body, expected = SINGLES[name]
    answer = service[0].post(SINGLE, content=body, headers=JSON)

    assert code(answer) == expected
    assert len(answer.content) < 8_000


@pytest.mark.parametrize("name", BATCHES)
def test_r31_a_hostile_batch_is_refused_with_a_small_answer(service: Service, name: str) -> None:
    body, expected = BATCHES[name]
    answer = service[0].post(BATCH, content=body, headers=JSON)

    assert code(answer) == expected
    assert len(answer.content) < 8_000


def test_r31_the_largest_body_is_still_taken(service: Service) -> None:
    for route, body in ((SINGLE, HOUSE), (BATCH, batch([example_document()] * 1000))):
        padded = body + b" " * (LARGEST - len(body))
        assert service[0].post(route, content=padded, headers=JSON).status_code == 200


def test_a_field_that_is_there_twice_is_named(service: Service) -> None:
    [mistake] = service[0].post(SINGLE, content=HOUSE_HEAD + b'"lotArea":1}', headers=JSON).json()["detail"]

    assert (mistake["type"], mistake["loc"]) == ("duplicate_field", ["body", "lotArea"])


def test_r31_memory_stays_flat_under_hundreds_of_hostile_bodies(tmp_path: Path) -> None:
    hostile = [(SINGLE, body) for body, _ in SINGLES.values()] + [(BATCH, body) for body, _ in BATCHES.values()]
    bomb = gzip.compress(b" " * 100_000_000)
    # A process of its own: in one that was attacked before, memory would have grown already.
    with attacked(tmp_path) as (client, process):
        for _ in range(20):
            assert client.post(SINGLE, content=HOUSE, headers=JSON).status_code == 200
        idle = process.memory_info().rss
        for route, body in hostile * 3:
            client.post(route, content=body, headers=JSON)
            client.post(route, content=bomb, headers=JSON | {"content-encoding": "gzip"})

        grown = process.memory_info().rss - idle

    assert grown <= 20 * MEBIBYTE, f"{grown:,} bytes"


async def test_r31_bodies_that_are_half_read_are_bounded_together_and_whole_ones_come_through() -> None:
    reader = BodyReader(AMES, LimitSettings(max_body_bytes=100), house_batch(AMES, 1000), lambda *_: None)
    may_leave = asyncio.Event()

    def request(*pieces: bytes, is_whole: bool) -> Request:
        messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        messages[-1]["more_body"] = not is_whole

        async def receive() -> Message:
            if not messages:
                await may_leave.wait()
                return {"type": "http.disconnect"}
            return messages.pop(0)

        return Request({"type": "http", "headers": [(b"content-type", b"application/json")]}, receive)

    slow = [asyncio.create_task(reader.read(request(b" " * 100, is_whole=False))) for _ in range(MAX_HALF_READ)]
    await asyncio.sleep(0)

    with pytest.raises(Overloaded):
        await reader.read(request(b"{", b"}", is_whole=True))
    assert await reader.read(request(b"{}", is_whole=True)) == b"{}"

    may_leave.set()
    await asyncio.gather(*slow, return_exceptions=True)
    assert await reader.read(request(b"{", b"}", is_whole=True)) == b"{}"


async def test_r31_others_have_their_turns_while_a_hostile_batch_is_looked_into() -> None:
    reader = BodyReader(AMES, LimitSettings(), house_batch(AMES, 1000), lambda *_: None)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(other())
    with pytest.raises(RequestError):
        await reader.parse_batch(batch([minimal_document()] * 999 + [strangers(300)]), lambda house: house)
    others.cancel()

    assert turns > 1000
