"""The name that was meant."""

from declared_flows.notation.suggestions import listed, meant


def test_the_nearest_name_is_asked_for() -> None:
    assert meant("predcit", ["predict", "details"]) == "; did you mean `predict`?"


def test_nothing_is_asked_where_nothing_is_near() -> None:
    assert meant("zebra", ["predict", "details"]) == meant("zebra", []) == ""


def test_names_are_listed_in_order() -> None:
    assert listed({"b", "a"}) == "`a`, `b`"
    assert listed([]) == "none"
