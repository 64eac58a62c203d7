"""Known vulnerabilities of the locked packages, told by pip-audit."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from supply_chain.exceptions import Exceptions
from supply_chain.lock import RUNTIME, exported

TIMEOUT_SECONDS = 60
SIGNS_OF_NO_CONNECTION = ("connect", "timed out", "timeout", "resolve", "unreachable", "service error")


@dataclass(frozen=True)
class Audit:
    """What was found, as package and advisory; one line that says how much was looked at; why nothing could be."""

    summary: str
    found: list[tuple[str, str]] = field(default_factory=list)
    failure: str | None = None

    def findings(self, exceptions: Exceptions) -> Iterator[str]:
        """A finding for each advisory that is not accepted, and for an audit that failed by itself."""
        for package, advisory in self.found:
            if advisory not in exceptions.advisories:
                yield f"{package} has the known vulnerability {advisory}"
        if self.failure:
            yield f"the audit failed: {self.failure}"


def advisories(root: Path) -> Audit:
    """Ask about every locked package. A database that does not answer is told, and stops nothing: CI runs without the
    internet as well."""
    with TemporaryDirectory() as temporary:
        requirements = Path(temporary) / "requirements.txt"
        requirements.write_text(exported(root, "requirements.txt", "--no-emit-workspace", *RUNTIME), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--disable-pip"]
        options = ["--require-hashes", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
        try:
            # The arguments are ours, and no shell reads them.
            done = subprocess.run(  # noqa: S603  a command of ours, from fixed words
                [*command, *options], capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
            )
        except subprocess.TimeoutExpired:
            return Audit(f"NOT CHECKED, the database did not answer within {TIMEOUT_SECONDS} s")
    return audit_of(done.stdout, done.stderr)


def audit_of(output: str, errors: str) -> Audit:
    """What pip-audit said."""
    try:
        packages: list[Mapping[str, Any]] = json.loads(output)["dependencies"]
    except ValueError:
        return _without_answer((errors.strip().splitlines() or ["no reason given"])[-1])
    found = [(f"{each['name']} {each['version']}", flaw["id"]) for each in packages for flaw in each.get("vulns", ())]
    skipped = sum("skip_reason" in each for each in packages)
    if skipped == len(packages):
        return Audit(f"NOT CHECKED, the database here knows none of the {skipped} packages")
    unknown = f", {skipped} of them unknown to the database" if skipped else ""
    return Audit(f"{len(packages)} packages{unknown}, {len(found)} known vulnerabilities", found)


def _without_answer(reason: str) -> Audit:
    if any(sign in reason.lower() for sign in SIGNS_OF_NO_CONNECTION):
        return Audit(f"NOT CHECKED, the database can't be reached ({reason})")
    return Audit("NOT CHECKED", failure=reason)
