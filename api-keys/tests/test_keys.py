"""API keys: what is kept of them, what their file may look like, and how a service follows it."""

import errno
import json
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from api_keys.errors import KeyNameTaken, KeysUnusable, NoSuchKey
from api_keys.file import KeyFile, is_valid_name
from api_keys.keys import Caller, KeyRing, Scope, digest_of, new_key
from api_keys.pepper import Pepper
from api_keys.watcher import KeyWatcher

PEPPER = "a pepper of the tests"


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys" / "api-keys.json", Pepper(PEPPER, tmp_path / "pepper"))


class Watched:
    """Keys that are followed, with what was said of them."""

    def __init__(self, file: KeyFile, *, are_required: bool = False) -> None:
        self.counts: list[int] = []
        self.problems: list[str] = []
        self.keys = KeyWatcher(
            file, are_required=are_required, on_change=self.counts.append, on_problem=self.problems.append
        )

    def admits(self, key: str) -> bool:
        self.keys.refresh()
        return self.keys.ring is None or self.keys.ring.caller(key.encode()) is not None


def test_a_key_has_256_random_bits_and_a_prefix() -> None:
    keys = {new_key() for _ in range(100)}

    assert len(keys) == 100
    assert all(key.startswith("hp_") and len(key) == 3 + 43 for key in keys)


def test_a_ring_finds_the_owner_of_valid_keys_only() -> None:
    ring = KeyRing({digest_of(b"right", b"pepper"): Caller("shop", frozenset({Scope.READ}))}, b"pepper")

    caller = ring.caller(b"right")

    assert caller is not None
    assert caller.name == "shop"
    assert ring.caller(b"wrong") is None
    assert ring.caller(b"") is None


def test_a_key_is_valid_until_it_expires() -> None:
    now = [99.0]
    callers = {digest_of(b"key", b"pepper"): Caller("shop", frozenset(), expires_at=100.0)}
    ring = KeyRing(callers, b"pepper", now=lambda: now[0])

    assert ring.caller(b"key")
    now[0] = 100.0
    assert ring.caller(b"key") is None


def test_the_file_holds_digests_and_is_private(file: KeyFile) -> None:
    key = file.add("shop", [Scope.PREDICT])

    assert key not in file.path.read_text()
    assert key.removeprefix("hp_") not in file.path.read_text()
    assert PEPPER not in file.path.read_text()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_several_keys_are_valid_at_once_each_with_its_scopes(file: KeyFile) -> None:
    old = file.add("shop-1", [Scope.PREDICT])
    new = file.add("shop-2", [Scope.PREDICT, Scope.READ])

    ring = file.read_ring()

    assert ring is not None
    first, second = ring.caller(old.encode()), ring.caller(new.encode())
    assert first is not None
    assert second is not None
    assert first.scopes == {Scope.PREDICT}
    assert second.scopes == {Scope.PREDICT, Scope.READ}


def test_an_administrator_may_do_everything(file: KeyFile) -> None:
    key = file.add("ops", [Scope.ADMIN])

    ring = file.read_ring()

    assert ring is not None
    caller = ring.caller(key.encode())
    assert caller is not None
    assert caller.scopes == set(Scope)


def test_a_revoked_key_is_unknown_and_the_file_stays(file: KeyFile) -> None:
    key = file.add("shop", [Scope.PREDICT])

    assert file.revoke("shop") == 0

    ring = file.read_ring()
    assert ring is not None
    assert ring.caller(key.encode()) is None


