"""The source `feast`: its declaration, and servers that misbehave."""

import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from declared_flows.errors import UnusableParams
from declared_flows.sources.feast.options import FeastOptions
from declared_flows.sources.feast.source import Feast
from declared_flows.sources.port import NO_CALL, Call, OpenSource, SourceContext
from fake_feature_server import FakeFeatureServer
from fake_model_server import serving
from pydantic import ValidationError
from source_contract import (
    assert_answers_plainly,
    assert_fails_as_sources_do,
    assert_is_declared_well,
    assert_opens_what_it_declares,
    assert_refuses,
    context_of,
)
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

OPERATION: Mapping[str, Any] = {
    "features": ["home_search:budget", "home_search:viewings"],
    "entities": {"customer_id": {"type": "integer"}},
}


def options(url: str = "http://127.0.0.1:1", source: Mapping[str, Any] | None = None, **operation: Any) -> FeastOptions:
    operations = {"ask": {**OPERATION, **operation}}
    return FeastOptions.model_validate({"kind": "feast", "url": url, "operations": operations, **(source or {})})


def diagnose(**operation: Any) -> dict[tuple[str | int, ...], str]:
    return dict(Feast().diagnose(options(**operation)))


@asynccontextmanager
async def answering(server: Callable[[httpx.Request], httpx.Response], **operation: Any) -> AsyncIterator[OpenSource]:
    with serving(server) as url:  # type: ignore[arg-type] # any callable will do
        async with Feast().open("store", options(url, **operation), SourceContext(Path())) as source:
            yield source


def reply(*columns: Mapping[str, Any], names: list[str] | None = None) -> Callable[[httpx.Request], httpx.Response]:
    document = {"results": columns, "metadata": {"feature_names": names or ["customer_id", "budget", "viewings"]}}
    return lambda request: httpx.Response(200, content=json.dumps(document))


def column(value: Any, status: str = "PRESENT", **more: Any) -> Mapping[str, Any]:
    return {"values": [value], "statuses": [status], **more}


async def test_it_keeps_what_every_source_keeps() -> None:
    with serving(FakeFeatureServer()) as url:  # type: ignore[arg-type] # any callable will do
        # The fake's queue of new connections is short.
        declaration = {"kind": "feast", "url": url, "operations": {"ask": OPERATION}, "max_concurrency": 4}
        context = context_of(Path())
        assert_is_declared_well(Feast(), declaration)
        await assert_opens_what_it_declares(Feast(), declaration, context)
        answer = await assert_answers_plainly(Feast(), declaration, context, "ask", {"customer_id": 1})
        await assert_refuses(Feast(), declaration, context, "ask", {"customer_id": "hunter2"})
    await assert_fails_as_sources_do(Feast(), declaration, context, "ask", {"customer_id": 1})

    assert answer.value == {"budget": 120_000.0, "viewings": 1}


def test_an_answer_is_known_by_its_features() -> None:
    signature = Feast().signatures(options(answer={"budget": {"type": "number"}}))["ask"]

    assert signature.parameters is not None
    assert signature.parameters["customer_id"].type == "integer"
    assert signature.answer is not None
    assert signature.answer.fields is not None
    assert signature.answer.fields["budget"].type == "number"
    assert signature.answer.fields["viewings"].is_anything
    assert not signature.writes


def test_lists_of_entities_give_lists_of_records_or_nulls() -> None:
    signature = Feast().signatures(options(rows="many"))["ask"]

    assert signature.parameters is not None
    assert signature.parameters["customer_id"].type == "array"
    assert signature.answer is not None
    assert signature.answer.items is not None
    assert signature.answer.items.may_be_null


def test_a_feature_service_has_only_what_is_declared() -> None:
    service: dict[str, Any] = {"features": None, "feature_service": "recommendation"}

    assert Feast().signatures(options(**service))["ask"].answer is None
    declared = Feast().signatures(options(**service, answer={"budget": {"type": "number"}}))["ask"].answer
    assert declared is not None
    assert declared.fields is not None
    assert list(declared.fields) == ["budget"]


