"""A folder of a made-up bank in the old notation, and what becomes of it.

`ours/` and `notes.txt` are what `python test_convert_folder.py` makes of `old/`; read the difference before you commit.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from declared_flows.conversion import Conversion, convert
from declared_flows.notation.base import Place
from declared_flows.notation.yaml import read_yaml
from declared_flows.planning.loading import LoadedFlows, load_flows
from declared_flows.planning.surroundings import Surroundings
from declared_flows.sources.kinds import installed_kinds
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
ODD_VALUES: tuple[object, ...] = (
    None,
    0,
    True,
    "",
    "x",
    "$",
    "$a",
    "$request",
    "${X}",
    "$a || ",
    [],
    {},
    [1],
    [None],
    {"type": None},
)
SECRETS = frozenset({"bank_db_password", "accounts_token", "bureau_key"})


def old_files() -> dict[str, str]:
    old = HERE / "old"
    return {file.relative_to(old).as_posix(): file.read_text() for file in sorted(old.rglob("*.yaml"))}


@pytest.fixture(scope="module")
def conversion() -> Conversion:
    return convert(old_files())


def checked(files: Mapping[str, str]) -> LoadedFlows:
    """What `flows check` says of files; raises all their mistakes."""
    return load_flows(files, Surroundings(installed_kinds(), secrets=SECRETS))


def test_a_folder_becomes_domain_files_and_one_of_sources(conversion: Conversion) -> None:
    ours = {file.name: file.read_text() for file in (HERE / "ours").glob("*.yaml")}

    assert dict(conversion.files) == ours
    assert list(conversion.diagnostics) == []


def test_remaining_work_is_listed_with_file_and_line(conversion: Conversion) -> None:
    assert [str(note) for note in conversion.notes] == (HERE / "notes.txt").read_text().splitlines()


def test_what_becomes_of_it_can_be_served(conversion: Conversion) -> None:
    flows = checked(conversion.files)

    assert sorted(plan.name for plan in flows.plans) == [
        "churn-events",
        "churn-predict",
        "credit-risk-score",
        "customer-360-get",
        "loan-approval-decide",
    ]


def test_steps_wait_only_for_those_that_they_read(conversion: Conversion) -> None:
    plans = {plan.name: plan for plan in checked(conversion.files).plans}

    needs = {step.name: set(step.needs) for step in plans["loan-approval-decide"].steps}

    assert needs == {
        "known_applicant": set(),
        "credit": {"known_applicant"},
        "behaviour": set(),
        "loan": {"known_applicant", "credit", "behaviour"},
    }


def test_the_first_value_that_is_there_is_taken(conversion: Conversion) -> None:
    plans = {plan.name: plan for plan in checked(conversion.files).plans}
    loan = next(step for step in plans["loan-approval-decide"].steps if step.name == "loan")
    known: dict[str, Any] = {"known_applicant": {"income": 2.0}, "credit": None, "behaviour": None}
    given: dict[str, Any] = {"request": {"body": {"amount": 1.0, "income": 3.0}}}
    income = loan.params.fields["income"]  # type: ignore[attr-defined]  # several parameters are an object

    assert income.value(given | known) == 2.0
    assert income.value(given | known | {"known_applicant": None}) == 3.0
    assert income.value({"request": {"body": {"amount": 1.0}}} | known | {"known_applicant": {}}) == 0


def test_no_secret_of_the_old_files_is_in_ours() -> None:
    files = old_files()
    files["database.yaml"] = files["database.yaml"].replace("${BANK_DB_PASSWORD}", "hunter2")
    files["integrations/api_sources.yaml"] = files["integrations/api_sources.yaml"].replace(
        "${ACCOUNTS_TOKEN}", "hunter3"
    )

    conversion = convert(files)

    assert "hunter" not in str(conversion)
    assert "password: {secret: bank_password}" in conversion.files["sources.yaml"]
    assert "bearer: {secret: accounts_api_token}" in conversion.files["sources.yaml"]


@given(st.data())
@settings(max_examples=40)
def test_whatever_stands_somewhere_there_is_an_outcome(data: st.DataObject) -> None:
    files = old_files()
    name = data.draw(st.sampled_from(sorted(files)))
    document = read_yaml(files[name]).value
    place = data.draw(st.sampled_from([place for place in places(document) if place]))
    odd = data.draw(st.sampled_from(ODD_VALUES))

    changed = with_value(document, place, odd)

    conversion = convert({**files, name: json.dumps(changed)})
    assert conversion.files


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """All places in a document."""
    yield place
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from places(inner, (*place, key))


def with_value(document: Any, place: Place, value: Any) -> Any:
    """A document with another value at a place."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return copy


if __name__ == "__main__":
    written = convert(old_files())
    for name, text in written.files.items():
        (HERE / "ours" / name).write_text(text)
    (HERE / "notes.txt").write_text("".join(f"{note}\n" for note in written.notes))