def test_a_file_behind_a_link_is_changed_and_the_link_stays(file: KeyFile, tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "keys.json"
    file.path.parent.mkdir()
    file.path.symlink_to(kept)

    file.add("shop", [Scope.PREDICT])
    file.add("till", [Scope.READ])
    file.revoke("shop")

    assert file.path.is_symlink()
    assert not kept.is_symlink()
    assert [key.name for key in file.read_keys()] == ["till"]
    assert sorted(each.name for each in kept.parent.iterdir()) == ["keys.json", "keys.json.lock"]


def test_a_file_keeps_the_mode_that_its_service_needs(file: KeyFile) -> None:
    file.add("shop", [Scope.PREDICT])
    file.path.chmod(0o640)

    file.revoke("shop")

    assert stat.S_IMODE(file.path.stat().st_mode) == 0o640


def test_a_full_disk_leaves_the_keys_as_they_were(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    file.add("shop", [Scope.PREDICT])
    before = file.path.read_bytes()

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(KeysUnusable, match=rf"the API keys \({file.path}\): No space left on device"):
        file.revoke("shop")

    assert file.path.read_bytes() == before
    assert sorted(each.name for each in file.path.parent.iterdir()) == ["api-keys.json", "api-keys.json.lock"]


def test_a_full_disk_leaves_no_half_a_pepper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pepper = Pepper(None, tmp_path / "pepper")

    def refuse(_bytes: int) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr("secrets.token_hex", refuse)
        with pytest.raises(KeysUnusable, match="No space left"):
            pepper.read_or_create()

    assert len(pepper.read_or_create()) == 64


@pytest.mark.parametrize(("mode", "told"), [(0o644, "read"), (0o606, "change"), (0o640, None), (0o600, None)])
def test_keys_that_every_user_can_read_are_told(file: KeyFile, mode: int, told: str | None) -> None:
    file.add("shop", [Scope.PREDICT])
    file.path.chmod(mode)

    exposed = file.find_exposures()

    assert exposed == (
        [f"every user of this machine can {told} the API keys ({file.path}): run `chmod o-rwx {file.path}`"]
        if told
        else []
    )


def test_a_pepper_that_every_user_can_read_is_told(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json", Pepper(None, tmp_path / "pepper"))
    assert file.find_exposures() == []
    file.add("shop", [Scope.PREDICT])
    (tmp_path / "pepper").chmod(0o604)

    (line,) = file.find_exposures()
    assert line.startswith("every user of this machine can read the pepper of the API keys")


def test_a_name_is_there_once(file: KeyFile) -> None:
    file.add("shop", [Scope.PREDICT])

    with pytest.raises(KeyNameTaken, match="shop"):
        file.add("shop", [Scope.READ])
    with pytest.raises(NoSuchKey, match="other"):
        file.revoke("other")


@pytest.mark.parametrize("text", ["", ".hidden", "a b", "a\n", 'a"b', "ä", "x" * 65])
def test_a_name_is_short_and_plain(text: str) -> None:
    assert is_valid_name("shop-1.eu_west")
    assert not is_valid_name(text)


def test_keys_added_at_the_same_time_are_all_stored(file: KeyFile) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: file.add(f"key-{number}", [Scope.READ]), range(16)))

    assert {key.name for key in file.read_keys()} == {f"key-{number}" for number in range(16)}


def test_the_pepper_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    pepper = Pepper(None, tmp_path / "pepper")

    made = pepper.read_or_create()

    assert len(made) == 64
    assert pepper.read_or_create() == pepper.read() == made
    assert stat.S_IMODE(pepper.file.stat().st_mode) == 0o600


def test_a_missing_or_short_pepper_is_told_without_it(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match="No such file"):
        Pepper(None, tmp_path / "pepper").read()
    with pytest.raises(KeysUnusable) as caught:
        Pepper("hunter2", tmp_path / "pepper").read()
    assert "hunter2" not in str(caught.value)


def test_keys_made_with_another_pepper_are_told(file: KeyFile, tmp_path: Path) -> None:
    file.add("shop", [Scope.READ])

    other = KeyFile(file.path, Pepper("another pepper, as long", tmp_path / "pepper"))

    with pytest.raises(KeysUnusable, match="another pepper"):
        other.read_ring()
    with pytest.raises(KeysUnusable, match="another pepper"):
        other.add("more", [Scope.READ])


def twice_the_same_name(text: str) -> str:
    document = json.loads(text)
    return json.dumps(document | {"keys": document["keys"] * 2})


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-10],
        lambda text: "",
        lambda text: "[]",
        lambda text: text.replace('"version": 1', '"version": 2'),
        lambda text: text.replace("predict", "everything"),
        lambda text: text.replace('"name": "shop"', '"name": "shop\\n"'),
        twice_the_same_name,
    ],
)
def test_a_damaged_file_keeps_the_keys_that_were_known(file: KeyFile, damage: Callable[[str], str]) -> None:
    key = file.add("shop", [Scope.PREDICT])
    watched = Watched(file)

    file.path.write_text(damage(file.path.read_text()))

    assert watched.admits(key)
    assert not watched.admits("wrong")
    assert not watched.keys.is_sound
    [problem] = watched.problems
    assert str(file.path) in problem


