"""`python .ci/changed_parts.py [BASE]`: which folders of integration tests a change can reach, as a JSON list.

A folder is reached through its own files, its member, the members that its tests name, what those depend on, and the
files of `tests/support` that the tests use. A change of anything else (lock file, settings of tools, images, CI itself)
reaches every folder, as does a change without a base to compare with; prose reaches the tests that read it.

Runs before anything is installed: the standard library alone.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Set
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
SUPPORT = "tests/support"
READS_PROSE = "tests/e2e"
MARKS = re.compile(r"\bmark\.(integration|resilience)\b")


def main(arguments: list[str]) -> None:
    base = arguments[0] if arguments else ""
    folders = reached_folders(ROOT, _changed_files(base)) if base else integration_folders(ROOT)
    sys.stdout.write(json.dumps(folders) + "\n")


def integration_folders(root: Path) -> list[str]:
    """The folders of tests that hold integration tests."""
    return [folder for folder in _test_folders(root) if MARKS.search(_text(root / folder))]


def reached_folders(root: Path, changed: Iterable[str]) -> list[str]:
    """Those of them whose tests may end otherwise after these files changed."""
    uses = _uses(root)
    owners = {_owner(file, uses.keys()) for file in changed}
    folders = integration_folders(root)
    return folders if None in owners else [folder for folder in folders if owners & _reachable(folder, uses)]


def _uses(root: Path) -> Mapping[str, set[str]]:
    """What each member, folder of tests and file of `tests/support` uses of the others, by their paths."""
    members = _members(root)
    support = [f"{SUPPORT}/{file.name}" for file in sorted((root / SUPPORT).glob("*.py"))]
    words = {name: name.replace("-", "_") for name in members} | {file: Path(file).stem for file in support}
    folders = _test_folders(root)
    uses = {name: _dependencies(root / name) & set(members) for name in members}
    for path in [*folders, *support]:
        text = _text(root / path)
        uses[path] = {used for used, word in words.items() if re.search(rf"\b{word}\b", text)}
    for folder in folders:
        uses[folder] |= {folder.removesuffix("/tests")} & set(members)
    return uses


def _members(root: Path) -> list[str]:
    return sorted(file.parent.name for file in root.glob("*/pyproject.toml"))


def _test_folders(root: Path) -> list[str]:
    of_members = [f"{name}/tests" for name in _members(root)]
    shared = sorted(f"tests/{folder.name}" for folder in (root / "tests").iterdir() if folder.is_dir())
    return [*of_members, *(folder for folder in shared if folder != SUPPORT)]


def _text(path: Path) -> str:
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _dependencies(member: Path) -> set[str]:
    project = tomllib.loads((member / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    listed = [*project.get("dependencies", ()), *(each for extra in extras for each in extra)]
    return {re.split(r"[\[<>=~! ;]", each)[0] for each in listed}


def _owner(file: str, owners: Set[str]) -> str | None:
    """What a changed file belongs to: the longest path that leads to it; None for what all depend on."""
    path = PurePosixPath(file)
    found = [owner for owner in owners if path.is_relative_to(owner)]
    if found:
        return max(found, key=len)
    return READS_PROSE if path.suffix == ".md" else None


def _reachable(folder: str, uses: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set[str](), [folder]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(uses[path])
    return found


def _changed_files(base: str) -> list[str]:
    # The arguments are ours, and no shell reads them.
    done = subprocess.run(  # noqa: S603  a command of ours, from fixed words
        ["git", "diff", "--name-only", "--no-renames", f"{base}...HEAD"],  # noqa: S607  git is on the path
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


if __name__ == "__main__":
    main(sys.argv[1:])
