"""Expressions compute with values, and reach nothing else."""

import logging
from typing import Any

import pytest
from declared_flows.notation.expressions import Expression, InvalidExpression, NotComputable
from house_record import House, minimal_document
from hypothesis import given
from hypothesis import strategies as st


def value(source: str, **values: Any) -> Any:
    return Expression(source).value(values)


def failure(source: str, **values: Any) -> str:
    with pytest.raises(NotComputable) as caught:
        Expression(source).value(values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a.price * 2.0", 3.0),
        ("a.name + '!'", "x!"),
        ("a.price > 1.0 ? 'much' : 'little'", "much"),
        ("a.tags.map(t, upperAscii(t))", ["P", "Q"]),
        ("a.tags.filter(t, t != 'p')", ["q"]),
        ("has(a.name) && !has(a.nothing)", True),
        ("size(a.tags)", 2),
        ("{'n': a.name, 'all': a.tags}", {"n": "x", "all": ["p", "q"]}),
        ("a.none == null", True),
        ("round(a.price)", 2.0),
        ("'price' in a", True),
        ("a.tags.join(',')", "p,q"),
        ("timestamp('2020-01-02T00:00:00Z').getFullYear()", 2020),
        ("duration('90s')", 90.0),
        ("timestamp('2020-01-02T00:00:00Z')", "2020-01-02T00:00:00+00:00"),
        ("type(1)", "int"),
    ],
)
def test_what_it_computes_are_plain_values(source: str, expected: Any) -> None:
    assert value(source, a={"price": 1.5, "name": "x", "tags": ["p", "q"], "none": None}) == expected


def test_a_house_has_the_fields_of_its_document() -> None:
    house = House.model_validate(minimal_document())

    assert value("house.lotArea + 1.0", house=house) == minimal_document()["lotArea"] + 1


@pytest.mark.parametrize("source", ["house.garageType", "house.filter(name, name == 'garageType').map(n, house[n])[0]"])
def test_none_is_na_and_unknown_is_null(source: str) -> None:
    assert value(source, house=House.model_validate(minimal_document() | {"garageType": None})) == "NA"
    assert value(source, house=House.model_validate(minimal_document())) is None


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a.nothing", "a field is not there"),
        ("a.tags[9]", "an item is not there"),
        ("a.tags[-1]", "an item is not there"),
        ("1 / a.zero", "it divides by zero"),
        ("a.most + 1", "a number is too large"),
        ("a.most * 2", "a number is too large"),
        ("(-a.most - 1) / -1", "a number is too large"),
        ("(-a.most - 1) % -1", "a number is too large"),
        ("int(1e300)", "a number is too large"),
        ("1 + 1.5", "a value is null or of another type than the operation takes"),
        ("a.none + 1", "a value is null or of another type than the operation takes"),
        ("a.huge + 1", "a value is null or of another type than the operation takes"),
        ("a.name.charAt(9)", "a function does not take the value that it is given"),
        ("a.tags.sum()", "a function does not take the value that it is given"),
        ("a.name.matches('(')", "a function does not take the value that it is given"),
        ("int(a.name)", "a function does not take the value that it is given"),
    ],
)
def test_what_it_can_not_compute_is_said_without_a_value(source: str, reason: str) -> None:
    values = {"tags": ["p"], "zero": 0, "most": 2**63 - 1, "huge": 2**70, "none": None, "name": "secret"}

    assert failure(source, a=values) == f"`{source}` can't be computed: {reason}"


def test_no_value_gets_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        failure("bool(a)", a="hunter2")

    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    "source",
    [
        "__import__('os')",
        "open('/etc/passwd')",
        "a.__class__.__mro__",
        "getattr(a, 'x')",
        "eval('1')",
        "exec('1')",
        "a.env('HOME')",
        "lambda: 1",
        "[x for x in a]",
        "a.format('x')",
        "a.encode()",
        "a.x = 1",
        "import os",
    ],
)
def test_nothing_reaches_python(source: str) -> None:
    try:
        found = Expression(source)
    except InvalidExpression:
        return
    with pytest.raises(NotComputable):
        found.value({"a": {"x": 1}})


@pytest.mark.parametrize("name", ["__class__", "__dict__", "model_dump", "model_config", "copy", "keys", "upper"])
def test_attributes_are_no_fields(name: str) -> None:
    for value in (House.model_validate(minimal_document()), {"x": 1}, "text", [1], 1):
        failure(f"a.{name}", a=value)


def test_values_are_not_changed() -> None:
    tags = ["b", "a"]

    assert value("a.sort()", a=tags) == ["a", "b"]
    assert value("a.reverse()", a=tags) == ["a", "b"]
    assert tags == ["b", "a"]


def test_a_regular_expression_takes_linear_time() -> None:
    assert value("a.matches('^(a+)+$')", a="a" * 5_000 + "!") is False


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("", "it is not an expression"),
        ("a +", "it is not an expression"),
        ("a b", "it is not an expression"),
        ("(" * 500, "it is not an expression"),
        ("rnd(1.0)", "there is no function `rnd`; did you mean `round`?"),
        ("system('x')", "there is no function `system`"),
        ("'unclosed", "it is not an expression"),
    ],
)
def test_what_is_no_expression_says_so(source: str, part: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        Expression(source)

    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "roots", "paths"),
    [
        ("a.b.c + d", {"a", "d"}, {("a", "b", "c")}),
        ("a.b.map(x, x.price)", {"a"}, {("a", "b")}),
        ("'a.b ${c.d}' + e.f", {"e"}, {("e", "f")}),
        ("a.b.matches('x')", {"a"}, {("a", "b")}),
        ("a['b'].c", {"a"}, set()),
        ("has(a.b)", {"a"}, {("a", "b")}),
        ("size(a)", {"a"}, set()),
        ("1 + 2", set(), set()),
    ],
)
def test_it_knows_what_it_reads(source: str, roots: set[str], paths: set[tuple[str, ...]]) -> None:
    found = Expression(source)

    assert found.roots == frozenset(roots)
    assert set(found.paths) == paths


TEXTS = st.text(alphabet="ab.()[]{}+-*/<>=!&|?:,'\"$ 019xmaptrue\\\n", max_size=30)


@given(TEXTS)
def test_any_text_is_an_expression_or_is_refused(text: str) -> None:
    try:
        found = Expression(text)
    except InvalidExpression:
        return
    try:
        found.value({root: {"a": 1, "b": [1.5, "x"]} for root in found.roots})
    except NotComputable:
        return