def test_contradicting_options_are_reported_at_their_place() -> None:
    assert diagnose(entities={"customer_id": {"type": "number"}}) == {
        ("operations", "ask", "entities", "customer_id"): (
            "the entity `customer_id` is a string or an integer: say its `type`"
        )
    }
    assert diagnose(answer={"bugdet": {"type": "number"}}) == {
        ("operations", "ask", "answer", "bugdet"): (
            "there is no feature `bugdet` among `features`; did you mean `budget`?"
        )
    }
    assert diagnose(answer={"type": "array"}) == {
        ("operations", "ask", "answer"): "features are an object: name them with what each looks like"
    }


def test_two_features_of_one_name_need_their_full_names() -> None:
    same = ["home_search:budget", "customer_stats:budget"]

    assert diagnose(features=same) == {
        ("operations", "ask", "features"): "2 features are called `budget`: say `full_names: true`, or each once"
    }
    assert diagnose(features=same, full_names=True) == {}


@pytest.mark.parametrize(
    ("auth", "place"),
    [
        ({"bearer": "hunter2"}, ("auth", "bearer")),
        ({"basic": {"user": "a", "password": "hunter2"}}, ("auth", "basic", "password")),
    ],
)
def test_secrets_do_not_stand_in_the_file(auth: Mapping[str, Any], place: tuple[str, ...]) -> None:
    found = dict(Feast().diagnose(options(source={"auth": auth})))

    assert found == {place: f"a secret does not stand in a file: say `{place[-1]}: {{secret: its_name}}`"}


@pytest.mark.parametrize(
    "operation", [{"feature_service": "recommendation"}, {"features": None}, {"features": ["budget"]}, {"entities": {}}]
)
def test_features_are_named_in_one_way(operation: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        options(**operation)


@pytest.mark.parametrize("customer", [None, True, 1.5, 2**63, [1]])
async def test_what_can_be_no_entity_is_not_asked_for(customer: Any) -> None:
    server = FakeFeatureServer()
    async with answering(server) as source:
        with pytest.raises(UnusableParams):
            await source.operations["ask"]({"customer_id": customer}, NO_CALL)

    assert server.requests == []


@pytest.mark.parametrize("customers", [1, [1] * 4, [1, None]])
async def test_impossible_lists_of_entities_are_not_sent(customers: Any) -> None:
    server = FakeFeatureServer()
    async with answering(server, rows="many", max_rows=3) as source:
        with pytest.raises(UnusableParams):
            await source.operations["ask"]({"customer_id": customers}, NO_CALL)

    assert server.requests == []


async def test_lists_of_entities_are_of_one_length() -> None:
    entities = {"customer_id": {"type": "integer"}, "house": {"type": "string"}}
    async with answering(FakeFeatureServer(), rows="many", entities=entities) as source:
        with pytest.raises(UnusableParams, match="same length"):
            await source.operations["ask"]({"customer_id": [1, 2], "house": ["a"]}, NO_CALL)


async def test_the_server_is_told_who_asks() -> None:
    server = FakeFeatureServer()
    with serving(server) as url:  # type: ignore[arg-type] # any callable will do
        declared = options(url, {"auth": {"bearer": {"secret": "store_token"}}})
        context = SourceContext(Path(), {"store_token": "hunter2"})
        async with Feast().open("store", declared, context) as source:
            await source.operations["ask"]({"customer_id": 1}, Call(headers={"X-Request-ID": "abc"}))

    assert server.requests[0].headers["authorization"] == "Bearer hunter2"
    assert server.requests[0].headers["x-request-id"] == "abc"


async def test_a_number_that_is_none_is_missing() -> None:
    columns = column(1), column("NaN"), column(None, "NULL_VALUE")
    async with answering(reply(*columns), answer={"budget": {"type": "number"}}) as source:
        answer = await source.operations["ask"]({"customer_id": 1}, NO_CALL)

    assert answer.value == {"budget": None, "viewings": None}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="Traceback (most recent call last): secret"),
        httpx.Response(200, json={"results": []}),
        httpx.Response(200, json={"results": [], "metadata": {"feature_names": ["customer_id"]}}),
        httpx.Response(404, json="FeatureViewNotFoundException"),
        httpx.Response(500, text="Traceback (most recent call last): secret"),
    ],
)
async def test_an_answer_that_is_none_is_told_without_its_text(answer: httpx.Response) -> None:
    async with answering(lambda _: answer) as source:
        with pytest.raises(BadUpstreamAnswer) as error:
            await source.operations["ask"]({"customer_id": 1}, NO_CALL)

    assert "secret" not in str(error.value)
    assert "Traceback" not in str(error.value)


