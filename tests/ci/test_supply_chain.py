"""What the supply chain check lets pass and what it finds, and that the project's own lists hold."""

import json
from datetime import date
from email.message import Message
from pathlib import Path

import pytest
from supply_chain.advisories import Audit, audit_of
from supply_chain.exceptions import Exceptions, Pass, read_exceptions
from supply_chain.licences import is_allowed, licence_findings, licence_in
from supply_chain.lock import runtime_packages
from supply_chain.sboms import write_sboms

ROOT = Path(__file__).parents[2]
NOTHING = Exceptions({}, {})


def accepted(what: str, *, expires: date = date(2027, 1, 1)) -> dict[str, Pass]:
    return {what: Pass(what=what, reason="known", expires=expires)}


def audited(*packages: dict[str, object]) -> Audit:
    return audit_of(json.dumps({"dependencies": packages}), "")


FLAWED: dict[str, object] = {"name": "left-pad", "version": "1.0", "vulns": [{"id": "GHSA-1", "fix_versions": ["1.1"]}]}
SOUND: dict[str, object] = {"name": "right-pad", "version": "2.0", "vulns": []}
SKIPPED: dict[str, object] = {"name": "pad", "skip_reason": "not found"}


def test_a_known_vulnerability_is_a_finding() -> None:
    audit = audited(FLAWED, SOUND)

    assert list(audit.findings(NOTHING)) == ["left-pad 1.0 has the known vulnerability GHSA-1"]
    assert audit.summary == "2 packages, 1 known vulnerabilities"


def test_one_that_is_accepted_is_none() -> None:
    assert list(audited(FLAWED).findings(Exceptions(accepted("GHSA-1"), {}))) == []


def test_packages_that_could_not_be_audited_are_counted() -> None:
    assert audited(SOUND, SKIPPED).summary == "2 packages, 1 of them unknown to the database, 0 known vulnerabilities"
    assert audited(SKIPPED).summary == "NOT CHECKED, the database here knows none of the 1 packages"


def test_a_database_that_cannot_be_reached_is_told_and_no_finding() -> None:
    audit = audit_of("", "Traceback\nrequests.exceptions.ConnectionError: Max retries exceeded")

    assert audit.summary.startswith("NOT CHECKED, the database can't be reached (")
    assert list(audit.findings(NOTHING)) == []


def test_an_audit_that_fails_otherwise_is_a_finding() -> None:
    assert list(audit_of("", "python: No module named pip_audit").findings(NOTHING)) == [
        "the audit failed: python: No module named pip_audit"
    ]


@pytest.mark.parametrize("expression", ["MIT", "Apache-2.0 AND MIT", "GPL-3.0-only OR BSD-3-Clause"])
def test_a_licence_on_the_list_is_allowed(expression: str) -> None:
    assert is_allowed(expression)


@pytest.mark.parametrize("expression", ["GPL-3.0-only", "MIT AND LGPL-3.0-only", "unknown", "", "MPL-2.0", "(MIT)"])
def test_another_licence_is_not(expression: str) -> None:
    assert not is_allowed(expression)


def test_a_package_of_another_licence_is_a_finding_that_an_exception_takes_away() -> None:
    licences = {"readline": "GPL-3.0-only", "attrs": "MIT"}

    assert list(licence_findings(licences, NOTHING)) == [
        "readline has the licence 'GPL-3.0-only', which is not on the list of those that we ship"
    ]
    assert list(licence_findings(licences, Exceptions({}, accepted("readline")))) == []


def test_an_exception_that_nothing_needs_is_a_finding() -> None:
    assert list(licence_findings({"attrs": "MIT"}, Exceptions({}, accepted("attrs")))) == [
        "the exception for the licence of attrs is no longer needed"
    ]


@pytest.mark.parametrize("exceptions", [Exceptions(accepted("A"), {}), Exceptions({}, accepted("A"))])
def test_an_exception_holds_until_its_day(exceptions: Exceptions) -> None:
    assert list(exceptions.expired(date(2027, 1, 1))) == []
    assert list(exceptions.expired(date(2027, 1, 2))) == ["the exception for A expired on 2027-01-01: look at it again"]


@pytest.mark.parametrize("entry", ['reason = "known"', "expires = 2027-01-01", 'reason = ""\nexpires = 2027-01-01'])
def test_an_exception_without_reason_or_day_is_none(tmp_path: Path, entry: str) -> None:
    (tmp_path / "list.toml").write_text(f'[[advisory]]\nid = "GHSA-1"\n{entry}\n')

    with pytest.raises(KeyError):
        read_exceptions(tmp_path / "list.toml")


def metadata(**fields: str) -> Message:
    found = Message()
    for name, value in fields.items():
        found[name.replace("_", "-")] = value
    return found


@pytest.mark.parametrize(
    ("found", "licence"),
    [
        (metadata(License_Expression="MIT", License="other"), "MIT"),
        (metadata(Classifier="License :: OSI Approved :: MIT License"), "MIT"),
        (metadata(Classifier="License :: OSI Approved"), "unknown"),
        (metadata(License="Apache 2.0"), "Apache-2.0"),
        (metadata(License="All rights\nreserved"), "unknown"),
        (metadata(), "unknown"),
    ],
)
def test_a_licence_is_read_from_metadata_of_every_age(found: Message, licence: str) -> None:
    assert licence_in(found) == licence


def test_the_projects_own_exceptions_are_well_formed() -> None:
    assert all(entry.reason for entry in read_exceptions(ROOT / ".ci" / "supply-chain.toml").licences.values())


def test_the_list_of_an_image_holds_its_packages_and_no_tools_of_developers(tmp_path: Path) -> None:
    lists = {path.name: json.loads(path.read_text()) for path in write_sboms(ROOT, tmp_path)}

    assert {document["bomFormat"] for document in lists.values()} == {"CycloneDX"}
    packages = {name: {part["name"] for part in document["components"]} for name, document in lists.items()}
    assert {"starlette", "scikit-learn", "house-record"} <= packages["housing-price-model.cdx.json"]
    assert "mlflow-skinny" not in packages["housing-price-orchestrator.cdx.json"]
    assert not any("pytest" in names for names in packages.values())


def test_the_locked_packages_are_those_from_registries_alone() -> None:
    packages = runtime_packages(ROOT)

    assert packages["pydantic"].startswith("2.")
    assert not {"house-record", "pytest", "pip-audit"} & packages.keys()
