"""YAML with lines, and nothing of YAML that does more than hold values."""

from typing import Any

import pytest
from declared_flows.notation.yaml import LARGEST_CHARACTERS, MOST_LEVELS, InvalidYaml, read_yaml


def refusal(text: str) -> tuple[int, str]:
    with pytest.raises(InvalidYaml) as caught:
        read_yaml(text)
    return caught.value.line, caught.value.message


def test_every_key_and_item_knows_its_line() -> None:
    found = read_yaml("a: 1\nb:\n  - x\n  - y: 2\n\n\nc: {d: 3,\n    e: 4}\n")

    assert found.value == {"a": 1, "b": ["x", {"y": 2}], "c": {"d": 3, "e": 4}}
    assert {place: found.line(place) for place in [("a",), ("b", 0), ("b", 1, "y"), ("c", "d"), ("c", "e")]} == {
        ("a",): 1,
        ("b", 0): 3,
        ("b", 1, "y"): 4,
        ("c", "d"): 7,
        ("c", "e"): 8,
    }


def test_a_missing_part_has_the_line_around_it() -> None:
    found = read_yaml("a:\n  b: 1\n")

    assert found.line(("a", "missing", "deeper")) == 1
    assert found.line(("nothing",)) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("True", "True"),
        ("12:30", "12:30"),
        ("2020-01-02", "2020-01-02"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("<<", "<<"),
        ("=", "="),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("-7", -7),
        ("007", 7),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ('"5"', "5"),
        ("'true'", "true"),
        ("${a > 1}", "${a > 1}"),
        ("$a.b", "$a.b"),
    ],
)
def test_words_mean_what_yaml_1_2_says(text: str, value: Any) -> None:
    found = read_yaml(f"a: {text}\n").value["a"]

    assert found == value
    assert type(found) is type(value)


def test_a_repeated_key_is_reported_and_the_rest_is_read() -> None:
    found = read_yaml("a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\n")

    assert found.value == {"a": 1, "b": 2, "c": {"d": 1}}
    assert [(diagnostic.line, diagnostic.message) for diagnostic in found.diagnostics] == [
        (3, "the key `a` is there twice"),
        (4, "the key `d` is there twice"),
    ]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("!!python/object/apply:os.system ['true']", "!!python/object/apply:os.system"),
        ("!!python/name:os.system", "!!python/name:os.system"),
        ("!!set {x}", "!!set"),
        ("!!int abc", "!!int"),
        ("!!float x", "!!float"),
        ("!!bool maybe", "!!bool"),
        ("!!binary aGk=", "!!binary"),
        ("!ENV ${HOME}", "!ENV"),
        ("!include other.yaml", "!include"),
        ("! x", "!"),
    ],
)
def test_tags_do_nothing_and_are_said(text: str, tag: str) -> None:
    found = read_yaml(f"ok: 1\na: {text}\n")

    assert [(diagnostic.line, diagnostic.message) for diagnostic in found.diagnostics] == [
        (2, f"there are no tags here: leave out `{tag}`")
    ]
    assert found.value["ok"] == 1


def test_aliases_are_refused_so_that_nothing_grows() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\n"

    assert refusal(bomb) == (2, "anchors and aliases are not part of the notation: repeat it")


def test_merging_is_a_key_like_any_other() -> None:
    assert read_yaml("<<: {a: 1}\n").value == {"<<": {"a": 1}}


@pytest.mark.parametrize("text", ["[" * 10_000, "{a: " * 10_000, "- " * 5_000 + "x", "[" * 60 + "]" * 60])
def test_what_is_nested_without_end_is_refused(text: str) -> None:
    assert refusal(text) == (1, f"it is nested too deeply: at most {MOST_LEVELS} levels")


def test_the_deepest_nesting_is_read() -> None:
    found = read_yaml("[" * MOST_LEVELS + "]" * MOST_LEVELS).value
    for _ in range(MOST_LEVELS - 1):
        (found,) = found
    assert found == []


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1234567890123456789", "9" * 5000])
def test_a_number_that_would_become_another_is_said(number: str) -> None:
    found = read_yaml(f"\na: {number}\n")

    assert [(diagnostic.line, diagnostic.message) for diagnostic in found.diagnostics] == [
        (2, "the number is too large: put it in quotes, which make it a text")
    ]


def test_bytes_outside_utf_8_are_reported_with_their_line() -> None:
    text = b"a: 1\nb: caf\xe9\n".decode(errors="surrogateescape")

    assert refusal(text) == (2, "this is not UTF-8")


def test_other_characters_that_are_none_are_told_with_their_line() -> None:
    assert refusal("a: 1\n\nb: \x07\n") == (3, "there is a character that YAML does not allow")


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: 1\n  b: 2\n", 2, "mapping values are not allowed here"),
        ("a: [1, 2\n", 2, "expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", 2, "cannot start any token"),
        ('a: "x\n', 2, "found unexpected end of stream"),
        ("a: 1\n---\nb: 2\n", 2, "a file is one document"),
        ("a: 1\n? [b]\n: c\n", 2, "a key is a text"),
        ("a: *nobody\n", 1, "aliases are not part of the notation"),
        ("%YAML 9.9\n--- x\n", 1, "version"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int, part: str) -> None:
    found = refusal(text)

    assert found[0] == line
    assert part in found[1]


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert refusal("#" * (LARGEST_CHARACTERS + 1)) == (1, "the file is larger than 1,048,576 characters")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\ufeff", "---\n"])
def test_an_empty_file_is_nothing(text: str) -> None:
    assert read_yaml(text).value is None


def test_keys_are_texts() -> None:
    assert read_yaml("1: a\ntrue: b\n~: c\n1.5: d\n").value == {"1": "a", "true": "b", "~": "c", "1.5": "d"}
