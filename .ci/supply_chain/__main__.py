"""`python -m supply_chain`: one line a check, one a finding; exit code 1 if there is any.

Run in the environment of `uv sync --all-packages --all-extras`: licences are read from what is installed.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from supply_chain.advisories import advisories
from supply_chain.exceptions import read_exceptions
from supply_chain.licences import installed_licences, licence_findings
from supply_chain.lock import runtime_packages
from supply_chain.sboms import write_sboms

ROOT = Path(__file__).parents[2]
SBOM_FOLDER = ROOT / "dist" / "sbom"


def main() -> int:
    exceptions = read_exceptions(ROOT / ".ci" / "supply-chain.toml")
    today = datetime.now(tz=UTC).date()
    packages = runtime_packages(ROOT)
    audit = advisories(ROOT)
    findings = [
        *exceptions.expired(today),
        *audit.findings(exceptions),
        *licence_findings(installed_licences(packages), exceptions),
    ]
    say(f"advisories: {audit.summary}")
    say(f"licences: of {len(packages)} packages, {len(exceptions.licences)} pass by an exception")
    say(f"SBOMs: {', '.join(path.name for path in write_sboms(ROOT, SBOM_FOLDER))} in {SBOM_FOLDER.relative_to(ROOT)}")
    for finding in findings:
        say(f"FINDING: {finding}")
    return 1 if findings else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
