#!/usr/bin/env python3
"""Prints every file and folder of an image that should not be in one; runs inside a container of it."""

import sys
from pathlib import Path

PROGRAMS = {"as", "c++", "cargo", "cc", "clang", "cmake", "g++", "gcc", "go", "ld", "make", "rustc"}
INSTALLERS = {"conda", "pip", "pip3", "pip3.13", "poetry", "uv", "uvx"}
PACKAGES = {"ensurepip", "pip", "uv"}
TESTS = {"test", "tests"}
CACHES = {".cache", "pip-cache", "uv-cache"}
SECRETS = {".aws", ".docker", ".env", ".git", ".git-credentials", ".netrc", ".pgpass", ".pypirc", ".ssh", "id_rsa"}
OURS = ("/app", "/opt", "/usr/local")
NOT_OF_THE_IMAGE = {Path("/dev"), Path("/proc"), Path("/sys")}


def unwanted_names(folder: Path) -> set[str]:
    """What should not be in a folder."""
    names = CACHES | SECRETS
    if folder.name == "bin":
        return names | PROGRAMS | INSTALLERS
    return names | TESTS | PACKAGES if str(folder).startswith(OURS) else names


def holds_something(path: Path) -> bool:
    """Whether it is a file, or a folder that is not empty."""
    return not path.is_dir() or any(path.iterdir())


if __name__ == "__main__":
    for folder, folders, files in Path("/").walk():
        folders[:] = [name for name in folders if folder / name not in NOT_OF_THE_IMAGE]
        for name in unwanted_names(folder) & {*folders, *files}:
            if holds_something(folder / name):
                sys.stdout.write(f"{folder / name}\n")
