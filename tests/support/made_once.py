"""What takes long to make and is the same in all tests, made once: one process makes it, others and later runs find it.

It lies under the temporary directory, in a folder named by a checksum of all that it is made by: the sources of the
members that train and keep models, the lock file, and the modules of this folder.
"""

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import gettempdir

ROOT = Path(__file__).parents[2]
MEMBERS = ("house-files", "house-record", "housing-price-model", "mlflow-server", "svg-charts")
KEPT_SECONDS = 24 * 3600.0
"""What no run has used for so long is removed."""


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder that ``make`` filled, here or in an earlier run with the same sources; nobody may change it."""
    folder = _home() / name
    done = folder / ".done"
    with _lock(folder.with_name(f"{name}.lock")):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@cache
def _home() -> Path:
    # Pickles are read from here: nobody else may write them.
    everything = Path(gettempdir()) / f"housing-price-tests-{os.geteuid()}" / "made-once"
    everything.mkdir(mode=0o700, parents=True, exist_ok=True)
    assert everything.parent.stat().st_uid == os.geteuid(), f"{everything.parent} is somebody else's"
    home = everything / _checksum()
    home.mkdir(exist_ok=True)
    os.utime(home)
    _remove_unused(everything)
    return home


def _checksum() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in _sources():
        digest.update(f"\0{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    yield ROOT / "uv.lock"
    for folder in (Path(__file__).parent, *(ROOT / member / "src" for member in MEMBERS)):
        yield from sorted(file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _remove_unused(everything: Path) -> None:
    for folder in everything.iterdir():
        if folder.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
