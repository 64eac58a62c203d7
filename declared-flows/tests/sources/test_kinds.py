"""Kinds of sources are entry points, and are imported when they are needed."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
from declared_flows.sources import kinds
from declared_flows.sources.kinds import GROUP, LazyKinds, installed_kinds
from scripted_source import ScriptedKind


def scripted(name: str = "scripted", value: str = "scripted_source:ScriptedKind") -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_the_kinds_of_this_package_are_installed() -> None:
    assert list(installed_kinds()) == ["api", "database", "feast", "ml"]
    assert [kind.name for kind in installed_kinds().values()] == list(installed_kinds())


def test_another_package_can_add_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "entry_points", lambda group: [scripted()] if group == GROUP else [])

    found = installed_kinds.__wrapped__()

    assert list(found) == ["scripted"]
    assert isinstance(found["scripted"], ScriptedKind)


def test_a_kind_is_made_once() -> None:
    lazy = LazyKinds({"scripted": scripted()})

    assert lazy["scripted"] is lazy["scripted"]


def test_a_kind_that_no_declaration_names_is_not_imported() -> None:
    lazy = LazyKinds({"scripted": scripted(), "broken": scripted("broken", "no_such_module:Kind")})

    assert (len(lazy), "broken" in list(lazy)) == (2, True)
    assert isinstance(lazy["scripted"], ScriptedKind)
    with pytest.raises(ModuleNotFoundError):
        lazy["broken"]


def test_flows_without_a_database_import_no_sqlalchemy() -> None:
    program = (
        "import sys; import declared_flows.service.flows; from declared_flows.sources.kinds import installed_kinds; "
        "installed_kinds()['api']; print('sqlalchemy' in sys.modules)"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False"
