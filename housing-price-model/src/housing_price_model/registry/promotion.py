"""Promotions and rollbacks: version tags record who became the champion, when, why and in whose place, before the alias
moves.

A tag of each champion lists the champions before it, so a rollback needs no other record and can be repeated. A
promotion that is interrupted leaves the champion unchanged.
"""

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from housing_price_model.errors import PromotionRefused
from housing_price_model.registry.connection import translate_errors
from housing_price_model.registry.versions import MODEL_NAME, find_champion_version, find_version, move_alias

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

WAY_BACK_TAG = "champions_before"
LONGEST_WAY_BACK = 20

RECORD_TAGS = (
    "promoted_at",
    "promoted_by",
    "promoted_from",
    WAY_BACK_TAG,
    "promotion_gate",
    "promotion_reason",
    "promotion_data_changed",
    "promotion_forced",
    "promotion_failed_checks",
    "rolled_back_at",
    "rolled_back_by",
    "rolled_back_to",
    "rolled_back_reason",
    "restored_at",
    "restored_by",
    "restored_from",
    "restored_reason",
)
"""All tags that a promotion or a rollback writes. A new promotion clears them; a rollback keeps them, so that a forced
promotion stays visible."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a version becomes the champion, and the gate's verdict.

    ``failed_checks`` are those that were overruled, ``data_changed`` is why the version learnt from other sales than
    the champion before it.
    """

    gate: Literal["passed", "failed", "not run"]
    reason: str = ""
    failed_checks: tuple[str, ...] = ()
    data_changed: str = ""

    def tags(self) -> dict[str, str]:
        """Return the grounds as tags."""
        key = "promotion_forced" if self.gate == "failed" else "promotion_reason"
        return {
            "promotion_gate": self.gate,
            key: self.reason,
            "promotion_failed_checks": ", ".join(self.failed_checks),
            "promotion_data_changed": self.data_changed,
        }


@dataclass(frozen=True, slots=True)
class Rollback:
    """The version that was the champion, and the previous one, which is the champion again."""

    left: str
    restored: str


def promote_version(client: "MlflowClient", number: str, grounds: Grounds) -> None:
    """Make a version the champion and record it. Does not run the gate.

    Raises:
        PromotionRefused: if there is no such version.
        RegistryError: if the registry refuses; the champion is unchanged.
    """
    version, champion = find_version(client, number), find_champion_version(client)
    record = {"promoted_at": _now(), "promoted_by": _user(), **grounds.tags()}
    if champion is not None:
        before = [str(champion.version), *_read_way_back(champion)][:LONGEST_WAY_BACK]
        record |= {"promoted_from": before[0], WAY_BACK_TAG: " ".join(before)}
    _write_tags(client, version, dict.fromkeys(RECORD_TAGS, "") | record)
    move_alias(client, str(version.version))


def roll_back(client: "MlflowClient", reason: str) -> Rollback:
    """Make the previous champion the champion again; the next rollback goes one further back.

    Raises:
        PromotionRefused: if there is no previous champion, or it was deleted.
        RegistryError: if the registry refuses; the champion is unchanged.
    """
    left = find_champion_version(client)
    if left is None:
        raise PromotionRefused(f"{MODEL_NAME} has no champion to roll back from")
    restored, earlier = _find_previous(client, left)
    rollback = Rollback(left=str(left.version), restored=str(restored.version))
    trail = {"at": _now(), "by": _user(), "reason": reason}
    _write_tags(client, left, _name_tags("rolled_back", trail | {"to": rollback.restored}))
    way_back = {WAY_BACK_TAG: " ".join(earlier)}
    _write_tags(client, restored, _name_tags("restored", trail | {"from": rollback.left}) | way_back)
    move_alias(client, rollback.restored)
    return rollback


def _name_tags(event: str, trail: Mapping[str, str]) -> dict[str, str]:
    return {f"{event}_{name}": value for name, value in trail.items()}


def _find_previous(client: "MlflowClient", champion: "ModelVersion") -> "tuple[ModelVersion, Sequence[str]]":
    instead = "choose a version with `housing-price-model promote VERSION`"
    if not (way_back := _read_way_back(champion)):
        raise PromotionRefused(f"no champion before version {champion.version} is recorded: {instead}")
    try:
        return find_version(client, way_back[0]), way_back[1:]
    except PromotionRefused as refusal:
        raise PromotionRefused(
            f"version {way_back[0]}, the champion before version {champion.version}, is gone: {instead}"
        ) from refusal


def _read_way_back(version: "ModelVersion") -> Sequence[str]:
    return str(version.tags.get(WAY_BACK_TAG, "")).split()


def _write_tags(client: "MlflowClient", version: "ModelVersion", tags: Mapping[str, str]) -> None:
    """Write tags, and delete those whose value is empty."""
    number = str(version.version)
    with translate_errors(f"tag version {number}"):
        for name, value in tags.items():
            if value:
                client.set_model_version_tag(MODEL_NAME, number, name, value)
            elif name in version.tags:
                client.delete_model_version_tag(MODEL_NAME, number, name)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _user() -> str:
    try:
        return getpass.getuser()
    except OSError:
        # A container may run as a user id without a name.
        return "unknown"
