"""References, expressions and texts: what they become, and what they read."""

from typing import Any

import pytest
from declared_flows.notation.expressions import TooCostly
from declared_flows.notation.templates import Compiler, Template
from house_record import House, minimal_document
from hypothesis import given
from hypothesis import strategies as st


def compiled(value: Any) -> Template:
    compiler = Compiler()
    template = compiler.template(value, ("at",))
    assert compiler.diagnostics == []
    return template


def filled(value: Any, **values: Any) -> Any:
    return compiled(value).value(values)


def diagnostic(value: Any) -> str:
    compiler = Compiler()
    compiler.template(value, ("at",))
    ((_, message),) = compiler.diagnostics
    return message


HOUSE = {"rooms": [{"area": 7}, {"area": 9}], "owner": None, "name": "R"}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("$house.name", "R"),
        ("$house.rooms[1].area", 9),
        ("$house", HOUSE),
        ("$house.rooms[5].area", None),
        ("$house.owner.name.first", None),
        ("$house.name.length", None),
        ("$house.rooms.area", None),
        ("$house.name[0]", None),
        ("${house.name + '!'}", "R!"),
        ("${size(house.rooms)}", 2),
        ("no: ${house.name}, ${size(house.rooms)}", "no: R, 2"),
        ("${house.owner}${house.name}", "R"),
        ("${true}/${1.5}", "true/1.5"),
        ("$$house", "$house"),
        ("5 $$", "5 $"),
        ("$$${house.name}", "$R"),
        ("${ {'a': 1} }", {"a": 1}),
        ("${'}'}", "}"),
        ("${house.rooms.map(r, {'a': r.area})}", [{"a": 7}, {"a": 9}]),
        ("plain", "plain"),
        (5, 5),
        (None, None),
        ({"a": {"b": ["$house.name", 1]}}, {"a": {"b": ["R", 1]}}),
        (["$house.rooms[0].area"], [7]),
    ],
)
def test_a_template_becomes_its_value(template: Any, value: Any) -> None:
    assert filled(template, house=HOUSE) == value


def test_what_is_filled_in_is_never_read_as_a_template() -> None:
    assert filled("$a", a="${1 + 1} $b $$") == "${1 + 1} $b $$"
    assert filled("<${a}>", a="${1 + 1} $b $$") == "<${1 + 1} $b $$>"


@given(st.text())
def test_any_text_can_be_said_by_doubling_its_dollar_signs(text: str) -> None:
    assert filled(text.replace("$", "$$")) == text


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ("$", "write `$step.field`, `${expression}`, or `$$` for a dollar sign"),
        ("costs 5$", "or `$$` for a dollar sign"),
        ("hello $name", "write `$step.field`"),
        ("$a.b-c", "write `$step.field`"),
        ("$a[x]", "write `$step.field`"),
        ("$a.b[-1]", "write `$step.field`"),
        ("$a ", "write `$step.field`"),
        ("${a", "the closing brace is missing"),
        ("${}", "it is not an expression"),
        ("${1 +}", "it is not an expression"),
    ],
)
def test_what_is_no_template_says_what_would_be_one(template: str, part: str) -> None:
    assert part in diagnostic(template)


@pytest.mark.parametrize("name", ["__class__", "__dict__", "model_dump", "model_fields", "__init__", "copy"])
def test_no_attribute_of_a_value_is_reached(name: str) -> None:
    for value in (House.model_validate(minimal_document()), {"x": 1}, "text", [1], 1, None):
        assert filled(f"$a.{name}", a=value) is None


def test_a_house_has_the_fields_of_its_document() -> None:
    house = House.model_validate(minimal_document())

    assert filled({"area": "$a.lotArea", "id": "$a.id", "not": "$a.nothing"}, a=house) == {
        "area": minimal_document()["lotArea"],
        "id": minimal_document()["id"],
        "not": None,
    }


def test_it_knows_what_it_reads_and_where_that_stands() -> None:
    template = compiled({"a": "$x.y[2]", "b": ["${z.w + 1}"], "c": "text ${v}"})

    assert [(read.root, read.path, read.place) for read in template.reads()] == [
        ("x", ("y", 2), ("at", "a")),
        ("z", ("w",), ("at", "b", 0)),
        ("v", (), ("at", "c")),
    ]


@given(st.text(alphabet="$ab.{}[]0+ ", max_size=20))
def test_any_text_is_a_template_or_a_mistake(text: str) -> None:
    compiler = Compiler()
    template = compiler.template(text, ())
    assert compiler.diagnostics or template is not None


def test_the_expressions_of_a_template_share_what_they_may_cost() -> None:
    numbers = list(range(2000))
    one = "${ sum(xs) }"

    assert filled({"a": one, "b": [f"sum: {one}"]}, xs=numbers) == {"a": 1_999_000, "b": ["sum: 1999000"]}
    for many in ({str(key): one for key in range(20)}, [one] * 20, one * 20, {"a": [one] * 2, "b": {"c": one * 2}}):
        with pytest.raises(TooCostly):
            filled(many, xs=numbers)


def test_each_evaluation_of_a_template_may_cost_as_much() -> None:
    template = compiled("${ sum(xs) }")

    assert {template.value({"xs": [1] * 5000}) for _ in range(20)} == {5000}
