"""The file of API keys: the service reads it, the command ``keys`` writes it."""

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from api_keys.errors import KeyNameTaken, KeysUnusable, NoSuchKey
from api_keys.keys import Caller, KeyRing, Scope, digest_of, new_key
from api_keys.pepper import Pepper, pepper_id

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""Names appear in logs and as values of a metric's label."""

type Signature = tuple[tuple[int, int, int] | int | None, ...]


def is_valid_name(text: str) -> bool:
    """Whether a key may have this name."""
    return bool(re.fullmatch(NAME_PATTERN, text))


class StoredKey(BaseModel):
    """What is stored of a key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None = None

    @property
    def caller(self) -> Caller:
        """The owner of the key."""
        scopes = frozenset[Scope]().union(*(scope.implied for scope in self.scopes))
        return Caller(self.name, scopes, self.expires_at.timestamp() if self.expires_at else float("inf"))


class StoredKeys(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    pepper_id: str
    keys: tuple[StoredKey, ...] = ()

    def without(self, name: str) -> tuple[StoredKey, ...]:
        """All keys but the one of this name."""
        return tuple(key for key in self.keys if key.name != name)


class KeyFile:
    """The file of API keys with its pepper.

    Args:
        path: the file.
        pepper: the secret that its digests depend on.
    """

    def __init__(self, path: Path, pepper: Pepper) -> None:
        self.path = path
        self._pepper = pepper

    def read_ring(self) -> KeyRing | None:
        """Read the valid keys; None while the file does not exist.

        Raises:
            KeysUnusable: if the file or its pepper can't be used.
        """
        stored = self._read()
        if stored is None:
            return None
        pepper = self._check_pepper(stored, self._pepper.read())
        return KeyRing({bytes.fromhex(key.digest): key.caller for key in stored.keys}, pepper)

    def find_exposures(self) -> list[str]:
        """Find what others than the owner and the group can read or change; a line for each of keys and pepper."""
        places = (("the API keys", self.path), ("the pepper of the API keys", self._pepper.file))
        return [line for what, path in places if (line := _describe_exposure(what, path))]

    def signature(self) -> Signature:
        """A value that differs after each change of the file or its pepper."""
        return tuple(map(_signature, (self.path, self._pepper.file)))

    def read_keys(self) -> tuple[StoredKey, ...]:
        """Read what is stored of every key.

        Raises:
            KeysUnusable: if the file can't be used.
        """
        stored = self._read()
        return stored.keys if stored else ()

    def add(self, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None) -> str:
        """Create a key and store its digest. The key itself is returned and stored nowhere.

        Raises:
            KeyNameTaken: if there is a key of this name.
            KeysUnusable: if the file or its pepper can't be used.
        """
        with self._lock():
            pepper = self._pepper.read_or_create()
            stored = self._read() or StoredKeys(pepper_id=pepper_id(pepper))
            self._check_pepper(stored, pepper)
            if any(key.name == name for key in stored.keys):
                raise KeyNameTaken(name)
            key = new_key()
            added = StoredKey(
                name=name,
                digest=digest_of(key.encode(), pepper).hex(),
                scopes=tuple(dict.fromkeys(scopes)),
                created_at=datetime.now(UTC).replace(microsecond=0),
                expires_at=expires_at,
            )
            self._write(stored.model_copy(update={"keys": (*stored.keys, added)}))
        return key

    def revoke(self, name: str) -> int:
        """Remove a key and return how many are left. The file stays even without keys: once created, it requires one.

        Raises:
            NoSuchKey: if there is no key of this name.
            KeysUnusable: if the file can't be used.
        """
        with self._lock():
            stored = self._read()
            if stored is None or len(left := stored.without(name)) == len(stored.keys):
                raise NoSuchKey(name)
            self._write(stored.model_copy(update={"keys": left}))
        return len(left)

    def _check_pepper(self, stored: StoredKeys, pepper: bytes) -> bytes:
        if pepper_id(pepper) != stored.pepper_id:
            raise KeysUnusable(f"the API keys ({self.path}) were made with another pepper")
        return pepper

    def _read(self) -> StoredKeys | None:
        try:
            stored = StoredKeys.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeysUnusable.of_file("the API keys", self.path, error) from error
        except ValidationError as error:
            raise KeysUnusable(f"the API keys ({self.path}): the file is damaged") from error
        if len({key.name for key in stored.keys}) < len(stored.keys):
            raise KeysUnusable(f"the API keys ({self.path}): a name is there twice")
        return stored

    def _write(self, stored: StoredKeys) -> None:
        try:
            _replace(self._place(), stored.model_dump_json(indent=2) + "\n")
        except OSError as error:
            raise KeysUnusable.of_file("the API keys", self.path, error) from error

    def _place(self) -> Path:
        """The file itself, where the path is a symbolic link to it."""
        return self.path.resolve()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one command at a time change the file."""
        try:
            place = self._place()
            place.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(place.with_name(f"{place.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise KeysUnusable.of_file("the API keys", self.path, error) from error
        with os.fdopen(descriptor, "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _replace(place: Path, text: str) -> None:
    """Replace a file atomically. A new one is readable by its owner alone; an old one keeps its owner and mode."""
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f"{place.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
            if place.exists():
                before = place.stat()
                os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
                if os.geteuid() == 0:  # the service that reads it may run as another user
                    os.fchown(descriptor, before.st_uid, before.st_gid)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _describe_exposure(what: str, path: Path) -> str | None:
    try:
        mode = path.stat().st_mode
    except OSError:
        return None
    if not mode & (stat.S_IROTH | stat.S_IWOTH):
        return None
    done = "change" if mode & stat.S_IWOTH else "read"
    return f"every user of this machine can {done} {what} ({path}): run `chmod o-rwx {path}`"


def _signature(path: Path) -> tuple[int, int, int] | int | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.errno
    return found.st_mtime_ns, found.st_size, found.st_ino
