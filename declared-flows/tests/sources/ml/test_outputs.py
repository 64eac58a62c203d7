"""How what a model says becomes the values that steps refer to."""

import math
from typing import Any

import pytest
from declared_flows.errors import UnusableParams
from declared_flows.notation.schema import Schema, is_value_of
from declared_flows.sources.ml.outputs import Classifier, Labelled, Named, Unnamed
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from upstream_resilience.errors import BadUpstreamAnswer

LOAN = Named({"decision": Schema(type="string"), "interestRate": Schema(type="number")})
ITEMS = Named({"items": Schema(type="array", items=Schema(type="string"))})
YES_OR_NO = Labelled(Classifier(labels=("no", "yes")))
RISK = Labelled(Classifier(labels=("low", "middle", "high")))


@pytest.mark.parametrize("output", [5.0, "A", [1, 2], {"a": 1.0}])
def test_without_a_declaration_it_is_the_prediction_as_it_comes(output: Any) -> None:
    assert Unnamed().read(output, {}) == {"prediction": output}


@pytest.mark.parametrize("bad", [math.nan, math.inf, [1.0, -math.inf], {"a": [math.nan]}])
def test_a_number_that_is_not_finite_is_a_bad_answer(bad: Any) -> None:
    for outputs in (Unnamed(), Named({"x": Schema()}), YES_OR_NO):
        with pytest.raises(BadUpstreamAnswer):
            outputs.read(bad, {})


def test_nesting_ends() -> None:
    deep: Any = 1.0
    for _ in range(50):
        deep = [deep]
    with pytest.raises(BadUpstreamAnswer, match="nested"):
        Unnamed().read(deep, {})


def test_named_outputs_are_found_by_name_and_others_left_out() -> None:
    said = {"interestRate": 4.5, "decision": "yes", "more": 1}
    assert LOAN.read(said, {}) == {"decision": "yes", "interestRate": 4.5}


def test_named_outputs_of_a_list_are_taken_in_order() -> None:
    assert LOAN.read(["yes", 4.5], {}) == {"decision": "yes", "interestRate": 4.5}


def test_one_named_output_takes_a_bare_value_or_list() -> None:
    rate = Named({"rate": Schema(type="number")})
    assert rate.read(4.5, {}) == rate.read([4.5], {}) == {"rate": 4.5}


def test_a_whole_number_that_comes_as_a_float_is_one() -> None:
    assert Named({"count": Schema(type="integer")}).read(3.0, {}) == {"count": 3}


@pytest.mark.parametrize("output", [["a", "b"], [["a", "b"]], {"items": ["a", "b"]}])
def test_a_list_output_is_a_list(output: Any) -> None:
    assert ITEMS.read(output, {}) == {"items": ["a", "b"]}


def test_a_list_of_one_item_stays_a_list() -> None:
    assert ITEMS.read(["a"], {}) == {"items": ["a"]}


def test_an_output_that_is_optional_may_be_absent() -> None:
    outputs = Named({"a": Schema(type="number"), "b": Schema(type="number", optional=True)})
    assert outputs.read({"a": 1.0}, {}) == {"a": 1.0, "b": None}


@pytest.mark.parametrize("output", [{"decision": "yes"}, ["yes"], ["yes", 4.5, 1], 4.5, []])
def test_outputs_of_another_name_or_number_are_a_bad_answer(output: Any) -> None:
    with pytest.raises(BadUpstreamAnswer, match="output"):
        LOAN.read(output, {})


@pytest.mark.parametrize("output", [0.7, [0.7], [0.3, 0.7], {"yes": 0.7, "no": 0.3}, {"p": 0.7}])
def test_two_labels_are_told_apart_by_one_probability_or_two(output: Any) -> None:
    answer = YES_OR_NO.read(output, {})

    assert answer["label"] == "yes"
    assert answer["probability"] == pytest.approx(0.7)
    assert answer["threshold"] == 0.5
    assert answer["probabilities"] == pytest.approx({"no": 0.3, "yes": 0.7})


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_threshold_of_a_request_changes_the_label_alone(probability: float, threshold: float) -> None:
    usual, asked = YES_OR_NO.read(probability, {}), YES_OR_NO.read(probability, {"threshold": threshold})

    assert asked["label"] == ("yes" if probability >= threshold else "no")
    assert {**asked, "label": usual["label"], "threshold": 0.5} == usual
    assert is_value_of(YES_OR_NO.answer, asked)


def test_the_positive_label_and_its_threshold_are_declared() -> None:
    fraud = Labelled(Classifier(labels=("fraud", "fine"), positive="fraud", threshold=0.2))

    assert fraud.read(0.25, {})["label"] == "fraud"
    assert fraud.read([0.1, 0.9], {})["label"] == "fine"
    assert fraud.parameters["threshold"].default == 0.2


@pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan, True, "0.5"])
def test_a_threshold_is_from_0_to_1(threshold: Any) -> None:
    with pytest.raises(UnusableParams):
        YES_OR_NO.read(0.5, {"threshold": threshold})
    assert not is_value_of(YES_OR_NO.parameters["threshold"], threshold)


def test_of_more_labels_the_most_probable_one_is_the_answer() -> None:
    answer = RISK.read([0.2, 0.5, 0.3], {})

    assert (answer["label"], answer["probability"]) == ("middle", 0.5)
    assert is_value_of(RISK.answer, answer)
    assert RISK.parameters == {}


@pytest.mark.parametrize("output", [1.5, -0.5, "0.5", True, None, [0.5, 0.6], [0.2, 0.3, 0.5], [], {"no": 0.5, "x": 1}])
def test_bad_probabilities_are_a_bad_answer(output: Any) -> None:
    with pytest.raises(BadUpstreamAnswer):
        YES_OR_NO.read(output, {})


def test_probabilities_in_single_precision_are_taken() -> None:
    assert YES_OR_NO.read([-1e-8, 1.0000001], {})["probability"] == 1.0


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"labels": ["a"]}, "at least 2"),
        ({"labels": ["a", "a"]}, "stands once"),
        ({"labels": ["a", "b"], "positive": "c"}, "one of the labels: a, b"),
        ({"labels": ["a", "b"], "threshold": 2}, "less than or equal to 1"),
        ({"labels": ["a", "b", "c"], "threshold": 0.5}, "most probable"),
        ({"labels": ["a", "b", "c"], "positive": "a"}, "most probable"),
    ],
)
def test_a_classifier_that_makes_no_sense_is_refused_at_load(declared: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Classifier.model_validate(declared)
