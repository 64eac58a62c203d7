"""Calls over real HTTP on loopback."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from declared_flows.errors import UnusableParams
from declared_flows.sources.http_api.source import HttpApi
from declared_flows.sources.port import NO_CALL, Answer, Call, SourceContext
from example_records import KNOWN
from house_record import example_house
from hypothesis import given, settings
from hypothesis import strategies as st
from source_contract import SECRET
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

pytestmark = pytest.mark.integration


@dataclass
class Service:
    """Answers each request with the next of its answers, the last one for ever."""

    answers: list[bytes]
    port: int = 0
    requests: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.requests.append(head)
                length = next(
                    (line.split(":")[1] for line in head.lower().split("\r\n") if "content-length" in line), "0"
                )
                self.bodies.append(await reader.readexactly(int(length)))
                writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    @property
    def target(self) -> str:
        return self.requests[-1].split(" ")[1]

    @property
    def headers(self) -> dict[str, str]:
        lines = self.requests[-1].split("\r\n")[1:-2]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def ok(document: Any) -> bytes:
    return answer(200, document if isinstance(document, bytes) else json.dumps(document).encode())


def answer(status: int, body: bytes = b"", *heads: str) -> bytes:
    lines = "".join(f"{head}\r\n" for head in heads)
    return f"HTTP/1.1 {status} Said\r\ncontent-length: {len(body)}\r\n{lines}\r\n".encode() + body


@asynccontextmanager
async def service(*answers: bytes) -> AsyncIterator[Service]:
    found = Service(list(answers))
    async with await asyncio.start_server(found.serve, "127.0.0.1", 0) as server:
        found.port = server.sockets[0].getsockname()[1]
        yield found
        server.close_clients()


async def asked(
    server: Service, operation: Mapping[str, Any], params: Mapping[str, Any] | None = None, **more: Any
) -> Answer:
    declared = {"kind": "api", "url": f"http://127.0.0.1:{server.port}/v1", "operations": {"it": operation}, **more}
    context = SourceContext(Path("/"), {"key": SECRET}, max_answer_bytes=10_000)
    async with HttpApi().open("market", HttpApi.options.model_validate(declared, context=KNOWN), context) as source:
        return await source.operations["it"](params or {}, Call(headers={"X-Request-ID": "r1"}))


async def test_a_request_is_what_its_templates_say() -> None:
    operation = {
        "method": "POST",
        "path": "/areas/{area}/index",
        "query": {"year": "{year}", "wanted": "{wanted}", "left": "{left}"},
        "headers": {"X-Area": "in {area}", "X-Request-ID": "own"},
        "body": {"wanted": "{wanted}", "text": "area {area}", "house": "{house}"},
        "params": {
            "area": {"type": "string"},
            "year": {"type": "integer", "default": 2026},
            "wanted": {"type": "array"},
            "left": {"type": "string", "optional": True},
            "house": {"record": "house"},
        },
        "pick": "data.index",
    }
    params = {"area": "a b?", "wanted": ["x", 1], "house": example_house()}
    async with service(ok({"data": {"index": [1.5, 2]}})) as server:
        found = await asked(server, operation, params, headers={"X-Source": "s"})

        assert found == Answer([1.5, 2], 2)
        assert server.target == "/v1/areas/a%20b%3F/index?year=2026&wanted=x&wanted=1"
        body = json.loads(server.bodies[-1])
        assert (body["wanted"], body["text"]) == (["x", 1], "area a b?")
        assert body["house"]["lotArea"] == example_house().lot_area
        headers = server.headers
        assert (headers["x-area"], headers["x-source"], headers["x-request-id"]) == ("in a b?", "s", "own")
        assert headers["content-type"] == "application/json"
        assert headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"bearer": {"secret": "key"}}, "authorization", f"Bearer {SECRET}"),
        (
            {"basic": {"user": "a", "password": {"secret": "key"}}},
            "authorization",
            "Basic " + b64encode(f"a:{SECRET}".encode()).decode(),
        ),
        ({"header": {"name": "X-Key", "value": {"secret": "key"}}}, "x-key", SECRET),
    ],
)
async def test_the_service_knows_who_asks(auth: Any, header: str, value: str) -> None:
    async with service(ok({})) as server:
        await asked(server, {"path": "/"}, auth=auth)

        assert server.headers[header] == value


async def test_a_key_may_go_in_the_query() -> None:
    async with service(ok({})) as server:
        auth = {"query": {"name": "key", "value": {"secret": "key"}}}
        await asked(server, {"path": "/a", "query": {"b": 1}}, auth=auth)

        assert server.target == f"/v1/a?b=1&key={SECRET}"


@pytest.mark.parametrize(("said", "value"), [(answer(204), None), (answer(404, b"no json"), None), (ok([]), [])])
async def test_nothing_is_nothing(said: bytes, value: Any) -> None:
    async with service(said) as server:
        assert await asked(server, {"path": "/"}) == Answer(value, 0)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (answer(500, SECRET.encode()), "it answered with status 500"),
        (answer(400), "it answered with status 400"),
        (answer(302, b"", "location: http://127.0.0.1:9/"), "it answered with status 302"),
        (answer(200, b" \n"), "it is not JSON"),
        (ok(b"<html>"), "it is not JSON"),
        (ok(b'{"a": NaN}'), "it is not JSON"),
        (ok(b'{"a": 1e999}'), "too large"),
        (ok(b"[" * 5000), "it is not JSON"),
        (ok(b" " * 20_000 + b"1"), "larger than 10,000 bytes"),
        (answer(200, b"\x1f\x8b", "content-encoding: gzip"), "compressed"),
        (b"SMTP\r\n\r\n", "no HTTP"),
    ],
)
async def test_what_is_no_answer_is_told_apart_without_its_body(said: bytes, sentence: str) -> None:
    async with service(said) as server:
        with pytest.raises(BadUpstreamAnswer, match=sentence) as bad:
            await asked(server, {"path": "/"})

    assert SECRET not in str(bad.value)


async def test_an_answer_that_breaks_off_is_bad() -> None:
    async def breaking_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}")
        writer.close()

    async with await asyncio.start_server(breaking_off, "127.0.0.1", 0) as server:
        with pytest.raises(BadUpstreamAnswer, match="ends too early"):
            await asked(Service([], server.sockets[0].getsockname()[1]), {"path": "/"})


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_service_that_is_busy_is_unavailable(status: int) -> None:
    async with service(answer(status, b"", "retry-after: 7")) as server:
        with pytest.raises(UpstreamUnavailable) as busy:
            await asked(server, {"path": "/"})

    assert busy.value.retry_after_seconds == 7
    assert busy.value.cause == "status"


@pytest.mark.parametrize(("status", "blames"), [(400, True), (422, True), (401, False), (403, False), (500, False)])
async def test_a_bad_request_says_nothing_of_the_services_health(status: int, blames: bool) -> None:
    async with service(answer(status)) as server:
        with pytest.raises(BadUpstreamAnswer) as bad:
            await asked(server, {"path": "/"})

    assert bad.value.blames_rows is blames


async def test_other_statuses_may_mean_that_there_is_nothing() -> None:
    async with service(answer(410), answer(404)) as server:
        operation = {"path": "/", "not_found": [410]}

        assert (await asked(server, operation)).value is None
        with pytest.raises(BadUpstreamAnswer, match="status 404"):
            await asked(server, operation)


async def test_an_answer_of_another_shape_is_bad() -> None:
    async with service(ok({"a": "text"})) as server:
        with pytest.raises(BadUpstreamAnswer, match="not of the shape"):
            await asked(server, {"path": "/", "pick": "sum(a)"})
        assert (await asked(server, {"path": "/", "pick": "b"})).value is None


@pytest.mark.parametrize(
    ("document", "pick"),
    [
        ({"error": "quota exceeded"}, "data"),
        ({"error": "quota exceeded"}, "data.items[0]"),
        ({"error": "quota exceeded"}, "data[?area > `1`] | [0]"),
        ({"data": {"items": {}}}, "data.items[0]"),
        (["quota exceeded"], "data"),
    ],
)
async def test_an_answer_that_lacks_what_is_picked_is_bad(document: Any, pick: str) -> None:
    async with service(ok(document)) as server:
        with pytest.raises(BadUpstreamAnswer, match="what `pick` names"):
            await asked(server, {"path": "/", "pick": pick, "answer": {"type": "number"}})
        nullable = {"type": "number", "nullable": True}
        assert (await asked(server, {"path": "/", "pick": pick, "answer": nullable})).value is None


@pytest.mark.parametrize(
    ("document", "pick"),
    [
        ({"data": None}, "data"),
        ({"data": None}, "data.items[0]"),
        ({"data": {"items": []}}, "data.items[0].area"),
        ({"data": [{"area": 0}]}, "data[?area > `1`] | [0]"),
        (None, "data"),
    ],
)
async def test_a_list_that_is_too_short_and_null_are_nothing(document: Any, pick: str) -> None:
    async with service(ok(document)) as server:
        assert (await asked(server, {"path": "/", "pick": pick, "answer": {"type": "number"}})).value is None


async def test_a_writing_call_may_be_answered_with_nothing() -> None:
    async with service(answer(202)) as server:
        assert (await asked(server, {"method": "POST", "path": "/"})) == Answer(None, 0)
        with pytest.raises(BadUpstreamAnswer):
            await asked(server, {"method": "POST", "path": "/", "pick": "id"})


async def test_an_address_that_is_too_long_is_refused() -> None:
    async with service(ok({})) as server:
        with pytest.raises(UnusableParams, match="too long"):
            await asked(
                server, {"path": "/", "query": {"a": "{a}"}, "params": {"a": {"type": "string"}}}, {"a": "a" * 70_000}
            )

        assert not server.requests


@pytest.mark.parametrize("value", [float("nan"), {1: object()}, object()])
async def test_a_body_that_is_no_json_is_refused(value: Any) -> None:
    async with service(ok({})) as server:
        with pytest.raises(UnusableParams):
            await asked(server, {"method": "POST", "path": "/", "body": ["{a}"], "params": {"a": {}}}, {"a": value})

        assert not server.requests


async def test_cookies_are_not_kept_and_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    said = answer(200, b"{}", "set-cookie: a=b")
    operations = {"it": {"path": "/"}}
    async with service(said) as server:
        declared = {"kind": "api", "url": f"http://127.0.0.1:{server.port}", "operations": operations}
        options = HttpApi.options.model_validate(declared)
        async with HttpApi().open("market", options, SourceContext(Path("/"))) as source:
            for _ in range(2):
                await source.operations["it"]({}, NO_CALL)

        assert "cookie" not in server.headers


async def test_who_leaves_gives_the_connection_back() -> None:
    speaks = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await speaks.wait()
        writer.write(ok({"a": 1}))
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        declared = {"kind": "api", "url": url, "max_concurrency": 1, "operations": {"it": {"path": "/"}}}
        options = HttpApi.options.model_validate(declared)
        async with HttpApi().open("market", options, SourceContext(Path("/"))) as source:
            for _ in range(20):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await source.operations["it"]({}, NO_CALL)
            speaks.set()

            assert (await source.operations["it"]({}, NO_CALL)).value == {"a": 1}


TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text("./\\%?#&=;+ 2eEfF{}@:"),
    st.sampled_from(
        ["..", "../admin", "%2e%2e", "%2F..", "?x=y", "#f", "a&b=c", "a\r\nHost: evil", "{b}", "//evil", "@evil"]
    ),
)


@settings(max_examples=25)
@given(texts=st.lists(TEXTS, min_size=10, max_size=40))
def test_no_value_changes_the_address_or_the_headers(texts: list[str]) -> None:
    operation = {
        "method": "POST",
        "path": "/areas/{a}/index",
        "query": {"q": "{a}"},
        "headers": {"X-A": "{h}"},
        "body": {"a": "{a}", "t": "<{a}>"},
        "params": {"a": {"type": "string"}, "h": {"type": "string"}},
    }

    async def check() -> None:
        async with service(ok({})) as server:
            declared = {"kind": "api", "url": f"http://127.0.0.1:{server.port}/v1", "operations": {"it": operation}}
            options = HttpApi.options.model_validate(declared)
            async with HttpApi().open("market", options, SourceContext(Path("/"))) as source:
                for text in texts:
                    await one(server, source.operations["it"], text)

    async def one(server: Service, call: Any, text: str) -> None:
        before = len(server.requests)
        try:
            await call({"a": text, "h": text if text.isascii() and text.isprintable() else ""}, NO_CALL)
        except UnusableParams:
            assert len(server.requests) == before
            return
        target = urlsplit(server.target)
        assert [unquote(part) for part in target.path.split("/")] == ["", "v1", "areas", text, "index"]
        assert parse_qsl(target.query, keep_blank_values=True) == [("q", text)]
        assert server.headers["host"] == f"127.0.0.1:{server.port}"
        assert "\r\nhost: evil" not in server.requests[-1].lower()
        assert json.loads(server.bodies[-1]) == {"a": text, "t": f"<{text}>"}

    asyncio.run(check())
