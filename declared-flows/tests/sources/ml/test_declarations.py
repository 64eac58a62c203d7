"""What the declaration of a model may say, and what it says to those who refer to it."""

from typing import Any

import pytest
from declared_flows.sources.ml.source import MlKind
from ml_sources import INPUTS, diagnostics_of, ml_options
from pydantic import ValidationError

HTTP = {"http": {"url": "http://127.0.0.1:9102"}}


def test_operations_are_typed_by_inputs_and_outputs() -> None:
    options = ml_options(HTTP, outputs={"decision": {"type": "string"}, "rate": {"type": "number"}})
    signatures = MlKind().signatures(options)

    one, many = signatures["predict"], signatures["predict_many"]
    assert dict(one.parameters or {}) == options.inputs
    assert one.answer
    assert one.answer.fields == options.outputs
    assert many.answer
    assert many.answer.items == one.answer
    assert many.parameters
    assert many.parameters["rows"].items
    assert many.parameters["rows"].items.fields == options.inputs
    assert not one.writes


def test_a_classifier_has_its_threshold_as_a_parameter() -> None:
    signatures = MlKind().signatures(ml_options(HTTP, classifier={"labels": ["no", "yes"]}))

    for signature in signatures.values():
        threshold = (signature.parameters or {})["threshold"]
        assert (threshold.type, threshold.minimum, threshold.maximum, threshold.default) == ("number", 0, 1, 0.5)
    answer = signatures["predict"].answer
    assert answer
    assert set(answer.properties) == {"label", "probability", "probabilities", "threshold"}


@pytest.mark.parametrize(
    ("load", "says"),
    [
        ({}, "a strategy is one of artifact, docker, ecr, http, registry"),
        ([], "at least 1"),
        ({"htp": {}}, "Extra inputs"),
        ({"http": {"url": "ftp://a"}}, "not an address"),
        ({"http": {"url": "http://"}}, "not an address"),
        ({"http": {"url": "http://a:99999"}}, "not an address"),
        ({"http": {"url": "http://u:p@a"}}, "no user and password"),
        ({"http": {"url": "http://a?b=c"}}, "no query"),
        ({"http": {"url": "http://a", "headers": {"Host": "b"}}}, "set by the call"),
        ({"http": {"url": "http://a", "headers": {"X\r\nY": "b"}}}, "pattern"),
        ({"http": {"url": "http://a", "auth": {}}}, "bearer"),
        ({"http": {"url": "http://a", "protocol": "v2"}}, "needs `model`"),
        ({"http": {"url": "http://a", "protocol": "v2", "model": "../x"}}, "pattern"),
        ({"http": {"url": "http://a", "protocol": "json", "pick": "a["}}, "no JMESPath"),
        ({"http": {"url": "http://a", "protocol": "json", "pick": "summe(a)"}}, "no function `summe`"),
        ({"http": {"url": "http://a", "protocol": "json", "pick": "[" * 50_000}}, "no JMESPath"),
        ({"http": {"url": "http://a", "protocol": "json", "pick": "!" * 50_000 + "a"}}, "nested too deeply"),
        ({"http": {"url": "http://a", "protocol": "json", "path": "/a/../b?c"}}, "pattern"),
        ({"http": {"url": "http://a", "pick": "a"}}, "`protocol: json` alone"),
        ({"http": {"url": "http://a", "tensor": "a"}}, "`protocol: v2` alone"),
    ],
)
def test_a_strategy_that_makes_no_sense_is_refused(load: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ml_options(load)


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"outputs": {"a": {}}, "classifier": {"labels": ["a", "b"]}}, "either `outputs` or `classifier`"),
        ({"columns": {"yearbuilt": "YearBuilt"}}, "there is no input `yearbuilt`: say one of price, yearBuilt"),
        ({"columns": {"yearBuilt": "price"}}, "same column"),
        ({"inputs": {"house": {"record": "house"}}}, "one column"),
        ({"inputs": {"threshold": {}}, "classifier": {"labels": ["a", "b"]}}, "parameter of the classifier"),
    ],
)
def test_inputs_and_outputs_that_do_not_go_together_are_mistakes(declared: Any, says: str) -> None:
    [diagnostic] = diagnostics_of(HTTP, **declared)
    assert says in diagnostic


def test_a_placeholder_without_a_column_is_a_mistake() -> None:
    body = {"a": ["{price}", "{yearbuilt}"]}
    options = ml_options([{"http": {"url": "http://a", "protocol": "json", "body": body}}])

    [(place, text)] = MlKind().diagnose(options)
    assert place == ("load", 0, "http")
    assert "{yearbuilt}" in text


def test_a_declaration_that_is_right_has_no_mistakes() -> None:
    assert diagnostics_of(HTTP, inputs=INPUTS) == []
