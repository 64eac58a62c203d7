"""The machine that the figures were measured on."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("fastapi", "uvicorn", "uvloop", "httptools", "pydantic", "httpx", "mlflow", "numpy", "scikit-learn")
_CPUINFO = Path("/proc/cpuinfo")


def describe_machine() -> dict[str, Any]:
    """Describe the processor, the system and the versions; `load_average` shows what else was running."""
    return {
        "cpu": _read_cpu_model(),
        "cores": os.process_cpu_count() or 1,
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2),
        "versions": {name: version(name) for name in _PACKAGES},
    }


def _read_cpu_model() -> str:
    if _CPUINFO.is_file():
        found = re.search(
            r"^model name\s*:\s*(.+)$", _CPUINFO.read_text(encoding="utf-8", errors="replace"), re.MULTILINE
        )
        return found[1] if found else platform.machine()
    ran = subprocess.run(
        ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False
    )
    return ran.stdout.strip() or platform.machine()
