"""Promotions and rollbacks in a registry that is kept in memory: the trail in tags, the alias last."""

from types import SimpleNamespace
from typing import Any

import pytest
from housing_price_model.errors import PromotionRefused
from housing_price_model.registry.promotion import Grounds, Rollback, promote_version, roll_back
from mlflow.exceptions import RestException

PASSED = Grounds("passed")


class FakeRegistry:
    """Versions with tags, and one alias. Stops before a change of the alias if it is told to."""

    def __init__(self, *numbers: str, champion: str | None = None) -> None:
        self.versions = {number: SimpleNamespace(version=number, tags={}, status="READY") for number in numbers}
        self.champion = champion
        self.interrupted = False

    def get_registered_model(self, _name: str) -> Any:
        return SimpleNamespace(aliases={"champion": self.champion} if self.champion else {})

    def get_model_version(self, _name: str, number: str) -> Any:
        if number not in self.versions:
            gone = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "gone"}
            raise RestException(gone)  # type: ignore[no-untyped-call]  # MLflow gives it no types
        return self.versions[number]

    def set_model_version_tag(self, _name: str, number: str, key: str, value: str) -> None:
        self.versions[number].tags[key] = value

    def delete_model_version_tag(self, _name: str, number: str, key: str) -> None:
        del self.versions[number].tags[key]

    def set_registered_model_alias(self, _name: str, _alias: str, number: str) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.champion = number


def tags(registry: FakeRegistry, number: str) -> dict[str, str]:
    found: dict[str, str] = registry.versions[number].tags
    return found


def promote(registry: FakeRegistry, number: str, grounds: Grounds = PASSED) -> None:
    promote_version(registry, number, grounds)  # type: ignore[arg-type] # the fake


def go_back(registry: FakeRegistry, reason: str = "") -> Rollback:
    return roll_back(registry, reason)  # type: ignore[arg-type] # the fake


def test_a_promotion_says_who_when_and_in_whose_place() -> None:
    registry = FakeRegistry("1", "2", champion="1")

    promote(registry, "2")

    assert registry.champion == "2"
    assert tags(registry, "2")["promoted_from"] == "1"
    assert tags(registry, "2")["promotion_gate"] == "passed"
    assert {"promoted_at", "promoted_by"} <= tags(registry, "2").keys()


def test_a_forced_promotion_keeps_its_reason_and_what_failed() -> None:
    registry = FakeRegistry("1", "2", champion="1")

    promote(registry, "2", Grounds("failed", "a demonstration", ("accuracy", "parity")))

    found = tags(registry, "2")
    assert (found["promotion_forced"], found["promotion_failed_checks"]) == ("a demonstration", "accuracy, parity")


def test_a_promotion_keeps_why_the_sales_are_others() -> None:
    registry = FakeRegistry("1", "2", champion="1")

    promote(registry, "2", Grounds("passed", data_changed="sales of 2026"))

    assert tags(registry, "2")["promotion_data_changed"] == "sales of 2026"


def test_a_version_that_is_promoted_again_starts_its_record_anew() -> None:
    registry = FakeRegistry("1", "2", champion="1")
    promote(registry, "2", Grounds("failed", "a demonstration", ("accuracy",), data_changed="sales of 2026"))
    go_back(registry)

    promote(registry, "2")

    before = {"promotion_forced", "promotion_failed_checks", "promotion_data_changed", "rolled_back_at"}
    assert not before & tags(registry, "2").keys()


def test_a_rollback_is_recorded_on_both_versions() -> None:
    registry = FakeRegistry("1", "2", champion="1")
    promote(registry, "2")

    assert go_back(registry, "callers complain") == Rollback(left="2", restored="1")

    assert registry.champion == "1"
    left, restored = tags(registry, "2"), tags(registry, "1")
    assert (left["rolled_back_to"], left["rolled_back_reason"]) == ("1", "callers complain")
    assert (restored["restored_from"], restored["restored_reason"]) == ("2", "callers complain")


def test_a_rollback_keeps_the_record_of_a_forced_promotion() -> None:
    registry = FakeRegistry("1", "2", "3", champion="1")
    promote(registry, "2", Grounds("failed", "a demonstration", ("accuracy",)))
    promote(registry, "3")

    go_back(registry)

    assert tags(registry, "2")["promotion_forced"] == "a demonstration"


def test_each_rollback_goes_one_further_back_until_there_is_none() -> None:
    registry = FakeRegistry("1", "2", "3", champion="1")
    promote(registry, "2")
    promote(registry, "3")

    assert [go_back(registry).restored, go_back(registry).restored] == ["2", "1"]
    with pytest.raises(PromotionRefused, match=r"^no champion before version 1 is recorded: choose"):
        go_back(registry)


def test_rollbacks_end_even_if_a_version_was_champion_twice() -> None:
    registry = FakeRegistry("1", "2", champion="1")
    promote(registry, "2")
    promote(registry, "1")

    assert [go_back(registry).restored, go_back(registry).restored] == ["2", "1"]
    with pytest.raises(PromotionRefused):
        go_back(registry)


def test_refuses_a_rollback_to_a_deleted_version() -> None:
    registry = FakeRegistry("1", "2", champion="1")
    promote(registry, "2")
    del registry.versions["1"]

    with pytest.raises(PromotionRefused, match=r"^version 1, the champion before version 2, is gone"):
        go_back(registry)

    assert registry.champion == "2"


def test_without_a_champion_there_is_nothing_to_roll_back() -> None:
    with pytest.raises(PromotionRefused, match="no champion to roll back"):
        go_back(FakeRegistry("1"))


def test_an_interruption_leaves_the_champion_and_both_can_be_repeated() -> None:
    registry = FakeRegistry("1", "2", champion="1")
    registry.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        promote(registry, "2")
    assert registry.champion == "1"

    registry.interrupted = False
    promote(registry, "2")
    registry.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        go_back(registry)
    assert registry.champion == "2"

    registry.interrupted = False
    assert go_back(registry).restored == "1"


def test_refuses_a_missing_or_incomplete_version() -> None:
    registry = FakeRegistry("1", "2", champion="1")
    registry.versions["2"].status = "FAILED_REGISTRATION"

    with pytest.raises(PromotionRefused, match=r"^there is no version 3 of housing-price$"):
        promote(registry, "3")
    with pytest.raises(PromotionRefused, match=r"^version 2 of housing-price is not ready: MLflow says FAILED_REG"):
        promote(registry, "2")
