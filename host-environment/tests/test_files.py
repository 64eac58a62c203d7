"""A file that may not be read is named with its owner and what to do."""

import os
from pathlib import Path

import pytest
from host_environment.files import describe_denied, describe_unreadable, is_denied


def test_a_file_of_another_user_is_named_with_owner_mode_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.touch(mode=0o600)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: 10001)

    assert describe_denied(file) == (
        f"{file} belongs to user {owner} with mode 600, so user 10001, who runs this, can't read it:"
        f" run `chown 10001 {file}` where it comes from, or `chmod a+r {file}` if it is no secret"
    )


def test_a_folder_that_hides_the_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(os, "access", lambda path, *_, **__: Path(path) != closed)

    line = describe_denied(closed / "secret")

    assert line.startswith(f"{closed / 'secret'} (its folder {closed}) belongs to user ")
    assert f"`chmod a+rx {closed}`" in line


def test_even_a_file_that_is_not_there_gives_one_line(tmp_path: Path) -> None:
    assert "\n" not in describe_denied(tmp_path / "none")


def test_what_may_not_be_read_is_told_from_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.touch()
    assert not is_denied(file)
    assert not is_denied(tmp_path / "none")

    monkeypatch.setattr(os, "access", lambda path, *_, **__: Path(path) != file)

    assert is_denied(file)
    assert describe_unreadable(file, PermissionError(13, "Permission denied")).startswith(f"{file} belongs to user ")
    assert describe_unreadable("none", FileNotFoundError(2, "No such file")) == "none: No such file"
