"""Load generators as they are chosen, commanded, and let loose on a tiny server."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.bundled import make_bundled_generator
from housing_price_bench.generators.bundled_process import send_load
from housing_price_bench.generators.generator import Generator
from housing_price_bench.generators.load import Load
from housing_price_bench.generators.oha import make_oha_generator
from housing_price_bench.generators.selection import choose_generator
from housing_price_bench.generators.wrk import make_wrk_generator
from housing_price_bench.servers.fixed_response import FixedResponse

BODIES = [b'{"id":1}', b'{"id":2}', b'{"id":3,"bad":true}', b'{"id":4}']


def load(url: str = "http://127.0.0.1:1/", seconds: float = 0.2, **changes: Any) -> Load:
    return replace(Load(url=url, bodies=Path("bodies.jsonl"), connections=4, seconds=seconds), **changes)


def finds(*names: str) -> object:
    """A search that finds these programs; Python also tells a version."""
    return lambda name: sys.executable if name in names else None


@pytest.mark.parametrize(
    ("choice", "installed", "chosen"),
    [
        ("auto", ["wrk", "oha"], "wrk"),
        ("auto", ["oha"], "oha"),
        ("auto", [], "bundled"),
        ("oha", ["wrk", "oha"], "oha"),
        ("bundled", ["wrk", "oha"], "bundled"),
    ],
)
def test_auto_takes_the_lightest_that_is_installed(choice: str, installed: list[str], chosen: str) -> None:
    assert choose_generator(choice, finds(*installed)).name == chosen  # type: ignore[arg-type]  # parameters


def test_a_version_is_told_where_the_program_tells_one() -> None:
    assert choose_generator("wrk", finds("wrk")).version.startswith("3.")  # type: ignore[arg-type]  # a lambda


def test_what_is_asked_for_and_not_installed_is_one_line_with_the_way_out() -> None:
    with pytest.raises(GeneratorError, match="oha is not installed: install it, or choose --generator bundled"):
        choose_generator("oha", finds("wrk"))  # type: ignore[arg-type]  # a lambda


def test_wrk_gets_whole_seconds() -> None:
    assert "-d3s" in make_wrk_generator("wrk", "4").command(load(seconds=2.1))


def test_wrk_counts_statuses_only_when_asked_to() -> None:
    assert make_wrk_generator("wrk", "4").command(load())[-1] == "bodies.jsonl"
    assert make_wrk_generator("wrk", "4").command(load(counts_statuses=True))[-1] == "statuses"


@pytest.mark.parametrize(("help_text", "option"), [("-j, --json", "--json"), ("--output-format", "--output-format")])
def test_oha_is_asked_for_json_as_its_version_wants_it(help_text: str, option: str) -> None:
    command = make_oha_generator("oha", "1", help_text).command(load(seconds=0.25))

    assert option in command
    assert command[command.index("-z") + 1] == "250ms"


@asynccontextmanager
async def serving(protocol: type[asyncio.Protocol]) -> AsyncIterator[str]:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/price"


class Refusing(FixedResponse):
    """Refuses the bad body."""

    def on_body(self, body: bytes) -> None:
        self.is_bad = b"bad" in body

    def on_message_complete(self) -> None:
        status = b"422 Unprocessable" if self.is_bad else b"200 OK"
        self._transport.write(b"HTTP/1.1 %b\r\ncontent-length: 2\r\n\r\n{}" % status)


class Closing(FixedResponse):
    """Answers once on each connection."""

    def on_message_complete(self) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}")
        self._transport.close()


class Breaking(FixedResponse):
    """Hangs up in the middle of its answer."""

    def on_message_complete(self) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{")
        self._transport.close()


class Babbling(FixedResponse):
    """Answers with what is no HTTP."""

    def on_message_complete(self) -> None:
        self._transport.write(b"price: 1\r\n\r\n")


class Silent(FixedResponse):
    """Never answers."""

    def on_message_complete(self) -> None:
        pass


pytestmark = pytest.mark.integration


async def test_each_body_is_sent_in_turn_and_each_status_counted() -> None:
    async with serving(Refusing) as url:
        outcome = await send_load(url, BODIES, connections=1, seconds=0.1)

    assert outcome.good > 0
    assert outcome.failures == outcome.statuses["422"]
    assert abs(outcome.good - 3 * outcome.failures) <= 3


async def test_latencies_are_told_in_order() -> None:
    async with serving(FixedResponse) as url:
        outcome = await send_load(url, BODIES, connections=3, seconds=0.1)

    assert outcome.p50_ms
    assert outcome.p95_ms
    assert outcome.p99_ms
    assert 0 < outcome.p50_ms <= outcome.p95_ms <= outcome.p99_ms < 100
    assert outcome.seconds >= 0.1


async def test_a_connection_that_the_server_closes_after_its_answer_is_no_failure() -> None:
    async with serving(Closing) as url:
        outcome = await send_load(url, BODIES, connections=2, seconds=0.1)

    assert outcome.good > 2
    assert outcome.failures == 0


@pytest.mark.parametrize("server", [Breaking, Babbling])
async def test_an_answer_that_breaks_off_or_is_no_http_is_a_failure(server: type[FixedResponse]) -> None:
    async with serving(server) as url:
        outcome = await send_load(url, BODIES, connections=2, seconds=0.1)

    assert outcome.good == 0
    assert outcome.failures > 0


async def test_what_is_open_at_the_end_counts_as_nothing() -> None:
    async with serving(Silent) as url:
        outcome = await send_load(url, BODIES, connections=2, seconds=0.1)

    assert (outcome.good, outcome.failures, outcome.p50_ms) == (0, 0, None)


async def test_a_server_that_is_not_there_is_a_failure_at_each_attempt() -> None:
    async with serving(FixedResponse) as url:
        pass

    outcome = await send_load(url, BODIES, connections=2, seconds=0.1)

    assert outcome.good == 0
    assert 2 <= outcome.failures <= 6


async def test_pauses_bound_the_number_of_requests() -> None:
    async with serving(FixedResponse) as url:
        outcome = await send_load(url, [], connections=1, seconds=0.2, pause_seconds=0.05)

    assert 1 <= outcome.good <= 4


GENERATORS = [
    pytest.param(make_bundled_generator, id="bundled"),
    pytest.param(
        lambda: choose_generator("wrk"),
        id="wrk",
        marks=pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed"),
    ),
]


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize("counts_statuses", [False, True])
async def test_a_generator_runs_in_its_own_process_and_tells_what_the_server_did(
    make: Callable[[], Generator], counts_statuses: bool, tmp_path: Path
) -> None:
    bodies = tmp_path / "bodies.jsonl"
    bodies.write_bytes(b"".join(body + b"\n" for body in BODIES))

    async with serving(Refusing) as url:
        outcome = await make().run(load(url, bodies=bodies, counts_statuses=counts_statuses))

    assert outcome.good > 0
    assert abs(outcome.good - 3 * outcome.failures) <= 16
    if counts_statuses:
        assert outcome.statuses == {"200": outcome.good, "422": outcome.failures}


async def test_a_program_that_fails_is_named_with_its_last_words() -> None:
    failing = Generator(
        name="failing",
        version="1",
        command=lambda load: (sys.executable, "-c", "import sys; sys.exit('no such option')"),
        read=lambda text: pytest.fail("it told nothing"),
    )

    with pytest.raises(GeneratorError, match="failing ended with exit code 1: no such option"):
        await failing.run(load())
