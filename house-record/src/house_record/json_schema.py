"""Describes fields in OpenAPI: unit, codes with meanings, the meaning of absence, an example."""

from typing import Any


def describe_fields(schema: dict[str, Any]) -> None:
    """Complete the JSON schema of a record in place: one sentence per fact in each field's description."""
    for described in schema["properties"].values():
        described.pop("title", None)
        facts = _facts(described)
        described["description"] = " ".join([described["description"], *facts])
        described.setdefault("examples", _first_code(described))


def _facts(described: dict[str, Any]) -> list[str]:
    facts = []
    if unit := _find(described, "x-unit"):
        facts.append(f"Unit: {unit}.")
    if meanings := _find(described, "x-code-meanings"):
        facts.append("Codes: " + "; ".join(f"`{code}` {text}" for code, text in meanings.items()) + ".")
    if absence := described.get("x-absence"):
        facts.append(f"`null`: {absence}.")
    elif "anyOf" in described:
        facts.append("`null`: unknown.")
    return facts


def _first_code(described: dict[str, Any]) -> list[Any]:
    codes = _find(described, "enum")
    return codes[:1] if codes else []


def _find(described: dict[str, Any], key: str) -> Any:
    places = [described, *described.get("anyOf", [])]
    return next((place[key] for place in places if key in place), None)
