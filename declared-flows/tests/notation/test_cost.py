"""What is computed on the event loop: what is cheap for the values that it is given."""

from typing import Any

import pytest
from declared_flows.notation.expressions import MOST_CHARACTERS, Expression, InvalidExpression, TooCostly

FEW, MANY = list(range(30)), list(range(400))
ROWS = [{"id": number, "name": f"number {number}"} for number in range(400)]


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("xs.filter(x, x > 3)", {"xs": FEW}),
        ("xs.distinct()", {"xs": FEW}),
        ("xs.size()", {"xs": MANY}),
        ("xs.map(x, x)", {"xs": [], "unread": MANY}),
        ("request.path.id + 1", {"request": {"path": {"id": 1}, "body": ROWS * 100}}),
        ("text.startsWith('a')", {"text": "a" * 10_000}),
        (r"text.matches(r'^a+$')", {"text": "aaa"}),
        (r"text.matches('^[a-z]+\\.(jpg|png)?$')", {"text": "aaa"}),
        ("xs.exists(x, x.matches('^a+$'))", {"xs": ["a", "b", "c"]}),
        ("xs.flatten()", {"xs": [FEW, FEW]}),
        ("m.map(k, k.split(','))", {"m": {"a,b": 1, "c": 2}}),
    ],
)
def test_what_is_cheap_is_computed_at_once(source: str, values: dict[str, Any]) -> None:
    Expression(source).value(values)


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("xs.filter(x, x > 3)", {"xs": MANY}),
        ("xs.map(x, x.name)", {"xs": ROWS}),
        ("request.body.rows.exists(row, row.name == 'a')", {"request": {"body": {"rows": ROWS}}}),
        ("xs.distinct()", {"xs": MANY}),
        ("xs.exists(x, xs.exists(y, x + y < 0))", {"xs": FEW * 2}),
        ("xs.size()", {"xs": MANY * 100}),
        ("text.split('')", {"text": "a" * 100_000}),
        ("text.replace('a', text)", {"text": "a" * 1_000}),
        ("text.matches(pattern)", {"text": "a", "pattern": "(a+)+$"}),
        (r"text.matches('^[\\w.]{1,64}@[\\w.]{1,100}$')", {"text": "a"}),
        (r"text.matches(r'\d')", {"text": "a"}),
        (r"text.matches('\x5c\x77\x7b9\x7d')", {"text": "a"}),
        ("text.matches('(?i)a')", {"text": "a"}),
        ("text.matches('a{9}')", {"text": "a"}),
        ("text.matches('" + "(a.b)*" * 20 + "')", {"text": "a"}),
        ("xs.filter(x, x.matches('^a+$'))", {"xs": ["a"] * 80}),
        ("m.map(k, k.split(','))", {"m": {"a," * 100_000: 1}}),
        ("m.size()", {"m": {"a" * 1_000_000: 1}}),
        ("rows.map(r, r.size())", {"rows": [{"a" * 100_000: 1}]}),
        ("xs.map(x, xs).flatten().map(y, y)", {"xs": FEW}),
        ("xs.map(x, xs).flatten()", {"xs": FEW}),
        ("[1, 2, 3, 4, 5, 6, 7, 8].map(a, [1, 2, 3, 4, 5, 6, 7, 8].map(b, [1, 2, 3, 4].map(c, a)))", {}),
    ],
)
def test_what_is_costly_is_not_computed_on_the_event_loop(source: str, values: dict[str, Any]) -> None:
    with pytest.raises(TooCostly):
        Expression(source).value(values)


def test_an_expression_that_is_too_long_is_refused() -> None:
    with pytest.raises(InvalidExpression, match="longer than 10,000 characters"):
        Expression("1" + " + 1" * MOST_CHARACTERS)