@pytest.mark.parametrize(
    ("status", "blames_rows"), [(404, True), (422, True), (401, False), (403, False), (500, False)]
)
async def test_refused_entities_are_no_failure_of_the_store(status: int, *, blames_rows: bool) -> None:
    async with answering(lambda _: httpx.Response(status)) as source:
        with pytest.raises(BadUpstreamAnswer) as error:
            await source.operations["ask"]({"customer_id": 1}, NO_CALL)

    assert error.value.blames_rows is blames_rows


async def test_an_answer_that_lacks_a_feature_is_bad() -> None:
    async with answering(reply(column(1), column(2.0), names=["customer_id", "budget"])) as source:
        with pytest.raises(BadUpstreamAnswer, match="no feature `viewings`"):
            await source.operations["ask"]({"customer_id": 1}, NO_CALL)


async def test_an_answer_with_values_of_other_entities_is_bad() -> None:
    two = {"values": [1, 2], "statuses": ["PRESENT", "PRESENT"]}
    async with answering(reply(two, two, two)) as source:
        with pytest.raises(BadUpstreamAnswer):
            await source.operations["ask"]({"customer_id": 1}, NO_CALL)


async def test_features_without_a_time_have_no_known_age() -> None:
    async with answering(reply(column(1), column(2.0), column(3)), max_age="1d") as source:
        with pytest.raises(BadUpstreamAnswer, match="how old"):
            await source.operations["ask"]({"customer_id": 1}, NO_CALL)


async def test_a_server_that_is_down_is_unavailable_and_no_mistake() -> None:
    async with Feast().open("store", options(), SourceContext(Path())) as source:
        with pytest.raises(UpstreamUnavailable):
            await source.operations["ask"]({"customer_id": 1}, NO_CALL)
        with pytest.raises(UpstreamUnavailable):
            await source.verify()


async def test_a_store_that_is_broken_is_no_mistake() -> None:
    async with answering(lambda _: httpx.Response(500, text="Error 111 connecting to redis")) as source:
        with pytest.raises(UpstreamUnavailable):
            await source.verify()


@contextmanager
def dropping_unless_healthy(*, is_healthy: bool) -> Iterator[str]:
    """A server that drops each connection over a question, and says whether it is healthy."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                if b"GET /health" in connection.recv(65_536) and is_healthy:
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


async def test_a_healthy_server_that_drops_the_connection_lacks_the_name() -> None:
    with dropping_unless_healthy(is_healthy=True) as url:
        async with Feast().open("store", options(url), SourceContext(Path())) as source:
            found = await source.verify()
            with pytest.raises(UpstreamUnavailable):
                await source.operations["ask"]({"customer_id": 1}, NO_CALL)

    assert [sentence.partition("the store")[0] for sentence in found] == [
        "operation `ask`: `home_search:budget`: ",
        "operation `ask`: `home_search:viewings`: ",
    ]


async def test_a_server_that_drops_every_connection_is_unavailable() -> None:
    with dropping_unless_healthy(is_healthy=False) as url:
        async with Feast().open("store", options(url), SourceContext(Path())) as source:
            with pytest.raises(UpstreamUnavailable):
                await source.verify()