def test_a_mended_file_is_taken_again(file: KeyFile) -> None:
    file.add("shop", [Scope.PREDICT])
    watched = Watched(file)
    sound = file.path.read_text()
    file.path.write_text("damaged")
    watched.keys.refresh()

    file.path.write_text(sound)
    watched.keys.refresh()

    assert watched.keys.is_sound
    assert watched.counts == [1, 1]


def test_a_file_that_vanishes_lets_nobody_in(file: KeyFile) -> None:
    key = file.add("shop", [Scope.PREDICT])
    watched = Watched(file)

    file.path.unlink()

    assert watched.admits(key)
    assert not watched.admits("wrong")
    assert not watched.keys.is_sound


def test_keys_are_required_once_the_first_exists(file: KeyFile) -> None:
    watched = Watched(file)
    assert watched.admits("anything")
    assert watched.keys.is_sound

    key = file.add("shop", [Scope.PREDICT])
    assert not watched.admits("anything")
    assert watched.admits(key)

    file.revoke("shop")
    assert not watched.admits(key)
    file.path.unlink()
    assert not watched.admits("anything")


def test_a_first_file_that_is_damaged_lets_nobody_in(file: KeyFile) -> None:
    watched = Watched(file)
    file.path.parent.mkdir()

    file.path.write_text("damaged")

    assert not watched.admits("anything")


def test_where_keys_are_required_a_missing_file_lets_nobody_in(file: KeyFile) -> None:
    watched = Watched(file, are_required=True)

    assert not watched.admits("anything")
    assert watched.problems
    assert watched.admits(file.add("shop", [Scope.PREDICT]))


def test_a_pepper_that_comes_late_is_noticed(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "api-keys.json", Pepper(None, tmp_path / "pepper"))
    key = file.add("shop", [Scope.PREDICT])
    pepper = (tmp_path / "pepper").read_text()
    (tmp_path / "pepper").unlink()
    watched = Watched(file)
    assert not watched.admits(key)

    (tmp_path / "pepper").write_text(pepper)

    assert watched.admits(key)


def test_expiry_is_kept(file: KeyFile) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    expired = file.add("old", [Scope.READ], yesterday)
    valid = file.add("new", [Scope.READ], yesterday + timedelta(days=2))

    watched = Watched(file)

    assert not watched.admits(expired)
    assert watched.admits(valid)


async def test_the_file_is_looked_at_again_and_again(file: KeyFile) -> None:
    watched = Watched(file)
    naps: list[float] = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            file.add("shop", [Scope.PREDICT])
        if len(naps) == 4:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await watched.keys.watch(sleep)

    assert watched.counts == [1]
    assert sum(naps[:2]) <= 2


def test_a_file_that_could_not_be_read_is_retried_unchanged(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    key = file.add("shop", [Scope.READ])
    watched = Watched(file)
    assert watched.admits(key)
    file.revoke("shop")

    def fail(_: KeyFile) -> KeyRing:
        raise KeysUnusable("too many open files")

    with monkeypatch.context() as broken:
        broken.setattr(KeyFile, "read_ring", fail)
        assert watched.admits(key)
        assert watched.admits(key)

    assert not watched.admits(key)
    assert watched.problems == ["too many open files"]
    assert watched.keys.is_sound
