"""A value stays in its place, whatever it holds."""

from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from declared_flows.errors import UnusableParams
from declared_flows.sources.http_api.templates import (
    headers_of,
    names_in,
    path_of,
    query_of,
    render,
)
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.one_of(
    st.text(),
    st.sampled_from(
        [
            "..",
            ".",
            "",
            "/",
            "../..",
            "a/../b",
            "..\\..",
            "%2e%2e",
            "%2F",
            "?a=b",
            "#",
            "a&b=c",
            "a\r\nHost: b",
            "{b}",
            "//e",
        ]
    ),
)


def test_parameters_are_found_anywhere_but_in_doubled_braces() -> None:
    body = {"query": "query { house(id: {{id}}) { area } }", "list": ["{a}", {"b": "x{b}y"}], "n": 1}

    assert list(names_in(body)) == ["a", "b"]
    assert render(body, {"a": [1], "b": 2}) == {
        "query": "query { house(id: {id}) { area } }",
        "list": [[1], {"b": "x2y"}],
        "n": 1,
    }


@pytest.mark.parametrize("value", [1, 1.5, True, None, "a", [1, None], {"b": {}}])
def test_a_whole_text_takes_the_value_as_it_is(value: Any) -> None:
    assert render({"x": "{a}"}, {"a": value}) == {"x": value}


@given(value=TEXTS)
def test_a_value_in_a_path_is_one_segment_or_refused(value: str) -> None:
    try:
        path = path_of("/areas/{a}/v-{a}.json", {"a": value})
    except UnusableParams:
        return

    areas, first, second = path.split("/")[1:]
    assert (areas, unquote(first), unquote(second)) == ("areas", value, f"v-{value}.json")
    assert first not in ("", ".", "..")
    assert not set(first) & set("/?#\\ \r\n")
    assert path.isascii()


@pytest.mark.parametrize(
    "value", ["", ".", "..", "../..", "a/..", "..\\a", "./a", "a\nb", "\0", "\ud800", None, [], {}]
)
def test_a_value_that_fits_no_path_is_refused(value: Any) -> None:
    with pytest.raises(UnusableParams, match="parameter `a`"):
        path_of("/areas/{a}", {"a": value})


@pytest.mark.parametrize(("value", "text"), [(1, "1"), (1.5, "1.5"), (True, "true"), ("a/b", "a%2Fb"), ("..a", "..a")])
def test_a_value_in_a_path_is_encoded(value: Any, text: str) -> None:
    assert path_of("/areas/{a}/é/{{a}}", {"a": value}) == f"/areas/{text}/%C3%A9/%7Ba%7D"


@given(value=TEXTS, name=st.text(min_size=1))
def test_a_value_in_a_query_is_one_value(value: str, name: str) -> None:
    try:
        query = query_of({"first": "1", "a b": "{a}", "c": "<{a}>"}, {"a": value})
    except UnusableParams:
        return

    assert parse_qsl(query, keep_blank_values=True) == [("first", "1"), ("a b", value), ("c", f"<{value}>")]


def test_lists_are_repeated_and_nulls_left_out() -> None:
    templates = {"a": "{a}", "b": "{b}", "c": ["x", "y"], "d": 1, "e": True}

    assert query_of(templates, {"a": [1, None, "z"], "b": None}) == "a=1&a=z&c=x&c=y&d=1&e=true"


@pytest.mark.parametrize("value", [{"a": 1}, [[1]], float("nan")])
def test_an_object_is_no_part_of_a_query(value: Any) -> None:
    with pytest.raises(UnusableParams):
        query_of({"a": "{a}"}, {"a": value})


@pytest.mark.parametrize("value", ["a\r\nHost: evil", "a\nb", "é", "\u2028", "\0", [], {}])
def test_a_value_that_is_no_header_is_refused(value: Any) -> None:
    with pytest.raises(UnusableParams, match="header `X-A`"):
        headers_of({"X-A": "{a}"}, {"a": value})


def test_a_header_is_a_text_and_null_leaves_it_out() -> None:
    assert headers_of({"X-A": "v{a}", "X-B": "{b}"}, {"a": 1, "b": None}) == {"X-A": "v1"}
