"""What is wrong with the declaration of an HTTP service is found without one, and all at once."""

from typing import Any

import pytest
from declared_flows.sources.http_api.source import HttpApi
from pydantic import ValidationError

type Found = dict[tuple[str | int, ...], list[str]]


def found(operation: Any = None, url: Any = "https://market.example.org/v1/", **more: Any) -> Found:
    declared = {"kind": "api", "url": url, "operations": {"index": operation or {"path": "/"}}, **more}
    diagnostics: Found = {}
    for place, sentence in HttpApi().diagnose(HttpApi.options.model_validate(declared)):
        diagnostics.setdefault(place, []).append(sentence)
    return diagnostics


def test_a_right_one_has_none() -> None:
    operation = {
        "method": "POST",
        "path": "/areas/{area}/index",
        "query": {"year": "{year}", "kind": ["a", 1]},
        "headers": {"X-Trace": "t-{year}"},
        "body": {"wanted": ["{wanted}"], "text": "{{wanted}}"},
        "params": {"area": {"type": "string"}, "year": {"type": "integer", "optional": True}, "wanted": {}},
        "pick": "data[?index > `1`] | [0]",
    }

    assert found(operation, auth={"header": {"name": "X-Key", "value": {"secret": "key"}}}) == {}
    assert found(url={"secret": "address"}) == {}


def test_all_mistakes_of_an_operation_are_there_at_once() -> None:
    wrong = {
        "path": "/areas/{aera}/../x",
        "query": {"key": "{unknown}"},
        "headers": {"Host": "evil", "Bad Name": "x", "authorization": "y"},
        "body": {},
        "params": {"area": {"type": "string"}},
        "pick": "data[",
    }

    diagnostics = found(wrong, auth={"bearer": {"secret": "token"}})

    at = ("operations", "index")
    assert diagnostics[(*at, "path")] == [
        "a path has no steps (`.`, `..`) and no control characters",
        "`{aera}` is not among `params`: declare it there; did you mean `area`?",
    ]
    assert "declare it there" in diagnostics[(*at, "query")][0]
    assert "did you mean `aera`" in diagnostics[(*at, "params", "area")][0]
    assert "belongs to the connection" in diagnostics[(*at, "headers", "Host")][0]
    assert "not the name of a header" in diagnostics[(*at, "headers", "Bad Name")][0]
    assert "`auth` gives this header" in diagnostics[(*at, "headers", "authorization")][0]
    assert "a GET has no body" in diagnostics[(*at, "body")][0]
    assert "no JMESPath" in diagnostics[(*at, "pick")][0]


@pytest.mark.parametrize(
    ("pick", "said"), [("no_such(@)", "there is no function `no_such`"), ("", "no JMESPath"), ("a..b", "no JMESPath")]
)
def test_a_bad_expression_is_refused_with_its_reason(pick: str, said: str) -> None:
    [sentence] = found({"path": "/", "pick": pick})[("operations", "index", "pick")]

    assert said in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "schema", [{"type": "array"}, {"type": "object"}, {"type": "string", "optional": True}, {"nullable": True}]
)
def test_what_is_no_part_of_a_path_is_refused(schema: dict[str, Any]) -> None:
    assert ("operations", "index", "params", "a") in found({"path": "/{a}", "params": {"a": schema}})


@pytest.mark.parametrize("path", ["/a?b=c", "/a#b", "/./a", "//evil.example.org/a", "/a\tb"])
def test_a_path_is_nothing_but_a_path(path: str) -> None:
    assert ("operations", "index", "path") in found({"path": path})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("market", "not an address"),
        ("ftp://market", "not an address"),
        ("http://", "not an address"),
        ("http://alice:hunter2@market", "no user and no password"),
        ("http://market?key=hunter2", "no query"),
        ("http://market/#hunter2", "no fragment"),
    ],
)
def test_a_bad_address_is_refused_without_repeating_it(url: str, said: str) -> None:
    [sentence] = found(url=url)[("url",)]

    assert said in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("auth", "place"),
    [
        ({"bearer": "hunter2"}, ("auth", "bearer")),
        ({"basic": {"user": "a", "password": "hunter2"}}, ("auth", "basic", "password")),
        ({"basic": {"user": "a:b", "password": {"secret": "p"}}}, ("auth", "basic", "user")),
        ({"header": {"name": "X-Key", "value": "hunter2"}}, ("auth", "header", "value")),
        ({"header": {"name": "Content-Length", "value": {"secret": "p"}}}, ("auth", "header", "name")),
        ({"query": {"name": "key", "value": "hunter2"}}, ("auth", "query", "value")),
    ],
)
def test_secrets_do_not_stand_in_the_file(auth: dict[str, Any], place: tuple[str, ...]) -> None:
    diagnostics = found(auth=auth)

    assert set(diagnostics) == {place}
    assert "hunter2" not in str(diagnostics)


def test_a_key_in_the_query_is_there_once() -> None:
    auth = {"query": {"name": "key", "value": {"secret": "p"}}}

    assert set(found({"path": "/", "query": {"key": "x"}}, auth=auth)) == {("operations", "index", "query", "key")}


def test_there_is_one_way_to_say_who_asks() -> None:
    with pytest.raises(ValidationError, match="say one of"):
        found(auth={"bearer": {"secret": "a"}, "query": {"name": "key", "value": {"secret": "p"}}})


@pytest.mark.parametrize(
    ("operation", "writes"),
    [
        ({}, False),
        ({"method": "POST"}, True),
        ({"method": "PUT"}, True),
        ({"method": "PUT", "idempotent": True}, False),
    ],
)
def test_what_changes_something_is_known(operation: dict[str, Any], writes: bool) -> None:
    declared = {"kind": "api", "url": "http://m", "operations": {"it": {"path": "/", **operation}}}

    assert HttpApi().signatures(HttpApi.options.model_validate(declared))["it"].writes is writes
