"""The name that was meant."""

from declared_flows.notation.suggestions import join_names, suggest


def test_the_nearest_name_is_asked_for() -> None:
    assert suggest("predcit", ["predict", "details"]) == "; did you mean `predict`?"


def test_nothing_is_asked_where_nothing_is_near() -> None:
    assert suggest("zebra", ["predict", "details"]) == suggest("zebra", []) == ""


def test_names_are_listed_in_order() -> None:
    assert join_names({"b", "a"}) == "`a`, `b`"
    assert join_names([]) == "none"
