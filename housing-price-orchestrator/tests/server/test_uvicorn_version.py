"""uvicorn's private API is used in one place, for the version that it was checked with."""

import ast
from importlib.metadata import version
from pathlib import Path

import housing_price_orchestrator

CHECKED = "0.54"
"""The minor version of uvicorn whose source `server/protocol.py` was last compared with."""

PACKAGE = Path(housing_price_orchestrator.__file__).parent
PUBLIC = {"uvicorn"}


def test_uvicorn_is_the_version_that_the_protocol_was_checked_with() -> None:
    assert version("uvicorn").startswith(f"{CHECKED}."), (
        f"uvicorn is {version('uvicorn')}, but server/protocol.py was checked with {CHECKED}: compare its overrides"
        " with uvicorn.protocols.http.httptools_impl (callbacks of the parser, _start_asgi_task, send_400_response,"
        " RequestResponseCycle.send), and server/shutdown.py with uvicorn.Server (on_tick, servers, server_state,"
        " callback_notify). Then raise CHECKED here and the pin in pyproject.toml."
    )


def test_only_the_protocol_imports_private_modules_of_uvicorn() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if imported_from_uvicorn(path) - PUBLIC
    }

    assert users == {"server/protocol.py"}


def imported_from_uvicorn(path: Path) -> set[str]:
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name for name in names if name.split(".")[0] == "uvicorn"}
