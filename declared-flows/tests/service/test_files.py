"""The files of the flows."""

import asyncio
import errno
import itertools
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest
from declared_flows.service.files import FlowFiles


def test_the_yaml_files_of_a_folder_are_read(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "deeper/c.yaml", ".hidden.yaml", ".git/d.yaml", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)

    texts = FlowFiles(tmp_path).texts()

    assert texts == {"a.yml": "a.yml", "b.yaml": "b.yaml", "deeper/c.yaml": "deeper/c.yaml"}


def test_one_file_alone_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a")
    (tmp_path / "b.yaml").write_text("b")

    files = FlowFiles(tmp_path / "a.yaml")

    assert (files.texts(), files.folder) == ({"a.yaml": "a"}, tmp_path)


def test_a_folder_below_a_hidden_one_is_no_hidden_one(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "flows"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text("a")

    assert FlowFiles(folder).texts() == {"a.yaml": "a"}


def test_no_folder_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        FlowFiles(tmp_path / "nowhere").texts()
    assert caught.value.filename == str(tmp_path / "nowhere")


async def changed(files: FlowFiles, change: Callable[[], object]) -> None:
    """Waits until a change is told that is made while somebody watches."""
    changes = aiter(files.changes())
    told = asyncio.ensure_future(anext(changes))
    try:
        while not told.done():
            # The first look may come later than a change: then another one is needed.
            await asyncio.to_thread(change)
            await asyncio.wait([told], timeout=0.5)
    finally:
        told.cancel()
        await asyncio.gather(told, return_exceptions=True)


async def test_a_change_of_a_file_is_told(tmp_path: Path) -> None:
    await changed(FlowFiles(tmp_path), lambda: (tmp_path / "a.yaml").write_text(str(time.time_ns())))


async def test_a_folder_that_is_made_later_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "flows"

    def make() -> None:
        folder.mkdir(exist_ok=True)
        (folder / "a.yaml").write_text(str(time.time_ns()))

    await changed(FlowFiles(folder), make)


async def test_a_link_that_is_turned_to_another_folder_is_seen(tmp_path: Path) -> None:
    link = tmp_path / "flows"
    numbers = itertools.count()

    def turn() -> None:
        # To a new folder each time: what is looked at as often as it is turned back never seems to change.
        release = tmp_path / str(next(numbers))
        release.mkdir()
        (release / "a.yaml").write_text("a")
        link.unlink(missing_ok=True)
        link.symlink_to(release)

    turn()
    await changed(FlowFiles(link), turn)


async def test_a_file_that_vanishes_while_it_is_looked_at_ends_no_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, there = FlowFiles(tmp_path), tmp_path / "a.yaml"
    there.write_text("a")
    monkeypatch.setattr(files, "_find", lambda: [tmp_path / "gone.yaml", there])

    assert await asyncio.wait_for(anext(aiter(_watched_after_reading(files))), 10)


async def _watched_after_reading(files: FlowFiles) -> AsyncIterator[object]:
    with suppress(OSError):
        await files.read()
    (files.folder / "a.yaml").write_text("another")
    async for change in files.changes():
        yield change


async def test_a_change_between_reading_and_watching_is_seen(tmp_path: Path) -> None:
    files, there = FlowFiles(tmp_path), tmp_path / "a.yaml"
    there.write_text("a")
    await files.read()
    there.unlink()

    assert await asyncio.wait_for(anext(aiter(files.changes())), 10)


async def test_files_that_could_not_be_read_are_read_again_without_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = FlowFiles(tmp_path)
    (tmp_path / "a.yaml").write_text("a")

    def refuse() -> dict[str, str]:
        raise OSError(errno.EMFILE, "too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(files, "texts", refuse)
        with pytest.raises(OSError, match="too many"):
            await files.read()

    assert await asyncio.wait_for(anext(aiter(files.changes())), 10)
    assert await files.read() == {"a.yaml": "a"}


def test_a_folder_that_can_not_be_listed_is_an_error_and_not_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_text("a")

    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(OSError, match="too many"):
        FlowFiles(tmp_path).texts()


def test_folders_below_that_may_not_be_read_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("a")
    (tmp_path / "lost+found").mkdir()
    scandir = os.scandir

    def refuse_below(path: str | Path) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        if Path(path) != tmp_path:
            raise PermissionError(errno.EACCES, "permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse_below)
    assert FlowFiles(tmp_path).texts() == {"a.yaml": "a"}


async def test_a_file_whose_mode_is_set_is_a_change(tmp_path: Path) -> None:
    files, there = FlowFiles(tmp_path), tmp_path / "a.yaml"
    there.write_text("a")
    await files.read()
    there.chmod(0o400)

    assert await asyncio.wait_for(anext(aiter(files.changes())), 10)


async def test_a_folder_that_can_not_be_looked_into_ends_no_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = FlowFiles(tmp_path)

    def refuse() -> list[Path]:
        raise PermissionError(errno.EACCES, "permission denied")

    monkeypatch.setattr(files, "_find", refuse)
    with pytest.raises(PermissionError):
        await files.read()

    assert await asyncio.wait_for(anext(aiter(files.changes())), 10) == errno.EACCES


async def test_other_files_are_no_change(tmp_path: Path) -> None:
    files = FlowFiles(tmp_path)
    before = files._state()  # noqa: SLF001  that nothing is told can't be waited for

    for name in ("a.txt", ".a.yaml", ".a.yaml.swp"):
        (tmp_path / name).write_text("x")

    assert files._state() == before  # noqa: SLF001  the same
