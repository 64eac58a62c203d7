"""What tests need of the machine. Where it is missing they skip with the reason, and in CI on Linux they fail.

A test says what it needs with ``pytest.mark.needs("redis")``; a fixture calls ``demand("redis")``.
"""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

BASE_IMAGE = "python:3.13-slim-bookworm"


def demand(what: str) -> None:
    """Skip the test where this is missing, or fail it in CI on Linux, which has everything."""
    if reason := why_missing(what):
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail(f"{reason}: CI has to install it", pytrace=False)
        pytest.skip(reason)


@cache
def why_missing(what: str) -> str | None:
    """Why the machine does not have this; None where it does."""
    return _CHECKS[what]()


@cache
def postgres_programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return packaged[-1].parent if packaged else Path(on_path).parent if on_path else None


def haproxy() -> str | None:
    """The program, which Debian installs where only root looks."""
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


def _why_no_postgres() -> str | None:
    if postgres_programs() is None:
        return "PostgreSQL's initdb is not installed"
    if os.geteuid() == 0 and not any(user.pw_name == "postgres" for user in pwd.getpwall()):
        return "PostgreSQL does not run as root and there is no user postgres"
    return None


def _why_no_engine() -> str | None:
    if shutil.which("docker") is None:
        return "there is no docker command"
    return None if _docker("version") else "no Docker engine answers `docker version`"


def _why_no_loopback() -> str | None:
    if reason := why_missing("docker"):
        return reason
    host = os.environ.get("DOCKER_HOST", "unix://")
    is_here = sys.platform == "linux" and host.startswith("unix://")
    return None if is_here else "the engine runs on another machine, and can't reach loopback here"


def _why_no_compose() -> str | None:
    if reason := why_missing("docker"):
        return reason
    return None if _docker("compose", "version") else "docker has no compose plugin"


def _why_no_base_image() -> str | None:
    if reason := why_missing("docker"):
        return reason
    has_it = _docker("image", "inspect", BASE_IMAGE) or _docker("pull", "--quiet", BASE_IMAGE)
    return None if has_it else f"the engine has no image {BASE_IMAGE}"


def _docker(*arguments: str) -> bool:
    return subprocess.run(["docker", *arguments], capture_output=True, check=False).returncode == 0


_CHECKS: Mapping[str, Callable[[], str | None]] = {
    "postgres": _why_no_postgres,
    "redis": lambda: None if shutil.which("redis-server") else "redis-server is not installed",
    "haproxy": lambda: None if haproxy() else "HAProxy is not installed",
    "docker": _why_no_engine,
    "engine that reaches loopback": _why_no_loopback,
    "docker compose": _why_no_compose,
    "base image": _why_no_base_image,
}
